"""A term among those above and below it, each with its two numbers of records and studies."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bioimg_kg.endpoint.views.grid import Shown, shown_thing
from bioimg_kg.endpoint.views.model import Row

MOST: Final = 400
"""A page shows so many terms below one; what is further down is on their own pages."""


@dataclass(slots=True)
class Node:
    """A term; ``below`` are those directly below it that are used, ``silent`` those that are not."""

    shown: Shown
    records: int = 0
    all_records: int = 0
    studies: int = 0
    all_studies: int = 0
    below: list["Node"] = field(default_factory=list)
    silent: list[Shown] = field(default_factory=list)
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Tree:
    """The asked term with what is below it, and all that is above it, the broadest first."""

    asked: Node | None
    above: tuple[Node, ...]


def tree(rows: Sequence[Row]) -> Tree:
    """Arrange an answer of ``tree-of-term``.

    A term that stands below several others is shown below each of them.

    Examples
    --------
    >>> made = tree([{"term": "http://e.org/1", "label": "shape", "place": "asked", "allRecords": "5"},
    ...              {"term": "http://e.org/2", "label": "round", "place": "narrower", "above": "http://e.org/1",
    ...               "records": "3", "allRecords": "3", "studies": "1", "allStudies": "1"}])
    >>> made.asked.all_records, [node.shown.text for node in made.asked.below]
    (5, ['round'])
    """
    first = {row["term"]: row for row in rows}
    below: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["place"] == "narrower" and row["term"] not in below[row["above"]]:
            below[row["above"]].append(row["term"])
    asked = next((row for row in rows if row["place"] == "asked"), None)
    above = [_node(row) for term, row in first.items() if row["place"] == "broader"]
    above.sort(key=lambda node: (-node.all_records, -node.all_studies, node.shown.text))
    return Tree(_fill(asked["term"], first, below, [MOST], frozenset()) if asked else None, tuple(above))


def _node(row: Row) -> Node:
    records, all_records, studies, all_studies = (
        int(row.get(name, 0)) for name in ("records", "allRecords", "studies", "allStudies")
    )
    return Node(shown_thing(row["term"], row.get("label", "")), records, all_records, studies, all_studies)


def _fill(
    term: str,
    rows: Mapping[str, Row],
    below: Mapping[str, Sequence[str]],
    left: list[int],
    way: frozenset[str],
) -> Node:
    node = _node(rows[term])
    used = [t for t in below.get(term, ()) if int(rows[t].get("allStudies", 0)) and t not in way]
    node.silent = [
        shown_thing(t, rows[t].get("label", ""))
        for t in below.get(term, ())
        if t not in used and t not in way
    ]
    used.sort(key=lambda t: (-int(rows[t].get("allRecords", 0)), rows[t].get("label", ""), t))
    for t in used:
        if left[0] > 0:
            left[0] -= 1
            node.below.append(_fill(t, rows, below, left, way | {term}))
        else:
            node.cut += 1
    return node
