"""A table on the reader's desk: its columns with their meaning, and the account of their cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bioimg_kg.errors import Severity
from bioimg_kg.etl.coded import Coded, Codes, Rows, take
from bioimg_kg.etl.idr.header import Heading, parse_header
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.model import Names
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.etl.tables import Table
from bioimg_kg.identifiers.terms import is_null
from bioimg_kg.vocab import DEFAULT_BASE


@dataclass
class Column:
    """One column.

    Attributes
    ----------
    heading
        What the grammar says.
    file
        The file it comes from.
    raw
        The cells of that file, with their row numbers in ``lines``.
    position
        Its place in that file, from 0.
    index
        For each row of the sheet the position in ``raw``, -1 for none; None if they are the same.
    """

    heading: Heading
    file: SourceFile
    raw: Coded
    lines: Rows
    position: int
    index: Rows | None = None
    accounted: bool = False

    @cached_property
    def codes(self) -> Codes:
        """Codes aligned to the rows of the sheet."""
        return self.raw.codes if self.index is None else take(self.raw.codes, self.index)

    @property
    def values(self) -> list[str]:
        """The distinct values."""
        return self.raw.values

    @cached_property
    def coded(self) -> Coded:
        """The column aligned to the rows of the sheet."""
        return Coded(self.codes, self.values)


@dataclass(slots=True)
class Sheet:
    """The rows of one table, or of a library table joined with a processed table.

    Attributes
    ----------
    file, lines
        The file that gives the rows, and the row number of each.
    columns
        In the order of the file; joined columns follow.
    calls
        Where the phenotype cells stand if that is not ``file``: file and row numbers (-1: none).
    base
        Base of our own IRIs.
    """

    component: str
    file: SourceFile
    lines: Rows
    columns: list[Column]
    ledger: Ledger
    names: Names
    calls: tuple[SourceFile, Rows] | None = None
    base: str = DEFAULT_BASE

    def __len__(self) -> int:
        return len(self.lines)

    def role(self, *roles: str) -> list[Column]:
        """Return the columns that have one of some roles, in order of their number."""
        found = [c for c in self.columns if c.heading.role in roles]
        return sorted(found, key=lambda c: c.heading.number)

    def find(self, heading: str) -> Column | None:
        """Return the column with a heading, white space and case ignored."""
        wanted = heading.strip().lower()
        return next((c for c in self.columns if wanted and c.heading.text.lower() == wanted), None)

    def qualifier(self, column: Column, role: str) -> Column | None:
        """Return the Term Source column of a role that belongs to a column."""
        return next(
            (
                c
                for c in self.columns
                if c.file is column.file and c.heading.role == role and c.heading.qualifies == column.position
            ),
            None,
        )

    def account(self, column: Column, mapped: Sequence[bool] | None = None) -> None:
        """Enter a column in the ledger.

        Parameters
        ----------
        column
            The column.
        mapped
            For each distinct value whether it is in the graph; all are if not given.
        """
        assert not column.accounted, column.heading.text
        counts = column.raw.counts()
        used = sum(counts) if mapped is None else sum(n for n, yes in zip(counts, mapped, strict=True) if yes)
        self.ledger.count(self.component, column.file.path, column.heading.text, sum(counts), used)
        column.accounted = True

    def problem(
        self,
        column: Column,
        value: int,
        code: str,
        message: str,
        *,
        rows: "npt.NDArray[np.bool_] | None" = None,
        lost: bool = True,
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Report one distinct value of a column.

        Parameters
        ----------
        value
            Its code.
        rows
            Which rows of the column's file it is about; all that hold the value if not given.
        lost
            Whether its cells are not in the graph.
        """
        here = column.raw.codes == value
        if rows is not None:
            here &= rows
        self.ledger.report(
            code,
            message,
            component=self.component,
            file=column.file.path,
            line=int(column.lines[int(here.argmax())]) if here.any() else 0,
            column=column.heading.text,
            value=column.values[value],
            cells=int(here.sum()) if lost else 0,
            severity=severity,
            rows=column.lines[here].tolist(),
        )

    def resolve(
        self, column: Column, function: Callable[[str], tuple[str | None, str, str]], code: str
    ) -> list[str | None]:
        """Apply a resolver to each distinct value, account for the column, report repairs and failures.

        Parameters
        ----------
        function
            Gives (result or None, repair, problem) for a text; all empty if the text means 'nothing'.
        code
            Start of the issue codes: ``<code>-repaired``, ``<code>-malformed``.
        """
        results: list[str | None] = []
        for value, text in enumerate(column.values):
            result, repair, problem = function(text)
            if problem:
                self.problem(column, value, f"{code}-malformed", problem)
            elif result is None:
                self.problem(column, value, "null-text", "a word for 'nothing'", severity=Severity.INFO)
            elif repair:
                self.problem(column, value, f"{code}-repaired", repair, lost=False, severity=Severity.INFO)
            results.append(result)
        self.account(column, [r is not None for r in results])
        return results

    def words(self, column: Column, *nothing: Callable[[str], bool]) -> list[bool]:
        """Account for a column of words; words for 'nothing' are reported.

        Parameters
        ----------
        nothing
            Say whether a text means 'nothing'; by default :func:`is_null` does.

        Returns
        -------
        list of bool
            For each distinct value whether it means something.
        """
        good = self.meaningful(column, *nothing)
        self.account(column, good)
        return good

    def meaningful(self, column: Column, *nothing: Callable[[str], bool]) -> list[bool]:
        """Return for each distinct value whether it means something; those that do not are reported."""
        good = [not any(test(text) for test in nothing or (is_null,)) for text in column.values]
        for value, fine in enumerate(good):
            if not fine:
                self.problem(column, value, "null-text", "a word for 'nothing'", severity=Severity.INFO)
        return good

    def close(self) -> None:
        """Enter every column that nothing has been made of: it stays in the file."""
        for column in self.columns:
            if not column.accounted:
                self.account(column, [False] * len(column.values))


def sheet_of(component: str, file: SourceFile, table: Table, ledger: Ledger, names: Names) -> Sheet:
    """Lay a table on the desk; its problems become issues."""
    for problem in table.problems:
        ledger.report(
            problem.code,
            problem.message,
            component=component,
            file=file.path,
            line=problem.line,
            column="(beyond the header)" if problem.cells else "",
            value=problem.value,
            cells=problem.cells,
        )
        if problem.cells:
            ledger.count(component, file.path, "(beyond the header)", problem.cells)
    columns = [
        Column(heading, file, coded, table.rows, position)
        for position, (heading, coded) in enumerate(
            zip(parse_header(table.headings), table.columns, strict=True)
        )
    ]
    return Sheet(component, file, table.rows, columns, ledger, names)


def drop_rows(sheet: Sheet, drop: "npt.NDArray[np.bool_]", code: str, message: str) -> Sheet:
    """Return the sheet without some rows; every cell of them is reported, column by column."""
    if not drop.any():
        return sheet
    kept: list[Column] = []
    for column in sheet.columns:
        gone = column.raw.codes[drop]
        cells = int((gone >= 0).sum())
        if cells:
            sheet.ledger.count(sheet.component, column.file.path, column.heading.text, cells)
            sheet.ledger.report(
                code,
                message,
                component=sheet.component,
                file=column.file.path,
                line=int(column.lines[drop][int((gone >= 0).argmax())]),
                column=column.heading.text,
                value=column.values[int(gone[gone >= 0][0])],
                cells=cells,
                rows=column.lines[drop][gone >= 0].tolist(),
            )
        rest = Coded(column.raw.codes[~drop], column.values)
        kept.append(Column(column.heading, column.file, rest, column.lines[~drop], column.position))
    return replace(sheet, lines=sheet.lines[~drop], columns=kept)
