"""The service description: what this endpoint is, what it can do, and what is in its graphs, for machines.

What is in the graphs was counted when the release was built and stands in its graph ``meta``; nothing is
counted here.

Sources: https://www.w3.org/TR/sparql11-service-description/ and https://www.w3.org/TR/void/
"""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from bioimg_kg.endpoint.http.negotiation import Format
from bioimg_kg.endpoint.http.prefixed import graph_bytes
from bioimg_kg.release import Release
from bioimg_kg.vocab import (
    DCAT,
    DCTERMS,
    FEDERATES_WITH,
    LINKSET,
    PREFIXES,
    REVISION_OF,
    TYPE,
    VOID,
    VOID_DATASET,
    XSD,
)

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "N-Quads", "TriG"),
)
_PARTS: Final = frozenset({f"{VOID}subset", f"{VOID}classPartition", f"{VOID}propertyPartition"})
_SUBSET: Final = NamedNode(f"{VOID}subset")


def describe(
    endpoint: str,
    release: Release,
    limits: Mapping[str, float],
    federates: Sequence[str] = (),
    versions: Sequence[str] = (),
) -> Iterator[Triple]:
    """Yield the description.

    Parameters
    ----------
    endpoint
        URL of the endpoint as the client sees it.
    release
        The release that is served.
    limits
        What a query may spend, by the property that says so.
    federates
        IRIs of the endpoints that a query may call with SERVICE.
    versions
        IRIs of the release and of the one before it, as far as they are served.
    """
    features = ["UnionDefaultGraph", "BasicFederatedQuery"] if federates else ["UnionDefaultGraph"]
    service, dataset = NamedNode(endpoint), NamedNode(f"{endpoint}#dataset")
    for predicate, terms in (
        (TYPE, [f"{SD}Service"]),
        (f"{SD}endpoint", [endpoint]),
        (f"{SD}supportedLanguage", [f"{SD}SPARQL10Query", f"{SD}SPARQL11Query"]),
        (f"{SD}feature", [SD + name for name in features]),
        (FEDERATES_WITH, federates),
        (f"{SD}resultFormat", [FORMATS + name for name in _RESULT_FORMATS]),
        (f"{SD}defaultDataset", [dataset.value]),
    ):
        yield from (Triple(service, NamedNode(predicate), NamedNode(term)) for term in terms)
    for predicate, limit in limits.items():
        kind = "integer" if isinstance(limit, int) else "decimal"
        yield Triple(service, NamedNode(predicate), Literal(str(limit), datatype=NamedNode(XSD + kind)))
    yield Triple(dataset, NamedNode(TYPE), NamedNode(f"{SD}Dataset"))
    yield Triple(dataset, NamedNode(f"{DCTERMS}hasVersion"), Literal(release.name))
    yield Triple(dataset, NamedNode(f"{DCAT}version"), Literal(release.name))
    for predicate, version in zip((f"{DCAT}hasCurrentVersion", REVISION_OF), versions, strict=False):
        yield Triple(dataset, NamedNode(predicate), NamedNode(version))
    if date := release.manifest.get("date"):
        yield Triple(dataset, NamedNode(f"{DCTERMS}issued"), Literal(date, datatype=NamedNode(f"{XSD}date")))
    yield from _graphs(endpoint, dataset, release)


def _graphs(endpoint: str, dataset: NamedNode, release: Release) -> Iterator[Triple]:
    """Yield the default graph and the named graphs, with what the release says about them."""
    known = statistics(release.path)
    whole = next((t.subject for t in known if t.predicate == _SUBSET), NamedNode(f"{endpoint}#default-graph"))
    assert isinstance(whole, NamedNode)  # no release has blank nodes
    yield Triple(dataset, NamedNode(f"{SD}defaultGraph"), whole)
    yield Triple(whole, NamedNode(TYPE), NamedNode(f"{SD}Graph"))
    yield Triple(whole, NamedNode(f"{VOID}sparqlEndpoint"), NamedNode(endpoint))
    quads = release.manifest.get("counts", {}).get("quads")
    if not known and isinstance(quads, int):
        yield Triple(whole, NamedNode(f"{VOID}triples"), Literal(quads))
    for triple in known:
        yield triple
        graph = triple.object
        if triple.predicate == _SUBSET and isinstance(graph, NamedNode):
            name = quote(graph.value.removeprefix(whole.value), safe="-._~:/")
            named = NamedNode(f"{endpoint}#graph={name}")
            yield Triple(dataset, NamedNode(f"{SD}namedGraph"), named)
            yield Triple(named, NamedNode(TYPE), NamedNode(f"{SD}NamedGraph"))
            yield Triple(named, NamedNode(f"{SD}name"), graph)
            yield Triple(named, NamedNode(f"{SD}graph"), graph)
            yield Triple(graph, NamedNode(TYPE), NamedNode(f"{SD}Graph"))


@lru_cache(maxsize=8)
def statistics(release: Path) -> tuple[Triple, ...]:
    """Return what the graph ``meta`` of a release says about its graphs, their partitions and their links."""
    path = release / "quads" / "meta.nq.gz"
    if not path.is_file():
        return ()
    quads: list[Quad] = list(parse(gzip.decompress(path.read_bytes()), format=RdfFormat.N_QUADS))
    kinds = (NamedNode(VOID_DATASET), NamedNode(LINKSET))
    described = {str(q.subject) for q in quads if q.object in kinds}
    described |= {str(q.object) for q in quads if q.predicate.value in _PARTS}
    return tuple(q.triple for q in quads if str(q.subject) in described)


def write_description(triples: Iterator[Triple], answer_format: Format) -> bytes:
    """Serialise a description in one of the graph formats."""
    form = RdfFormat.from_media_type(answer_format.media_type)
    assert form is not None  # every graph format is one of pyoxigraph
    return graph_bytes(triples, form, {"sd": SD, "formats": FORMATS, **PREFIXES})
