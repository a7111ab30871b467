"""What a release offers, in the forms that harvesters read: DCAT, FAIR Data Point, VoID, schema.org, links.

``model`` says what there is, ``reading`` fills it from a release, ``site`` knows the addresses. Each other
module writes one form of it and reads nothing else.
"""
