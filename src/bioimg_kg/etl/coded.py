"""A table column in coded form: the distinct values once, and one small integer per row.

Everything that costs time (resolving an identifier, minting an IRI, escaping a literal) is done once per
distinct value; the rows are only ever touched by numpy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes: TypeAlias = npt.NDArray[np.int32]
Rows: TypeAlias = npt.NDArray[np.int64]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of text.

    Attributes
    ----------
    codes
        Shape ``(rows,)``: index into ``values``, -1 where the cell is blank.
    values
        The distinct, non-blank values.
    """

    codes: Codes
    values: list[str]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def cells(self) -> int:
        """Number of cells that are not blank."""
        return int((self.codes >= 0).sum())

    def map(self, function: Callable[[str], str | None]) -> "Coded":
        """Return the column with a function applied to each distinct value; ``None`` makes it blank.

        Examples
        --------
        >>> Coded(np.array([0, 1, 0, -1], np.int32), ["a ", "-"]).map(lambda v: v.strip("- ") or None).codes
        array([ 0, -1,  0, -1], dtype=int32)
        """
        return Coded(*recode(self.codes, [function(v) for v in self.values]))

    def take(self, index: Rows) -> "Coded":
        """Return the rows at ``index``; -1 in ``index`` gives a blank cell."""
        return Coded(take(self.codes, index), self.values)

    def counts(self) -> list[int]:
        """Return how many cells hold each distinct value."""
        return count(self.codes, len(self.values))

    def first_rows(self) -> list[int]:
        """Return the position of the first cell that holds each distinct value (-1 if none does)."""
        return [int(row) for row in first_rows(self.codes, len(self.values))]

    def text(self, row: int) -> str:
        """Return the cell at a position, an empty text if it is blank."""
        code = int(self.codes[row])
        return self.values[code] if code >= 0 else ""


def blank(rows: int) -> Coded:
    """Return a column of blank cells."""
    return Coded(np.full(rows, -1, np.int32), [])


def from_series(series: "pd.Series[Any]") -> Coded:
    """Code a column as pandas has read it; white space around a value is not part of it.

    Examples
    --------
    >>> from_series(pd.Series(["x", " x ", "", "y"], dtype="category"))
    Coded(codes=array([ 0,  0, -1,  1], dtype=int32), values=['x', 'y'])
    """
    categories = series.cat.categories
    codes = series.cat.codes.to_numpy().astype(np.int32)
    return Coded(*recode(codes, [str(v).strip() or None for v in categories]))


def recode(codes: Codes, values: Sequence[T | None]) -> tuple[Codes, list[T]]:
    """Renumber codes so that equal values share one, in order of first use; ``None`` becomes blank."""
    order: dict[T, int] = {}
    table = np.full(len(values) + 1, -1, np.int32)
    for old, value in enumerate(values):
        if value is not None:
            table[old] = order.setdefault(value, len(order))
    return table[codes], list(order)


def take(codes: Codes, index: Rows) -> Codes:
    """Return ``codes[index]``, with -1 wherever ``index`` is -1."""
    if not len(codes):
        return np.full(len(index), -1, np.int32)
    return np.where(index >= 0, codes[index], -1).astype(np.int32)


def count(codes: Codes, size: int) -> list[int]:
    """Return how often each of ``size`` codes occurs."""
    return [int(n) for n in np.bincount(codes[codes >= 0], minlength=size)]


def first_rows(codes: Codes, size: int) -> Rows:
    """Return the first position of each of ``size`` codes, -1 for a code that does not occur."""
    first = np.full(size, -1, np.int64)
    found, position = np.unique(codes, return_index=True)
    seen = found >= 0
    first[found[seen]] = position[seen]
    return first


def combine(columns: Sequence[Codes]) -> tuple[Codes, Rows]:
    """Give each distinct combination of several columns a number.

    Parameters
    ----------
    columns
        One or more code columns of equal length.

    Returns
    -------
    codes
        Shape ``(rows,)``: number of the combination, -1 where all columns are blank.
    first
        Shape ``(combinations,)``: a row that has the combination, the first one.

    Examples
    --------
    >>> a, b = np.array([0, 0, -1, 0], np.int32), np.array([1, 1, -1, 0], np.int32)
    >>> combine([a, b])
    (array([ 0,  0, -1,  1], dtype=int32), array([0, 3]))
    """
    key = columns[0].astype(np.int64) + 1
    for column in columns[1:]:
        key = key * (int(column.max(initial=-1)) + 2) + column + 1
        key = pd.factorize(key, sort=True)[0].astype(np.int64) if len(key) else key
    some = np.zeros(len(key), bool)
    for column in columns:
        some |= column >= 0
    codes = np.full(len(key), -1, np.int32)
    codes[some] = pd.factorize(key[some])[0]
    return codes, first_rows(codes, int(codes.max(initial=-1)) + 1)
