"""What is known of a request while it is answered: its name, its client, and what it has cost so far.

It goes along in the context of the request, as do the tasks that work for it, so that whoever spends
something can say so without being told for whom.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bioimg_kg.release import Release

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class Served(NamedTuple):
    """A release, and what tells it from all others, also from an earlier one of the same name."""

    release: Release
    identity: str


@dataclass(frozen=True, slots=True)
class Pin:
    """The release that a request names.

    Attributes
    ----------
    served
        The release.
    here
        Address of the same in the current release.
    """

    served: Served
    here: str


@dataclass(slots=True)
class Asking:
    """A request.

    Attributes
    ----------
    id
        Name of its query, which nobody else can guess: whoever knows it may cancel the query.
    client
        Key of its client, see :mod:`bioimg_kg.endpoint.http.clients`; empty if the client is not limited.
    release
        Name of the release that is served when it comes.
    form
        ``select``, ``ask``, ``construct``, ``describe``, ``unknown`` before that is known, or ``none`` if
        there is no query.
    text
        The query.
    cache
        Where its answer came from, see :class:`bioimg_kg.endpoint.http.cache.Reply`.
    cpu
        Seconds of processor time that its evaluation has taken.
    paid
        How many of them have been charged.
    cancelled, gone
        Its evaluation was stopped by its owner; its client has closed the connection.
    stoppers
        What stops it.
    pin
        The release that it names; None for the current one.
    """

    id: str
    client: str = ""
    release: str = ""
    form: str = "none"
    text: str | None = None
    cache: str = ""
    cpu: float = 0.0
    paid: float = 0.0
    cancelled: bool = False
    gone: bool = False
    stoppers: list[Callable[[], object]] = field(default_factory=list)
    pin: Pin | None = None


ASKING: Final[ContextVar[Asking | None]] = ContextVar("ASKING", default=None)


def asking() -> Asking:
    """Return what is known of the request that this is done for."""
    return ASKING.get() or Asking("")


def choose_id(own: str) -> str:
    """Return the id of a query: that of the client if it is a UUID, or a new one.

    Other ids could be guessed, and might say something that is not to be written down.

    Examples
    --------
    >>> choose_id("0b5e7c0e-7f3c-4f57-9d0a-6d1f0ad3f7a1")
    '0b5e7c0e-7f3c-4f57-9d0a-6d1f0ad3f7a1'
    >>> len(choose_id("1"))
    22
    """
    return own if _UUID.fullmatch(own) else secrets.token_urlsafe(16)


class Queries:
    """The queries that are being evaluated or wait for it, by id.

    Examples
    --------
    >>> queries, mine = Queries(), Asking("x")
    >>> forget = queries.add(mine)
    >>> queries.cancel("y"), queries.cancel("x"), mine.cancelled
    (False, True, True)
    >>> forget()
    >>> len(queries)
    0
    """

    def __init__(self) -> None:
        self._found: defaultdict[str, list[Asking]] = defaultdict(list)

    def __len__(self) -> int:
        return sum(map(len, self._found.values()))

    def add(self, query: Asking) -> Callable[[], None]:
        """Remember a query; call what is returned when it has ended."""
        self._found[query.id].append(query)

        def forget() -> None:
            self._found[query.id].remove(query)
            if not self._found[query.id]:
                del self._found[query.id]

        return forget

    def cancel(self, name: str) -> bool:
        """Stop the queries of this id and say whether there were any."""
        found = tuple(self._found.get(name, ()))
        for query in found:
            query.cancelled = True
            for stop in query.stoppers:
                stop()
        return bool(found)
