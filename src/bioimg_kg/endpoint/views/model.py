"""What a view is: sections about one thing. Each section is the answer to a named query.

So whatever a page shows can be downloaded, asked again as SPARQL and read as JSON, without a line for that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, str]
"""One row of an answer: the text of each variable that has a value."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a view is about.

    Attributes
    ----------
    iri
        The thing.
    types
        IRIs of its classes.
    inbound
        IRIs of the properties that point to it.
    """

    iri: str
    types: frozenset[str] = frozenset()
    inbound: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    key
        Its name in addresses and in JSON.
    title
        Its heading.
    query
        Name of the named query that it shows.
    values
        Returns the parameters of the query for a thing.
    about
        A sentence below the heading.
    shape
        Macro of ``templates/shapes.html`` that shows it.
    arrange
        Makes what that macro needs from the rows.
    rows
        So many rows are on the page.
    also
        Further named queries with what they are for, with the same parameters.
    """

    key: str
    title: str
    query: str
    values: Callable[[Subject], Mapping[str, str]]
    about: str = ""
    shape: str = "table"
    arrange: Callable[[Sequence[Row]], object] | None = None
    rows: int = 20
    also: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """The page of things of one kind.

    Attributes
    ----------
    kind
        Name of the kind, and first segment of the address.
    fits
        Says whether a thing is of this kind.
    sections
        In the order of the page.
    """

    kind: str
    fits: Callable[[Subject], bool]
    sections: tuple[Section, ...]


def given(parameter: str) -> Callable[[Subject], Mapping[str, str]]:
    """Return a function that gives the IRI of a thing to one parameter.

    Examples
    --------
    >>> given("genes")(Subject("http://example.org/1"))
    {'genes': 'http://example.org/1'}
    """
    return lambda subject: {parameter: subject.iri}


def of_class(*classes: str) -> Callable[[Subject], bool]:
    """Return a function that says whether a thing is of one of these classes.

    Examples
    --------
    >>> of_class("http://example.org/A")(Subject("http://example.org/1", frozenset({"http://example.org/A"})))
    True
    """
    wanted = frozenset(classes)
    return lambda subject: not wanted.isdisjoint(subject.types)
