"""Columns that a Term Source block follows: the words, and the ontology term they stand for.

Spreadsheets count accessions up when a cell is dragged down a column while the words stay the same. So one
name has one accession in a file: the one that most of its rows have. The others are reported.
"""

from collections import Counter
from collections.abc import Mapping

from bioimg_kg.errors import Severity
from bioimg_kg.etl.coded import Codes, blank
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.etl.model import Term
from bioimg_kg.identifiers.terms import Resolved, is_null, resolve_term


def resolve_termed(sheet: Sheet, column: Column, known: Mapping[str, str]) -> list[Term | None]:
    """Resolve each distinct value of a column and account for it and for its Term Source columns.

    Parameters
    ----------
    sheet, column
        The column, which stands in the sheet.
    known
        Term IRIs by words in lower case, for values whose accession is blank or wrong.

    Returns
    -------
    list of Term or None
        One per value of the column; None for a word that means 'nothing'.
    """
    accession = sheet.qualifier(column, "term-accession")
    source = sheet.qualifier(column, "term-source")
    triples = _triples(column, source, accession)
    resolved = _resolve_pairs(source, accession, triples)
    winners = _majority(triples, resolved)
    terms: list[Term | None] = []
    for value, label in enumerate(column.values):
        if is_null(label):
            sheet.problem(column, value, "null-text", "a word for 'nothing'", severity=Severity.INFO)
            terms.append(None)
        else:
            terms.append(Term(label, winners.get(value) or known.get(label.lower())))
    sheet.account(column, [t is not None for t in terms])
    if accession:
        _account_accessions(sheet, column, source, accession, triples, resolved, terms)
    _remember(sheet, column, terms)
    return terms


def _triples(
    column: Column, source: Column | None, accession: Column | None
) -> "Counter[tuple[int, int, int]]":
    """Count the distinct (value, source, accession) codes of the rows."""

    def codes(other: Column | None) -> Codes:
        return other.raw.codes if other else blank(len(column.raw)).codes

    return Counter(
        zip(column.raw.codes.tolist(), codes(source).tolist(), codes(accession).tolist(), strict=True)
    )


def _resolve_pairs(
    source: Column | None, accession: Column | None, triples: "Counter[tuple[int, int, int]]"
) -> dict[tuple[int, int], Resolved]:
    pairs = {(s, a) for _, s, a in triples}
    return {
        (s, a): resolve_term(
            accession.values[a] if accession and a >= 0 else "", source.values[s] if source and s >= 0 else ""
        )
        for s, a in pairs
    }


def _majority(
    triples: "Counter[tuple[int, int, int]]", resolved: Mapping[tuple[int, int], Resolved]
) -> dict[int, str]:
    votes: dict[int, Counter[str]] = {}
    for (value, s, a), n in triples.items():
        iri = resolved[s, a].iri
        if value >= 0 and iri:
            votes.setdefault(value, Counter())[iri] += n
    return {value: min(count, key=lambda iri: (-count[iri], iri)) for value, count in votes.items()}


def _account_accessions(
    sheet: Sheet,
    column: Column,
    source: Column | None,
    accession: Column,
    triples: "Counter[tuple[int, int, int]]",
    resolved: Mapping[tuple[int, int], Resolved],
    terms: list[Term | None],
) -> None:
    """Enter the Term Source columns; an accession that its name outvotes, or that is none, is an issue."""
    lines: dict[tuple[int, int, int], list[int]] = {}
    codes = source.raw.codes if source else blank(len(column.raw)).codes
    rows = zip(column.raw.codes.tolist(), codes.tolist(), accession.raw.codes.tolist(), strict=True)
    for line, triple in zip(column.lines.tolist(), rows, strict=True):
        lines.setdefault(triple, []).append(line)
    mapped = sources = 0
    for triple, n in sorted(triples.items()):
        value, s, a = triple
        if a < 0:
            continue
        term, outcome = terms[value] if value >= 0 else None, resolved[s, a]
        if term and outcome.iri and outcome.iri == term.iri:
            mapped += n
            sources += n if s >= 0 else 0
            if outcome.repair:
                _report(sheet, accession, lines[triple], a, "term-repaired", outcome.repair, 0, Severity.INFO)
        elif outcome.iri:
            words = column.values[value] if value >= 0 else "a blank cell"
            message = f"{words!r} has {term.iri if term else 'no term'} elsewhere in this file; drag-filled?"
            _report(sheet, accession, lines[triple], a, "accession-minority", message, n)
        elif outcome.problem:
            _report(sheet, accession, lines[triple], a, "term-malformed", outcome.problem, n)
        else:
            _report(sheet, accession, lines[triple], a, "null-text", "a word for 'nothing'", n, Severity.INFO)
    sheet.ledger.count(
        sheet.component, accession.file.path, accession.heading.text, accession.raw.cells, mapped
    )
    accession.accounted = True
    if source:
        sheet.ledger.count(sheet.component, source.file.path, source.heading.text, source.raw.cells, sources)
        source.accounted = True


def _report(
    sheet: Sheet,
    accession: Column,
    rows: list[int],
    value: int,
    code: str,
    message: str,
    cells: int,
    severity: Severity = Severity.WARNING,
) -> None:
    sheet.ledger.report(
        code,
        message,
        component=sheet.component,
        file=accession.file.path,
        line=rows[0],
        column=accession.heading.text,
        value=accession.values[value],
        cells=cells,
        severity=severity,
        rows=rows,
    )


def _remember(sheet: Sheet, column: Column, terms: list[Term | None]) -> None:
    for term, n in zip(terms, column.raw.counts(), strict=True):
        if term and term.iri:
            sheet.names.terms.setdefault(term.iri, Counter())[term.label] += n
