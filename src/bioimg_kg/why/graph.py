"""The store, read by terms that are checked: no query text is ever put together here."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.vocab import DEFAULT_BASE, LABEL, PREF_LABEL, SCHEMA, TYPE, VOID, VOID_DATASET

SCAN = 5000
"""Quads that are looked at for one question; what lies beyond is not counted."""

Term = NamedNode | Literal
_LABELS = tuple(NamedNode(p) for p in (PREF_LABEL, LABEL, SCHEMA + "name"))


@dataclass(frozen=True)
class Graph:
    """A release's store.

    Attributes
    ----------
    store
        Opened read-only.
    """

    store: Store

    @cached_property
    def base(self) -> str:
        """Base of our own IRIs in this release, found by the graph that has all others as parts."""
        for quad in self.store.quads_for_pattern(None, NamedNode(VOID + "subset"), None, None):
            return value(quad.subject).removesuffix("graph/")
        return DEFAULT_BASE

    def quads(
        self,
        subject: NamedNode | None,
        predicate: NamedNode | str | None = None,
        obj: Term | str | None = None,
        graph: NamedNode | None = None,
    ) -> list[Quad]:
        """Return quads of a pattern in a fixed order, at most :data:`SCAN`."""
        p = NamedNode(predicate) if isinstance(predicate, str) else predicate
        o = NamedNode(obj) if isinstance(obj, str) else obj
        found = islice(self.store.quads_for_pattern(subject, p, o, graph), SCAN)
        return sorted(
            found, key=lambda q: (value(q.graph_name), str(q.subject), str(q.predicate), str(q.object))
        )

    def objects(
        self, subject: NamedNode, predicate: NamedNode | str, graph: NamedNode | None = None
    ) -> list[NamedNode | Literal]:
        """Return the objects of a subject, sorted."""
        found = (q.object for q in self.quads(subject, predicate, None, graph))
        return [o for o in found if isinstance(o, NamedNode | Literal)]

    def links(
        self, subject: NamedNode, predicate: NamedNode | str, graph: NamedNode | None = None
    ) -> list[NamedNode]:
        """Return the objects of a subject that are IRIs, sorted."""
        return [o for o in self.objects(subject, predicate, graph) if isinstance(o, NamedNode)]

    def subjects(
        self, predicate: NamedNode | str | None, obj: NamedNode, graph: NamedNode | None = None
    ) -> list[NamedNode]:
        """Return the subjects that point to something, sorted, each once."""
        found = (q.subject for q in self.quads(None, predicate, obj, graph))
        return list(dict.fromkeys(s for s in found if isinstance(s, NamedNode)))

    def text(self, subject: NamedNode, predicate: str) -> str:
        """Return the first value of a property, or an empty text."""
        return next((o.value for o in self.objects(subject, predicate)), "")

    def types(self, subject: NamedNode) -> set[str]:
        """Return the IRIs of the classes of something."""
        return {o.value for o in self.links(subject, TYPE)}

    def knows(self, node: NamedNode) -> bool:
        """Say whether a term occurs anywhere, be it as the name of a graph."""
        patterns = ((node, None, None, None), (None, node, None, None), (None, None, node, None))
        found = any(next(self.store.quads_for_pattern(*p), None) for p in patterns)
        return found or next(self.store.quads_for_pattern(None, None, None, node), None) is not None

    def graph_name(self, graph: NamedNode) -> str:
        """Return ``study/idr0012`` of a graph's IRI."""
        return graph.value.removeprefix(f"{self.base}graph/")

    def short(self, term: NamedNode | Literal | BlankNode | Triple) -> str:
        """Return a short way to write a term: a path below the base, a CURIE, or a literal in quotes."""
        if not isinstance(term, NamedNode):
            return f'"{value(term)}"'
        if term.value.startswith((f"{self.base}id/", f"{self.base}graph/")):
            return term.value.removeprefix(self.base)
        return compact(term.value)

    def named(self, term: NamedNode | Literal | BlankNode | Triple) -> str:
        """Return a term as :meth:`short` does, with its label."""
        label = self.label(term) if isinstance(term, NamedNode) else ""
        return f"{self.short(term)} ({label})" if label else self.short(term)

    def label(self, node: NamedNode) -> str:
        """Return the words for something, or an empty text."""
        for predicate in _LABELS:
            for found in self.objects(node, predicate):
                return found.value
        return ""

    def is_dataset(self, node: NamedNode) -> bool:
        """Say whether an IRI names a graph."""
        return VOID_DATASET in self.types(node)


def value(term: object) -> str:
    """Return the bare text of a term, whatever it is."""
    return str(getattr(term, "value", term))


def first(items: Iterable[str]) -> str:
    """Return the first of some texts, or an empty one."""
    return next(iter(items), "")
