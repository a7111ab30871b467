"""Answers of other endpoints, kept for a while in bounded room."""

import time
from dataclasses import dataclass

from bioimg_kg.endpoint.http.bounded import Bounded


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of another endpoint.

    Attributes
    ----------
    media_type
        SPARQL results in JSON or XML.
    body
        The answer, unpacked.
    max_rows
        The endpoint says that it sends no more rows than this; None if it says nothing.
    keep
        It may be kept for others.
    """

    media_type: str
    body: bytes
    max_rows: int | None = None
    keep: bool = True


class Cache:
    """Answers by endpoint and query; the one that was not used for longest goes first.

    Parameters
    ----------
    max_bytes
        Room for answers and queries.
    seconds
        How long an answer is kept; 0 keeps none.

    Examples
    --------
    >>> cache = Cache(100, 60.0)
    >>> cache.keep(("http://x/", "ASK {}"), Reply("application/sparql-results+json", b"{}"))
    >>> cache.find(("http://x/", "ASK {}")).body
    b'{}'
    """

    def __init__(self, max_bytes: int, seconds: float) -> None:
        self._seconds = seconds
        self._kept: Bounded[tuple[str, str], tuple[float, Reply]] = Bounded(max_bytes)

    def find(self, key: tuple[str, str]) -> Reply | None:
        """Return the answer, if it is there and not too old."""
        until, reply = self._kept.get(key) or (0.0, None)
        return reply if until >= time.monotonic() else None

    def keep(self, key: tuple[str, str], reply: Reply) -> None:
        """Keep an answer, and let others go that there is no room for."""
        if self._seconds > 0:
            self._kept.put(key, (time.monotonic() + self._seconds, reply), len(key[1]) + len(reply.body))
