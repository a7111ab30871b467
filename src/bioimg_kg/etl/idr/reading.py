"""Cells of a section taken one by one, so that the ledger knows which of them reached the graph."""

import re
from collections import Counter
from dataclasses import dataclass, field

from bioimg_kg.errors import Severity
from bioimg_kg.etl.idr.keys import is_private
from bioimg_kg.etl.idr.studytext import Finding, Section
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.model import Names, Term
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.identifiers.terms import is_null, resolve_term

_MAIL = re.compile(r"[\w.+'-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
_MISPLACED = re.compile(r"[A-Za-z]+[_:]\d+")


def without_mail(text: str) -> str:
    """Return a text in which every e-mail address is replaced.

    Examples
    --------
    >>> without_mail("write to jo@example.org.")
    'write to [e-mail address removed].'
    """
    return _MAIL.sub("[e-mail address removed]", text)


@dataclass(frozen=True, slots=True)
class TermKeys:
    """The three keys that together name ontology terms, column by column."""

    label: str
    source: str
    accession: str

    @classmethod
    def of(cls, stem: str) -> "TermKeys":
        """Return the keys of the usual form, e.g. of ``Study Type``."""
        return cls(stem, f"{stem} Term Source REF", f"{stem} Term Accession")


@dataclass(slots=True)
class SectionReader:
    """Hands out the cells of one section and keeps account of them.

    Attributes
    ----------
    component
        Name of the component, empty for the study's own section.
    file
        Path of the study text.
    names
        Where the words for terms are counted.
    """

    section: Section
    component: str
    file: str
    ledger: Ledger
    names: Names
    _used: set[tuple[str, int, int]] = field(default_factory=set)

    def peek(self, key: str, column: int = 0, row: int = 0) -> str:
        """Return a cell without taking it; empty if there is none."""
        rows = self.section.rows.get(key, ())
        return rows[row].cell(column) if row < len(rows) else ""

    def line(self, key: str, row: int = 0) -> int:
        """Return the number of the line that a key stands in; 0 if there is none."""
        rows = self.section.rows.get(key, ())
        return rows[row].line if row < len(rows) else 0

    def take(self, key: str, column: int = 0, row: int = 0) -> str:
        """Return a cell that goes into the graph; e-mail addresses inside a text do not."""
        text = self.peek(key, column, row)
        if text:
            self._used.add((key, row, column))
        clean = without_mail(text)
        if clean != text:
            message = "an e-mail address in a text was replaced: addresses of persons are not published"
            self.report("private-removed", message, key, column, row, severity=Severity.INFO)
        return clean

    def take_all(self, key: str) -> list[str]:
        """Return all cells of a key that are not blank."""
        return [self.take(key, column, row) for row, column in self.places(key)]

    def take_text(self, key: str) -> str:
        """Return the text of a key that has one value, put together if tabs have torn it apart."""
        rows = {row for row, _ in self.places(key)}
        return " ".join(self.take(key, column, row) for row, column in self.places(key) if row == min(rows))

    def places(self, key: str) -> list[tuple[int, int]]:
        """Return row and column of all cells of a key that are not blank."""
        rows = self.section.rows.get(key, ())
        return [(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row.cells) if cell]

    def width(self, *keys: str) -> int:
        """Return the number of columns that the longest row of any of the keys has."""
        return max((len(row.cells) for key in keys for row in self.section.rows.get(key, ())), default=0)

    def report(
        self,
        code: str,
        message: str,
        key: str,
        column: int = 0,
        row: int = 0,
        *,
        cells: int = 0,
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Enter an issue about a cell; what is private is not repeated in it."""
        hidden = is_private(key) or code == "private-removed"
        self.ledger.report(
            code,
            without_mail(message),
            component=self.component,
            file=self.file,
            line=self.line(key, row),
            column=key,
            value="" if hidden else without_mail(self.peek(key, column, row)),
            cells=cells,
            severity=severity,
        )

    def reject(self, code: str, message: str, key: str, column: int = 0, row: int = 0) -> None:
        """Enter an issue about a cell that therefore is not in the graph."""
        if (key, row, column) not in self._used and self.peek(key, column, row):
            weight = self.section.rows[key][row].weights[column]
            self.report(code, message, key, column, row, cells=weight)

    def term(self, keys: TermKeys, column: int, row: int = 0) -> Term | None:
        """Return the term of a column; without a label, an accession or both there may be none.

        A source that stands only in the first column holds for the others where the accession is a bare
        number; everywhere else the accession's own prefix says what it is.
        """
        key, accession = keys.accession, self.peek(keys.accession, column, row)
        if not accession and _MISPLACED.fullmatch(self.peek(keys.source, column, row)):
            key, accession = keys.source, self.peek(keys.source, column, row)
        source = self.peek(keys.source, column, row)
        if not source and accession.isdigit():
            left = (self.peek(keys.source, c, row) for c in range(column - 1, -1, -1))
            source = next(filter(None, left), "")
        found = resolve_term(accession, source)
        if found.problem:
            message = f"{found.problem}; only the label is used: correct the accession"
            self.reject("term-unresolved", message, key, column, row)
        if found.iri is None:
            label = self.peek(keys.label, column, row)
            return None if is_nothing(label) else Term(self.take(keys.label, column, row))
        if found.repair:
            message = f"{found.repair}: write {compact(found.iri).replace(':', '_')}"
            self.report("term-repaired", message, key, column, row, severity=Severity.INFO)
        self.take(keys.accession, column, row)
        self.take(keys.source, column, row)
        label = self.take(keys.label, column, row)
        if label:
            self.names.terms.setdefault(found.iri, Counter())[label] += 1
        return Term(label, found.iri)

    def terms(self, stem: str) -> tuple[Term, ...]:
        """Return the terms of all columns of a key such as ``Study Type``, each once."""
        keys = TermKeys.of(stem)
        columns = range(self.width(keys.label, keys.source, keys.accession))
        return tuple(dict.fromkeys(t for c in columns if (t := self.term(keys, c)) is not None))

    def settle(self, findings: list[Finding]) -> None:
        """Enter all cells of the section, and what was found while it was parsed, into the ledger."""
        for key, rows in self.section.rows.items():
            cells = sum(sum(row.weights) for row in rows)
            mapped = sum(rows[row].weights[column] for used, row, column in self._used if used == key)
            self.ledger.count(self.component, self.file, key, cells=cells, mapped=mapped)
        for found in findings:
            self.ledger.report(
                found.code,
                found.message,
                component=self.component,
                file=self.file,
                line=found.line,
                column=found.key,
                value=without_mail(found.value),
                cells=found.cells,
                severity=found.severity,
            )


def is_nothing(text: str) -> bool:
    """Say whether a text only says that there is nothing to say.

    Examples
    --------
    >>> is_nothing("none"), is_nothing("5D Images:"), is_nothing("Plates: 2")
    (True, True, False)
    """
    return is_null(text) or text.lower() in {"none", "-"} or text.endswith(":")
