"""Gene symbols that a spreadsheet has damaged: mended where only one symbol can be meant."""

from collections.abc import Callable, Container

from bioimg_kg.errors import Severity
from bioimg_kg.etl.coded import Coded
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.identifiers.excel import mend_symbol


def mend_symbols(
    sheet: Sheet, column: Column, parts: Callable[[str], list[str]], organisms: Container[str]
) -> None:
    """Replace dates in a column of gene symbols by the symbols they were.

    What could be several symbols stays as it is. Both are reported.

    Parameters
    ----------
    parts
        Gives the symbols of a cell.
    organisms
        IRIs of the organisms whose genes are in the table.
    """
    values = list(column.values)
    for value, text in enumerate(column.values):
        for part in parts(text):
            found = mend_symbol(part, organisms)
            if found.iri:
                values[value] = values[value].replace(part, found.iri)
                severity = Severity.INFO
                sheet.problem(
                    column, value, "gene-symbol-repaired", found.repair, lost=False, severity=severity
                )
            elif found.problem:
                message = f"{found.problem}: correct it"
                sheet.problem(column, value, "gene-symbol-damaged", message, lost=False)
    column.raw = Coded(column.raw.codes, values)
