"""Short ways to make triples. Empty values make none."""

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from bioimg_kg.vocab import XSD

Value = NamedNode | Literal | None


def iri(value: str) -> NamedNode | None:
    """Return an IRI, or None for nothing."""
    return NamedNode(value) if value else None


def text(value: str, datatype: str = "") -> Literal | None:
    """Return a text or a value of an XSD type, or None for nothing.

    Examples
    --------
    >>> text("2026-11-20", "date").datatype.value
    'http://www.w3.org/2001/XMLSchema#date'
    """
    if not value:
        return None
    return Literal(value, datatype=NamedNode(XSD + datatype)) if datatype else Literal(value)


def english(value: str) -> Literal | None:
    """Return a text that is in English because we wrote it."""
    return Literal(value, language="en") if value else None


def statements(subject: str, facts: Iterable[tuple[str, Value]]) -> Iterator[Triple]:
    """Yield what is said of a subject.

    Examples
    --------
    >>> len(list(statements("http://x/s", [("http://x/p", text("a")), ("http://x/p", text(""))])))
    1
    """
    me = NamedNode(subject)
    for predicate, value in facts:
        if value is not None:
            yield Triple(me, NamedNode(predicate), value)
