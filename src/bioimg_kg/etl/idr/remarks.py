"""Columns that say something of a record in plain words: controls, quality, channels."""

from functools import cache

from bioimg_kg.etl.coded import Coded, blank
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.identifiers.terms import is_null
from bioimg_kg.resources import table_rows
from bioimg_kg.vocab import CONTROL_TYPE, QUALITY_CONTROL, QUALITY_NOTE


def remarks(sheet: Sheet) -> list[tuple[str, Coded]]:
    """Return property IRI and column of the plain remarks of a table."""
    found = [(CONTROL_TYPE, _controls(sheet, column)) for column in sheet.role("control-type")]
    for column in sheet.role("quality-control"):
        found += _quality(sheet, column)
    return found


def channels(sheet: Sheet) -> Coded:
    """Return the channel description of each row."""
    columns = sheet.role("channels")
    if not columns:
        return blank(len(sheet))
    sheet.account(columns[0])
    return columns[0].coded


@cache
def _control_types() -> dict[str, str]:
    return {row[0]: row[1] for row in table_rows("mappings/control-types.tsv")}


def _controls(sheet: Sheet, column: Column) -> Coded:
    good = sheet.words(column)
    for value, text in enumerate(column.values):
        if good[value] and text.casefold() not in _control_types():
            message = "kept as written: add its spelling to mappings/control-types.tsv"
            sheet.problem(column, value, "control-type-unknown", message, lost=False)
    return column.coded.map(lambda t: None if is_null(t) else _control_types().get(t.casefold(), t))


def _quality(sheet: Sheet, column: Column) -> list[tuple[str, Coded]]:
    sheet.words(column)
    verdict = column.coded.map(_verdict)
    note = column.coded.map(lambda t: None if is_null(t) or t.casefold() in _PLAIN else t)
    return [(QUALITY_CONTROL, verdict), (QUALITY_NOTE, note)]


_PLAIN = ("pass", "fail", "passed", "failed", "true", "false")


def _verdict(text: str) -> str | None:
    """Return pass or fail; None for a remark that says neither. ``FALSE`` means 'did not pass'."""
    word = text.casefold()
    if word.startswith("pass") or word == "true":
        return "pass"
    return "fail" if word.startswith("fail") or word == "false" else None
