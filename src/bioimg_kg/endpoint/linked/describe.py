"""What a store says about one thing, within bounds; this runs in the worker processes.

A description has all statements of the thing, the first statements about it of each property, the names of
what is shown, and the licences of the graphs that say so. There is no query text: IRIs are compared as terms.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from bioimg_kg.endpoint.http.prefixed import graph_bytes
from bioimg_kg.endpoint.workers.frames import Look
from bioimg_kg.vocab import DCTERMS, LABEL, SCHEMA, SKOS, VOID

MAX_LINKS: Final = 20
"""Statements with the thing as object that are shown, per property."""

MAX_SCAN: Final = 1000
"""Statements with the thing as object that are looked at, per property."""

MAX_NAMED: Final = 400
"""Things beside the described one that get their names."""

NAMES: Final = (LABEL, f"{SKOS}prefLabel", f"{SCHEMA}name", f"{DCTERMS}title")
"""Properties that hold a name, best first."""

LICENSE: Final = NamedNode(f"{DCTERMS}license")


@dataclass(frozen=True, slots=True)
class Links:
    """Statements of one property with the thing as object.

    Attributes
    ----------
    predicate
        The property.
    count
        How many they are.
    more
        There are at least so many.
    """

    predicate: str
    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class Description:
    """What a store says about a thing.

    Attributes
    ----------
    found
        Those of the IRIs asked for that the store has.
    quads
        The statements with the graphs that they are in; empty if nothing was to be described.
    links
        What is counted of the statements with the thing as object.
    known
        IRIs of other things that have statements of their own.
    """

    found: frozenset[str]
    quads: tuple[Quad, ...] = ()
    links: tuple[Links, ...] = ()
    known: frozenset[str] = frozenset()

    def to_bytes(self) -> bytes:
        """Return it as JSON with the statements as N-Quads."""
        links = [[link.predicate, link.count, link.more] for link in self.links]
        text = graph_bytes(self.quads, RdfFormat.N_QUADS, {}).decode()
        content = {"found": sorted(self.found), "known": sorted(self.known), "links": links, "quads": text}
        return json.dumps(content).encode()

    @classmethod
    def from_bytes(cls, payload: bytes) -> "Description":
        """Read what :meth:`to_bytes` has written.

        Examples
        --------
        >>> from pyoxigraph import Literal
        >>> quad = Quad(NamedNode("http://a"), NamedNode(LABEL), Literal("a", language="en"))
        >>> before = Description(frozenset({"http://a"}), (quad,), (Links("http://p", 3, False),))
        >>> Description.from_bytes(before.to_bytes()) == before
        True
        """
        content = json.loads(payload)
        quads = tuple(parse(content["quads"].encode(), format=RdfFormat.N_QUADS))
        links = tuple(Links(*link) for link in content["links"])
        return cls(frozenset(content["found"]), quads, links, frozenset(content["known"]))


def look_up(store: Store, look: Look) -> Description:
    """Describe a thing.

    Examples
    --------
    >>> store = Store()
    >>> store.load(b"<http://a> <http://p> <http://b> .", format=RdfFormat.N_QUADS)
    >>> made = look_up(store, Look(document="http://b", probes=("http://a", "http://c")))
    >>> sorted(made.found), made.links, len(made.quads)
    (['http://a', 'http://b'], (Links(predicate='http://p', count=1, more=False),), 1)
    """
    things = {iri for iri in look.things if exists(store, iri)}
    found = things | {iri for iri in {look.document, *look.probes} - {""} if exists(store, iri)}
    if things or look.document not in found:
        return Description(frozenset(found))
    thing = NamedNode(look.document)
    quads = _own(store, thing)
    inbound, links = _inbound(store, thing)
    # The same triple in two graphs is one statement, said by the first.
    unique = {quad.triple: quad for quad in reversed([*quads, *inbound])}
    graphs = {quad.graph_name for quad in unique.values()}
    # A thing may point to itself: such a statement is found from both ends.
    shown = [q for q in dict.fromkeys((*quads, *inbound)) if unique.get(q.triple) == q]
    names, known = _named(store, thing, shown)
    for graph in sorted(graphs - {DefaultGraph()}, key=str):
        names += store.quads_for_pattern(graph, LICENSE, None)  # type: ignore[arg-type]  # all have names
    for quad in names:
        if quad.triple not in unique:
            unique[quad.triple] = quad
            shown.append(quad)
    return Description(frozenset(found), tuple(shown), links, known)


def exists(store: Store, iri: str) -> bool:
    """Say whether a store has statements with this subject or object, or a graph of this name."""
    node = NamedNode(iri)
    places = ((node, None, None, None), (None, None, node, None), (None, None, None, node))
    return any(next(store.quads_for_pattern(*place), None) is not None for place in places)


def _own(store: Store, thing: NamedNode) -> list[Quad]:
    """Return the statements of a thing, and of its parts that have its IRI with a fragment."""
    quads = sorted(store.quads_for_pattern(thing, None, None), key=str)
    parts = {q.object for q in quads if str(q.object).startswith(f"<{thing.value}#")}
    for part in sorted(parts, key=str):
        assert isinstance(part, NamedNode)  # as it begins with "<"
        quads += sorted(store.quads_for_pattern(part, None, None), key=str)
    return quads


def _inbound(store: Store, thing: NamedNode) -> tuple[list[Quad], tuple[Links, ...]]:
    scanned = list(islice(store.quads_for_pattern(None, None, thing), MAX_SCAN))
    predicates = {quad.predicate for quad in scanned}
    whole = len(scanned) < MAX_SCAN
    if not whole:
        predicates |= _properties(store)
    counted: Counter[NamedNode] = Counter(quad.predicate for quad in scanned)
    quads: list[Quad] = []
    links = []
    for predicate in sorted(predicates, key=str):
        if whole:
            of = [quad for quad in scanned if quad.predicate == predicate]
        else:
            of = list(islice(store.quads_for_pattern(None, predicate, thing), MAX_SCAN))
            counted[predicate] = len(of)
        if of:
            quads += sorted(of, key=str)[:MAX_LINKS]
            links.append(Links(predicate.value, counted[predicate], len(of) == MAX_SCAN))
    return quads, tuple(links)


@lru_cache(maxsize=1)  # a process serves one store, and nothing is written to it
def _properties(store: Store) -> frozenset[NamedNode]:
    """Return the properties that a release says it has, so that rare ones are found among many statements."""
    stated = store.quads_for_pattern(None, NamedNode(f"{VOID}property"), None)
    return frozenset(quad.object for quad in stated if isinstance(quad.object, NamedNode))


def _named(store: Store, thing: NamedNode, quads: Iterable[Quad]) -> tuple[list[Quad], frozenset[str]]:
    """Return the names of what statements are about, and which of these have statements of their own."""
    nodes = dict.fromkeys(
        node
        for quad in quads
        for node in (quad.object, quad.subject, quad.predicate)
        if isinstance(node, NamedNode) and node != thing
    )
    names: list[Quad] = []
    known = set()
    for node in islice(nodes, MAX_NAMED):
        if next(store.quads_for_pattern(node, None, None), None) is None:
            continue
        known.add(node.value)
        for name in NAMES:
            if found := sorted(store.quads_for_pattern(node, NamedNode(name), None), key=str):
                names += found
                break
    return names, frozenset(known)
