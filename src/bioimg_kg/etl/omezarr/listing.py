"""Tables that list OME-Zarr copies: one row per image or plate, with its address.

Read are tables with a heading for the address (``url`` or ``File Path``) and bare lists of addresses, as of
https://github.com/ome/ome2024-ngff-challenge and https://github.com/IDR/ome-ngff-samples.
"""

import math
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from bioimg_kg.checksums import checksum
from bioimg_kg.errors import Issue, Severity
from bioimg_kg.etl.omezarr.copies import Found, ImageCopy, study_of
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.etl.tables import Table, read_table, unpack
from bioimg_kg.identifiers.documents import licence
from bioimg_kg.ngff.facts import Image
from bioimg_kg.ngff.places import canonical, image_name, moved, stated_version

TABLES: Final = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_ADDRESS: Final = ("url", "file path")
_OMERO: Final = re.compile(r"(https?://[^/?#]+/)webclient/\?show=(plate|image)-([0-9]+)")


def is_table(path: Path) -> bool:
    """Say whether a file is taken for a table."""
    return path.name.lower().endswith(TABLES)


def read_listing(path: Path, name: str, base: str, known: Collection[str], found: Found) -> None:
    """Read a table of copies.

    Parameters
    ----------
    path
        The table.
    name
        What it is called in issues and in the graph: its path below the folder that was given.
    base
        Base of our own IRIs.
    known
        Accessions of the studies that are built.
    found
        Gets the copies, and issues for rows that are none.

    Raises
    ------
    SourceError
        The file cannot be read.
    """
    data = unpack(path)
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:8].lower()
    bare = start.startswith((b"http://", b"https://"))
    table = read_table(b"url\n" + data if bare else data)
    headings = {heading.lower(): index for index, heading in reversed(list(enumerate(table.headings)))}
    if not headings.keys() & set(_ADDRESS):
        message = "no column for addresses of images: name one of the columns url"
        value = ", ".join(table.headings)[:300]
        found.issues.append(_issue(name, 1, "omezarr-table-unknown", value, message))
        return
    for problem in table.problems:
        found.issues.append(_issue(name, problem.line, problem.code, problem.value, problem.message))
    file = SourceFile(
        path=f"omezarr/{name}", url=f"{base}id/source/omezarr/{_escaped(name)}", sha256=checksum(path)
    )
    found.files[name] = file
    others: dict[str, list[int]] = {}
    for index in range(len(table.rows)):
        row = _Row(table, headings, index)
        line = int(table.rows[index]) - bare
        copy = _copy(row, name, line, file, known, found)
        if copy is None:
            continue
        if copy.study in known:
            found.copies.append(copy)
        else:
            others.setdefault(copy.study, []).append(line)
    found.issues += [_other(name, study, lines) for study, lines in sorted(others.items())]


def _escaped(name: str) -> str:
    return canonical(f"x:/{name}").removeprefix("x:/")


class _Row:
    """One row of a table, by heading in lower case."""

    def __init__(self, table: Table, headings: dict[str, int], index: int) -> None:
        self._table = table
        self._headings = headings
        self._index = index

    def __getitem__(self, heading: str) -> str:
        column = self._headings.get(heading)
        return "" if column is None else self._table.columns[column].text(self._index)

    def number(self, heading: str) -> int:
        """Return a whole number above zero, or 0."""
        try:
            value = float(self[heading])
        except ValueError:
            return 0
        return round(value) if math.isfinite(value) and 0 < value < 1e18 else 0

    def numbers(self, heading: str) -> tuple[int, ...]:
        """Return numbers above zero with commas between them; nothing if one of them is none."""
        parts = [part.strip() for part in self[heading].split(",")]
        good = all(part.isascii() and part.isdigit() and len(part) < 16 and int(part) for part in parts)
        return tuple(map(int, parts)) if good else ()


def _copy(
    row: _Row, name: str, line: int, file: SourceFile, known: Collection[str], found: Found
) -> ImageCopy | None:
    given = row["url"] or row["file path"]
    parts = urlsplit(given) if _is_address(given) else None
    if parts is None or not given.rstrip("/").endswith(".zarr"):
        message = "not the address of an OME-Zarr group (https://... .zarr): correct it or take the row out"
        severity = Severity.WARNING if parts is None else Severity.INFO
        found.issues.append(_issue(name, line, "omezarr-address-malformed", given, message, severity))
        return None
    url = moved(canonical(given))
    study, letter = study_of([row["study"], *parts.path.split("/")], known)
    if not study:
        study, letter = row["study"] or Path(name).name.partition("_")[0], ""
    match = _OMERO.fullmatch(row["origin"])
    omero = f"{match[1]}{match[2].capitalize()}/{match[3]}" if match else ""
    image, problem = _image(row)
    if problem:
        message = "its sizes and its axes do not fit together: no sizes are in the graph"
        found.issues.append(_issue(name, line, "omezarr-sizes-malformed", problem, message, study=study))
    license_text = row["license"]
    iri = licence(license_text, license_text)
    return ImageCopy(
        study=study,
        component=letter,
        container=image_name(url.rpartition("/")[0]),
        name=image_name(url),
        kind=_kind(row, match[2] if match else ""),
        url=url,
        former=canonical(given) if canonical(given) != url else "",
        version=row["ome-ngff version"] or stated_version(url),
        image=image,
        field_count=_fields(row),
        well_count=row.number("wells"),
        license=iri,
        license_text="" if iri else license_text,
        bytes=row.number("written"),
        omero=omero,
        file=file.path,
        line=line,
        source=file.row(line),
    )


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text.strip())
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _kind(row: _Row, origin: str) -> Literal["image", "plate", ""]:
    if origin == "plate" or row["wells"]:
        return "plate"
    return "image" if origin == "image" else ""


def _fields(row: _Row) -> int:
    """Return the fields of a well: as listed, else all images by all wells if every well has as many."""
    stated, wells, images = row.number("fields"), row.number("wells"), row.number("images")
    if stated or not wells or not images or images % wells:
        return stated
    return images // wells


def _image(row: _Row) -> tuple[Image | None, str]:
    """Return the sizes that a row states, and what it says if they contradict each other."""
    shape, names = row.numbers("shape"), row["dimension_names"].replace(",", "").replace(" ", "").lower()
    if not shape and row["sizex"]:
        names = row["axes"].lower()[::-1]  # the table has the fastest axis first
        shape = tuple(row.number(f"size{axis}") for axis in names) if set(names) <= set("tczyx") else ()
        names = names if shape and all(shape) else ""
    names = names or ("tczyx" if len(shape) == 5 else "")
    good = len(names) == len(shape) == len(set(names)) and {"y", "x"} <= set(names) and names.isalpha()
    if not good:
        said = row["shape"] or row["sizex"]
        return None, f"{said} {row['dimension_names'] or row['axes']}".strip() if names and said else ""
    chunks, shards = row.numbers("chunks"), row.numbers("shards")
    chunks, shards = (given if len(given) == len(shape) else () for given in (chunks, shards))
    return Image(axes=names, shape=shape, chunks=chunks, shards=shards), ""


def _issue(
    name: str,
    line: int,
    code: str,
    value: str,
    message: str,
    severity: Severity = Severity.WARNING,
    study: str = "",
) -> Issue:
    return Issue(
        study=study,
        file=f"omezarr/{name}",
        line=line,
        code=code,
        severity=severity,
        value=value[:300],
        message=message,
    )


def _other(name: str, study: str, lines: list[int]) -> Issue:
    message = f"{len(lines):,} copies of a study that is not built: build it too, or do without them"
    return _issue(name, lines[0], "omezarr-study-not-built", study, message, Severity.INFO)
