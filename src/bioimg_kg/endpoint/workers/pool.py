"""A fixed number of worker processes, and a queue in front of them with an end.

Every query has a deadline; at the deadline its process is killed and another one takes its place. The same
happens when the client goes away. Requests wait in line for a worker only so long and only so many of them;
the others are told at once to come back later.

Long queries do not hold up short ones. A query that has run for a while when others wait moves to the slow
lane: its process goes on at a low priority, and a new process takes its place in front of the line. The
lane is short. If it is full, the query that has run longest is stopped, once it has run for several times
that while; until then the next one keeps its place.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from bioimg_kg.endpoint.http.asking import asking
from bioimg_kg.endpoint.http.failures import ServiceBusy
from bioimg_kg.endpoint.workers.frames import Task
from bioimg_kg.endpoint.workers.process import Worker
from bioimg_kg.endpoint.workers.running import PATIENCE, Run
from bioimg_kg.endpoint.workers.spool import Budget, Result, Spool
from bioimg_kg.errors import BioimgKgError, QueryTimeout

FOLLOW_SECONDS: Final = 1.0
"""How often idle workers are looked at: whether they live, and have the current release open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one service spends on queries.

    Attributes
    ----------
    workers
        Processes, which is also how many queries run at once.
    deadline_seconds
        Longest evaluation.
    queue
        Requests that may wait for a worker.
    wait_seconds
        Longest wait.
    slow_after_seconds
        After this time a query gives its place to one that waits.
    slow_lane
        How many such queries go on beside the workers; 0 for none, they keep their places.
    memory_mb
        Address space of a worker, in MiB; 0 for no limit.
    hold_mb
        How much of an answer is kept back before it is sent; a query that fails up to there gets a proper
        status, one that fails later a broken connection.
    spool_mb
        Room for all answers that are being sent.
    """

    workers: int = 2
    deadline_seconds: float = 30.0
    queue: int = 64
    wait_seconds: float = 10.0
    slow_after_seconds: float = 1.0
    slow_lane: int = 3
    memory_mb: int = 2048
    hold_mb: int = 256
    spool_mb: int = 4096


class WorkerPool:
    """Worker processes for one service.

    Parameters
    ----------
    locate
        Returns the folder of the store to serve now. It is asked for every query, so it must be cheap; a
        worker that has another store open is replaced before it is used.
    limits
        What may be spent.

    Attributes
    ----------
    fates
        How many workers were ``started``, ``killed`` at work, ``retired`` without work, or ``died``.
    """

    def __init__(self, locate: Callable[[], Path], limits: Limits | None = None) -> None:
        self._locate = locate
        self.limits = limits or Limits()
        self._slots: asyncio.Queue[Worker | None] = asyncio.Queue()
        self._budget = Budget(self.limits.spool_mb << 20)
        self._alive: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lane: list[Run] = []
        self._waiting = 0
        self._closed = False
        self.fates: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def pids(self) -> frozenset[int]:
        """Numbers of the worker processes."""
        return frozenset(worker.pid for worker in self._alive)

    @property
    def waiting(self) -> int:
        """Queries that wait for a worker."""
        return self._waiting

    @property
    def workers(self) -> dict[str, int]:
        """How many workers are ``busy``, ``idle``, or go on beside the others (``slow``)."""
        busy = sum(worker.busy for worker in self._alive)
        slow = sum(run.worker.busy for run in self._lane)
        return {"busy": busy - slow, "idle": len(self._alive) - busy, "slow": slow}

    @property
    def memory_bytes(self) -> list[int]:
        """Memory of each worker."""
        return [worker.memory_bytes for worker in self._alive]

    async def start(self) -> None:
        """Start the workers.

        Raises
        ------
        ConfigError
            The store cannot be opened.
        """
        store = self._locate()
        for _ in range(self.limits.workers):
            self._slots.put_nowait(await self._spawn(store))
        self._keep(asyncio.create_task(self._follow()))

    async def close(self) -> None:
        """Stop every query and end every worker."""
        self._closed = True
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._discard(worker) for worker in tuple(self._alive)))

    async def run(self, job: Task, seconds: float | None = None) -> Result:
        """Evaluate a query.

        Parameters
        ----------
        job
            The query, the answer of another endpoint to be read, or a thing to be described.
        seconds
            What is left until its deadline, if it has begun elsewhere.

        Returns
        -------
        Result
            An answer that is whole, or longer than what is kept back.

        Raises
        ------
        QuerySyntax, QueryRefused, QueryTimeout, QueryError
            It has no answer.
        ServiceBusy
            No worker became free in time.
        WorkerDied
            The process that evaluated it ended.
        """
        worker = await self._lease()
        running = Run(worker, self.limits.deadline_seconds if seconds is None else seconds)
        spool = Spool(self._budget, max(1, self.limits.hold_mb << 20))
        pump = asyncio.create_task(self._pump(running, job, spool))
        # A callback, since a task that is cancelled before its first step runs no ``finally``.
        pump.add_done_callback(lambda _: self._release(running))
        self._keep(pump)
        if self.limits.slow_lane:
            self._watch(running, pump)
        result = Result(spool, pump, worker.store)
        try:
            await spool.settled()
        except BaseException:
            await result.aclose()
            raise
        return result

    async def _pump(self, run: Run, job: Task, spool: Spool) -> None:
        """Carry an answer from its worker to its spool, before the deadline."""
        before = run.worker.cpu_seconds()
        try:
            async with run.clock, aclosing(run.worker.run(job)) as pieces:
                async for piece in pieces:
                    spool.improvement = run.worker.improvement
                    spool.write(piece)
        except TimeoutError:
            message = f"the query took longer than {self.limits.deadline_seconds:g} s"
            if run.stopped:
                message = f"the query was stopped after {run.seconds:.1f} s, since others were waiting"
            spool.finish(QueryTimeout(f"{message}: make it more selective, or add LIMIT"))
        except asyncio.CancelledError:
            stopped = "the service is stopping" if self._closed else "the client is gone"
            spool.finish(ServiceBusy(stopped))
            raise
        except (BioimgKgError, OSError) as error:
            spool.finish(error)
        else:
            spool.finish()
        finally:
            after = run.worker.cpu_seconds()
            asking().cpu += run.seconds if before is None or after is None else after - before

    async def _lease(self) -> Worker:
        if self._waiting >= self.limits.queue:
            message = "too many queries are waiting: try again in a few seconds"
            raise ServiceBusy(message)
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.wait_seconds):
                worker = await self._slots.get()
        except TimeoutError:
            message = f"no worker became free within {self.limits.wait_seconds:g} s: try again later"
            raise ServiceBusy(message) from None
        finally:
            self._waiting -= 1
        try:
            return await self._fit(worker)
        except BaseException:
            self._slots.put_nowait(None)
            raise

    async def _fit(self, worker: Worker | None) -> Worker:
        """Return this worker if it can be used, or else a new one in its place."""
        store = self._locate()
        if worker is not None and worker.usable and worker.store == store:
            return worker
        if worker is not None:
            await self._discard(worker)
        return await self._spawn(store)

    def _watch(self, run: Run, pump: "asyncio.Task[None]") -> None:
        """Look from time to time whether a query has run for long while others wait."""
        if pump.done() or run.slow or self._closed:
            return
        if self._waiting and run.seconds >= self.limits.slow_after_seconds and self._lane_has_room():
            self._make_way(run)
        else:
            pause = self.limits.slow_after_seconds - run.seconds
            pause = pause if pause > 0 else self.limits.slow_after_seconds / 4
            asyncio.get_running_loop().call_later(pause, self._watch, run, pump)

    def _lane_has_room(self) -> bool:
        """Tell whether the slow lane is not full, or its first query has had its share of time."""
        share = PATIENCE * self.limits.slow_after_seconds
        return len(self._lane) < self.limits.slow_lane or self._lane[0].seconds >= share

    def _make_way(self, run: Run) -> None:
        """Move a query to the slow lane and start a worker in its place."""
        if len(self._lane) >= self.limits.slow_lane:
            self._lane.pop(0).stop()
        self._lane.append(run)
        run.slow = True
        run.worker.yield_to_others()
        self._keep(asyncio.create_task(self._replace(None)))

    def _release(self, run: Run) -> None:
        worker = run.worker
        if run.slow and not self._closed:  # its place is taken, and its priority cannot be raised again
            self._lane = [other for other in self._lane if other is not run]
            self._keep(asyncio.create_task(self._discard(worker)))
        elif worker.usable:
            self._slots.put_nowait(worker)
        elif not self._closed:
            self._keep(asyncio.create_task(self._replace(worker)))

    async def _replace(self, worker: Worker | None) -> None:
        """Kill a worker and put another one in its place; if none starts now, the next lease tries again."""
        fresh: Worker | None = None
        try:
            if worker is not None:
                await self._discard(worker)
            fresh = await self._spawn(self._locate())
        except (BioimgKgError, OSError, TimeoutError):
            fresh = None
        finally:
            self._slots.put_nowait(fresh)

    async def _follow(self) -> None:
        """Replace idle workers that have died or serve an earlier release, also while nobody asks."""
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            with suppress(BioimgKgError, OSError):
                store = self._locate()
                for _ in range(self._slots.qsize()):
                    if self._slots.empty():
                        break
                    worker = self._slots.get_nowait()
                    if worker is not None and worker.usable and worker.store == store:
                        self._slots.put_nowait(worker)
                    else:
                        await self._replace(worker)

    async def _spawn(self, store: Path) -> Worker:
        worker = await Worker.start(store, self.limits.memory_mb)
        self._alive.add(worker)
        self.fates["started"] += 1
        return worker

    async def _discard(self, worker: Worker) -> None:
        self.fates[worker.fate] += 1
        await worker.kill()
        self._alive.discard(worker)

    def _keep(self, task: "asyncio.Task[None]") -> None:
        """Hold a reference until the task is done, as asyncio itself does not."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
