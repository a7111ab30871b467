"""Reads a delimited table as text, whatever an editor has done to it.

Every cell is text: nothing is taken for a number, a date or a missing value. Columns come out coded (see
:mod:`bioimg_kg.etl.coded`).
"""

import csv
import gzip
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from bioimg_kg.errors import SourceError
from bioimg_kg.etl.coded import Coded, Rows, from_series

_LONGEST_CELL = 16 << 20


@dataclass(frozen=True, slots=True)
class TableProblem:
    """Something about a table that had to be mended or could not be kept.

    Attributes
    ----------
    code, line, message
        As in an issue.
    cells
        Cells that are lost.
    value
        The content that it is about.
    """

    code: str
    line: int
    message: str
    cells: int = 0
    value: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in memory.

    Attributes
    ----------
    headings
        One per column, white space stripped.
    columns
        The columns, coded; all of the same length.
    rows
        Row number of each row in the file: the header is row 1, blank rows count but are left out.
    problems
        What had to be mended.
    """

    headings: list[str]
    columns: list[Coded]
    rows: Rows
    problems: list[TableProblem] = field(default_factory=list)


EMPTY = Table([], [], np.empty(0, np.int64))
"""A table without columns and rows."""


def unpack(path: Path) -> bytes:
    """Return the bytes of a file; ``.gz`` and ``.zip`` (of one member) are unpacked.

    Raises
    ------
    SourceError
        The file cannot be read, or a zip file has no or several tables.
    """
    try:
        if path.suffix == ".gz":
            return gzip.decompress(path.read_bytes())
        if path.suffix == ".zip":
            return _unzip(path)
        return path.read_bytes()
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        message = f"{path}: cannot be read ({error}); replace the file or remove it from the study"
        raise SourceError(message) from error


def _unzip(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.namelist() if not m.endswith("/") and "__MACOSX" not in m]
        if len(members) != 1:
            message = f"{path}: expected one table in the zip file, found {len(members)}"
            raise SourceError(message)
        return archive.read(members[0])


def read_table(data: bytes) -> Table:
    r"""Read a comma- or tab-separated table with a header line.

    A byte order mark, CR or CRLF line ends, quoted line breaks and rows that are too long or too short are
    understood; what had to be mended is in ``problems``.

    Parameters
    ----------
    data
        The bytes of the file.

    Examples
    --------
    >>> table = read_table(b"\xef\xbb\xbfPlate,Well\r\np 1, A1\r\n\r\np 1,A2\r\n")
    >>> table.headings, table.columns[1].values, table.rows
    (['Plate', 'Well'], ['A1', 'A2'], array([2, 4]))
    """
    data, problems = _as_utf8(data)
    stream = io.BytesIO(data)
    headings, delimiter = _header(stream)
    if not headings:
        return Table([], [], np.empty(0, np.int64), [*problems, TableProblem("table-empty", 1, "no header")])
    frame = _fast(stream, headings, delimiter)
    if frame is None:
        frame, ragged = _careful(data, len(headings), delimiter)
        problems += ragged
    columns = [from_series(frame[i].astype("category")) for i in range(len(headings))]
    full = np.zeros(len(columns[0]), bool)
    for column in columns:
        full |= column.codes >= 0
    kept = [Coded(c.codes[full], c.values) for c in columns]
    return Table([_heading(h) for h in headings], kept, np.flatnonzero(full) + 2, problems)


def _as_utf8(data: bytes) -> tuple[bytes, list[TableProblem]]:
    problems = []
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.append(TableProblem("encoding-legacy", 1, "UTF-16; save it as UTF-8"))
        data = data.decode("utf-16", errors="replace").encode()
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(
            TableProblem("encoding-legacy", line, "not UTF-8, read as Windows-1252; save it as UTF-8")
        )
        data = data.decode("cp1252", errors="replace").encode()
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\0" in data:
        problems.append(TableProblem("encoding-damaged", 1, "NUL characters removed; export the table again"))
        data = data.replace(b"\0", b"")
    return data, problems


def _header(stream: io.BytesIO) -> tuple[list[str], str]:
    """Read the header record; the stream is left at the line after it."""
    start = stream.readline().decode()
    delimiter = "\t" if start.count("\t") > start.count(",") else ","

    def lines() -> Iterator[str]:
        yield start
        for line in stream:
            yield line.decode()

    # pulling lines one by one leaves the stream exactly behind a header with quoted line breaks
    csv.field_size_limit(_LONGEST_CELL)
    return next(csv.reader(lines(), delimiter=delimiter), []), delimiter


def _heading(text: str) -> str:
    """Strip a heading; old tables append a link template after ``%%``."""
    return re.sub(r"\s+", " ", re.split(r"\s%%\s", text)[0]).strip()


def _fast(stream: io.BytesIO, headings: list[str], delimiter: str) -> pd.DataFrame | None:
    """Read the rows in compiled code; None if some row has more cells than the header."""
    position = stream.tell()
    if position >= stream.getbuffer().nbytes:
        return pd.DataFrame(columns=range(len(headings)), dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            # read as "category", pandas takes a column of numbers for numbers: 007 becomes 7
            return pd.read_csv(
                stream,
                sep=delimiter,
                header=None,
                names=list(range(len(headings))),
                index_col=False,
                dtype=object,
                keep_default_na=False,
                skip_blank_lines=False,
                low_memory=False,
            )
        except (pd.errors.ParserError, pd.errors.ParserWarning):
            stream.seek(position)
            return None


def _careful(data: bytes, width: int, delimiter: str) -> tuple[pd.DataFrame, list[TableProblem]]:
    """Read the rows one by one; cells beyond the last heading are reported."""
    problems: list[TableProblem] = []
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter)
    next(reader)
    for line, record in enumerate(reader, start=2):
        extra = [cell for cell in record[width:] if cell.strip()]
        if extra:
            message = f"{len(record)} cells under {width} headings; the last ones are not read, add headings"
            problems.append(TableProblem("row-too-long", line, message, len(extra), delimiter.join(extra)))
        records.append((record + [""] * width)[:width])
    return pd.DataFrame(records, columns=range(width), dtype=object), problems
