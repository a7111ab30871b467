"""Writes tables as packed CSV, in parts that are put together, and as Parquet.

Several packed parts in a row are a valid gzip file (RFC 1952, 2.2), so studies are written at the same
time and their parts put together without unpacking them. Parquet is made of CSV, so both say the same.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bioimg_kg.exports.model import Column, Table

_LEVEL: Final = 3
_ROWS_AT_ONCE: Final = 5_000
_ROWS_PER_GROUP: Final = 100_000
_BLOCK: Final = 8 << 20


def write_part(path: Path, rows: Iterable[Sequence[str]], delimiter: str = ",") -> int:
    """Write rows as one packed part and return their number; equal rows give equal bytes."""
    number = 0
    left = iter(rows)
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed:
        while block := list(islice(left, _ROWS_AT_ONCE)):
            text = io.StringIO()
            csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(block)
            packed.write(text.getvalue().encode())
            number += len(block)
    return number


def put_together(path: Path, parts: Iterable[Path], *, keep: bool = False) -> str:
    """Append packed parts to one file and return its SHA-256; the parts are removed unless they are kept."""
    digest = hashlib.sha256()
    with path.open("wb") as out:
        for part in parts:
            with part.open("rb") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
                    out.write(block)
            if not keep:
                part.unlink()
    return digest.hexdigest()


def can_write_parquet() -> bool:
    """Say whether the package pyarrow is there."""
    return find_spec("pyarrow") is not None


def write_parquet(table: Table, source: Path, target: Path) -> None:
    """Write a packed CSV file as Parquet; empty cells are null.

    Parameters
    ----------
    table
        What is in it.
    source
        The CSV file.
    target
        The file to write. Equal content gives equal bytes, as long as pyarrow stays the same.
    """
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    schema = pa.schema([_field(pa, column) for column in table.columns])
    convert = pyarrow.csv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        true_values=["true"],
        false_values=["false"],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    options = pyarrow.csv.ReadOptions(block_size=_BLOCK)
    parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
    with (
        gzip.open(source, "rb") as stream,
        pyarrow.csv.open_csv(stream, options, parse, convert) as batches,
        pyarrow.parquet.ParquetWriter(target, schema, compression="zstd", store_schema=False) as out,
    ):
        waiting: list[Any] = []
        for batch in batches:
            waiting.append(batch)
            if sum(len(one) for one in waiting) >= _ROWS_PER_GROUP:
                out.write_table(pa.Table.from_batches(waiting, schema))
                waiting = []
        if waiting:
            out.write_table(pa.Table.from_batches(waiting, schema))


def _field(pa: Any, column: Column) -> Any:  # noqa: ANN401 - pyarrow has no types
    kinds = {"integer": pa.int64(), "boolean": pa.bool_()}
    kind = kinds.get(column.kind, pa.string()) if not column.many else pa.string()
    return pa.field(column.name, kind, metadata={"description": column.description})
