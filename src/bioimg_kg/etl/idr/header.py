"""The header grammar: what each column of a table means.

The patterns are data, in ``mappings/columns.tsv``; this module applies them once per table.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bioimg_kg.resources import table_rows

FILE_ONLY = "file-only"
"""Role of a column whose content stays in the file."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading and what the grammar says of it.

    Attributes
    ----------
    text
        The heading as written.
    role
        One of the roles of ``mappings/columns.tsv``, or :data:`FILE_ONLY`.
    number
        The number in it (``2`` of ``Gene Symbol 2``), 0 if none.
    name
        The words in brackets of a characteristic or a condition, in lower case.
    unit
        The unit in it, if any.
    qualifies
        Index of the column that a Term Source column belongs to, -1 for any other column.
    """

    text: str
    role: str = FILE_ONLY
    number: int = 0
    name: str = ""
    unit: str = ""
    qualifies: int = -1


def parse_header(headings: Sequence[str]) -> list[Heading]:
    """Give every heading its role.

    Examples
    --------
    >>> [(h.role, h.number, h.qualifies) for h in parse_header(
    ...     ["Plate", "Characteristics [Organism]", "Term Source 1 REF", "Comment [Gene Symbol 2]", "Batch"])]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('key-plate', 0, -1), ('characteristic', 0, -1), ('term-source', 1, 1), ('gene-symbol', 2, -1),
     ('file-only', 0, -1)]
    """
    parsed: list[Heading] = []
    qualified = -1
    for position, text in enumerate(headings):
        heading = _heading(text)
        if heading.role in ("term-source", "term-accession"):
            if qualified >= 0:
                heading = Heading(text, heading.role, heading.number, qualifies=qualified)
            else:
                heading = Heading(text)
        else:
            qualified = position
        parsed.append(heading)
    return parsed


def _heading(text: str) -> Heading:
    for role, pattern in _grammar():
        match = pattern.fullmatch(text)
        if match:
            found = match.groupdict()
            number = found.get("n") or found.get("m") or _letter(found.get("letter")) or 0
            return Heading(
                text,
                role,
                int(number),
                re.sub(r"\s+", " ", found.get("name") or "").lower(),
                found.get("unit") or "",
            )
    return Heading(text)


def _letter(letter: str | None) -> int:
    return ord(letter) - ord("a") + 1 if letter else 0


@cache
def _grammar() -> list[tuple[str, re.Pattern[str]]]:
    return [(row[0], re.compile(row[1], re.IGNORECASE)) for row in table_rows("mappings/columns.tsv")]
