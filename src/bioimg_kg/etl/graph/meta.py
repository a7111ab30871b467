"""Quads about the graphs: where each comes from, under which licence, from which files, and what is in it.

The statistics are those of VoID, https://www.w3.org/TR/void/#statistics: how often each property is used in
each graph, and how many things of each class there are. Planners of federated queries read them, and which
other datasets our things link to: https://www.w3.org/TR/void/#linkset.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bioimg_kg.etl.graph.uses import ClassUses
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.etl.tally import GraphCounts, PropertyCount
from bioimg_kg.identifiers.iris import Minter, is_iri
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.identifiers.spaces import name_of
from bioimg_kg.vocab import (
    DCTERMS,
    DERIVED_FROM,
    FILE_USE,
    IS_PART_OF,
    LABEL,
    LINKSET,
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
    counts
        What is in it.
    version
        Commit of a study's metadata, release of an ontology.
    """

    name: str
    counts: GraphCounts
    license: str = ""
    source: str = ""
    version: str = ""
    files: Sequence[SourceFile] = field(default_factory=tuple)

    @property
    def quads(self) -> int:
        """Number of quads."""
        return self.counts.quads


def write_meta(
    graphs: Sequence[GraphFacts], uses: ClassUses, date: str, quads: Path, minter: Minter
) -> GraphCounts:
    """Write the graph ``meta``, which describes itself too; returns what is in it.

    Parameters
    ----------
    graphs
        All other graphs.
    uses
        How things of each class are described in all other graphs together.
    date
        Day of the build, ``YYYY-MM-DD``; there is no clock here, equal input gives equal output.
    quads
        Folder of the release's N-Quads files.
    """
    mine = GraphCounts()
    # What it says of itself depends on which terms it uses: all of them after the second time. The numbers
    # of the third time are right, as a number takes the same quads whatever it is. It cannot count its own
    # objects: those are the numbers.
    for _ in range(3):
        known = {name: replace(count, objects=-1) for name, count in mine.properties.items()}
        facts = GraphFacts("meta", replace(mine, properties=known))
        mine = _write(graphs, facts, uses, date, quads, minter)
    return mine


def _write(
    graphs: Sequence[GraphFacts], mine: GraphFacts, uses: ClassUses, date: str, quads: Path, minter: Minter
) -> GraphCounts:
    with GraphFile(quads / "meta.nq.gz", minter.graph("meta")) as out:
        whole = minter.graph()
        out.text(whole, PROV + "generatedAtTime", f"{date}T00:00:00Z", "dateTime")
        every = union([graph.counts for graph in (*graphs, mine)])
        _dataset(whole, "bioimg_kg", every, out, minter)
        _linksets(whole, every, out, minter)
        _described(whole, uses, out, minter)
        for graph in (*graphs, mine):
            _graph(graph, whole, out, minter)
    return out.counts


def union(graphs: Iterable[GraphCounts]) -> GraphCounts:
    """Return what is in several graphs together.

    No triple is in two graphs, so triples, links and things of a class add up. Subjects and objects do not:
    they are known (else -1) for a property that one graph alone uses.

    Examples
    --------
    >>> one = GraphCounts(3, 2, {"p": PropertyCount(3, 2, 2)}, {"C": 1})
    >>> union([one, GraphCounts()]) == GraphCounts(3, -1, one.properties, one.classes)
    True
    >>> union([one, one]).properties
    {'p': PropertyCount(triples=6, subjects=-1, objects=-1)}
    """
    classes: Counter[str] = Counter()
    links: dict[str, Counter[str]] = {}
    properties: dict[str, PropertyCount] = {}
    total = 0
    for graph in graphs:
        total += graph.quads
        classes.update(graph.classes)
        for space, numbers in graph.links.items():
            links.setdefault(space, Counter()).update(numbers)
        for name, count in graph.properties.items():
            before = properties.get(name)
            properties[name] = PropertyCount(before.triples + count.triples, -1, -1) if before else count
    return GraphCounts(total, -1, dict(sorted(properties.items())), dict(sorted(classes.items())), links)


def _graph(graph: GraphFacts, whole: str, out: GraphFile, minter: Minter) -> None:
    me = minter.graph(*graph.name.split("/"))
    out.link(whole, VOID + "subset", me)
    _dataset(me, graph.name, graph.counts, out, minter)
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


def _dataset(me: str, label: str, counts: GraphCounts, out: GraphFile, minter: Minter) -> None:
    """Write the statistics of a graph, or of all of them together."""
    out.link(me, TYPE, VOID_DATASET)
    out.text(me, LABEL, label)
    _number(me, "triples", counts.quads, out)
    _number(me, "distinctSubjects", counts.subjects, out)
    _number(me, "properties", len(counts.properties), out)
    _number(me, "classes", len(counts.classes), out)
    for name, entities in counts.classes.items():
        part = minter.partition(me, "class", compact(name))
        out.link(me, VOID + "classPartition", part)
        out.link(part, VOID + "class", name)
        _number(part, "entities", entities, out)
    for name, count in counts.properties.items():
        part = minter.partition(me, "property", compact(name))
        out.link(me, VOID + "propertyPartition", part)
        out.link(part, VOID + "property", name)
        _number(part, "triples", count.triples, out)
        _number(part, "distinctSubjects", count.subjects, out)
        _number(part, "distinctObjects", count.objects, out)


def _linksets(whole: str, counts: GraphCounts, out: GraphFile, minter: Minter) -> None:
    """Write how many links lead to each other dataset, and by which properties.

    No linkset is a ``void:subset``: those are the named graphs, whose triples add up to the whole.
    """
    for space, predicates in counts.links.items():
        me, other = minter.partition(whole, "linkset", space), minter.partition(whole, "dataset", space)
        out.link(other, TYPE, VOID_DATASET)
        out.text(other, LABEL, name_of(space))
        out.text(other, VOID + "uriSpace", space)
        out.link(me, TYPE, LINKSET)
        out.text(me, LABEL, f"bioimg_kg to {name_of(space)}")
        out.link(me, VOID + "subjectsTarget", whole)
        out.link(me, VOID + "objectsTarget", other)
        _number(me, "triples", sum(predicates.values()), out)
        for name, triples in predicates.items():
            part = f"{me}&{minter.partition('', 'property', compact(name))[1:]}"
            out.link(me, VOID + "linkPredicate", name)
            out.link(me, VOID + "propertyPartition", part)
            out.link(part, VOID + "property", name)
            _number(part, "triples", triples, out)


def _described(whole: str, uses: ClassUses, out: GraphFile, minter: Minter) -> None:
    """Write which properties the things of each class have; editors complete queries with it."""
    for kind, properties in uses.items():
        of = minter.partition(whole, "class", compact(kind))
        for name, triples in properties.items():
            part = f"{of}&{minter.partition('', 'property', compact(name))[1:]}"
            out.link(of, VOID + "propertyPartition", part)
            out.link(part, VOID + "property", name)
            _number(part, "triples", triples, out)


def _number(me: str, name: str, number: int, out: GraphFile) -> None:
    if number >= 0:
        out.text(me, VOID + name, str(number), "integer")
