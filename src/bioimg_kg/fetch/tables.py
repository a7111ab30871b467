"""Reference tables out of what their publishers offer: columns by name, as the list of inputs says.

``[input.table]`` has

- ``columns``: for each column of the result where its values are, the name of a source column or a table
  with ``from`` (a column, or several), ``split`` (what separates values in a cell), ``match`` (a regular
  expression with one group: keep what it finds, drop other values), ``values`` (other spellings of values)
  and ``lookup`` (``file``, ``key``, ``value``: replace each value by what an earlier table has for it);
- ``header``: names of the source's columns, if its first line does not have them;
- ``comment``: lines that begin so are passed over; ``quoted``: cells may stand in quotation marks;
- ``where``: for a column the values whose rows are taken;
- ``blank``: values that mean nothing, for example ``-``;
- ``database``: the source is an SQLite database in a tar archive: ``member`` is its path there, ``query`` a
  SELECT whose columns are the source's;
- ``each``: a column of the result that gets a row of its own for each of its values.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from bioimg_kg.errors import ConfigError, SourceError
from bioimg_kg.fetch.databases import database_rows

_COLUMN_KEYS = {"from", "split", "match", "values", "lookup"}
_LOOKUP_KEYS = {"file", "key", "value"}
_MAGIC = b"\x1f\x8b"

Row = Mapping[str, str]


def check_table(table: object) -> None:
    """Refuse rules that cannot be followed.

    Raises
    ------
    ConfigError
        With what is wrong.

    Examples
    --------
    >>> check_table({"columns": {"symbol": "Symbol", "mgi_id": {"from": "dbXrefs", "match": "MGI:(.+)"}}})
    """
    if not isinstance(table, dict) or not isinstance(table.get("columns"), dict) or not table["columns"]:
        message = "a table is [input.table] with [input.table.columns]"
        raise ConfigError(message)
    wrong = sorted(key for key, value in table.items() if not _KEYS.get(key, _nothing)(value))
    wrong += sorted(f"column {name}" for name, rule in table["columns"].items() if not _is_column(rule))
    if table.get("each", min(table["columns"])) not in table["columns"]:
        wrong.append("each")
    if wrong:
        message = f"wrong in its table: {', '.join(wrong)}; see docs/sources/inputs.md"
        raise ConfigError(message)


def _nothing(_: object) -> bool:
    return False


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


_KEYS: dict[str, Callable[[Any], bool]] = {
    "columns": lambda value: isinstance(value, dict),
    "header": _is_texts,
    "comment": lambda value: isinstance(value, str) and value != "",
    "quoted": lambda value: isinstance(value, bool),
    "where": lambda value: isinstance(value, dict) and all(map(_is_texts, value.values())),
    "blank": _is_texts,
    "each": lambda value: isinstance(value, str),
    "database": lambda value: isinstance(value, dict) and set(value) == {"member", "query"},
}


def _is_column(rule: object) -> bool:
    """Say whether a rule for a column can be followed."""
    if isinstance(rule, str):
        return True
    if not isinstance(rule, dict) or not set(rule) <= _COLUMN_KEYS:
        return False
    try:
        one_group = re.compile(rule.get("match", "()")).groups == 1
    except (re.error, TypeError):
        return False
    lookup = rule.get("lookup", dict.fromkeys(_LOOKUP_KEYS, ""))
    return (
        one_group
        and (isinstance(rule.get("from"), str) or _is_texts(rule.get("from")))
        and isinstance(rule.get("split", ""), str)
        and isinstance(rule.get("values", {}), dict)
        and isinstance(lookup, dict)
        and set(lookup) == _LOOKUP_KEYS
    )


def make_table(
    source: Path, more: Iterable[Path], table: Mapping[str, Any], folder: Path, target: Path
) -> int:
    """Write a reference table.

    Parameters
    ----------
    source, more
        Files of the publisher, compressed by gzip or not.
    table
        Rules, see above.
    folder
        Holds the files that lookups name.
    target
        Gets the table; compressed by gzip, with no time stamp.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    SourceError
        A file cannot be read, lacks a column, or gives no row.
    """
    columns = {name: _Column(rule, folder, table) for name, rule in table["columns"].items()}
    each = table.get("each", "")
    written = 0
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as stream,
    ):
        stream.write("\t".join(columns) + "\n")
        for path in (source, *more):
            for row in (
                database_rows(path, **table["database"]) if "database" in table else read_rows(path, table)
            ):
                try:
                    cells = {name: column(row) for name, column in columns.items()}
                except KeyError as error:
                    message = (
                        f"{path.name} has no column {error}, it has {', '.join(row)}: its form has changed"
                    )
                    raise SourceError(message) from error
                for value in cells[each] if each else [""]:
                    line = cells | ({each: [value]} if each else {})
                    stream.write("\t".join("|".join(values) for values in line.values()) + "\n")
                    written += 1
    if not written:
        message = f"{source.name} gives no row: its form has changed"
        raise SourceError(message)
    return written


def read_rows(path: Path, table: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the rows of a source that the rules take.

    Raises
    ------
    SourceError
        The file is damaged, is no text, or a row has more cells than the header.
    """
    where: Mapping[str, list[str]] = table.get("where", {})
    comment = table.get("comment")
    with opened(path) as binary, io.TextIOWrapper(binary, encoding="utf-8", newline="") as text:
        lines = (line for line in text if not (comment and line.startswith(comment)))
        if table.get("quoted"):
            cells = csv.reader(lines, delimiter="\t", strict=True)
        else:
            cells = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        header = table.get("header") or [name.lstrip("#").strip() for name in next(cells, [])]
        for values in cells:
            if not values:
                continue
            if len(values) > len(header):
                message = (
                    f"{path.name} line {cells.line_num}: {len(values)} cells, the header has {len(header)}"
                )
                raise SourceError(message)
            # some publishers leave out empty cells at the end of a line
            row = dict(zip_longest(header, values, fillvalue=""))
            try:
                if all(row[column] in accepted for column, accepted in where.items()):
                    yield row
            except KeyError as error:
                message = f"{path.name} has no column {error}: its form has changed"
                raise SourceError(message) from error


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that may be compressed by gzip, whatever it is called.

    Raises
    ------
    SourceError
        While reading: the file is damaged or no text.
    """
    with path.open("rb") as stream:
        packed = stream.read(2) == _MAGIC
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as plain:
            yield plain  # type: ignore[misc]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path.name}: the compressed file is damaged ({error})"
        raise SourceError(message) from error
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{path.name}: not a table in UTF-8 ({error})"
        raise SourceError(message) from error


class _Column:
    """How the values of one column of the result are found in a row."""

    def __init__(self, rule: str | Mapping[str, Any], folder: Path, table: Mapping[str, Any]) -> None:
        rules: Mapping[str, Any] = {"from": rule} if isinstance(rule, str) else rule
        self._from = [rules["from"]] if isinstance(rules["from"], str) else list(rules["from"])
        self._split = rules.get("split", "")
        self._match = re.compile(rules["match"]) if "match" in rules else None
        self._values: Mapping[str, str] = rules.get("values", {})
        self._blank = {"", *table.get("blank", ())}
        self._lookup = _lookup(rules["lookup"], folder) if "lookup" in rules else None

    def __call__(self, row: Row) -> list[str]:
        found: list[str] = []
        for name in self._from:
            cell = row[name]
            for part in cell.split(self._split) if self._split else [cell]:
                found += self._of(" ".join(part.split()))
        return list(dict.fromkeys(found))

    def _of(self, value: str) -> list[str]:
        if value in self._blank:
            return []
        if self._match:
            match = self._match.search(value)
            if not match:
                return []
            value = match[1]
        value = self._values.get(value, value)
        return [value] if self._lookup is None else self._lookup.get(value, [])


def _lookup(rule: Mapping[str, Any], folder: Path) -> dict[str, list[str]]:
    """Read the values of an earlier table by key."""
    found: dict[str, list[str]] = {}
    for row in read_rows(folder / rule["file"], {}):
        key, value = row.get(rule["key"], ""), row.get(rule["value"], "")
        if key and value and value not in found.setdefault(key, []):
            found[key].append(value)
    if not any(found.values()):
        message = f"{rule['file']} has no {rule['value']} by {rule['key']}: its form has changed"
        raise SourceError(message)
    return found
