"""A query with calls of SERVICE becomes one without: each call is answered and stands there as VALUES."""

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from bioimg_kg.endpoint.federation.allowlist import AllowList, Endpoint
from bioimg_kg.endpoint.federation.calls import Call, CallingQuery, read_calls
from bioimg_kg.endpoint.federation.egress import Egress
from bioimg_kg.endpoint.federation.inline import values_block
from bioimg_kg.endpoint.federation.pushdown import (
    MAX_ROWS,
    Answered,
    Values,
    dataset,
    find_source,
    read_values,
)
from bioimg_kg.endpoint.workers.frames import Job, Rows, Table
from bioimg_kg.errors import QueryError, QueryRefused, QueryTimeout, RemoteError

MAX_CALLS: Final = 16
"""Calls of SERVICE in one query."""

MAX_AT_ONCE: Final = 16
"""Queries whose calls are being answered; the others wait. Each may hold as many bytes as one may get."""

PROBE_SECONDS: Final = 5.0
"""Longest search for values to send; after that the call is sent as it is written."""

_TABLE: Final = "application/sparql-results+json"
_RELATIVE: Final = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.\-]*:)")

Evaluate = Callable[[Job | Table, float | None], Awaitable[bytes]]


class Federation:
    """Answers the calls of queries.

    Parameters
    ----------
    allowed
        The endpoints that may be asked.
    egress
        Asks them.
    evaluate
        Runs a job in a worker process and returns its whole answer.
    push
        Values are sent along.

    Attributes
    ----------
    allowed, push
        As given.
    """

    def __init__(self, allowed: AllowList, egress: Egress, evaluate: Evaluate, *, push: bool = True) -> None:
        self.allowed = allowed
        self._egress = egress
        self._evaluate = evaluate
        self.push = push
        self._turns = asyncio.Semaphore(MAX_AT_ONCE)

    async def expand(self, job: Job) -> Job:
        """Return the job with its calls answered.

        Raises
        ------
        QuerySyntax
            It is not SPARQL; nothing has been sent.
        QueryRefused
            It calls an endpoint that is not on the list; nothing has been sent to that one.
        RemoteError
            An endpoint did not answer, and the call is not SILENT.
        """
        async with self._turns:
            return await self._expand(job)

    async def _expand(self, job: Job) -> Job:
        query = read_calls(job.query)
        if len(query.calls) > MAX_CALLS:
            message = f"the query calls SERVICE {len(query.calls)} times, {MAX_CALLS} are allowed: split it"
            raise QueryRefused(message)
        await self._evaluate(replace(job, query=query.plain(), dry=True, media_type=_form_type(query)), None)
        run = _Run(self, job, query, f"urn:uuid:{secrets.token_hex(16)}:")
        endpoints = await run.endpoints()
        for call in query.outer:
            await run.answer(call, endpoints[call])
        return run.result()

    async def table(self, job: Job, seconds: float | None = None) -> dict[str, Any]:
        """Evaluate a SELECT query of our own making."""
        content: dict[str, Any] = json.loads(
            await self._evaluate(replace(job, media_type=_TABLE, max_bytes=64 << 20), seconds)
        )
        return content

    async def fetch(self, endpoint: Endpoint, text: str, room: int, table: Table) -> tuple[Rows, int]:
        """Ask an endpoint; return its rows and the bytes they came in."""
        reply = await self._egress.ask(endpoint, text, room)
        try:
            filled = replace(table, media_type=reply.media_type, body=reply.body)
            rows = Rows.from_bytes(await self._evaluate(filled, None))
        except RemoteError as error:
            message = f"SERVICE <{endpoint.iri}>: {error}"
            raise RemoteError(message) from error
        if reply.max_rows is not None and rows.count >= reply.max_rows:
            message = (
                f"SERVICE <{endpoint.iri}>: it sends no more than {reply.max_rows:,} rows, and these "
                "are so many that some may be missing: make the part in SERVICE more selective"
            )
            raise RemoteError(message)
        return rows, len(reply.body)

    @property
    def max_bytes(self) -> int:
        """Room for all answers to one query."""
        return self._egress.limits.max_bytes


class _Run:
    """One query on its way."""

    def __init__(self, federation: Federation, job: Job, query: CallingQuery, function: str) -> None:
        self._federation = federation
        self._job = job
        self._query = query
        self._function = function
        self._answered: dict[int, Answered] = {}
        self._room = federation.max_bytes
        self._names: dict[str, str] = {}

    async def endpoints(self) -> dict[Call, Endpoint]:
        """Find the endpoint of each call; the engine itself reads prefixes, BASE and escapes."""
        names = {call.target for call in self._query.calls} | self._prefixes()
        if _RELATIVE.search(self._query.text):
            names.add("<>")
        order = sorted(names)
        shown = " ".join(f"({name} AS ?n{number})" for number, name in enumerate(order))
        found = await self._ask_dry(f"{self._query.prologue}\nSELECT {shown} {{}}")
        row = found["results"]["bindings"][0]
        self._names = {name: row[f"n{number}"]["value"] for number, name in enumerate(order)}
        return {call: self._federation.allowed.find(self._names[call.target]) for call in self._query.calls}

    async def answer(self, call: Call, endpoint: Endpoint) -> None:
        """Ask for the solutions of a call."""
        query = self._query
        pattern = query.plain(call.body, call.end)
        head = (await self._ask_dry(f"{query.prologue}\nSELECT * WHERE {pattern} LIMIT 0"))["head"]
        variables: list[str] = head["vars"]
        bound: frozenset[str] = frozenset()
        try:
            parts = await self._fetch(call, endpoint, variables)
            bound = frozenset(variables) - {name for part in parts for name in part.loose}
        except RemoteError:
            if not call.silent:
                raise
            parts = [Rows(1, tuple(variables), (), f"({' '.join('UNDEF' for _ in variables)})\n")]
        block = values_block(variables, parts, self._function)
        self._answered[call.start] = Answered(block, bound)

    async def _fetch(self, call: Call, endpoint: Endpoint, variables: list[str]) -> list[Rows]:
        values = await self._values(call) if self._federation.push else None
        if values is not None:
            parts = [await self._fetch_one(call, endpoint, variables, extra) for extra in values.chunks()]
            # The blank nodes of two answers differ even where they are one, so there must be one answer.
            if len(parts) < 2 or not any(part.blank for part in parts):
                return parts
        return [await self._fetch_one(call, endpoint, variables, "")]

    async def _fetch_one(self, call: Call, endpoint: Endpoint, variables: list[str], extra: str) -> Rows:
        prefix = f"{self._function}{call.start}-"
        table = Table(_TABLE, tuple(variables), prefix, b"")
        text = self._request(call, variables, extra)
        rows, size = await self._federation.fetch(endpoint, text, self._room, table)
        self._room -= size
        return rows

    def _request(self, call: Call, variables: list[str], extra: str) -> str:
        """Return the query for the other endpoint; values stand last, where they bind nothing too early."""
        body = self._query.text[call.body + 1 : call.end - 1]
        names = self._prefixes(call)
        head = "".join(f"PREFIX {name} <{self._names[name]}>\n" for name in sorted(names))
        if _RELATIVE.search(body):
            head = f"BASE <{self._names['<>']}>\n{head}"
        shown = " ".join(f"?{name}" for name in variables) or "(1 AS ?one)"
        return f"{head}SELECT {shown} WHERE {{{body}\n{extra}}}"

    async def _values(self, call: Call) -> Values | None:
        """Evaluate what stands beside a call; None if it says too little or takes too long."""
        source = find_source(self._query, call, self._answered)
        graphs = dataset(self._query)
        named_here = not self._job.union and self._job.default_graphs is None
        if source is None or (named_here and not graphs):
            return None
        for variables in dict.fromkeys([source.variables, *((name,) for name in source.variables)]):
            names = " ".join(f"?{name}" for name in variables)
            text = (
                f"{self._query.prologue}\nSELECT DISTINCT {names} {graphs} "
                f"WHERE {{ {source.pattern} }} LIMIT {MAX_ROWS + 1}"
            )
            job = replace(self._job, query=text, blank_function=self._function)
            try:
                found = await self._federation.table(job, PROBE_SECONDS)
            except QueryError:
                return None
            bindings = found["results"]["bindings"]
            if len(bindings) <= MAX_ROWS:
                return read_values(variables, bindings)
        return None

    def result(self) -> Job:
        """Return the job without calls."""
        pieces, at = [], 0
        for call in self._query.outer:
            pieces += [self._query.text[at : call.start], self._answered[call.start].text]
            at = call.end
        text = "".join([*pieces, self._query.text[at:]])
        return replace(self._job, query=text, blank_function=self._function)

    async def _ask_dry(self, text: str) -> dict[str, Any]:
        return await self._federation.table(replace(self._job, query=text, dry=True))

    def _prefixes(self, call: Call | None = None) -> set[str]:
        """Return the prefixes with their colon that are used in a call, or in all calls."""
        calls: Sequence[Call] = self._query.calls if call is None else (call,)
        return {
            token.text.partition(":")[0] + ":"
            for token in self._query.found
            if token.kind == "prefixed" and any(c.start < token.start < c.end for c in calls)
        }


def _form_type(query: CallingQuery) -> str:
    graph = query.found[query.form].text.upper() in {"CONSTRUCT", "DESCRIBE"}
    return "application/n-triples" if graph else _TABLE


async def within(seconds: float, work: Awaitable[Job]) -> Job:
    """Wait for a job to be expanded.

    Raises
    ------
    QueryTimeout
        It took longer than the query has.
    """
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        message = (
            f"the query took longer than {seconds:g} s, before other endpoints had answered: "
            "make the part in SERVICE more selective"
        )
        raise QueryTimeout(message) from None
