"""``issues.tsv``: what a build found wrong in its sources, one line each."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from pathlib import Path
from typing import Final

from bioimg_kg.errors import Issue, Severity

COLUMNS: Final = tuple(field.name for field in fields(Issue))
_BLANKS: Final = str.maketrans("\t\r\n", "   ")
_LONGEST: Final = 1 << 24
"""Characters of a value: whole files have stood in one cell."""


def write_issues(issues: Iterable[Issue], path: Path) -> None:
    """Write issues as a table; line breaks and tabs inside a value become blanks."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows([str(cell).translate(_BLANKS) for cell in astuple(issue)] for issue in issues)


def read_issues(path: Path) -> Iterator[Issue]:
    """Yield the issues of a table. Releases of earlier versions have no column ``rows``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "issues.tsv")
    ...     write_issues([Issue(study="idr0001", code="demo", line=3, value="a b")], path)
    ...     [(i.study, i.line, i.value) for i in read_issues(path)]
    [('idr0001', 3, 'a b')]
    """
    csv.field_size_limit(_LONGEST)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            texts = {name: row[name] for name in COLUMNS if name in row}
            numbers = {"line": int(row["line"]), "cells": int(row["cells"])}
            yield Issue(**{**texts, **numbers, "severity": Severity(row["severity"])})  # type: ignore[arg-type]
