"""The issues of a build, found again by the rows that they are about."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bioimg_kg.errors import Issue
from bioimg_kg.issues import read_issues
from bioimg_kg.why.tree import Step

_WHOLE_FILE = ("encoding-", "table-", "bulkmap-", "source-", "join-key-")
"""Issues that touch every row of their file, whatever line they name."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One issue.

    Attributes
    ----------
    rows
        Ranges of rows; none if it is about the whole file.
    cells
        Cells that are not in the graph because of it.
    """

    file: str
    rows: tuple[tuple[int, int], ...]
    column: str
    code: str
    severity: str
    value: str
    cells: int
    message: str

    def touches(self, first: int, last: int) -> bool:
        """Say whether it is about a row from ``first`` to ``last``."""
        return any(start <= last and first <= end for start, end in self.rows)

    @property
    def mended(self) -> bool:
        """Whether the content was put right and is in the graph; else it is doubtful or left out."""
        return self.cells == 0 and self.severity == "info"

    def step(self) -> Step:
        """Return it as a step."""
        where = f"{self.column}: " if self.column else ""
        value = f"{self.value!r} " if self.value else ""
        fate = "; this cell is not in the graph" if self.cells else ""
        word = "repair" if self.mended else "issue"
        facts = (
            ("code", self.code),
            ("severity", self.severity),
            ("file", self.file),
            ("rows", ",".join(f"{a}-{b}" if a != b else f"{a}" for a, b in self.rows)),
            ("column", self.column),
            ("value", self.value),
            ("message", self.message),
        )
        return Step(
            "repair",
            f"{word}: {where}{value}({self.code}) {self.message}{fate}",
            facts=tuple(fact for fact in facts if fact[1]),
        )


@dataclass(slots=True)
class Repairs:
    """The issues of a release.

    Examples
    --------
    >>> one = Repair("a.csv", ((3, 5),), "Organism", "term-repaired", "info", "9606", 0, "number")
    >>> repairs = Repairs({("idr0001", "a.csv"): [one]})
    >>> [repair.value for repair in repairs.of_row("idr0001", "a.csv", 4, 4)]
    ['9606']
    """

    by_file: dict[tuple[str, str], list[Repair]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Repairs":
        """Read ``issues.tsv`` of a release."""
        found: dict[tuple[str, str], list[Repair]] = {}
        for issue in read_issues(path):
            found.setdefault((issue.study, issue.file), []).append(_repair(issue))
        return cls(found)

    def of_row(self, study: str, file: str, first: int, last: int) -> list[Repair]:
        """Return what was found in a row, or in a range of rows."""
        return [r for r in self.by_file.get((study, file), ()) if r.touches(first, last)]

    def of_file(self, study: str, file: str) -> list[Repair]:
        """Return what was found of a file as a whole."""
        return [r for r in self.by_file.get((study, file), ()) if not r.rows]

    def of_gene(self, gene: str) -> list[Repair]:
        """Return what the reference tables lack about an identifier, ``namespace:id``."""
        return [r for r in self.by_file.get(("", "reference"), ()) if r.value == gene]


def _repair(issue: Issue) -> Repair:
    whole = issue.code.startswith(_WHOLE_FILE) or issue.line == 0
    return Repair(
        file=issue.file,
        rows=() if whole else tuple(_ranges(issue.rows or str(issue.line))),
        column=issue.column,
        code=issue.code,
        severity=issue.severity,
        value=issue.value,
        cells=issue.cells,
        message=issue.message,
    )


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        yield int(first), int(last or first)


def relevant(repairs: Iterable[Repair], texts: Iterable[str]) -> list[Repair]:
    """Return the repairs of a study text that have to do with some texts or terms.

    A line of it holds the cells of several phenotypes, and a range of lines those of many keys.

    Examples
    --------
    >>> one = Repair("s.txt", ((9, 9),), "Term Accession", "term-repaired", "info", "CMPO_77", 0, "")
    >>> [len(relevant([one], [t])) for t in ("http://www.ebi.ac.uk/cmpo/CMPO_0000077", "CMPO_0000770")]
    [1, 0]
    """
    known = list(texts)
    numbers = {_number(text) for text in known} - {""}
    return [
        r
        for r in repairs
        if not r.value
        or any(r.value in text for text in known if len(r.value) > 3)
        or _number(r.value) in numbers
    ]


def _number(text: str) -> str:
    match = re.search(r"(\d+)$", text)
    return match[1].lstrip("0") if match else ""
