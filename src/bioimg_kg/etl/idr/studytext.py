"""``idrNNNN-study.txt``: bytes to sections, keys and cells.

It looks like a table and is none: a spreadsheet that people edited by hand, for ten years, in three
character sets. Every rule here is one that a published study needs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bioimg_kg.errors import Severity
from bioimg_kg.etl.idr import keys
from bioimg_kg.etl.idr.codec import decode, is_blank, unquote
from bioimg_kg.etl.ledger import ranges

_DAMAGE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd-\uffff]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_HINT = re.compile(r"#(?:\s|$)")
_STARTS = {
    "Screen Number": "screen",
    "Experiment Number": "experiment",
    "Comment[IDR Screen Name]": "screen",
    "Comment[IDR Experiment Name]": "experiment",
}
_GAP = 2
"""Blank cells before a known key inside a line, from which on it is a line of its own."""

NO_KEY = "(text before the first key)"

Kind = Literal["study", "screen", "experiment"]


@dataclass(frozen=True, slots=True)
class Row:
    """One record.

    Attributes
    ----------
    line
        Number of its first line, from 1.
    cells
        Values by position; holes are empty, so are hints of the template that nobody replaced.
    weights
        How many cells of the file each value was put together from: 0 for a hole, more than 1 if it goes on
        in continuation lines.
    """

    line: int
    cells: tuple[str, ...]
    weights: tuple[int, ...]

    def cell(self, column: int) -> str:
        """Return the value at a position, counted from 0; empty beyond the end."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(slots=True)
class Section:
    """The study's own part, or the part of one screen or experiment."""

    kind: Kind
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def values(self, key: str) -> tuple[str, ...]:
        r"""Return the cells of a key, holes kept: the first of its rows that holds anything.

        Examples
        --------
        >>> parse(b"Study Title\tA\t\tB\t\n").sections[0].values("Study Title")
        ('A', '', 'B')
        """
        return next((row.cells for row in self.rows.get(key, ()) if any(row.cells)), ())

    @property
    def range(self) -> str:
        """The rows of the file from the section's first key to its last, ``"1-42"``."""
        lines = [row.line for rows in self.rows.values() for row in rows]
        return ranges(range(min(lines), max(lines) + 1)) if lines else ""

    def value(self, key: str) -> str:
        """Return the first cell of a key that is not blank, or an empty text."""
        return next(filter(None, self.values(key)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a curator should mend; becomes an issue of the section's component."""

    code: str
    message: str
    severity: Severity = Severity.INFO
    section: int = 0
    line: int = 0
    key: str = ""
    value: str = ""
    cells: int = 0


@dataclass(slots=True)
class StudyText:
    """A study text as it stands: the first section is the study's own, the others are its components."""

    codec: str
    sections: list[Section]
    findings: list[Finding]


def parse(data: bytes) -> StudyText:
    r"""Read a study text; never fails, whatever the bytes.

    Parameters
    ----------
    data
        Content of the file.

    Examples
    --------
    >>> text = parse(b"Study Title\tA title\nthat goes on\n# comment\nScreen Number\t1\n")
    >>> [section.kind for section in text.sections], text.sections[0].value("Study Title")
    (['study', 'screen'], 'A title\nthat goes on')
    """
    text, codec = decode(data)
    reader = _Reader()
    if codec != "utf-8":
        message = f"not UTF-8: read as {codec}; save the file as UTF-8"
        reader.findings.append(Finding(code="encoding-legacy", message=message, value=codec))
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        reader.read(number, line)
    reader.close()
    return StudyText(codec, reader.sections, reader.findings)


@dataclass(slots=True)
class _Record:
    key: str
    line: int
    known: bool
    texts: list[str] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    continued: list[int] = field(default_factory=list)

    def add(self, cell: str) -> None:
        self.texts.append(cell)
        self.weights.append(int(not is_blank(cell)))

    def go_on(self, number: int, cells: list[str]) -> None:
        """Append a continuation line: its first cell to the last cell there is, the others after it."""
        self.continued.append(number)
        while self.texts and not self.weights[-1]:
            self.texts.pop(), self.weights.pop()
        if self.texts:
            self.texts[-1] += "\n" + cells[0]
            self.weights[-1] += int(not is_blank(cells[0]))
            cells = cells[1:]
        for cell in cells:
            self.add(cell)


@dataclass(slots=True)
class _Reader:
    sections: list[Section] = field(default_factory=lambda: [Section("study")])
    findings: list[Finding] = field(default_factory=list)
    record: _Record | None = None

    def read(self, number: int, line: str) -> None:
        if not line.strip() or line.strip(" ").startswith(("#", '"#')):
            return
        damage = _DAMAGE.search(line)
        line = _UNPRINTABLE.sub("", line)
        if is_blank(line):
            return
        head = self.head(number, line)
        if head:
            self.close()
            self.open(number, *head)
        elif self.record:
            self.record.go_on(number, line.split("\t"))
        else:
            self.open(number, NO_KEY, False, line.split("\t"))
        if damage:
            message = (
                "a character was lost before the file came here (U+FFFD or a control code): type it anew"
            )
            key = self.record.key if self.record else ""
            around = line[max(0, damage.start() - 20) : damage.end() + 20].strip()
            self.note("encoding-damaged", message, Severity.WARNING, number, key, around)

    def head(self, number: int, line: str) -> tuple[str, bool, list[str]] | None:
        """Return key, whether it is known, and raw cells, if the line begins a record."""
        first, *rest = line.split("\t")
        key = keys.find(first)
        if key:
            return key.name, True, rest
        if rest and keys.is_new(first):
            return keys.tidy(first), False, rest
        glued = keys.split_glued(first)
        if glued and not self.has(glued[0]):
            message = "no tab between the key and its value: put one there"
            self.note("tab-missing", message, line=number, key=glued[0])
            return glued[0], True, glued[1] + rest
        return None

    def has(self, key: str) -> bool:
        return key in self.sections[-1].rows or (self.record is not None and self.record.key == key)

    def open(self, number: int, key: str, known: bool, cells: list[str]) -> None:
        kind = _STARTS.get(key)
        here = self.sections[-1]
        if kind and (key.endswith("Number") or here.kind == "study" or key in here.rows):
            self.sections.append(Section("screen" if kind == "screen" else "experiment"))
        self.record = _Record(key, number, known)
        for column, cell in enumerate(cells):
            inner = (
                keys.find(cell)
                if column >= _GAP and not any(map(str.strip, cells[column - _GAP : column]))
                else None
            )
            self.record.add(cell)
            if inner:
                self.record.texts[-1] = ""
                message = "a key inside a line: put a line break before it"
                self.note("line-break-missing", message, Severity.WARNING, number, key, cell.strip(), 1)
                self.close()
                self.open(number, inner.name, True, cells[column + 1 :])
                return

    def close(self) -> None:
        """File the record that is open."""
        record, self.record = self.record, None
        if not record:
            return
        cells = [unquote(text) for text in record.texts]
        hints = [column for column, cell in enumerate(cells) if _HINT.match(cell)]
        if hints:
            message = "a hint of the template was left in and means nothing: fill in or clear the cell"
            lost = sum(record.weights[column] for column in hints)
            first = cells[hints[0]]
            self.note(
                "template-placeholder", message, line=record.line, key=record.key, value=first, cells=lost
            )
        for column in hints:
            cells[column] = ""
        while cells and not cells[-1] and not record.weights[len(cells) - 1]:
            cells.pop()
        row = Row(record.line, tuple(cells), tuple(record.weights[: len(cells)]))
        self.report_lines(record, row)
        self.sections[-1].rows.setdefault(record.key, []).append(row)

    def report_lines(self, record: _Record, row: Row) -> None:
        if record.continued:
            lines = ", ".join(_spans(record.continued))
            message = f"continued in lines {lines} without a key: keep each record on one line"
            self.note("continuation-line", message, line=record.continued[0], key=record.key)
        if not record.known:
            message = "unknown key, content left in the file: correct it or add it to mappings/study-keys.tsv"
            lost = sum(weight for cell, weight in zip(row.cells, row.weights, strict=True) if cell)
            self.note("unknown-key", message, Severity.WARNING, record.line, record.key, record.key, lost)

    def note(
        self,
        code: str,
        message: str,
        severity: Severity = Severity.INFO,
        line: int = 0,
        key: str = "",
        value: str = "",
        cells: int = 0,
    ) -> None:
        found = Finding(
            code=code,
            message=message,
            severity=severity,
            section=len(self.sections) - 1,
            line=line,
            key=key,
            value="" if keys.is_private(key) and code != "unknown-key" else value,
            cells=cells,
        )
        self.findings.append(found)


def _spans(numbers: list[int]) -> Iterator[str]:
    """Write sorted numbers as spans: 3-5, 9."""
    start = last = numbers[0]
    for number in [*numbers[1:], -1]:
        if number != last + 1:
            yield str(start) if start == last else f"{start}-{last}"
            start = number
        last = number
