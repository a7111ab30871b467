"""Derived counts: how many records and studies carry a term, itself or with all narrower terms.

A page shows both numbers for every term around the one that was asked for. Counted when it is asked for, a
broad term takes a second, since a record counts once however many narrower terms it carries.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Store

from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.vocab import (
    ANNOTATED_WITH,
    BIOSAMPLE_OF,
    CELL_LINE,
    IN_TAXON,
    MAPPED_TERM,
    RECORD_COUNT,
    ROLLED_UP_RECORD_COUNT,
    ROLLED_UP_STUDY_COUNT,
    STUDY_COUNT,
    SUBCLASS_OF,
)

CARRIED: Final = {ANNOTATED_WITH: (MAPPED_TERM,), BIOSAMPLE_OF: (IN_TAXON, CELL_LINE)}
"""From a record to a phenotype of its study or to its biosample, and from there to terms."""


def write_term_counts(store: Path, quads: Path, minter: Minter) -> GraphCounts:
    """Count, and write the graph ``inferred/counts``; returns its number of quads.

    Parameters
    ----------
    store
        A store with the studies and the ontologies.
    quads
        Folder of the release's N-Quads files.
    """
    source = Store.read_only(str(store))
    broader = _broader(source)
    counts: dict[str, Counter[str]] = {name: Counter() for name in (RECORD_COUNT, STUDY_COUNT)}
    rolled: dict[str, Counter[str]] = {
        name: Counter() for name in (ROLLED_UP_RECORD_COUNT, ROLLED_UP_STUDY_COUNT)
    }
    studies = minter.graph("study", "")
    for graph in source.named_graphs():
        if isinstance(graph, NamedNode) and graph.value.startswith(studies):
            used, sets = _study(source, graph)
            sets_of = {RECORD_COUNT: sets, STUDY_COUNT: Counter([used])}
            for (name, direct), wide in zip(counts.items(), rolled.values(), strict=True):
                for terms, number in sets_of[name].items():
                    direct.update(dict.fromkeys(terms, number))
                    wide.update(dict.fromkeys(frozenset().union(*map(broader, terms)), number))
    with GraphFile(quads / "inferred" / "counts.nq.gz", minter.graph("inferred", "counts")) as out:
        for predicate, numbers in (*counts.items(), *rolled.items()):
            for term, number in numbers.items():
                out.text(term, predicate, str(number), "integer")
    return out.counts


def _study(source: Store, graph: NamedNode) -> tuple[frozenset[str], Counter[frozenset[str]]]:
    """Return the terms that a study uses, and each set of terms with its number of records.

    Most records carry a biosample only, and few biosamples have hundreds of thousands: those are counted by
    the engine. The records with phenotypes are looked at one by one.
    """
    phenotypes = _terms(source, CARRIED[ANNOTATED_WITH], graph)
    samples = _terms(source, CARRIED[BIOSAMPLE_OF], graph)
    numbers = _records_of_samples(source, graph)
    annotated: dict[str, set[str]] = defaultdict(set)
    for record, phenotype in _pairs(source, ANNOTATED_WITH, graph):
        annotated[record] |= phenotypes.get(phenotype, set())
    sets: Counter[frozenset[str]] = Counter()
    for record, terms in annotated.items():
        found = set(terms)
        for quad in source.quads_for_pattern(NamedNode(record), NamedNode(BIOSAMPLE_OF), None, graph):
            sample = quad.object.value  # type: ignore[union-attr]  # a biosample has an IRI
            numbers[sample] -= 1
            found |= samples.get(sample, set())
        sets[frozenset(found)] += 1
    for sample, number in numbers.items():
        sets[frozenset(samples.get(sample, set()))] += number
    del sets[frozenset()]
    # a phenotype counts for its study also where there are no records: it is what the study reports
    used = set().union(*phenotypes.values(), *(samples.get(sample, set()) for sample in numbers))
    return frozenset(used), +sets


def _terms(source: Store, properties: Iterable[str], graph: NamedNode) -> dict[str, set[str]]:
    """Return what has terms as values of these properties, with the terms."""
    terms: dict[str, set[str]] = defaultdict(set)
    for predicate in properties:
        for subject, term in _pairs(source, predicate, graph):
            terms[subject].add(term)
    return terms


def _records_of_samples(source: Store, graph: NamedNode) -> Counter[str]:
    """Return the biosamples of a study with their numbers of records."""
    query = f"SELECT ?s (COUNT(?r) AS ?n) {{ GRAPH {graph} {{ ?r <{BIOSAMPLE_OF}> ?s }} }} GROUP BY ?s"
    rows = source.query(query)
    return Counter({row["s"].value: int(row["n"].value) for row in rows})  # type: ignore[union-attr]


def _pairs(source: Store, predicate: str, graph: NamedNode | None = None) -> Iterator[tuple[str, str]]:
    for quad in source.quads_for_pattern(None, NamedNode(predicate), None, graph):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            yield quad.subject.value, quad.object.value


def _broader(source: Store) -> Callable[[str], frozenset[str]]:
    """Return a function that gives a term with all that is broader."""
    above: dict[str, set[str]] = defaultdict(set)
    for term, parent in _pairs(source, SUBCLASS_OF):
        above[term].add(parent)

    @cache
    def broader(term: str) -> frozenset[str]:
        found, waiting = {term}, [term]
        while waiting:
            more = above.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return frozenset(found)

    return broader
