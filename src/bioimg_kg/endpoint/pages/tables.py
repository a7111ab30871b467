"""Answers as people read them: a table with short names and links, cut to a length that a page can show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from bioimg_kg.endpoint.linked.identifiers import address_of
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.vocab import DEFAULT_BASE

_STUDIES: Final = DEFAULT_BASE + "id/study/"
ROWS_SHOWN: Final = 200
"""A page shows this many rows; the whole answer is one link away."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a table.

    Attributes
    ----------
    text
        What is shown: a CURIE where there is a prefix, else the value.
    href
        Where a browser finds the thing, if anywhere: here if it is ours.
    note
        Language or datatype, the whole IRI for a CURIE.
    numeric
        It is a number, to be aligned as one.
    """

    text: str
    href: str | None = None
    note: str | None = None
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The answer to a SELECT or ASK query.

    Attributes
    ----------
    columns
        Names of the variables.
    rows
        The first rows; None where a variable has no value.
    total
        Number of rows of the answer.
    boolean
        The answer to ASK, None for SELECT.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell | None, ...], ...] = ()
    total: int = 0
    boolean: bool | None = None

    @property
    def heads(self) -> list[str | tuple[str, str]]:
        """The columns as ``data_table`` of the templates takes them: those of numbers are marked."""
        cells = list(zip(*self.rows, strict=True)) or [()] * len(self.columns)
        numbers = [any(column) and all(c.numeric for c in column if c) for column in cells]
        return [(name, "number") if n else name for name, n in zip(self.columns, numbers, strict=True)]


def read_table(payload: bytes, limit: int = ROWS_SHOWN) -> Table:
    """Read an answer in the SPARQL JSON format.

    Examples
    --------
    >>> read_table(b'{"head": {}, "boolean": true}').boolean
    True
    >>> table = read_table(b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri",'
    ...                    b' "value": "http://www.ebi.ac.uk/cmpo/CMPO_0000077"}}]}}')
    >>> table.rows[0][0].text
    'CMPO:0000077'
    """
    return table_of(json.loads(payload), limit)


def table_of(content: Mapping[str, Any], limit: int = ROWS_SHOWN) -> Table:
    """Return the table of an answer whose JSON was read, see :func:`read_table`."""
    if "boolean" in content:
        return Table(boolean=content["boolean"])
    columns = tuple(content["head"]["vars"])
    bindings = content["results"]["bindings"]
    rows = tuple(tuple(_cell(row.get(name)) for name in columns) for row in bindings[:limit])
    return Table(columns, rows, len(bindings))


def _cell(term: dict[str, Any] | None) -> Cell | None:
    if term is None:
        return None
    value = term["value"]
    if term["type"] == "uri":
        ours = value.startswith(_STUDIES)
        shown = unquote(value.removeprefix(_STUDIES)) if ours else compact(value)
        return Cell(shown, address_of(value), value)
    if term["type"] == "bnode":
        return Cell(f"_:{value}")
    if term["type"] == "triple":
        parts = (_cell(value[key]) for key in ("subject", "predicate", "object"))
        return Cell("<<( " + " ".join(part.text for part in parts if part) + " )>>")
    datatype = compact(term["datatype"]) if "datatype" in term else None
    numeric = datatype in {"xsd:integer", "xsd:decimal", "xsd:double", "xsd:float"}
    return Cell(value, note=term.get("xml:lang") or datatype, numeric=numeric)
