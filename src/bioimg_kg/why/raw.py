"""Rows of source files as they stand, read again to show them."""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from bioimg_kg.checksums import checksum

_CELL = 300
"""Characters of a cell that are shown."""


@dataclass(slots=True)
class Sources:
    """A folder of studies, the one that a release was built from.

    Attributes
    ----------
    folder
        Holds one folder per study, or is the folder of one study.
    """

    folder: Path
    _sums: dict[Path, str] = field(default_factory=dict)

    def find(self, study: str, file: str) -> Path | None:
        """Return a file of a study, or None if it is not here."""
        places = [self.folder] if self.folder.resolve().name.partition("-")[0] == study else []
        for place in (*places, *sorted(self.folder.glob(f"{study}-*")), *sorted(self.folder.glob(study))):
            path = (place / file).resolve()
            if path.is_file() and path.is_relative_to(place.resolve()):
                return path
        return None

    def checksum(self, path: Path) -> str:
        """Return the SHA-256 of a file."""
        if path not in self._sums:
            self._sums[path] = checksum(path)
        return self._sums[path]


def row_cells(path: Path, first: int, last: int, texts: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return heading and content of the cells of a row that are not blank.

    Parameters
    ----------
    path
        A table, which may be packed, or a study text. Of a study text the "row" is a line.
    first, last
        Row numbers; the header is row 1.
    texts
        Of a study text only the cells that hold one of these are returned, and of a range only such lines.

    Raises
    ------
    OSError, ValueError
        The file cannot be read.
    """
    try:
        facts = path.stat()
        data = _unpacked(path, facts.st_mtime_ns, facts.st_size)
    except (EOFError, zlib.error, zipfile.BadZipFile) as error:
        message = f"{path}: {error}"
        raise ValueError(message) from error
    if path.name.endswith("-study.txt"):
        return list(_lines(data, first, last, texts))
    csv.field_size_limit(1 << 24)
    delimiter = "\t" if (head := data.partition("\n")[0]).count("\t") > head.count(",") else ","
    rows = csv.reader(io.StringIO(data, newline=""), delimiter=delimiter)
    headings = next(rows, [])
    row = next(islice(rows, first - 2, None), []) if first > 1 else headings
    pairs = zip([*headings, *[""] * len(row)], row, strict=False)
    return [(heading.strip(), cell.strip()[:_CELL]) for heading, cell in pairs if cell.strip()]


def _lines(data: str, first: int, last: int, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in data.split("\n")[first - 1 : last]:
        key, _, rest = line.partition("\t")
        cells = [cell.strip().strip('"') for cell in rest.split("\t") if cell.strip()]
        wanted = [cell for cell in cells if any(_same(cell, text) for text in texts)]
        if wanted or first == last:
            yield key.strip().strip('"'), " | ".join(cell[:_CELL] for cell in wanted or cells)


def _same(cell: str, text: str) -> bool:
    """Say whether a cell holds a text, or is the end of an IRI."""
    return cell == text or (len(cell) > 3 and text.endswith(cell)) or (len(text) > 3 and text in cell)


@lru_cache(maxsize=1)
def _unpacked(path: Path, _time: int, _size: int) -> str:
    """Return a file as text; the last one is kept, since rows of one file are asked for together."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            tables = [m for m in archive.namelist() if not m.endswith("/") and "__MACOSX" not in m]
            data = archive.read(tables[0]) if tables else b""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
