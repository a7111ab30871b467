"""Doses of a compound on a logarithmic axis, one lane per component of a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from bioimg_kg.endpoint.linked.render import short
from bioimg_kg.endpoint.views.model import Row

WIDTH: Final = 960
LEFT: Final = 170
RIGHT: Final = 24
LANE: Final = 34
TOP: Final = 12


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose in a lane: where, how big, whether a phenotype was seen, and in words."""

    x: float
    y: float
    radius: float
    seen: bool
    title: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The picture: lanes with their height, ticks of the axis, doses; and doses that have no place on it."""

    height: int
    lanes: tuple[tuple[str, str, float], ...]
    ticks: tuple[tuple[float, str], ...]
    doses: tuple[Dose, ...]
    rest: tuple[str, ...]
    width: int = WIDTH
    left: int = LEFT


def strip(rows: Sequence[Row]) -> Strip:
    """Arrange an answer of ``compounds-and-doses``.

    Examples
    --------
    >>> made = strip([{"component": "https://w3id.org/bioimg-kg/id/study/idr0081/screenD", "dose": "1 uM",
    ...                "micromolar": "1", "records": "4", "phenotypes": "round"}])
    >>> made.lanes[0][0], [tick for _, tick in made.ticks], made.doses[0].seen
    ('idr0081/screenD', ['1 µM', '10 µM'], True)
    """
    placed = [row for row in rows if float(row.get("micromolar", 0) or 0) > 0]
    rest = [
        f"{short(row['component'])}: {row.get('dose', 'no dose stated')}, {int(row['records']):,} records"
        + (f", {row['phenotypes']}" if row.get("phenotypes") else "")
        for row in rows
        if row not in placed
    ]
    if not placed:
        return Strip(0, (), (), (), tuple(rest))
    amounts = [float(row["micromolar"]) for row in placed]
    low = floor(log10(min(amounts)))
    high = max(ceil(log10(max(amounts))), low + 1)
    names = sorted({row["component"] for row in placed})
    centre = {name: TOP + LANE * (number + 0.5) for number, name in enumerate(names)}
    most = max(int(row["records"]) for row in placed)

    def across(amount: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (log10(amount) - low) / (high - low), 1)

    doses = [
        Dose(
            across(float(row["micromolar"])),
            centre[row["component"]],
            round(4 + 6 * (int(row["records"]) / most) ** 0.5, 1),
            bool(row.get("phenotypes")),
            f"{row.get('dose', '')}: {int(row['records']):,} records, "
            f"{row.get('phenotypes') or 'no phenotype called'}",
        )
        for row in placed
    ]
    # where doses meet, one with a phenotype lies above
    doses.sort(key=lambda dose: (dose.seen, -dose.radius))
    return Strip(
        TOP + LANE * len(names) + 34,
        tuple((short(name), f"/id/study/{short(name)}", centre[name]) for name in names),
        tuple((across(10.0**power), f"{10.0**power:g} µM") for power in range(low, high + 1)),
        tuple(doses),
        tuple(rest),
    )
