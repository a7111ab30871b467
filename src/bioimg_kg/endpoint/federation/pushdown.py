"""Which values another endpoint needs to know of, so that it does not send what is thrown away here.

``?gene a bikg:Gene . SERVICE <x> { ?gene up:name ?name }`` asks for the names of all genes of the world. The
patterns beside the call say which genes matter; these are found first and sent along as VALUES.

A row of the other endpoint that agrees with no solution of patterns it is *joined* with cannot be part of a
solution. So the values may come from

- triples, VALUES and answered calls in the group of the call and, through plain groups, UNION and GRAPH, in
  the groups around it; of the group around an OPTIONAL or MINUS, from what stands before it;
- filters there that only use variables bound by these, and give the same result every time;

and a variable is used only if both sides bind it in every solution: VALUES must not give a value to what
would have none. Nothing passes the border of a subquery, and nothing is sent into a body with LIMIT or random
functions.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import Literal

from bioimg_kg.endpoint.federation.calls import Call, CallingQuery, matching
from bioimg_kg.endpoint.federation.groups import Element, Group, Unknown, read_group, steadiness

MAX_ROWS: Final = 10_000
"""More values than this are not sent."""

CHUNK_ROWS: Final = 1_000
"""Values in one request; Virtuoso does not compile much longer queries."""

_XSD_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_JOINING: Final = frozenset({"groups", "graph"})
_MAX_STRINGS: Final = 2
_LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Answered:
    """A call that has been answered, as another call sees it: a pattern and the variables it binds."""

    text: str
    bound: frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the values for a call come from.

    Attributes
    ----------
    variables
        The variables that are sent.
    pattern
        Graph patterns whose solutions have their values.
    """

    variables: tuple[str, ...]
    pattern: str


def find_source(query: CallingQuery, call: Call, answered: dict[int, Answered]) -> Source | None:
    """Find what restricts a call.

    Parameters
    ----------
    query
        The query.
    call
        A call that is in no other call.
    answered
        Calls that have been answered, by their offset.

    Returns
    -------
    Source or None
        None if nothing safe restricts it.

    Examples
    --------
    >>> from bioimg_kg.endpoint.federation.calls import read_calls
    >>> query = read_calls("SELECT * { ?g a <Gene> . SERVICE <http://x/> { ?g <name> ?n } }")
    >>> find_source(query, query.calls[0], {})
    Source(variables=('g',), pattern='?g a <Gene>')
    """
    try:
        index = next(i for i, token in enumerate(query.found) if token.start == call.body)
        end = matching(query.found, index) or index
        if not steadiness(query.found[index:end]):
            return None
        wanted = read_group(query.text, query.found, index).bound()
        path = _path(read_group(query.text, query.found, _pattern(query)), call.start)
    except (Unknown, StopIteration, IndexError):
        return None
    parts: list[str] = []
    bound: set[str] = set()
    for level, (group, at) in enumerate(reversed(path)):
        inward = group.elements[at]
        if level and inward.kind not in _JOINING | {"optional", "minus"}:
            break
        before_only = level > 0 and inward.kind in {"optional", "minus"}
        graph = _graph(path, group)
        beside = [e for n, e in enumerate(group.elements) if n != at and (n < at or not before_only)]
        text, names = _restriction(query.text, beside, answered)
        if text:
            parts.append(f"GRAPH {graph} {{ {text} }}" if graph else text)
            bound |= names
        if before_only:
            break
    shared = tuple(sorted(wanted & bound))
    return Source(shared, " . ".join(parts)) if shared else None


def _pattern(query: CallingQuery) -> int:
    """Return the index of the brace of the WHERE pattern."""
    at = query.form + 1
    if query.found[query.form].text.upper() == "CONSTRUCT" and query.found[at].text == "{":
        at = (matching(query.found, at) or at) + 1
    while query.found[at].text != "{":
        at = ((matching(query.found, at) or at) if query.found[at].kind == "open" else at) + 1
    return at


def dataset(query: CallingQuery) -> str:
    """Return FROM and FROM NAMED of a query.

    Examples
    --------
    >>> from bioimg_kg.endpoint.federation.calls import read_calls
    >>> dataset(read_calls("SELECT * FROM <g> FROM NAMED <h> { SERVICE <http://x/> {} }"))
    'FROM <g> FROM NAMED <h>'
    """
    found = query.found
    pieces = []
    for at in range(query.form, _pattern(query)):
        if found[at].kind == "word" and found[at].text.upper() == "FROM":
            named = found[at + 1].text.upper() == "NAMED"
            pieces.append(" ".join(token.text for token in found[at : at + 2 + named]))
    return " ".join(pieces)


def _path(group: Group, start: int) -> list[tuple[Group, int]]:
    """Return the groups around a call from the outermost, each with the element that leads to it."""
    for number, element in enumerate(group.elements):
        if element.start == start:
            return [(group, number)]
        for inner in element.groups:
            if inner.start <= start < inner.end:
                return [(group, number), *_path(inner, start)]
    raise Unknown


def _graph(path: list[tuple[Group, int]], group: Group) -> str | None:
    """Return the name of the graph that a group of the path is matched in."""
    name: str | None = None
    for outer, at in path:
        if outer is group:
            break
        name = outer.elements[at].graph or name
    return name


def _restriction(
    text: str, elements: Sequence[Element], answered: dict[int, Answered]
) -> tuple[str, frozenset[str]]:
    """Return the patterns among some elements that can be evaluated alone, and what they bind."""
    parts, bound = [], frozenset[str]()
    for element in elements:
        if element.kind in {"triples", "values"}:
            parts.append(text[element.start : element.end])
            bound |= element.bound
        elif element.kind == "service" and (reply := answered.get(element.start)) is not None:
            parts.append(reply.text)
            bound |= reply.bound
    if parts:
        parts += [
            text[e.start : e.end]
            for e in elements
            if e.kind == "filter" and e.steady and e.used and e.used <= bound
        ]
    return " . ".join(parts), bound


def read_values(variables: Sequence[str], bindings: Sequence[dict[str, Any]]) -> "Values | None":
    """Choose from solutions what can be sent.

    IRIs and strings without language are sent. Other literals have several spellings (``1`` and ``01``) that
    stores treat differently, so a variable that has one is left out, like one with a very long string; a
    solution with a blank node is left out because no other endpoint knows it.

    Examples
    --------
    >>> read_values(["a"], [{"a": {"type": "uri", "value": "http://x"}}]).rows
    (('<http://x>',),)
    """
    kept: list[str] = []
    strings = 0
    for name in variables:
        cells = [row[name] for row in bindings if name in row]
        if len(cells) < len(bindings) or any(map(_unfit, cells)):
            continue
        has_strings = any(cell["type"] == "literal" for cell in cells)
        strings += has_strings
        if not has_strings or strings <= _MAX_STRINGS:
            kept.append(name)
    if not kept:
        return None
    rows = dict.fromkeys(
        tuple(_write(row[name]) for name in kept)
        for row in bindings
        if not any(row[name]["type"] == "bnode" for name in kept)
    )
    return Values(tuple(kept), tuple(rows)) if len(rows) <= MAX_ROWS else None


@dataclass(frozen=True, slots=True)
class Values:
    """Values to be sent, as they are written in SPARQL."""

    variables: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def chunks(self) -> Iterator[str]:
        r"""Yield patterns that together stand for all rows.

        Some stores tell ``"a"`` from ``"a"^^xsd:string``, which are one term since RDF 1.1. Both are sent,
        and DISTINCT makes them one where they are one.

        Examples
        --------
        >>> list(Values(("a",), (("<http://x>",),)).chunks())
        ['VALUES (?a) {(<http://x>)}']
        >>> print(*Values(("a",), (('"x"',),)).chunks())
        { SELECT DISTINCT ?a { VALUES (?a) {("x")
        ("x"^^<http://www.w3.org/2001/XMLSchema#string>)} } }
        """
        names = " ".join(f"?{name}" for name in self.variables)
        for start in range(0, len(self.rows), CHUNK_ROWS):
            rows = self.rows[start : start + CHUNK_ROWS]
            twins = any(cell.startswith('"') for row in rows for cell in row)
            lines = [spelled for row in rows for spelled in _spellings(row)] if twins else list(rows)
            block = f"VALUES ({names}) {{" + "\n".join(f"({' '.join(line)})" for line in lines) + "}"
            yield f"{{ SELECT DISTINCT {names} {{ {block} }} }}" if twins else block


def _spellings(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    choices = [(cell, f"{cell}^^<{_XSD_STRING}>") if cell.startswith('"') else (cell,) for cell in row]
    return itertools.product(*choices)


def _unfit(cell: dict[str, Any]) -> bool:
    if cell["type"] in {"uri", "bnode"}:
        return False
    return "datatype" in cell or "xml:lang" in cell or len(cell["value"]) > _LONGEST


def _write(cell: dict[str, Any]) -> str:
    return str(Literal(cell["value"])) if cell["type"] == "literal" else f"<{cell['value']}>"
