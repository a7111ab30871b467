"""The files that a release offers beside its graphs: tables, KGX, all graphs as one file.

``columns`` declares what is in the tables, ``quads`` reads the N-Quads files of a release, ``records`` and
``associations`` make the rows of one study, ``overall`` those over all, ``run`` puts them together. The rows
come from the files that are offered and from nothing else: what is not in these is not in the tables.
"""
