"""The links of a document about a thing of ours: what to cite, what kind it is, where it belongs.

Source: https://signposting.org/FAIR/
"""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode

from bioimg_kg.catalog import rocrate
from bioimg_kg.catalog.signposting import Link
from bioimg_kg.endpoint.http.negotiation import HTML, Format, by_name
from bioimg_kg.endpoint.linked.addresses import DOCUMENTS, SUFFIXES, Thing
from bioimg_kg.endpoint.linked.describe import LICENSE, Description
from bioimg_kg.vocab import DEFAULT_BASE, SCHEMA, TYPE

_THINGS: Final = f"{DEFAULT_BASE}id/"
_STUDY: Final = "/id/study/"
_MOST_TYPES: Final = 10


def thing_links(thing: Thing, description: Description, here: Format) -> Iterator[Link]:
    """Yield the links of a document about a thing whose IRI we have minted; none about other things.

    Parameters
    ----------
    thing, description
        The thing, and what the release says of it.
    here
        Format of the document. The page leads to the data, the data to the page.

    Examples
    --------
    >>> plate = Thing(f"{_THINGS}study/idr0012/screenA/plate/1", "/id/study/idr0012/screenA/plate/1")
    >>> [(link.relation, link.target) for link in thing_links(plate, Description(frozenset()), DOCUMENTS[0])]
    [('cite-as', 'https://w3id.org/bioimg-kg/id/study/idr0012/screenA/plate/1'),
    ('collection', '/study/idr0012'), ('describes', '/id/study/idr0012/screenA/plate/1.html')]
    """
    if not thing.iri.startswith(_THINGS):
        return
    me = thing.iri
    yield Link(me, "cite-as", me)
    if here is HTML:
        yield Link(me, "type", f"{SCHEMA}AboutPage")
    node = NamedNode(me)
    own = [quad for quad in description.quads if quad.subject == node]
    kinds = {q.object.value for q in own if q.predicate.value == TYPE and isinstance(q.object, NamedNode)}
    yield from (Link(me, "type", kind) for kind in sorted(kinds)[:_MOST_TYPES])
    graphs = {quad.graph_name for quad in own}
    licences = {q.object for q in description.quads if q.predicate == LICENSE and q.subject in graphs}
    if len(licences) == 1 and isinstance(
        licence := licences.pop(), NamedNode
    ):  # of several none is that of all
        yield Link(me, "license", licence.value)
    if thing.path.startswith(_STUDY):
        study, part, _ = thing.path.removeprefix(_STUDY).partition("/")
        yield Link(me, "collection", f"/study/{study}", HTML.media_type)
        if not part:  # RO-Crate 1.2: what a crate is cited as leads to the crate
            yield Link(
                me, "describedby", f"/study/{study}/{rocrate.FILE}", rocrate.MEDIA_TYPE, rocrate.PROFILE
            )
    if here is HTML:
        for suffix in SUFFIXES[1:-1]:
            found = by_name(suffix, DOCUMENTS)
            assert found is not None  # all of them are formats of documents
            yield Link(me, "describedby", thing.document(suffix, description.found), found.media_type)
    else:
        yield Link(me, "describes", thing.document("html", description.found), HTML.media_type)
