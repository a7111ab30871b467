"""How often each phenotype was sampled, as a plot: Figure 1 of the IDR paper (doi:10.1038/nmeth.4326)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from bioimg_kg.endpoint.linked.identifiers import named
from bioimg_kg.endpoint.views.model import Row

STEP: Final = 8
"""Distance of two phenotypes in units of the drawing."""

DECADE: Final = 100
"""Height of a power of ten."""

LEFT: Final = 60
TOP: Final = 20
GAP: Final = 3
"""Steps between two groups."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A phenotype on the plot: where it is, how large, and what it is."""

    x: float
    y: float
    r: float
    group: int
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """A plot.

    Attributes
    ----------
    dots
        The phenotypes.
    groups
        Name of each group with the number of its phenotypes, in the order of :attr:`Dot.group`.
    ticks
        Numbers on the axis with their places.
    width, height
        Size of the drawing.
    """

    dots: Sequence[Dot]
    groups: Sequence[tuple[str, int]]
    ticks: Sequence[tuple[int, float]]
    width: int
    height: int


def arrange_sampling(rows: Sequence[Row]) -> Sampling:
    """Return the plot of the rows of ``samples-per-phenotype``.

    Phenotypes are in the order of their groups, the most frequent first; the axis is logarithmic; the area
    of a dot is the number of studies.

    Examples
    --------
    >>> made = arrange_sampling([
    ...     {"term": "http://www.ebi.ac.uk/cmpo/CMPO_0000077", "label": "elongated cell phenotype",
    ...      "records": "100", "studies": "3", "group": "cell morphology"}])
    >>> made.dots[0].title, made.dots[0].href, made.groups
    ('elongated cell phenotype: samples 100, studies 3', '/phenotype/CMPO:0000077', [('cell morphology', 1)])
    """
    ordered = sorted(rows, key=lambda row: (row.get("group", "~"), -int(row["records"]), row["term"]))
    most = max((int(row["records"]) for row in rows), default=1)
    decades = max(1, math.ceil(math.log10(most)))
    bottom = TOP + decades * DECADE
    dots: list[Dot] = []
    groups = []
    x = LEFT
    for number, (name, found) in enumerate(groupby(ordered, key=lambda row: row.get("group", "other"))):
        members = list(found)
        groups.append((name, len(members)))
        for row in members:
            x += STEP
            dots.append(_dot(row, x, bottom, number))
        x += GAP * STEP
    ticks = [(10**power, bottom - power * DECADE) for power in range(decades + 1)]
    return Sampling(dots, groups, ticks, x + STEP, bottom + 2 * STEP)


def _dot(row: Row, x: int, bottom: int, group: int) -> Dot:
    records, studies = int(row["records"]), int(row["studies"])
    title = f"{row['label']}: samples {records:,}, studies {studies}"
    y = bottom - math.log10(max(records, 1)) * DECADE
    return Dot(x, round(y, 1), round(3 * math.sqrt(studies), 1), group, named(row["term"]) or "", title)
