"""Derived counts: how many records and studies carry a term, itself or with all narrower terms.

A page shows both numbers for every term around the one that was asked for. Counted when it is asked for, a
broad term takes a second, since a record counts once however many narrower terms it carries.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
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
    """Return the terms that a study uses, and each set of terms with its number of records."""
    carried: dict[str, set[str]] = defaultdict(set)
    used: set[str] = set()
    for link, properties in CARRIED.items():
        terms: dict[str, set[str]] = defaultdict(set)
        for predicate in properties:
            for between, term in _pairs(source, predicate, graph):
                terms[between].add(term)
        reached: set[str] = set()
        for record, between in _pairs(source, link, graph):
            carried[record] |= terms.get(between, set())
            reached.add(between)
        # a phenotype counts for its study also where there are no records: it is what the study reports
        for between, found in terms.items():
            if link == ANNOTATED_WITH or between in reached:
                used |= found
    return frozenset(used), Counter(frozenset(terms) for terms in carried.values() if terms)


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
