"""Quads about the graphs: where each comes from, under which licence, from which files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.identifiers.iris import Minter, is_iri
from bioimg_kg.vocab import (
    DCTERMS,
    DERIVED_FROM,
    FILE_USE,
    IS_PART_OF,
    LABEL,
    PROV,
    SHA256,
    SOURCE_FILE,
    TYPE,
    VOID,
    VOID_DATASET,
)


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """What is said of one graph.

    Attributes
    ----------
    name
        ``study/idr0012``.
    version
        Commit of a study's metadata, release of an ontology.
    """

    name: str
    quads: int
    license: str = ""
    source: str = ""
    version: str = ""
    files: Sequence[SourceFile] = field(default_factory=tuple)


def write_meta(
    graphs: Iterable[GraphFacts], date: str, counts: Mapping[str, int], quads: Path, minter: Minter
) -> int:
    """Write the graph ``meta``; returns its number of quads.

    Parameters
    ----------
    date
        Day of the build, ``YYYY-MM-DD``; there is no clock here, equal input gives equal output.
    counts
        What the release holds, by kind.
    """
    with GraphFile(quads / "meta.nq.gz", minter.graph("meta")) as out:
        whole = minter.graph()
        out.link(whole, TYPE, VOID_DATASET)
        out.text(whole, LABEL, "bioimg_kg")
        out.text(whole, PROV + "generatedAtTime", f"{date}T00:00:00Z", "dateTime")
        out.text(whole, VOID + "triples", str(counts["quads"]), "integer")
        for graph in graphs:
            _graph(graph, whole, out, minter)
    return out.count


def _graph(graph: GraphFacts, whole: str, out: GraphFile, minter: Minter) -> None:
    me = minter.graph(*graph.name.split("/"))
    out.link(me, TYPE, VOID_DATASET)
    out.link(whole, VOID + "subset", me)
    out.text(me, LABEL, graph.name)
    out.text(me, VOID + "triples", str(graph.quads), "integer")
    out.text(me, DCTERMS + "hasVersion", graph.version)
    if graph.license:
        out.link(me, DCTERMS + "license", graph.license)
    if is_iri(graph.source):
        out.link(me, DCTERMS + "source", graph.source)
        if graph.version:
            out.link(me, DERIVED_FROM, f"{graph.source}/tree/{graph.version}")
    for file in graph.files:
        out.link(file.url, TYPE, SOURCE_FILE)
        out.link(file.url, IS_PART_OF, me)
        out.text(file.url, LABEL, file.path)
        out.text(file.url, SHA256, file.sha256)
        out.text(file.url, FILE_USE, file.use)
