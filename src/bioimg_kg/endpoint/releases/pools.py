"""Who evaluates a query: the workers of the current release, or a worker that is started for an earlier one.

An earlier release has one worker, at a low priority, from the first query on it until nobody has asked for a
while. Few earlier releases have one at a time. So the current release always has its own workers, and
earlier ones take a bounded share of memory and processor.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from bioimg_kg.endpoint.http.asking import asking
from bioimg_kg.endpoint.http.failures import ReleaseBroken, ServiceBusy
from bioimg_kg.endpoint.watch import LOG, ReleaseWatch
from bioimg_kg.endpoint.workers.frames import Task
from bioimg_kg.endpoint.workers.pool import Limits, WorkerPool
from bioimg_kg.endpoint.workers.process import Worker
from bioimg_kg.endpoint.workers.spool import Result
from bioimg_kg.errors import ConfigError
from bioimg_kg.release import Release

MOST_AT_A_TIME: Final = 2
"""Earlier releases that have a worker at the same time."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is done for earlier releases.

    Attributes
    ----------
    keep
        How many of them are served beside the current one.
    idle_seconds
        For so long the worker of one of them waits for more to do.
    """

    keep: int = 3
    idle_seconds: float = 60.0


class QuietPool(WorkerPool):
    """A pool whose workers give way to those of the current release."""

    async def _spawn(self, store: Path) -> Worker:
        worker = await super()._spawn(store)
        worker.yield_to_others()
        return worker


@dataclass(slots=True)
class _Open:
    """An earlier release that can be asked."""

    pool: QuietPool
    users: int = 0
    used: float = 0.0

    @property
    def idle(self) -> bool:
        return not self.users and not self.pool.workers["busy"]


class Pools:
    """The workers of all releases.

    Parameters
    ----------
    watch
        Knows the current release.
    limits
        What its workers may spend.
    earlier
        What is done for earlier releases.

    Attributes
    ----------
    current
        The workers of the current release.
    """

    def __init__(self, watch: ReleaseWatch, limits: Limits, earlier: Earlier) -> None:
        self._watch = watch
        self.current = WorkerPool(lambda: watch.current.release.store, limits)
        self._limits = replace(limits, workers=1, slow_lane=0, spool_mb=max(1, limits.spool_mb // 4))
        self._idle_seconds = earlier.idle_seconds
        self._earlier: dict[Path, _Open] = {}
        self._lock = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self.current.start()
        self._tasks = [asyncio.create_task(work) for work in (self._watch.follow(), self._close_idle())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(self.current.close(), *(entry.pool.close() for entry in self._earlier.values()))

    @property
    def earlier_workers(self) -> int:
        """Worker processes of earlier releases."""
        return sum(len(entry.pool.pids) for entry in self._earlier.values())

    async def run(self, job: Task, seconds: float | None = None) -> Result:
        """Evaluate a query on the release that its request is about, see :meth:`WorkerPool.run`."""
        pin = asking().pin
        if pin is None:
            return await self.current.run(job, seconds)
        release = pin.served.release
        if release.store == self._watch.current.release.store:
            result = await self.current.run(job, seconds)
            if result.store == release.store:
                return result
            await result.aclose()  # the release was switched in between
        entry = await self._enter(release)
        try:
            return await entry.pool.run(job, seconds)
        except ConfigError as error:
            raise _broken(release) from error
        finally:
            entry.users -= 1
            entry.used = time.monotonic()

    async def _enter(self, release: Release) -> _Open:
        """Return the pool of an earlier release; its user counts from now on."""
        async with self._lock:
            entry = self._earlier.get(release.store)
            if entry is None:
                await self._make_room()
                entry = self._earlier[release.store] = _Open(await self._start(release))
            entry.users += 1
            return entry

    async def _start(self, release: Release) -> QuietPool:
        pool = QuietPool(lambda: release.store, self._limits)
        try:
            await pool.start()
        except (ConfigError, OSError, TimeoutError) as error:
            await pool.close()
            LOG.exception("an earlier release cannot be opened", extra={"release": release.name})
            raise _broken(release) from error
        except BaseException:
            await pool.close()
            raise
        return pool

    async def _make_room(self) -> None:
        if len(self._earlier) < MOST_AT_A_TIME:
            return
        idle = [store for store, entry in self._earlier.items() if entry.idle]
        if not idle:
            message = "other earlier releases are being asked: try again in a few seconds"
            raise ServiceBusy(message)
        await self._earlier.pop(min(idle, key=lambda store: self._earlier[store].used)).pool.close()

    async def _close_idle(self) -> None:
        """Close what nobody has used for a while."""
        while True:
            await asyncio.sleep(min(1.0, self._idle_seconds / 2))
            async with self._lock:
                limit = time.monotonic() - self._idle_seconds
                for store, entry in tuple(self._earlier.items()):
                    if entry.idle and entry.used < limit:
                        await self._earlier.pop(store).pool.close()


def _broken(release: Release) -> ReleaseBroken:
    return ReleaseBroken(f"release {release.name!r} is there, and its store cannot be opened; this is logged")
