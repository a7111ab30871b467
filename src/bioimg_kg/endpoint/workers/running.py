"""A query while it runs: how long it has, and how it is stopped before its time."""

import asyncio
from contextlib import suppress
from typing import Final

from bioimg_kg.endpoint.workers.process import Worker

PATIENCE: Final = 6
"""A slow query runs at least this many times the time that made it slow, before another one may stop it."""


class Run:
    """A query on its worker.

    Attributes
    ----------
    worker
        Its process.
    slow
        It has left its place among the workers.
    stopped
        It had to end before its time.
    """

    def __init__(self, worker: Worker, seconds: float) -> None:
        self.worker = worker
        self.slow = self.stopped = False
        self._started = asyncio.get_running_loop().time()
        self.clock = asyncio.timeout_at(self._started + seconds)

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return asyncio.get_running_loop().time() - self._started

    def stop(self) -> None:
        """Let its time be over."""
        self.stopped = True
        with suppress(RuntimeError):  # it has just ended
            self.clock.reschedule(asyncio.get_running_loop().time())
