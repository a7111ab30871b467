"""The account of every cell: in the graph, in the issues, or kept in the file only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bioimg_kg.errors import Issue, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCount:
    """What became of one column of one table, or of one key of one section of a study text.

    Attributes
    ----------
    component
        Name of the component, empty for the study's own section.
    file, column
        Where it stands.
    cells
        Cells that are not blank.
    mapped
        Cells whose content is in the graph.
    issues
        Cells that are reported as an issue and are not in the graph.
    """

    component: str
    file: str
    column: str
    cells: int
    mapped: int = 0
    issues: int = 0

    @property
    def unmapped(self) -> int:
        """Cells that only the file has."""
        return self.cells - self.mapped - self.issues


@dataclass(slots=True)
class Ledger:
    """Issues and column counts of one study, collected while it is read.

    Examples
    --------
    >>> book = Ledger("idr0001")
    >>> book.count("screenA", "a.csv", "Plate", cells=3, mapped=2)
    >>> book.report("no-key", "remedy", component="screenA", file="a.csv", column="Plate", cells=1)
    >>> [(c.cells, c.mapped, c.issues, c.unmapped) for c in book.columns()]
    [(3, 2, 1, 0)]
    """

    study: str
    issues: list[Issue] = field(default_factory=list)
    _counts: dict[tuple[str, str, str], ColumnCount] = field(default_factory=dict)

    def count(self, component: str, file: str, column: str, cells: int, mapped: int = 0) -> None:
        """Enter cells of a column; entering a column again adds to it."""
        key = (component, file, column)
        old = self._counts.get(key)
        if old:
            cells, mapped = cells + old.cells, mapped + old.mapped
        self._counts[key] = ColumnCount(
            component=component, file=file, column=column, cells=cells, mapped=mapped
        )

    def report(
        self,
        code: str,
        message: str,
        *,
        component: str = "",
        file: str = "",
        line: int = 0,
        column: str = "",
        value: str = "",
        cells: int = 0,
        severity: Severity = Severity.WARNING,
        rows: Sequence[int] = (),
    ) -> None:
        """Enter an issue about one row, ``line``, or some ``rows``, given in order.

        The fields are those of :class:`bioimg_kg.errors.Issue`.
        """
        self.issues.append(
            Issue(
                study=self.study,
                component=component,
                file=file,
                line=line,
                column=column,
                code=code,
                severity=severity,
                value=value[:300],
                cells=cells,
                message=message,
                rows=ranges(rows) if len(rows) > 1 else "",
            )
        )

    def columns(self) -> list[ColumnCount]:
        """Return the counts with the cells of the issues entered, in order of file and column."""
        lost = issue_cells(self.issues)
        return [
            replace(count, issues=lost[(count.component, count.file, count.column)])
            for _, count in sorted(self._counts.items())
        ]


def ranges(rows: Iterable[int]) -> str:
    """Return row numbers, which are in order, as ranges.

    Examples
    --------
    >>> ranges([3, 4, 5, 9])
    '3-5,9'
    """
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def issue_cells(issues: Iterable[Issue]) -> Counter[tuple[str, str, str]]:
    """Add up the cells of issues per (component, file, column)."""
    total: Counter[tuple[str, str, str]] = Counter()
    for issue in issues:
        if issue.cells:
            total[(issue.component, issue.file, issue.column)] += issue.cells
    return total
