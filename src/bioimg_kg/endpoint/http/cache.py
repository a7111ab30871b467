"""Answers that need not be evaluated again: their names (ETag) and the short ones themselves.

A release never changes, so a query has one answer as long as the release is current: the name of an answer
is made of the release, the query and the format, and is known before anything is evaluated.
"""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from bioimg_kg.endpoint.http.bounded import Bounded
from bioimg_kg.endpoint.sparql.tokens import tokens
from bioimg_kg.endpoint.workers.frames import CHUNK_BYTES, Job
from bioimg_kg.errors import QuerySyntax

LONG_BYTES: Final = 16 << 10
"""A longer query is taken as it is."""

_VOLATILE: Final = re.compile(r"(?:NOW|RAND|UUID)(?:\s|#[^\r\n]*)*\(|SERVICE", re.IGNORECASE)


class Answer(Protocol):
    """An answer on its way to a client; to be closed by its user.

    Attributes
    ----------
    store
        Folder of the store that it comes from.
    """

    store: Path

    @property
    def length(self) -> int | None:
        """Bytes of the answer, or None while it is being evaluated."""

    @property
    def improvement(self) -> str:
        """How the query was improved before it was evaluated."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the answer piece by piece; raise what goes wrong instead of ending early."""

    async def read(self) -> bytes:
        """Return the whole answer and close it."""

    async def aclose(self) -> None:
        """Free what the answer holds."""


class KeptAnswer:
    """A whole answer in memory.

    Parameters
    ----------
    payload
        Its bytes.
    store
        Folder of the store that it comes from.
    improvement
        How the query was improved before it was evaluated.
    """

    def __init__(self, payload: bytes, store: Path, improvement: str = "") -> None:
        self.payload = payload
        self.store = store
        self.improvement = improvement

    @property
    def length(self) -> int:
        """Bytes of the answer."""
        return len(self.payload)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the answer piece by piece."""
        for start in range(0, len(self.payload), CHUNK_BYTES):
            yield self.payload[start : start + CHUNK_BYTES]

    async def read(self) -> bytes:
        """Return the answer."""
        return self.payload

    async def aclose(self) -> None:
        """Do nothing: the answer stays where it is."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with what is said about it.

    Attributes
    ----------
    answer
        The answer.
    name
        What tells it from all others, if it is the same every time.
    origin
        ``hit`` if it was kept, ``stored`` if it is kept from now on, ``miss`` if it is too long for that,
        ``bypass`` if it may be another one next time.
    """

    answer: Answer
    name: str | None
    origin: Literal["hit", "stored", "miss", "bypass"]


class AnswerCache:
    """Answers by name, the least used ones dropped when they take too much room.

    Parameters
    ----------
    max_bytes
        Room for all of them; one may take an eighth of it.

    Examples
    --------
    >>> cache = AnswerCache(max_bytes=16)
    >>> for name in ("a", "b", "too long"):
    ...     cache.put(name, KeptAnswer(name.encode(), Path("store")))
    >>> cache.get("a").payload, cache.get("too long"), cache.used
    (b'a', None, 2)
    """

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._kept: Bounded[str, KeptAnswer] = Bounded(max_bytes)

    @property
    def used(self) -> int:
        """Bytes of all answers that are kept."""
        return self._kept.used

    def get(self, name: str) -> KeptAnswer | None:
        """Return an answer, if it is still there."""
        return self._kept.get(name)

    def fits(self, size: int) -> bool:
        """Say whether an answer of this size is kept."""
        return size <= self._max // 8

    def put(self, name: str, answer: KeptAnswer) -> None:
        """Keep an answer if it is short enough."""
        if self.fits(answer.length):
            self._kept.put(name, answer, answer.length)


def answer_name(release: str, job: Job) -> str | None:
    """Return the name of the answer to a query, or None if it may be another one next time.

    Parameters
    ----------
    release
        What tells the release from all others.
    job
        The query, its dataset and format.
    """
    text = canonical(job.query)
    if text is None:
        return None
    facts = (release, text, job.base_iri, job.union, job.default_graphs, job.named_graphs, job.media_type)
    return name_of(*facts)


def name_of(*facts: object) -> str:
    """Return the name of an answer from all that it depends on.

    Examples
    --------
    >>> name_of("release", "ASK {}") == name_of("release", "ASK {}"), name_of("a", "b") == name_of("ab")
    (True, False)
    """
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def canonical(text: str) -> str | None:
    r"""Return a query without comments and needless white space; None if its answer changes by itself.

    White space is never taken away altogether (``1 .5`` are two numbers), and a line end stays behind an IRI
    with ``#`` in it: it may be "less than" and a comment, see :mod:`bioimg_kg.endpoint.sparql.guard`.

    Examples
    --------
    >>> canonical("SELECT  * # all\n{ ?s ?p  'a  b' }")
    "SELECT * { ?s ?p 'a  b' }"
    >>> canonical("SELECT (NOW() AS ?now) {}") is None
    True
    """
    if _VOLATILE.search(text):
        return None
    if len(text) > LONG_BYTES:
        return text
    parts: list[str] = []
    end, comment = 0, False
    try:
        for token in tokens(text):
            if token.kind == "iri" and "'" in token.text:
                return text  # it may be "less than" and a string: what follows may be read otherwise
            gap = text[end : token.start]
            if gap and comment and ("\n" in gap or "\r" in gap):
                parts.append("\n")
                comment = False
            elif gap and parts:
                parts.append(" ")
            parts.append(token.text)
            comment = comment or (token.kind == "iri" and "#" in token.text)
            end = token.start + len(token.text)
    except QuerySyntax:
        return text
    return "".join(parts)
