"""Gene symbols that a spreadsheet has turned into dates: SEPT6 becomes ``6-Sep``.

Which genes a date may stand for is written in ``mappings/excel-symbols.sssom.tsv``. A date is read as a
symbol only where the organism has exactly one such gene.

Source: Ziemann, Eren, El-Osta 2016, Gene name errors are widespread in the scientific literature,
https://doi.org/10.1186/s13059-016-1044-7
"""

import re
from collections.abc import Container
from datetime import date
from functools import cache

from bioimg_kg.identifiers.terms import Resolved
from bioimg_kg.resources import data_path
from bioimg_kg.sssom import EXACT, Row, read
from bioimg_kg.vocab import OBO

ORGANISMS = {
    "FlyBase": "7227",
    "HGNC": "9606",
    "MGI": "10090",
    "PomBase": "4896",
    "SGD": "4932",
}
"""Prefix of a gene in the table to the NCBI Taxonomy number of its organism."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = "|".join(_MONTHS)
_DATES = (
    re.compile(rf"(?P<day>\d{{1,2}})-(?P<month>{_MONTH})", re.ASCII),
    re.compile(rf"(?P<month>{_MONTH})-(?P<day>\d\d)", re.ASCII),  # Oct-4 is a name, Oct-04 is not
    re.compile(r"(?P<year>\d{4})-(?P<number>\d\d)-(?P<day>\d\d)(?: 00:00:00)?", re.ASCII),
)


def as_date(text: str) -> str:
    """Return the day and month that a text shows, as ``6-Sep``; an empty text if it is no date.

    Examples
    --------
    >>> as_date("6-Sep"), as_date("Sep-06"), as_date("2021-09-06 00:00:00"), as_date("Oct-4")
    ('6-Sep', '6-Sep', '6-Sep', '')
    """
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match:
            found = match.groupdict()
            number = int(found["number"]) if "number" in found else _MONTHS.index(found["month"]) + 1
            try:
                day = date(int(found.get("year") or 2000), number, int(found["day"]))
            except ValueError:
                return ""
            return f"{day.day}-{_MONTHS[day.month - 1]}"
    return ""


def mend_symbol(text: str, organisms: Container[str]) -> Resolved:
    """Find the symbol that a spreadsheet has turned into a date.

    Parameters
    ----------
    text
        A gene symbol as a table has it.
    organisms
        IRIs of the organisms whose genes it may be.

    Returns
    -------
    Resolved
        With the gene's symbol in place of an IRI; empty if the text is no date.

    Examples
    --------
    >>> human = {"http://purl.obolibrary.org/obo/NCBITaxon_9606"}
    >>> mend_symbol("Sep-06", human).iri
    'SEPTIN6'
    >>> mend_symbol("1-Mar", human).problem
    'a spreadsheet has made a date of this symbol; it may be MARCHF1, MTARC1 or RTL1'
    >>> mend_symbol("TPX2", human)
    Resolved(iri=None, repair='', problem='')
    """
    day = as_date(text)
    if not day:
        return Resolved()
    rows = [row for row in symbols().get(day, ()) if organism(row) in organisms]
    if len(rows) == 1 and rows[0].predicate_id == EXACT:
        symbol = rows[0].object_label
        return Resolved(
            symbol, repair=f"a spreadsheet's date read as {symbol} by mappings/excel-symbols.sssom.tsv"
        )
    names = sorted(row.object_label for row in rows)
    listed = " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    may = f"; it may be {listed}" if names else ", and no gene with such a name is known of its organism"
    return Resolved(problem=f"a spreadsheet has made a date of this symbol{may}")


def organism(row: Row) -> str:
    """Return the IRI of the organism whose gene a row of the table names."""
    return f"{OBO}NCBITaxon_{ORGANISMS[row.object_id.partition(':')[0]]}"


@cache
def symbols() -> dict[str, tuple[Row, ...]]:
    """Return the rows of the table by date."""
    table: dict[str, tuple[Row, ...]] = {}
    for row in read(data_path("mappings/excel-symbols.sssom.tsv")).rows:
        table[row.subject_label] = (*table.get(row.subject_label, ()), row)
    return table
