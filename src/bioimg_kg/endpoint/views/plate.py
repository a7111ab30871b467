"""A plate as a map of its wells: what the rows of ``records-of-plate`` say, by place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters
from typing import Final

from bioimg_kg.endpoint.linked.addresses import link
from bioimg_kg.endpoint.views.model import Row

_WELL: Final = re.compile(r"([A-Z]{1,2})0*([1-9][0-9]?)")
_FORMATS: Final = ((8, 12), (16, 24), (32, 48))
"""Rows and columns of the plates that are sold with 96, 384 and 1536 wells."""

STEP: Final = 10
"""Distance of two wells in units of the drawing."""

KINDS: Final = ("phenotype", "control", "treated", "other")
"""How a well is drawn, the first that fits: it carries a phenotype, is a control, has a treatment."""


@dataclass(frozen=True, slots=True)
class PlacedWell:
    """A well on the map.

    Attributes
    ----------
    name, href
        Its name and the address of its page.
    x, y
        Its middle.
    kind
        One of :data:`KINDS`.
    title
        What is known of it, in one line.
    """

    name: str
    href: str
    x: int
    y: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class PlateMap:
    """A drawing of a plate.

    Attributes
    ----------
    rows, columns
        Names of the rows and columns with their places.
    wells
        The wells that have a record.
    width, height
        Size of the drawing.
    counts
        How many wells there are of each kind.
    """

    rows: Sequence[tuple[str, int]]
    columns: Sequence[tuple[str, int]]
    wells: Sequence[PlacedWell]
    width: int
    height: int
    counts: Sequence[tuple[str, int]]


def arrange_plate(rows: Sequence[Row]) -> PlateMap | None:
    """Return the map of a plate, or None if these are not the wells of one.

    Parameters
    ----------
    rows
        Rows of the named query ``records-of-plate``.

    Examples
    --------
    >>> found = arrange_plate([{"record": "https://w3id.org/bioimg-kg/id/study/s/well/B3", "name": "B3",
    ...                         "phenotypes": "elongated cells", "genes": "SGO1"}])
    >>> found.wells[0].x, found.wells[0].y, found.wells[0].kind, len(found.rows), len(found.columns)
    (30, 20, 'phenotype', 8, 12)
    >>> found.wells[0].title
    'B3: SGO1; elongated cells'
    """
    unique = {row["record"]: row for row in rows}
    places = {iri: _place(row["name"]) for iri, row in unique.items()}
    known = {iri: place for iri, place in places.items() if place}
    if not known or len(known) < len(unique):
        return None
    down, across = _format(max(row for row, _ in known.values()), max(column for _, column in known.values()))
    wells = [_well(unique[iri], *place) for iri, place in known.items()]
    counts = [(kind, sum(well.kind == kind for well in wells)) for kind in KINDS]
    return PlateMap(
        rows=[(_letters(number), number * STEP) for number in range(1, down + 1)],
        columns=[(str(number), number * STEP) for number in range(1, across + 1)],
        wells=wells,
        width=(across + 1) * STEP,
        height=(down + 1) * STEP,
        counts=[(kind, count) for kind, count in counts if count],
    )


def wells_around(iri: str, steps: int = 2) -> list[str]:
    """Return the IRIs that a well and the wells around it would have; for what is no well, its own only.

    Examples
    --------
    >>> around = wells_around("https://w3id.org/bioimg-kg/id/study/s/plate/P/well/B01", 1)
    >>> [iri.rpartition("/")[2] for iri in around]
    ['A01', 'A02', 'B01', 'B02', 'C01', 'C02']
    """
    plate, _, name = iri.rpartition("/well/")
    place = _place(name) if plate else None
    if place is None:
        return [iri]
    row, column = place
    width = len(name.lstrip(ascii_letters))
    rows = [_letters(number) for number in range(max(1, row - steps), row + steps + 1)]
    columns = range(max(1, column - steps), column + steps + 1)
    return [f"{plate}/well/{letters}{number:0{width}d}" for letters in rows for number in columns]


def _place(name: str) -> tuple[int, int] | None:
    """Return row and column of a well, both from 1."""
    match = _WELL.fullmatch(name.strip().upper())
    if match is None:
        return None
    row = 0
    for letter in match[1]:
        row = row * 26 + ord(letter) - ord("A") + 1
    return row, int(match[2])


def _letters(number: int) -> str:
    first, second = divmod(number - 1, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + second)


def _format(row: int, column: int) -> tuple[int, int]:
    """Return the size of the smallest plate that has this well."""
    return next(((r, c) for r, c in _FORMATS if row <= r and column <= c), (row, column))


def _well(row: Row, down: int, across: int) -> PlacedWell:
    told = [row[key] for key in ("control", "genes", "treatments", "phenotypes") if row.get(key)]
    if row.get("phenotypes"):
        kind = "phenotype"
    elif row.get("control"):
        kind = "control"
    else:
        kind = "treated" if row.get("genes") or row.get("treatments") else "other"
    title = f"{row['name']}: {'; '.join(told)}" if told else row["name"]
    return PlacedWell(row["name"], link(row["record"]) or "", across * STEP, down * STEP, kind, title)
