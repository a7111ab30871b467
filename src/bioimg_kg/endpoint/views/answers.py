"""The sections of a view with their answers."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from bioimg_kg.endpoint.http.failures import (
    QueryCancelled,
    ResultTooLarge,
    ServiceBusy,
    Throttled,
    WorkerDied,
)
from bioimg_kg.endpoint.http.negotiation import RESULTS
from bioimg_kg.endpoint.pages.tables import Table, table_of
from bioimg_kg.endpoint.pictures.failures import makes_no_pictures
from bioimg_kg.endpoint.service import Service
from bioimg_kg.endpoint.views.model import Row, Section, Subject
from bioimg_kg.errors import QueryTimeout
from bioimg_kg.queries import NamedQuery, get_query

ANSWER_BYTES: Final = 16 << 20
"""Longest answer that a section is made of."""

_MISSED: Final = (QueryTimeout, ResultTooLarge, WorkerDied)
"""What may happen to one section and leaves the others as they are."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A section with its answer.

    Attributes
    ----------
    section, query, values
        What was asked.
    content
        The answer as SPARQL JSON has it; None if there is none.
    problem
        Why there is none.
    public_url
        Address of the service for others; empty if it has none.
    refused
        Says why no picture of an image at an address is made here, nothing if one is.
    """

    section: Section
    query: NamedQuery
    values: Mapping[str, str]
    content: Mapping[str, Any] | None = None
    problem: str = ""
    public_url: str = ""
    refused: Callable[[str], str] = makes_no_pictures

    @property
    def table(self) -> Table:
        """The first rows, as a page shows them."""
        return table_of(self.content, self.section.rows) if self.content else Table()

    @property
    def rows(self) -> Sequence[Row]:
        """All rows."""
        bindings = self.content["results"]["bindings"] if self.content else ()
        return [{name: term["value"] for name, term in row.items()} for row in bindings]

    @property
    def columns(self) -> Sequence[str]:
        """Names of the variables."""
        columns: list[str] = self.content["head"]["vars"] if self.content else []
        return columns

    @property
    def arranged(self) -> object:
        """What the shape of the section needs."""
        return self.section.arrange(self.rows) if self.section.arrange else None

    def address(self, suffix: str = "") -> str:
        """Return the address of the whole answer, as a page or as a file."""
        return f"/queries/{self.query.name}{suffix}?{urlencode(self.values)}"

    @property
    def also(self) -> list[tuple[str, str]]:
        """What else is asked with the same parameters: words and address."""
        return [(words, f"/queries/{query}?{urlencode(self.values)}") for words, query in self.section.also]


async def ask(service: Service, section: Section, subject: Subject) -> Answered:
    """Answer one section.

    Raises
    ------
    Throttled, ServiceBusy, QueryCancelled
        This client has to wait, or is gone: that is about the request, not about the section.
    """
    query, values = get_query(section.query), section.values(subject)
    text = query.bind(values)
    try:
        answer = await service.answer(text, await service.scan(text), RESULTS[0], ANSWER_BYTES)
        content = await asyncio.to_thread(json.loads, await answer.read())
    except (Throttled, ServiceBusy, QueryCancelled):
        raise
    except _MISSED as error:
        return Answered(section, query, values, problem=str(error))
    return Answered(
        section, query, values, content, public_url=service.public_url, refused=service.refuses_image
    )
