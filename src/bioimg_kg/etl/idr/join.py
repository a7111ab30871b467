"""Joins a library table (what is in which well) with a processed table (what was found)."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from bioimg_kg.etl.coded import Coded, Codes, recode
from bioimg_kg.etl.idr.sheet import Sheet, drop_rows


def join(library: Sheet, processed: Sheet, key: str) -> Sheet:
    """Left join on a key column.

    Where a key occurs several times in the processed table its last row counts. A processed column that
    the library has too is not joined: the library says what is in the well. Rows and columns that are left
    out are reported or stay in their file.

    Parameters
    ----------
    library, processed
        The two tables.
    key
        Heading of the key column of both. ``Plate_Well`` may be missing in the library, it is then made of
        ``Plate`` and ``Well``; so may any heading of the form ``A_B``.

    Returns
    -------
    Sheet
        The rows of the library with the columns of both.

    Raises
    ------
    KeyError
        A table lacks the key column.
    """
    left, right = _key(library, key), _key(processed, key)
    processed = _without_unmatched(processed, left, right)
    right = _key(processed, key)
    last = {right.values[code]: row for row, code in enumerate(right.codes.tolist()) if code >= 0}
    by_value = np.array([last.get(value, -1) for value in left.values] + [-1], np.int64)
    index = by_value[left.codes]
    known = {column.heading.text.lower() for column in library.columns}
    joined = []
    for column in processed.columns:
        if column.heading.text.lower() in known:
            processed.account(column, [False] * len(column.values))
        else:
            joined.append(replace(column, index=index))
    rows = np.where(index >= 0, processed.lines[index] if len(processed) else -1, -1)
    return replace(library, columns=[*library.columns, *joined], calls=(processed.file, rows))


def _key(sheet: Sheet, key: str) -> Coded:
    column = sheet.find(key)
    if column:
        return column.coded
    first, _, second = key.partition("_")
    parts = sheet.find(first), sheet.find(second)
    if parts[0] is None or parts[1] is None:
        raise KeyError(key)
    return _paste(parts[0].coded, parts[1].coded)


def _paste(first: Coded, second: Coded) -> Coded:
    both: Codes = np.where(
        (first.codes >= 0) & (second.codes >= 0), first.codes * (len(second.values) + 1) + second.codes, -1
    ).astype(np.int32)
    used, inverse = np.unique(both, return_inverse=True)
    width = len(second.values) + 1
    texts = [
        f"{first.values[u // width]}_{second.values[u % width]}" if u >= 0 else None for u in used.tolist()
    ]
    return Coded(*recode(inverse.astype(np.int32), texts))


def _without_unmatched(processed: Sheet, left: Coded, right: Coded) -> Sheet:
    """Leave out processed rows that no library row has, and all but the last of several with one key."""
    wanted = set(left.values)
    matched: npt.NDArray[np.bool_] = np.array([v in wanted for v in right.values] + [False])[right.codes]
    last: dict[int, int] = {code: row for row, code in enumerate(right.codes.tolist())}
    final = np.zeros(len(right), bool)
    final[list(last.values())] = True
    message = "no row of the library table has this row's key: correct the key in one of the two"
    kept = drop_rows(processed, ~matched, "join-unmatched", message)
    message = "a later row has the same key and counts: keep one of them"
    return drop_rows(kept, (~final)[matched], "join-repeated", message)
