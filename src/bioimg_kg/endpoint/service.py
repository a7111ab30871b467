"""What the routes share: the release that is served, the pool, and the way from a text to its answer."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from fastapi import Request

from bioimg_kg.endpoint.federation.allowlist import AllowList
from bioimg_kg.endpoint.federation.egress import Egress, EgressLimits
from bioimg_kg.endpoint.federation.federate import Federation, within
from bioimg_kg.endpoint.http.asking import Asking, Queries, asking
from bioimg_kg.endpoint.http.cache import Answer, AnswerCache, KeptAnswer, Reply, answer_name, name_of
from bioimg_kg.endpoint.http.clients import Clients, Share
from bioimg_kg.endpoint.http.failures import QueryCancelled, ServiceBusy
from bioimg_kg.endpoint.http.negotiation import Format
from bioimg_kg.endpoint.pictures.failures import makes_no_pictures
from bioimg_kg.endpoint.releases.kept import KeptReleases
from bioimg_kg.endpoint.releases.pools import Earlier, Pools
from bioimg_kg.endpoint.sparql.guard import MAX_BYTES, MAX_DEPTH, Scan, inspect
from bioimg_kg.endpoint.watch import ReleaseWatch
from bioimg_kg.endpoint.workers.frames import Job, Look, Table
from bioimg_kg.endpoint.workers.pool import Limits
from bioimg_kg.endpoint.workers.spool import Result
from bioimg_kg.vocab import (
    CLIENT_QUERIES,
    CLIENT_RATE,
    CLIENT_SECONDS,
    QUERY_BYTES,
    QUERY_DEADLINE,
    QUERY_MEMORY,
    QUERY_NESTING,
    RESULT_BYTES,
)

T = TypeVar("T")
KEEP_BYTES: Final = 1 << 20
"""Longer answers are not kept: to read one from a file is as fast as to send it."""

LONGEST_HOST: Final = 255
_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")

SHORT_QUERY: Final = 4096
"""Characters of a query that the guard has read in a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What queries may ask of other endpoints.

    Attributes
    ----------
    endpoints
        Their IRIs.
    limits
        What that may cost.
    push
        Values that are known here are sent along.
    """

    endpoints: tuple[str, ...] = ()
    limits: EgressLimits = field(default_factory=EgressLimits)
    push: bool = True


class Service:
    """Answers queries on the release that a request names, or the current one.

    Parameters
    ----------
    data
        Data folder.
    limits
        What the worker processes may spend.
    max_bytes
        Longest answer.
    outside
        Which other endpoints a query may call, and what that may cost; none by default.
    cache_bytes
        Room for answers that are kept.
    share
        What one client may use.
    earlier
        What is done for earlier releases.

    Attributes
    ----------
    kept
        The releases that are served.
    pool
        The workers of the current release.
    federates
        IRIs of the endpoints that a query may call.
    queries
        The queries that are being evaluated.
    spending
        What a query may spend, by the property that says so.
    public_url, refuses_image
        Its address for others, if it has one; why no picture of an image at an address is made.
    """

    def __init__(
        self,
        data: Path,
        limits: Limits,
        max_bytes: int,
        outside: Outside | None = None,
        *,
        cache_bytes: int = 0,
        share: Share | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        earlier = earlier or Earlier()
        self.release = ReleaseWatch(data)
        self.kept = KeptReleases(data, earlier.keep, self.release)
        self.pools = Pools(self.release, limits, earlier)
        self.pool = self.pools.current
        self.max_bytes = max_bytes
        self.public_url = ""
        self.refuses_image: Callable[[str], str] = makes_no_pictures
        outside = outside or Outside()
        allowed = AllowList(outside.endpoints)
        self.federates = allowed.iris
        self.egress = Egress(outside.limits)
        self._federation = Federation(allowed, self.egress, self._evaluate, push=outside.push)
        self.clients = Clients(share or Share(seconds=0))
        self.queries = Queries()
        self.cache = AnswerCache(cache_bytes)
        self.spending: dict[str, float] = {
            QUERY_DEADLINE: limits.deadline_seconds,
            RESULT_BYTES: max_bytes,
            QUERY_MEMORY: limits.memory_mb << 20,
            QUERY_NESTING: MAX_DEPTH,
            QUERY_BYTES: MAX_BYTES,
        }
        if share and share.seconds:
            self.spending[CLIENT_SECONDS] = share.seconds
            self.spending[CLIENT_RATE] = share.seconds_per_minute
        if share:
            self.spending[CLIENT_QUERIES] = share.queries

    async def scan(self, text: str) -> Scan:
        """Look at a query with the guard, beside the event loop if it is long: a megabyte takes a second."""
        me, may_call = asking(), bool(self.federates)
        me.form, me.text = "unknown", text
        if len(text) < SHORT_QUERY:
            scan = inspect(text, may_call=may_call)
        else:
            self.clients.check(me.client)
            scan = await asyncio.to_thread(_timed, me, lambda: inspect(text, may_call=may_call))
        me.form = (scan.form or "unknown").lower()
        return scan

    async def _evaluate(self, job: Job | Table, seconds: float | None) -> bytes:
        result = await self.pools.run(job, seconds)
        return await result.read()

    def job(
        self,
        text: str,
        scan: Scan,
        answer_format: Format,
        *,
        base_iri: str | None = None,
        default_graphs: tuple[str, ...] | None = None,
        named_graphs: tuple[str, ...] | None = None,
        max_bytes: int | None = None,
    ) -> Job:
        """Return what is to be evaluated, of a query that the guard has seen.

        Parameters
        ----------
        text, scan
            The query and what the guard found in it.
        answer_format
            Format of the answer.
        base_iri
            What relative IRIs are relative to.
        default_graphs, named_graphs
            Dataset of the request, which goes before that of the query.
        max_bytes
            Longest answer, if shorter than that of the service.
        """
        return Job(
            query=text,
            media_type=answer_format.media_type,
            base_iri=base_iri,
            union=not scan.has_dataset and default_graphs is None and named_graphs is None,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            max_bytes=min(max_bytes or self.max_bytes, self.max_bytes),
        )

    def name(self, job: Job) -> str | None:
        """Return the name of an answer from the current release, see :func:`cache.answer_name`."""
        return answer_name(self.release.identity, job)

    def versions(self) -> list[str]:
        """Return the names of the release that the request is about, and of the one before it."""
        before = self.kept.before(self.release.served)
        return [self.release().name, *([before.release.name] if before else [])]

    def description_name(self, answer_format: Format, endpoint: str = "") -> str:
        """Return the name of the service description, of an address if there is one."""
        facts = (self.release.identity, self.versions(), endpoint, answer_format.media_type)
        return name_of(*facts, self.spending, self.federates)

    async def reply(self, job: Job, *, calls: bool = False) -> Reply:
        """Evaluate a query, or give the answer that it had before.

        Parameters
        ----------
        job
            The query.
        calls
            It calls other endpoints, which are asked every time.

        Raises
        ------
        QueryError
            It has no answer, see :meth:`bioimg_kg.endpoint.workers.pool.WorkerPool.run`.
        RemoteError
            Another endpoint that it calls has no answer.
        """
        reply = await self._reply(job, calls=calls)
        asking().cache = reply.origin
        return reply

    async def _reply(self, job: Job, *, calls: bool) -> Reply:
        release = self.release()
        name = None if calls else self.name(job)
        kept = self.cache.get(name) if name else None
        if kept is not None and kept.length <= job.max_bytes:
            return Reply(kept, name, "hit")
        result = await self._admit(job, calls=calls)
        if result.store != release.store:  # the release was switched in between
            same = result.store == self.release().store
            name = self.name(job) if name and same else None
        if name is None:
            return Reply(result, None, "bypass")
        if result.length is None or result.length > KEEP_BYTES or not self.cache.fits(result.length):
            return Reply(result, name, "miss")
        answer = KeptAnswer(await result.read(), result.store, result.improvement)
        self.cache.put(name, answer)
        return Reply(answer, name, "stored")

    async def answer(self, text: str, scan: Scan, answer_format: Format, max_bytes: int) -> Answer:
        """Return the answer to a query of ours."""
        job = self.job(text, scan, answer_format, max_bytes=max_bytes)
        return (await self.reply(job, calls=scan.calls)).answer

    async def look(self, look: Look) -> Result:
        """Look up a thing, at the expense of the client."""
        self.clients.check(asking().client)
        return await self._admit(look, calls=False)

    async def _admit(self, job: Job | Look, *, calls: bool) -> Result:
        """Evaluate a query at the expense of its client, which may stop it as long as it runs."""
        me = asking()
        forget = self.queries.add(me)
        leave = None
        try:
            leave = await self.clients.enter(me.client)
            result = await self._run(job, calls=calls)
        except BaseException:
            self._settle(me, forget, leave)
            raise
        me.stoppers.append(result.stop)
        result.when_over(lambda: self._settle(me, forget, leave))
        return result

    def _settle(self, me: Asking, forget: Callable[[], None], leave: Callable[[], None] | None) -> None:
        forget()
        self.charge(me)
        if leave is not None:
            leave()

    def charge(self, me: Asking) -> None:
        """Let a client pay what its request has cost since it paid last."""
        self.clients.charge(me.client, me.cpu - me.paid)
        me.paid = me.cpu

    async def _run(self, job: Job | Look, *, calls: bool) -> Result:
        if not calls or isinstance(job, Look):
            return await self.pools.run(job)
        started = time.monotonic()
        seconds = self.pool.limits.deadline_seconds
        job = await within(seconds, self._federation.expand(job))
        return await self.pools.run(job, max(0.0, seconds - (time.monotonic() - started)))


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do some work for a client, and stop it when the client closes the connection.

    Raises
    ------
    ServiceBusy
        The client is gone; nobody will read this.
    QueryCancelled
        The client has stopped it.
    """
    me = asking()
    task = asyncio.create_task(work)
    me.stoppers.append(task.cancel)
    watcher = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({task, watcher}, return_when=asyncio.FIRST_COMPLETED)
        if me.cancelled and (not task.done() or task.cancelled()):
            message = "the query was cancelled by whoever sent it"
            raise QueryCancelled(message)
        if task.done():
            return task.result()
        me.gone = True
        message = "the client is gone"
        raise ServiceBusy(message)
    except asyncio.CancelledError:  # only the server does this, when it has waited long enough for its end
        message = "the service is stopping"
        raise ServiceBusy(message) from None
    finally:
        watcher.cancel()
        task.cancel()
        await asyncio.gather(task, watcher, return_exceptions=True)


def _timed(me: Asking, work: Callable[[], T]) -> T:
    """Do some work in a thread of its own and note what it costs."""
    started = time.thread_time()
    try:
        return work()
    finally:
        me.cpu += time.thread_time() - started


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def address(request: Request) -> str:
    """Return the URL of a request without its query; a Host header that is no host does not get into it."""
    host = request.headers.get("host", "")
    host = host if len(host) <= LONGEST_HOST and _HOST.fullmatch(host) else "localhost"
    return f"{request.url.scheme}://{host}{quote(request.scope['path'])}"
