"""Tables that people read: few columns, names instead of identifiers, links, several values in one cell."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from bioimg_kg.endpoint.linked.identifiers import address_of
from bioimg_kg.endpoint.linked.render import short
from bioimg_kg.endpoint.linked.vocabulary import labels
from bioimg_kg.endpoint.views.model import Row


@dataclass(frozen=True, slots=True)
class Shown:
    """A value: its text, where it leads, what else is known of it."""

    text: str
    href: str | None = None
    note: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a page's table.

    Attributes
    ----------
    head
        Its heading.
    value
        Variable with the text. The text of an IRI is its name in our vocabulary, or its CURIE.
    thing
        Variable with what the text leads to; the value itself if it is an IRI.
    note
        Variable with what stands in brackets.
    kind
        ``number``; ``study`` if the text is an accession, which leads to its page; ``studies`` for several
        of them with spaces; ``last`` to show the last part of an IRI; ``words`` for its local name as words.
    """

    head: str
    value: str
    thing: str = ""
    note: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with any number of values in a cell."""

    heads: tuple[str | tuple[str, str], ...]
    rows: tuple[tuple[tuple[Shown, ...], ...], ...]


def grid(*columns: Column, by: Sequence[str] = ()) -> Callable[[Sequence[Row]], Grid]:
    """Return a function that makes a table of an answer.

    Parameters
    ----------
    columns
        What it shows.
    by
        Rows with the same values of these variables become one; what differs is gathered in the cells.

    Examples
    --------
    >>> rows = [{"study": "idr0012", "name": "PRIC285"}, {"study": "idr0012", "name": "HELZ2"}]
    >>> table = grid(Column("Study", "study", kind="study"), Column("Names", "name"), by=("study",))(rows)
    >>> [[shown.text for shown in cell] for cell in table.rows[0]], table.rows[0][0][0].href
    ([['idr0012'], ['PRIC285', 'HELZ2']], '/id/study/idr0012')
    """

    def arrange(rows: Sequence[Row]) -> Grid:
        groups: dict[object, list[Row]] = {}
        for number, row in enumerate(rows):
            groups.setdefault(tuple(row.get(name) for name in by) if by else number, []).append(row)
        heads = tuple(
            (column.head, "number") if column.kind == "number" else column.head for column in columns
        )
        return Grid(
            heads, tuple(tuple(_cell(column, group) for column in columns) for group in groups.values())
        )

    return arrange


def _cell(column: Column, rows: Sequence[Row]) -> tuple[Shown, ...]:
    shown = (value for row in rows for value in _values(column, row))
    return tuple(dict.fromkeys(shown))


def _values(column: Column, row: Row) -> list[Shown]:
    text = row.get(column.value, "")
    if column.kind == "studies":
        return [shown_study(study) for study in text.split()]
    if not text:
        return []
    if column.kind == "study":
        return [shown_study(text)]
    if column.kind == "number":
        return [Shown(f"{int(text):,}" if text.isdecimal() else text, numeric=True)]
    note = row.get(column.note, "")
    if column.kind == "words":
        return [Shown(local_words(text), note=note)]
    name = unquote(text.rpartition("/")[2]) if column.kind == "last" else text
    return [shown_thing(row.get(column.thing, "") or text, name, note)]


def local_words(iri: str) -> str:
    """Return the local name of an IRI as words.

    Examples
    --------
    >>> local_words("https://w3id.org/semapv/vocab/ManualMappingCuration")
    'manual mapping curation'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.split("[/#]", iri)[-1]).lower()


def shown_study(accession: str) -> Shown:
    """Return a study by its accession."""
    return Shown(accession, f"/id/study/{quote(accession, safe='')}")


def shown_thing(iri: str, text: str = "", note: str = "") -> Shown:
    """Return a thing under a name, with the address of its page here or elsewhere.

    Examples
    --------
    >>> shown_thing("https://w3id.org/bioimg-kg/ontology#MultipleReagents").text
    'multiple reagents level'
    >>> shown_thing("http://www.ebi.ac.uk/cmpo/CMPO_0000077", "elongated cell phenotype").href
    '/phenotype/CMPO:0000077'
    >>> shown_thing("round cells")
    Shown(text='round cells', href=None, note='', numeric=False)
    """
    href = address_of(iri)
    if text and text != iri:
        return Shown(text, href, note)
    return Shown(labels().get(iri) or short(iri) if href else iri, href, note)
