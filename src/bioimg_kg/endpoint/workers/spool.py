"""Answers on their way out: a worker writes as fast as it can, a client reads as fast as it likes.

A worker is free as soon as its query is evaluated; a slow reader costs a temporary file, never a worker.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Final

from bioimg_kg.endpoint.http.failures import ServiceBusy
from bioimg_kg.endpoint.workers.frames import CHUNK_BYTES

IN_MEMORY: Final = 1 << 20
"""Longer answers go to a temporary file."""


class Budget:
    """Room on disk that all open answers share.

    Parameters
    ----------
    max_bytes
        Size of the room.
    """

    def __init__(self, max_bytes: int) -> None:
        self._free = max_bytes

    def take(self, size: int) -> None:
        """Use some of the room.

        Raises
        ------
        ServiceBusy
            It is full.
        """
        if size > self._free:
            message = "too many large answers are being downloaded: try again later"
            raise ServiceBusy(message)
        self._free -= size

    def give_back(self, size: int) -> None:
        """Return room that is no longer used."""
        self._free += size


class Spool:
    """The pieces of one answer, written by one task and read by another.

    Parameters
    ----------
    budget
        Room that this answer shares with the others.
    hold_bytes
        How much is kept back before :meth:`settled` returns, if the end does not come first.

    Attributes
    ----------
    size
        Bytes so far.
    whole
        It has ended well.
    improvement
        How the query was improved.
    """

    def __init__(self, budget: Budget, hold_bytes: int) -> None:
        self._budget = budget
        self._hold = hold_bytes
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._changed = asyncio.Event()
        self._error: Exception | None = None
        self._read = 0
        self.size = 0
        self.whole = False
        self.improvement = ""

    def write(self, data: bytes) -> None:
        """Add a piece.

        Raises
        ------
        ServiceBusy
            There is no room on disk.
        """
        self._budget.take(len(data))
        self._file.seek(self.size)
        self._file.write(data)
        self.size += len(data)
        if self._read or self.size >= self._hold:
            self._changed.set()

    def finish(self, error: Exception | None = None) -> None:
        """Mark the end: the answer is whole, or it failed."""
        self._error = error
        self.whole = error is None
        self._changed.set()

    async def settled(self) -> None:
        """Wait until the answer is whole or longer than what is kept back; raise what went wrong before."""
        while not self._over and self.size < self._hold:
            await self._wait()
        if self._error is not None:
            raise self._error

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces in order; raise what went wrong instead of ending early."""
        while True:
            self._file.seek(self._read)
            if piece := self._file.read(CHUNK_BYTES):
                self._read += len(piece)
                yield piece
            elif self._error is not None:
                raise self._error
            elif self.whole:
                return
            else:
                await self._wait()

    def close(self) -> None:
        """Give the room back."""
        if not self._file.closed:
            self._file.close()
            self._budget.give_back(self.size)

    @property
    def _over(self) -> bool:
        return self.whole or self._error is not None

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class Result:
    """An answer that has not failed so far; to be closed by its user.

    Attributes
    ----------
    store
        Folder of the store that it comes from.
    """

    def __init__(self, spool: Spool, pump: "asyncio.Task[None]", store: Path) -> None:
        self._spool = spool
        self._pump = pump
        self.store = store

    @property
    def length(self) -> int | None:
        """Bytes of the answer, or None while it is being evaluated."""
        return self._spool.size if self._spool.whole else None

    @property
    def improvement(self) -> str:
        """How the query was improved before it ran, see :mod:`bioimg_kg.endpoint.sparql.improve`."""
        return self._spool.improvement

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the answer piece by piece.

        Raises
        ------
        QueryError
            It broke off in the middle; what came before is not an answer.
        """
        async for piece in self._spool.chunks():
            yield piece

    async def read(self) -> bytes:
        """Return the whole answer and close it."""
        async with aclosing(self):
            return b"".join([piece async for piece in self.chunks()])

    def when_over(self, callback: Callable[[], object]) -> None:
        """Call something when the evaluation has ended, however it ends; the answer may still be read."""
        self._pump.add_done_callback(lambda _: callback())

    def stop(self) -> None:
        """Break the evaluation off, and the answer with it."""
        self._pump.cancel()

    async def aclose(self) -> None:
        """Stop the evaluation if it still runs, and free what the answer holds."""
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)
        self._spool.close()
