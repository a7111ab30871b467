"""The only way out: one query to one endpoint of the list, vetted, bounded and written down.

A name is resolved once and the connection goes to the address that was looked at, so that a second answer of
the name server changes nothing. Redirects are not followed, nothing but the query is sent.
"""

import asyncio
import logging
import socket
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import h11

from bioimg_kg import __version__
from bioimg_kg.endpoint.federation.allowlist import Endpoint, may_connect
from bioimg_kg.endpoint.federation.body import JSON, XML, Body
from bioimg_kg.endpoint.federation.cache import Cache, Reply
from bioimg_kg.endpoint.http.failures import ServiceBusy
from bioimg_kg.errors import QueryRefused, RemoteError

AUDIT: Final = logging.getLogger("bioimg_kg.federation")
"""One line per request: endpoint, status, bytes and milliseconds; never a query or an answer."""

AGENT: Final = f"bioimg_kg/{__version__} (SPARQL SERVICE; +https://w3id.org/bioimg-kg/)"
_READ: Final = 64 << 10
_EXCERPT: Final = 300

Resolver = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressLimits:
    """What asking other endpoints may cost.

    Attributes
    ----------
    seconds
        Longest request, from the name to the last byte.
    max_bytes
        All answers that one query gets from other endpoints, unpacked.
    concurrency
        Requests at a time to one endpoint; as many others wait.
    cache_bytes, cache_seconds
        How many answers are kept for the next query that asks the same, and how long; 0 keeps none.
    private
        Endpoints of the list may be on this machine or in a private network.
    """

    seconds: float = 20.0
    max_bytes: int = 50 << 20
    concurrency: int = 4
    cache_bytes: int = 64 << 20
    cache_seconds: float = 300.0
    private: bool = False


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which to try them."""
    loop = asyncio.get_running_loop()
    # Threads of its own: a name server that hangs must not hold those that the service needs.
    found = await loop.run_in_executor(
        _RESOLVERS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


_RESOLVERS: Final = ThreadPoolExecutor(4, thread_name_prefix="resolve")


class Egress:
    """Asks the endpoints of the list.

    Parameters
    ----------
    limits
        What it may cost.
    resolver
        Finds addresses; replaced in tests.

    Attributes
    ----------
    outcomes
        How many requests ended in which way, by endpoint and outcome.
    """

    def __init__(self, limits: EgressLimits, resolver: Resolver = resolve) -> None:
        self.limits = limits
        self._resolve = resolver
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._cache = Cache(limits.cache_bytes, limits.cache_seconds)
        self._waiting: Counter[str] = Counter()
        self.outcomes: Counter[tuple[str, str]] = Counter()

    async def ask(self, endpoint: Endpoint, query: str, room: int) -> Reply:
        """Send a query and return the answer.

        Parameters
        ----------
        endpoint
            Whom to ask.
        query
            A SELECT query.
        room
            Longest answer in bytes.

        Raises
        ------
        QueryRefused
            The name of the endpoint leads to an address that must not be asked.
        RemoteError
            There is no answer that can be used.
        ServiceBusy
            Too many requests wait for this endpoint.
        """
        if (known := self._cache.find((endpoint.iri, query))) is not None and len(known.body) <= room:
            self.outcomes[endpoint.iri, "cached"] += 1
            AUDIT.info("endpoint=%s outcome=cached bytes=%d ms=0", endpoint.iri, len(known.body))
            return known
        turn = self._turns.setdefault(endpoint.iri, asyncio.Semaphore(self.limits.concurrency))
        if self._waiting[endpoint.iri] >= self.limits.concurrency:
            message = f"too many queries wait for <{endpoint.iri}>: try again in a few seconds"
            raise ServiceBusy(message)
        self._waiting[endpoint.iri] += 1
        try:
            await turn.acquire()
        finally:
            self._waiting[endpoint.iri] -= 1
        try:
            reply = await self._audited(endpoint, query, room)
        finally:
            turn.release()
        if reply.keep:
            self._cache.keep((endpoint.iri, query), reply)
        return reply

    async def _audited(self, endpoint: Endpoint, query: str, room: int) -> Reply:
        started = time.monotonic()
        outcome, size = "cancelled", 0
        try:
            async with asyncio.timeout(self.limits.seconds):
                reply = await self._ask(endpoint, query, room)
            outcome, size = "answered", len(reply.body)
        except TimeoutError:
            outcome = "late"
            raise _failed(endpoint, f"no whole answer within {self.limits.seconds:g} s") from None
        except QueryRefused:
            outcome = "refused"
            raise
        except RemoteError:
            outcome = "failed"
            raise
        except (OSError, ssl.SSLError) as error:
            outcome = "failed"
            raise _failed(endpoint, f"no connection ({error.strerror or error})") from error
        except h11.ProtocolError as error:
            outcome = "failed"
            raise _failed(endpoint, f"its answer is not HTTP or broke off ({error})") from error
        finally:
            elapsed = (time.monotonic() - started) * 1000
            self.outcomes[endpoint.iri, outcome] += 1
            AUDIT.info(
                "endpoint=%s outcome=%s sent=%d bytes=%d ms=%.0f",
                *(endpoint.iri, outcome, len(query), size, elapsed),
            )
        return reply

    async def _ask(self, endpoint: Endpoint, query: str, room: int) -> Reply:
        reader, writer = await self._connect(endpoint)
        try:
            return await _exchange(reader, writer, endpoint, query, room)
        finally:
            writer.transport.abort()

    async def _connect(self, endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        what = f"SERVICE <{endpoint.iri}>"
        return await open_vetted(endpoint, self._resolve, private=self.limits.private, what=what)


async def open_vetted(
    endpoint: Endpoint, resolver: Resolver, *, private: bool, what: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to an address that was looked at; Host and certificate are still those of the name.

    Parameters
    ----------
    endpoint
        Where to.
    resolver
        Finds the addresses of its host.
    private
        It may be on this machine or in a private network.
    what
        What it is, for messages.

    Raises
    ------
    QueryRefused
        The name leads to an address that must not be asked.
    RemoteError
        It has no address.
    OSError
        There is no connection.
    """
    try:
        addresses = await resolver(endpoint.host, endpoint.port)
    except (OSError, UnicodeError) as error:
        message = f"{what}: its host has no address"
        raise RemoteError(message) from error
    for address in addresses:
        if not may_connect(address, private=private):
            message = (
                f"{what} is refused: {endpoint.host} leads to {address}, "
                "an address that this service does not ask"
            )
            raise QueryRefused(message)
    context = ssl.create_default_context() if endpoint.secure else None
    name = endpoint.host if endpoint.secure else None
    failure: OSError = OSError("its host has no address")
    for address in addresses:
        try:
            return await asyncio.open_connection(address, endpoint.port, ssl=context, server_hostname=name)
        except OSError as error:
            failure = error
    raise failure


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, endpoint: Endpoint, query: str, room: int
) -> Reply:
    """Send one request over a connection and read its response."""
    form = urlencode({"query": query}).encode()
    connection = h11.Connection(h11.CLIENT)
    headers = {
        "Host": endpoint.authority,
        "User-Agent": AGENT,
        "Accept": f"{JSON}, {XML};q=0.9",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(form)),
        "Connection": "close",
    }
    request = h11.Request(method="POST", target=endpoint.target, headers=list(headers.items()))
    for event in (request, h11.Data(data=form), h11.EndOfMessage()):
        writer.write(connection.send(event) or b"")
    await writer.drain()
    response: h11.Response | None = None
    body = Body(room)
    while True:
        received = connection.next_event()
        if received is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ))
        elif isinstance(received, h11.Response):
            response = received
            body.expect({name.decode("latin-1"): value.decode("latin-1") for name, value in received.headers})
        elif isinstance(received, h11.Data):
            await _fill(body, bytes(received.data), endpoint, response)
        elif isinstance(received, h11.EndOfMessage):
            break
        elif isinstance(received, h11.ConnectionClosed):
            raise _failed(endpoint, "it closed the connection without an answer")
    assert response is not None  # there is no end without a beginning
    _check_status(endpoint, response, body)
    try:
        media_type = body.finish()
    except ValueError as error:
        raise _failed(endpoint, str(error)) from error
    return Reply(media_type, bytes(body.content), body.max_rows, body.keep)


async def _fill(body: Body, data: bytes, endpoint: Endpoint, response: h11.Response | None) -> None:
    try:
        for _ in body.write(data):
            await asyncio.sleep(0)  # unpacking much is interrupted for other clients
    except ValueError as error:
        if response is not None:
            _check_status(endpoint, response, body)
        raise _failed(endpoint, str(error)) from error


def _check_status(endpoint: Endpoint, response: h11.Response, body: Body) -> None:
    status = response.status_code
    if 300 <= status < 400:
        target = body.headers.get("location", "nowhere")[:_EXCERPT]
        raise _failed(endpoint, f"it redirects to {target!r}, and redirects are not followed")
    if status != 200:
        words = " ".join(body.content[: 4 * _EXCERPT].decode("utf-8", "replace").split())[:_EXCERPT]
        raise _failed(endpoint, f"it answered {status}{': ' if words else ''}{words}")


def _failed(endpoint: Endpoint, cause: str) -> RemoteError:
    return RemoteError(f"SERVICE <{endpoint.iri}>: {cause}")
