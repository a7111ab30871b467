"""Answers of other endpoints, kept for a while in bounded room."""

import time
from collections import OrderedDict
from dataclasses import dataclass


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
        self._max = max_bytes
        self._seconds = seconds
        self._used = 0
        self._kept: OrderedDict[tuple[str, str], tuple[float, Reply]] = OrderedDict()

    def find(self, key: tuple[str, str]) -> Reply | None:
        """Return the answer, if it is there and not too old."""
        until, reply = self._kept.get(key, (0.0, None))
        if reply is None or until < time.monotonic():
            return None
        self._kept.move_to_end(key)
        return reply

    def keep(self, key: tuple[str, str], reply: Reply) -> None:
        """Keep an answer, and let others go that there is no room for."""
        size = _size(key, reply)
        if self._seconds <= 0 or size > self._max:
            return
        if key in self._kept:
            self._used -= _size(key, self._kept.pop(key)[1])
        self._kept[key] = (time.monotonic() + self._seconds, reply)
        self._used += size
        while self._used > self._max:
            gone, (_, old) = self._kept.popitem(last=False)
            self._used -= _size(gone, old)


def _size(key: tuple[str, str], reply: Reply) -> int:
    return len(key[1]) + len(reply.body)
