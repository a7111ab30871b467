"""The SPARQL 1.1 service description: what this endpoint is and can do, for machines.

Source: https://www.w3.org/TR/sparql11-service-description/
"""

from collections.abc import Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from bioimg_kg.endpoint.negotiation import Format
from bioimg_kg.vocab import DCTERMS, FEDERATES_WITH, PREFIXES, TYPE, VOID

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "N-Quads", "TriG"),
)


def describe(
    endpoint: str, release: str, quads: int | None, federates: Sequence[str] = ()
) -> Iterator[Triple]:
    """Yield the description.

    Parameters
    ----------
    endpoint
        URL of the endpoint as the client sees it.
    release
        Name of the release that is served.
    quads
        Size of the default graph, if known.
    federates
        IRIs of the endpoints that a query may call with SERVICE.

    Examples
    --------
    >>> print(next(describe("http://localhost/sparql", "2026.1", None)).object.value)
    http://www.w3.org/ns/sparql-service-description#Service
    """
    service = NamedNode(endpoint)
    dataset, graph = NamedNode(f"{endpoint}#dataset"), NamedNode(f"{endpoint}#default-graph")
    yield Triple(service, NamedNode(TYPE), NamedNode(f"{SD}Service"))
    yield Triple(service, NamedNode(f"{SD}endpoint"), service)
    yield Triple(service, NamedNode(f"{SD}supportedLanguage"), NamedNode(f"{SD}SPARQL11Query"))
    yield Triple(service, NamedNode(f"{SD}feature"), NamedNode(f"{SD}UnionDefaultGraph"))
    if federates:
        yield Triple(service, NamedNode(f"{SD}feature"), NamedNode(f"{SD}BasicFederatedQuery"))
    for iri in federates:
        yield Triple(service, NamedNode(FEDERATES_WITH), NamedNode(iri))
    for name in _RESULT_FORMATS:
        yield Triple(service, NamedNode(f"{SD}resultFormat"), NamedNode(_FORMATS + name))
    yield Triple(service, NamedNode(f"{SD}defaultDataset"), dataset)
    yield Triple(dataset, NamedNode(TYPE), NamedNode(f"{SD}Dataset"))
    yield Triple(dataset, NamedNode(f"{DCTERMS}hasVersion"), Literal(release))
    yield Triple(dataset, NamedNode(f"{SD}defaultGraph"), graph)
    yield Triple(graph, NamedNode(TYPE), NamedNode(f"{SD}Graph"))
    if quads is not None:
        yield Triple(graph, NamedNode(f"{VOID}triples"), Literal(quads))


def write_description(triples: Iterator[Triple], answer_format: Format) -> bytes:
    """Serialise a description in one of the graph formats."""
    form = RdfFormat.from_media_type(answer_format.media_type)
    assert form is not None  # every graph format is one of pyoxigraph
    names = ("dcterms", "void")
    prefixes = {"sd": SD, "formats": _FORMATS, **{name: PREFIXES[name] for name in names}}
    if form in (RdfFormat.JSON_LD, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        return serialize(triples, format=form) or b""
    return serialize(triples, format=form, prefixes=prefixes) or b""
