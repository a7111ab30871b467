"""Queries written anew where the engine would go through them from the wrong end.

Oxigraph evaluates the patterns of a group in an order of its own but takes every property path for expensive:
in ``?image :phenotype/rdfs:subClassOf* :p`` it tries the path on each image. Here the end of the path that is
bound is evaluated first: the terms at or below ``:p``, once each. Two forms do that:

- a VALUES block with these terms, if nothing else in the group names a thing to start from;
- a sub-select of its own, if something does: the engine then still starts there.

Both keep the answer, row for row: ``S a/b* O`` means ``S a ?x . ?x b* O``, where a path with ``*`` or ``+``
gives each pair of nodes once (SPARQL 1.1, 9.3 and 18.4), so a join with the distinct ``?x`` neither adds nor
drops rows. All other patterns stay in place, and what is bound first stands beside the pattern it is from.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

from bioimg_kg.endpoint.sparql.patterns import Group, Pattern, Step, Unsure, anchors, constant
from bioimg_kg.endpoint.sparql.reader import read_groups
from bioimg_kg.endpoint.sparql.tokens import Token
from bioimg_kg.errors import QuerySyntax

MAX_CHARACTERS: Final = 1 << 16
"""Longer queries are left as they are."""

MAX_TERMS: Final = 1000
"""Longest VALUES block that is written into a query."""

_STARRED = re.compile(r"[\w>)]\s*[*+]")

_NEGATED = re.compile(r"!\s*(?:[<^(]|\w*:|a\b)")
"""What may be a negated property set. With both ends bound the engine gives each pair once, else as often as
there are properties: what is bound first changes the number of rows."""

Closure = Callable[[str], list[str] | None]
"""Evaluates a SELECT of one variable and returns the IRIs, None if there is anything else."""


def path_first(text: str, closure: Closure, columns: Callable[[], list[str]]) -> str | None:
    """Put paths with a bound end first.

    Parameters
    ----------
    text
        A query without syntax errors.
    closure
        Evaluates a query for the nodes that a path reaches.
    columns
        Returns the names of the columns of the query, in order; asked only for ``SELECT *``.

    Returns
    -------
    str or None
        Another query with the same answer, None if there is nothing to do.

    Examples
    --------
    >>> path_first("SELECT ?s { ?s <x:p>/<x:q>* <x:o> }", lambda query: ["x:o", "x:n"], list)
    'SELECT ?s { VALUES ?path0 { <x:n> <x:o> } ?s <x:p> ?path0 }'
    >>> path_first("SELECT ?s { ?s <x:p> <x:o> }", lambda query: None, list) is None
    True
    """
    if len(text) > MAX_CHARACTERS or not _STARRED.search(text) or _NEGATED.search(text):
        return None
    try:
        prologue, groups = read_groups(text)
    except (Unsure, QuerySyntax):
        return None
    writer = _Writer(text, prologue, closure)
    for group in groups:
        writer.rewrite(group)
    if not writer.edits:
        return None
    for star in writer.stars:
        writer.edits.append((star, star + 1, " ".join(f"?{column}" for column in columns())))
    return writer.result()


class _Writer:
    """Collects what is to be changed in a text."""

    def __init__(self, text: str, prologue: str, closure: Closure) -> None:
        self.text = text
        self.edits: list[tuple[int, int, str]] = []
        self.stars: set[int] = set()
        self._prologue = prologue
        self._closure = closure
        self._names = (name for number in count() if (name := f"path{number}") not in text)

    def rewrite(self, group: Group) -> None:
        anchored = group.mixed or any(anchors(group))
        cut: set[int] = set()
        for pattern in group.patterns:
            end = _bound_end(pattern, group)
            if end is None or pattern.start in cut or not self._useful(end, group):
                continue
            name = next(self._names) if end.fresh else end.variable
            first = self._first(end, name, group, anchored=anchored)
            if first is None:
                continue
            if not end.fresh:
                cut.add(pattern.start)
            elif group.star is not None:
                self.stars.add(group.star)
            self.edits.append((pattern.start, pattern.start, first))
            self.edits.append((*end.span, end.replacement(name)))

    def result(self) -> str:
        """Return the changed text; of edits at one place those that only insert come first, in order."""
        pieces, at = [], 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[:2]):
            pieces += [self.text[at:start], new]
            at = end
        return "".join([*pieces, self.text[at:]])

    def _useful(self, end: "_End", group: Group) -> bool:
        """Tell whether there is another pattern to go before, and a new variable stays out of the columns."""
        if end.fresh:
            return group.star is None or group.outer
        return len(group.patterns) > 1

    def _first(self, end: "_End", name: str, group: Group, *, anchored: bool) -> str | None:
        """Return the part of the query that comes first, None if it is too large or not of IRIs."""
        bound = group.values.get(end.bound.text[1:], "") if end.bound.kind == "variable" else ""
        path = self.text[end.step.start : end.step.end]
        ends = (f"?{name}", end.bound.text) if end.at_object else (end.bound.text, f"?{name}")
        triple = f"{ends[0]} {path} {ends[1]}"
        where = f"{{ {bound} {triple} }}" if bound else f"{{ {triple} }}"
        terms = self._closure(f"{self._prologue}SELECT DISTINCT ?{name} WHERE {where} LIMIT {MAX_TERMS + 1}")
        if terms is None or len(terms) > MAX_TERMS:
            return None
        if bound or anchored:
            names = f"?{name} {end.bound.text}" if bound else f"?{name}"
            return f"{{ SELECT DISTINCT {names} WHERE {where} }} "
        return f"VALUES ?{name} {{ {' '.join(f'<{term}>' for term in sorted(terms))} }} "


@dataclass(frozen=True, slots=True)
class _End:
    """The starred step at the bound end of a pattern.

    Attributes
    ----------
    step
        The step.
    bound
        What it is bound to.
    at_object
        The bound end is the object.
    variable
        Name of the variable on the other side, empty if the path has more steps and needs a new one.
    span
        What the new variable takes the place of, or what is to be removed.
    """

    step: Step
    bound: Token
    at_object: bool
    variable: str
    span: tuple[int, int]

    @property
    def fresh(self) -> bool:
        return not self.variable

    def replacement(self, name: str) -> str:
        if not self.fresh:
            return ""
        return f" ?{name}" if self.at_object else f"?{name} "


def _bound_end(pattern: Pattern, group: Group) -> _End | None:
    """Find the bound end of a path, if the other end is a variable."""
    subject, target, steps = pattern.subject, pattern.object, pattern.steps
    if target is None or not steps:
        return None
    several = len(steps) > 1
    if subject.kind == "variable" and steps[-1].starred:
        given = target.kind == "variable" and target.text[1:] in group.values
        if constant(target) or (given and target.text[1:] != subject.text[1:]):
            end = target.start + len(target.text)
            span = (steps[-2].end, end) if several else pattern.cut
            return _End(steps[-1], target, True, "" if several else subject.text[1:], span)
    if constant(subject) and target.kind == "variable" and steps[0].starred and pattern.alone:
        span = (subject.start, steps[1].start) if several else pattern.cut
        return _End(steps[0], subject, False, "" if several else target.text[1:], span)
    return None
