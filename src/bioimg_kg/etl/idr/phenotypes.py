"""Phenotype columns: the authors' words in each row, beside the terms they are mapped to."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from bioimg_kg.errors import Severity
from bioimg_kg.etl.coded import Coded, blank, recode
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.etl.rows import Slot, StudyPhenotype
from bioimg_kg.identifiers.iris import digest
from bioimg_kg.identifiers.terms import is_null, resolve_term
from bioimg_kg.resources import table_rows

UNSTATED = "UnstatedLevel"


def phenotype_slots(
    sheet: Sheet, declared: Sequence[StudyPhenotype]
) -> tuple[list[Slot[StudyPhenotype]], list[StudyPhenotype]]:
    """Give each row of a table its phenotypes.

    Parameters
    ----------
    declared
        The phenotypes that the study's description lists for the component.

    Returns
    -------
    slots
        One per phenotype column.
    undeclared
        Phenotypes that only this table uses; their terms are those of the table.
    """
    slots: list[Slot[StudyPhenotype]] = []
    undeclared: dict[str, StudyPhenotype] = {}
    for column in sheet.role("phenotype"):
        accessions = _term_columns(sheet, column, "phenotype-term-accession")
        found: list[StudyPhenotype] = []
        for value, label in enumerate(column.values):
            phenotype = _declared(label, declared, column.heading.number)
            if phenotype is None:
                phenotype = undeclared.setdefault(label, _undeclared(column, value, accessions))
                message = "the study's description does not list this phenotype: add it there"
                sheet.problem(column, value, "phenotype-undeclared", message, lost=False)
            found.append(phenotype)
        sheet.account(column)
        names = _term_columns(sheet, column, "phenotype-term-name")
        _account_terms(sheet, column, found, names, accessions)
        slots.append(Slot(*recode(column.codes, found)))
    return slots, list(undeclared.values())


def _term_columns(sheet: Sheet, column: Column, role: str) -> list[Column]:
    """Return the term columns of a phenotype column: they repeat its heading."""
    start = re.escape(column.heading.text) + r" Term\b"
    return [
        c
        for c in sheet.role(role)
        if c.file is column.file and re.match(start, c.heading.text, re.IGNORECASE)
    ]


def _declared(label: str, declared: Sequence[StudyPhenotype], number: int) -> StudyPhenotype | None:
    same = [p for p in declared if _words(p.label) == _words(label)]
    return next((p for p in same if p.key == str(number)), same[0] if same else None)


def _words(label: str) -> str:
    return re.sub(r"\s+", " ", label).strip().casefold()


def _undeclared(column: Column, value: int, accessions: Sequence[Column]) -> StudyPhenotype:
    label = column.values[value]
    here = column.raw.codes == value
    votes: list[str] = []
    for accession in accessions:
        found = Counter(accession.raw.codes[here].tolist())
        best = min((code for code in found if code >= 0), key=lambda c: (-found[c], c), default=-1)
        iri = resolve_term(accession.values[best]).iri if best >= 0 else None
        if iri and iri not in votes:
            votes.append(iri)
    return StudyPhenotype(key="u-" + digest([label]), label=label, terms=tuple(votes), declared=False)


def _account_terms(
    sheet: Sheet,
    column: Column,
    phenotypes: Sequence[StudyPhenotype],
    names: Sequence[Column],
    accessions: Sequence[Column],
) -> None:
    """Compare the table's own terms with those of the phenotype; only what agrees is in the graph."""
    for position, accession in enumerate(accessions):
        name = names[position] if position < len(names) else None
        agrees = np.zeros(len(accession.raw), bool)
        pairs = np.stack([column.raw.codes, accession.raw.codes])
        for label_code, code in np.unique(pairs, axis=1).T.tolist():
            if code < 0:
                continue
            rows = (pairs[0] == label_code) & (pairs[1] == code)
            iri = resolve_term(accession.values[code]).iri
            if label_code >= 0 and iri in phenotypes[label_code].terms:
                agrees |= rows
            else:
                words = column.values[label_code] if label_code >= 0 else "a blank cell"
                _report_conflict(sheet, accession, code, rows, words)
        sheet.ledger.count(
            sheet.component,
            accession.file.path,
            accession.heading.text,
            accession.raw.cells,
            int(agrees.sum()),
        )
        accession.accounted = True
        if name:
            _account_name(sheet, name, accession, agrees)


def _report_conflict(
    sheet: Sheet, accession: Column, code: int, rows: npt.NDArray[np.bool_], words: str
) -> None:
    message = (
        f"the study's description gives {words!r} other terms, or none, and counts: correct one of the two"
    )
    sheet.problem(accession, code, "phenotype-term-conflict", message, rows=rows)


def _account_name(sheet: Sheet, name: Column, accession: Column, agrees: npt.NDArray[np.bool_]) -> None:
    used = agrees & (name.raw.codes >= 0)
    pairs = np.stack([accession.raw.codes[used], name.raw.codes[used]])
    found, counts = np.unique(pairs, axis=1, return_counts=True)
    for code, label, n in zip(*found.tolist(), counts.tolist(), strict=True):
        iri = resolve_term(accession.values[code]).iri
        if iri:
            sheet.names.terms.setdefault(iri, Counter())[name.values[label]] += n
    sheet.ledger.count(sheet.component, name.file.path, name.heading.text, name.raw.cells, int(used.sum()))
    name.accounted = True


def levels(sheet: Sheet, default: str) -> tuple[Coded, Coded]:
    """Return the annotation level of each row, and the level that the row itself states.

    Parameters
    ----------
    default
        Level of rows that state none: what the study's description says, or :data:`UNSTATED`.
    """
    base = Coded(blank(len(sheet)).codes + 1, [default])
    columns = sheet.role("annotation-level")
    if not columns:
        return base, blank(len(sheet))
    column = columns[0]
    found: list[str | None] = []
    for value, text in enumerate(column.values):
        level = level_of(text)
        if level is None and is_null(text):
            sheet.problem(column, value, "null-text", "a word for 'nothing'", severity=Severity.INFO)
        elif level is None:
            message = "not a known annotation level: add its spelling to mappings/annotation-levels.tsv"
            sheet.problem(column, value, "level-unknown", message)
        found.append(level)
    sheet.account(column, [level is not None for level in found])
    names = [default, *(level or default for level in found)]
    return Coded(*recode(column.codes + 1, names)), Coded(*recode(column.codes, found))


@cache
def _levels() -> dict[str, str]:
    return {row[0]: row[1] for row in table_rows("mappings/annotation-levels.tsv")}


def level_of(text: str) -> str | None:
    """Return the annotation level that a text means.

    Examples
    --------
    >>> level_of("Single  replicate of reagent"), level_of("somewhere")
    ('SingleReplicate', None)
    """
    return _levels().get(_words(text))


def no_hits(sheet: Sheet) -> npt.NDArray[np.bool_]:
    """Return which rows the study says have no phenotype at all."""
    result = np.zeros(len(sheet), bool)
    for column in sheet.role("has-phenotype"):
        known = []
        for value, text in enumerate(column.values):
            known.append(text.casefold() in ("yes", "no"))
            if text.casefold() == "no":
                result |= column.codes == value
            elif not known[-1]:
                sheet.problem(column, value, "has-phenotype-unknown", "expected yes or no")
        sheet.account(column, known)
        _check_yes(sheet, column)
    return result


def _check_yes(sheet: Sheet, column: Column) -> None:
    phenotypes = [c for c in sheet.role("phenotype") if c.file is column.file]
    some = np.zeros(len(column.raw), bool)
    for other in phenotypes:
        some |= other.raw.codes >= 0
    for value, text in enumerate(column.values):
        wrong = (column.raw.codes == value) & (some if text.casefold() == "no" else ~some)
        if phenotypes and text.casefold() in ("yes", "no") and wrong.any():
            message = (
                f"{int(wrong.sum())} rows say {text!r}, their phenotype columns say the opposite and count"
            )
            sheet.problem(column, value, "has-phenotype-disagrees", message, rows=wrong, lost=False)
