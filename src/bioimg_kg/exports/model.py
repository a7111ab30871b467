"""Columns and tables, and how several values stand in one cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["text", "curie", "iri", "integer", "boolean"]

SEPARATOR: Final = "|"
"""Between the values of a cell that has several; inside a value it is written ``\\|``."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name
        Its heading.
    description
        What a cell says.
    kind
        What a value is.
    property
        IRI of the property of the graph that the values are of; empty if they are counted.
    many
        Whether a cell may have several values.
    """

    name: str
    description: str
    kind: Kind = "text"
    property: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, what a row is, and its columns, the first of which is the key."""

    name: str
    title: str
    description: str
    columns: Sequence[Column]

    @property
    def header(self) -> list[str]:
        """The headings."""
        return [column.name for column in self.columns]


def joined(values: Sequence[str]) -> str:
    r"""Return several values as the text of one cell.

    Examples
    --------
    >>> joined(["a", "b|c"]), joined([])
    ('a|b\\|c', '')
    """
    if len(values) == 1 and SEPARATOR not in values[0]:
        return values[0]
    return SEPARATOR.join(value.replace(SEPARATOR, f"\\{SEPARATOR}") for value in values)
