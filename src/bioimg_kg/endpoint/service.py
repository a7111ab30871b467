"""What the routes share: the release that is served, the pool, and the way from a text to its answer."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from fastapi import Request

from bioimg_kg.endpoint.failures import ServiceBusy
from bioimg_kg.endpoint.federation.allowlist import AllowList
from bioimg_kg.endpoint.federation.egress import Egress, EgressLimits
from bioimg_kg.endpoint.federation.federate import Federation, within
from bioimg_kg.endpoint.frames import Job, Table
from bioimg_kg.endpoint.guard import Scan, inspect
from bioimg_kg.endpoint.negotiation import Format
from bioimg_kg.endpoint.pool import Limits, Result, WorkerPool
from bioimg_kg.errors import ReleaseNotFound
from bioimg_kg.identifiers.iris import is_iri
from bioimg_kg.release import Release, current_release, open_release

T = TypeVar("T")

SHORT_QUERY: Final = 4096
"""Characters of a query that the guard has read in a few milliseconds."""


class ReleaseWatch:
    """The release that ``<data>/current`` points to, opened again only when the link has moved.

    Parameters
    ----------
    data
        Data folder.

    Raises
    ------
    ReleaseNotFound
        There is no release to begin with; one that disappears later is served on.
    """

    def __init__(self, data: Path) -> None:
        self._link = data / "current"
        self._release = current_release(data)

    def __call__(self) -> Release:
        """Return the current release."""
        if self._link.resolve() != self._release.path:
            try:
                self._release = open_release(self._link)
            except (ReleaseNotFound, OSError):
                return self._release
        return self._release


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
    """Answers queries on the current release.

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

    Attributes
    ----------
    federates
        IRIs of the endpoints that a query may call.
    """

    def __init__(self, data: Path, limits: Limits, max_bytes: int, outside: Outside | None = None) -> None:
        self.release = ReleaseWatch(data)
        self.pool = WorkerPool(lambda: self.release().store, limits)
        self.max_bytes = max_bytes
        outside = outside or Outside()
        allowed = AllowList(outside.endpoints)
        self.federates = allowed.iris
        self._federation = Federation(allowed, Egress(outside.limits), self._evaluate, push=outside.push)

    async def scan(self, text: str) -> Scan:
        """Look at a query with the guard, beside the event loop if it is long: a megabyte takes a second."""
        may_call = bool(self.federates)
        if len(text) < SHORT_QUERY:
            return inspect(text, may_call=may_call)
        return await asyncio.to_thread(inspect, text, may_call=may_call)

    async def _evaluate(self, job: Job | Table, seconds: float | None) -> bytes:
        result = await self.pool.run(job, seconds)
        return await result.read()

    async def answer(
        self,
        text: str,
        scan: Scan,
        answer_format: Format,
        *,
        base_iri: str | None = None,
        default_graphs: tuple[str, ...] | None = None,
        named_graphs: tuple[str, ...] | None = None,
        max_bytes: int | None = None,
    ) -> Result:
        """Evaluate a query that the guard has seen.

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

        Raises
        ------
        QueryError
            It has no answer, see :meth:`bioimg_kg.endpoint.pool.WorkerPool.run`.
        RemoteError
            Another endpoint that it calls has no answer.
        """
        job = Job(
            query=text,
            media_type=answer_format.media_type,
            base_iri=base_iri,
            union=not scan.has_dataset and default_graphs is None and named_graphs is None,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            max_bytes=min(max_bytes or self.max_bytes, self.max_bytes),
        )
        if not scan.calls:
            return await self.pool.run(job)
        started = time.monotonic()
        seconds = self.pool.limits.deadline_seconds
        job = await within(seconds, self._federation.expand(job))
        return await self.pool.run(job, max(0.0, seconds - (time.monotonic() - started)))


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Do some work for a client, and stop it when the client closes the connection.

    Raises
    ------
    ServiceBusy
        The client is gone; nobody will read this.
    """
    task = asyncio.create_task(work)
    watcher = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({task, watcher}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        message = "the client is gone"
        raise ServiceBusy(message)
    except asyncio.CancelledError:  # only the server does this, when it has waited long enough for its end
        message = "the service is stopping"
        raise ServiceBusy(message) from None
    finally:
        watcher.cancel()
        task.cancel()
        await asyncio.gather(task, watcher, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def address(request: Request) -> str:
    """Return the URL of a request without its query; a Host header that is no host does not get into it."""
    host = request.headers.get("host", "")
    url = f"{request.url.scheme}://{host}{request.scope['path']}"
    return url if host and is_iri(url) else f"http://localhost{quote(request.scope['path'])}"
