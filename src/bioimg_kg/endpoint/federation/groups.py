"""The groups of a query and what stands in them, as far as it decides which values can be pushed down.

This is no parser of SPARQL: where it meets something it does not know, it says so, and nothing is pushed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from bioimg_kg.endpoint.federation.calls import matching
from bioimg_kg.endpoint.sparql.tokens import Token, may_compare

Kind = Literal[
    "triples", "filter", "values", "bind", "groups", "graph", "optional", "minus", "service", "select"
]

_KEYWORDS: Final = frozenset({"OPTIONAL", "MINUS", "GRAPH", "SERVICE", "FILTER", "BIND", "VALUES", "LATERAL"})
_PLAIN_WORDS: Final = frozenset({"A", "TRUE", "FALSE"})
UNSTEADY: Final = frozenset(
    {"RAND", "UUID", "STRUUID", "BNODE", "NOW", "LIMIT", "OFFSET", "SAMPLE", "GROUP_CONCAT"}
)
"""What need not give the same result twice."""


class Unknown(Exception):  # noqa: N818 - an answer, not an accident
    """The text has something that is not understood here."""


@dataclass(slots=True)
class Element:
    """One thing in a group.

    Attributes
    ----------
    kind
        What it is.
    start, end
        Its place in the text; a dot behind it is not part of it.
    bound
        Variables that every solution of it binds.
    used
        All its variables.
    groups
        The groups in it.
    graph
        The name behind GRAPH.
    steady
        It gives the same result every time, and is wholly understood.
    """

    kind: Kind
    start: int
    end: int
    bound: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    groups: list["Group"] = field(default_factory=list)
    graph: str | None = None
    steady: bool = True


@dataclass(slots=True)
class Group:
    """What stands between two braces."""

    start: int
    end: int
    elements: list[Element] = field(default_factory=list)

    def bound(self) -> frozenset[str]:
        """Return the variables that every solution binds."""
        names: frozenset[str] = frozenset()
        for element in self.elements:
            names |= element.bound
            if element.groups and element.kind in {"groups", "graph"}:
                names |= frozenset.intersection(*(group.bound() for group in element.groups))
        return names


def read_group(text: str, found: tuple[Token, ...], index: int) -> Group:
    """Read the group whose brace is at an index.

    Raises
    ------
    Unknown
        It has something that is not understood.

    Examples
    --------
    >>> from bioimg_kg.endpoint.sparql.tokens import tokens
    >>> text = "{ ?s a ?type . OPTIONAL { ?s ?p ?o } FILTER(?s != 1) }"
    >>> group = read_group(text, tuple(tokens(text)), 0)
    >>> [element.kind for element in group.elements], sorted(group.bound())
    (['triples', 'optional', 'filter'], ['s', 'type'])
    """
    return _Reader(text, found).group(index)


class _Reader:
    def __init__(self, text: str, found: tuple[Token, ...]) -> None:
        self._text = text
        self._found = found

    def group(self, index: int) -> Group:
        close = self._close(index)
        group = Group(self._found[index].start, self._end(close))
        at = index + 1
        if self._word(at) == "SELECT":
            group.elements.append(self._select(at, close))
            return group
        while at < close:
            if self._found[at].text == ".":
                at += 1
                continue
            element, at = self._element(at, close)
            group.elements.append(element)
        return group

    def _element(self, at: int, close: int) -> tuple[Element, int]:
        match self._word(at):
            case "OPTIONAL":
                return self._nested("optional", at, at + 1)
            case "MINUS":
                return self._nested("minus", at, at + 1)
            case "GRAPH":
                element, after = self._nested("graph", at, at + 2)
                element.graph = self._found[at + 1].text
                return element, after
            case "SERVICE":
                brace = at + 2 + (self._word(at + 1) == "SILENT")
                end = self._close(brace)
                return Element("service", self._found[at].start, self._end(end)), end + 1
            case "FILTER":
                return self._filter(at, close)
            case "BIND":
                end = self._close(at + 1)
                return Element("bind", self._found[at].start, self._end(end)), end + 1
            case "VALUES":
                return self._values(at)
            case "LATERAL":
                raise Unknown
        return self._union(at) if self._found[at].text == "{" else self._triples(at, close)

    def _nested(self, kind: Kind, at: int, brace: int) -> tuple[Element, int]:
        inner = self.group(brace)
        return Element(kind, self._found[at].start, inner.end, groups=[inner]), self._close(brace) + 1

    def _union(self, at: int) -> tuple[Element, int]:
        element, after = self._nested("groups", at, at)
        while self._word(after) == "UNION":
            other, after = self._nested("groups", after, after + 1)
            element.groups += other.groups
            element.end = other.end
        return element, after

    def _select(self, at: int, close: int) -> Element:
        """Read a subquery: its pattern is a group of its own, what it lets out is not looked at."""
        brace = at
        while self._found[brace].text != "{":
            brace = (self._close(brace) if self._found[brace].kind == "open" else brace) + 1
            if brace >= close:
                raise Unknown
        inner = self.group(brace)
        return Element("select", self._found[at].start, self._found[close].start, groups=[inner])

    def _filter(self, at: int, close: int) -> tuple[Element, int]:
        last = at + 1
        while last < close and self._found[last].text not in {"(", "{"}:
            last += 1
        last = self._close(last)
        part = self._found[at + 1 : last + 1]
        unclear = any(may_compare(before, after) for before, after in pairwise(part))
        steady = not unclear and steadiness(part) and not any(token.text == "{" for token in part)
        element = Element(
            "filter", self._found[at].start, self._end(last), used=_variables(part), steady=steady
        )
        return element, last + 1

    def _values(self, at: int) -> tuple[Element, int]:
        brace = at + 1 if self._found[at + 1].kind == "variable" else self._close(at + 1)
        end = self._close(brace + 1)
        names = _variables(self._found[at : brace + 1])
        undefined = any(token.text.upper() == "UNDEF" for token in self._found[brace:end])
        bound = frozenset() if undefined else names
        return Element("values", self._found[at].start, self._end(end), bound, names), end + 1

    def _triples(self, at: int, close: int) -> tuple[Element, int]:
        """Read triples up to the next thing; a path that may have length zero binds nothing for sure."""
        start, bound, used, statement = at, frozenset[str](), frozenset[str](), at
        while at < close and self._word(at) not in _KEYWORDS and self._found[at].text != "{":
            token = self._found[at]
            if token.kind == "word" and token.text.upper() not in _PLAIN_WORDS:
                raise Unknown
            at = (self._close(at) if token.kind == "open" else at) + 1
            if token.text == "." or at >= close or self._word(at) in _KEYWORDS or self._found[at].text == "{":
                part = self._found[statement:at]
                used |= _variables(part)
                if not any(piece.kind == "other" and piece.text in "*?" for piece in part):
                    bound |= _variables(part)
                statement = at
        if self._text[self._found[at].start :].startswith("{|") or at == start:
            raise Unknown
        last = at - 1 - (self._found[at - 1].text == ".")
        return Element("triples", self._found[start].start, self._end(last), bound, used), at

    def _word(self, at: int) -> str:
        if at < len(self._found) and self._found[at].kind == "word":
            return self._found[at].text.upper()
        return ""

    def _close(self, at: int) -> int:
        close = (
            matching(self._found, at) if at < len(self._found) and self._found[at].kind == "open" else None
        )
        if close is None:
            raise Unknown
        return close

    def _end(self, at: int) -> int:
        return self._found[at].start + len(self._found[at].text)


def steadiness(part: Iterable[Token]) -> bool:
    """Tell whether a text has none of the words whose result may differ from time to time."""
    return not any(token.kind == "word" and token.text.upper() in UNSTEADY for token in part)


def _variables(part: Iterable[Token]) -> frozenset[str]:
    return frozenset(token.text[1:] for token in part if token.kind == "variable")
