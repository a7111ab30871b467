"""What differs between two releases, found out by a process of its own: one at a time, once for each pair.

The process is ``python -m bioimg_kg.endpoint.releases.compare OLD NEW MEGABYTES``. It prints JSON: the
document and the rows of :mod:`bioimg_kg.diff.report`.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from bioimg_kg.diff.compare import compare
from bioimg_kg.diff.report import document, rows
from bioimg_kg.endpoint.http.asking import Served
from bioimg_kg.endpoint.http.bounded import Bounded
from bioimg_kg.endpoint.http.failures import ReleaseBroken, ServiceBusy
from bioimg_kg.endpoint.watch import LOG
from bioimg_kg.endpoint.workers.confine import deny_sockets, limit_memory, lower_again, lower_priority
from bioimg_kg.endpoint.workers.process import child_environment
from bioimg_kg.errors import QueryTimeout
from bioimg_kg.release import open_release

MOST_AT_A_TIME: Final = 4
"""Comparisons that are being made or wait for that."""

KEEP_BYTES: Final = 16 << 20
SECONDS: Final = 300.0
"""Longest comparison."""

PATIENCE: Final = 10.0
"""So long a request waits for it; the comparison goes on, and the next request finds what it found."""


class Compared(NamedTuple):
    """What differs, as a document and as rows of a table."""

    document: dict[str, Any]
    rows: list[list[str]]


class Comparisons:
    """Compares releases beside the service.

    Parameters
    ----------
    memory_mb
        Address space of the process that does it, in MiB; 0 for no limit.
    patience
        How long a request waits.
    """

    def __init__(self, memory_mb: int, patience: float = PATIENCE) -> None:
        self._memory_mb = memory_mb
        self._patience = patience
        self._one = asyncio.Semaphore(1)
        self._kept: Bounded[tuple[str, str], Compared] = Bounded(KEEP_BYTES)
        self._running: dict[tuple[str, str], asyncio.Task[Compared]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def find(self, old: Served, new: Served) -> Compared:
        """Return what differs between two releases.

        Raises
        ------
        ServiceBusy
            It is not known yet.
        ReleaseBroken
            One of them cannot be read.
        QueryTimeout
            It takes too long.
        """
        pair = (old.identity, new.identity)
        known = self._kept.get(pair)
        if known is not None:
            return known
        task = self._running.get(pair)
        if task is None:
            if len(self._running) >= MOST_AT_A_TIME:
                message = "other releases are being compared: ask again in a minute"
                raise ServiceBusy(message)
            task = self._running[pair] = asyncio.create_task(self._work(pair, old, new))
            task.add_done_callback(lambda done: self._forget(pair, done))
        await asyncio.wait({task}, timeout=self._patience)
        if not task.done():
            message = "the two releases are being compared: ask again in a minute"
            raise ServiceBusy(message)
        return task.result()

    def _forget(self, pair: tuple[str, str], task: "asyncio.Task[Compared]") -> None:
        del self._running[pair]
        if not task.cancelled():
            task.exception()  # it may be that nobody waits any more

    async def _work(self, pair: tuple[str, str], old: Served, new: Served) -> Compared:
        async with self._one:
            said = await self._run(old.release.path, new.release.path)
        found = Compared(*json.loads(said))
        self._kept.put(pair, found, len(said))
        return found

    async def _run(self, old: Path, new: Path) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", __name__, str(old), str(new), str(self._memory_mb)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=child_environment(),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(SECONDS):
                said, _ = await process.communicate()
        except TimeoutError:
            message = f"the comparison took longer than {SECONDS:g} s: use `bioimg-kg diff`"
            raise QueryTimeout(message) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            LOG.error("two releases cannot be compared", extra={"release": f"{old.name} {new.name}"})
            message = "the two releases cannot be compared; this is logged"
            raise ReleaseBroken(message)
        return said


def main(arguments: list[str]) -> None:
    """Compare two releases; an error ends the process with its exit code."""
    old, new, megabytes = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    lower_priority()
    lower_again(os.getpid())
    limit_memory(megabytes)
    deny_sockets()
    found = compare(open_release(old), open_release(new))
    json.dump([document(found), list(rows(found))], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
