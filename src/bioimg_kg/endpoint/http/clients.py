"""What each client may use: processor seconds that flow back with time, and so many queries at a time.

A client is an IPv4 address or the first half of an IPv6 address (its second half is chosen by the client).
Only evaluation counts; answers that are kept and 304 are free.

Sources: token buckets as in the throttling filter of the Wikidata Query Service; the headers are those of
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import ceil
from typing import Final

from bioimg_kg.endpoint.http.failures import Throttled

MOST_CLIENTS: Final = 10_000
"""So many are remembered; one that is forgotten begins anew."""

UNKNOWN: Final = "unknown"
"""All whose address is none."""

Networks = tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one client may use.

    Attributes
    ----------
    seconds
        Processor seconds that may be used at once; 0 for no limit.
    seconds_per_minute
        How fast they come back.
    queries
        Evaluations at a time.
    waiting
        How many more may wait until one of these has ended.
    wait_seconds
        Longest wait.
    exempt
        Networks whose clients have no limits.
    """

    seconds: float = 120.0
    seconds_per_minute: float = 60.0
    queries: int = 4
    waiting: int = 32
    wait_seconds: float = 10.0
    exempt: Networks = ()


def networks(text: str) -> Networks:
    """Read addresses and networks with blanks between them.

    Raises
    ------
    ValueError
        One is neither.

    Examples
    --------
    >>> networks("10.0.0.0/8 ::1")
    (IPv4Network('10.0.0.0/8'), IPv6Network('::1/128'))
    """
    return tuple(ip_network(part) for part in text.split())


@dataclass(slots=True)
class _Client:
    level: float
    at: float
    turns: asyncio.Semaphore
    running: int = 0
    waiting: int = 0


class Clients:
    """What is left of the share of each client.

    Parameters
    ----------
    share
        What each may use.
    clock
        Seconds that only grow.
    most
        How many are remembered.

    Examples
    --------
    >>> clients = Clients(Share(seconds=10, seconds_per_minute=60), clock=lambda: 0.0)
    >>> clients.charge("192.0.2.1", 12.5)
    >>> clients.check("192.0.2.1")
    Traceback (most recent call last):
        ...
    bioimg_kg.endpoint.http.failures.Throttled: your queries have used their 10 s of processor time...
    >>> clients.headers("192.0.2.1")["RateLimit"]
    '"cpu";r=0;t=13'
    """

    def __init__(
        self, share: Share, clock: Callable[[], float] = time.monotonic, most: int = MOST_CLIENTS
    ) -> None:
        self.share = share
        self._clock = clock
        self._most = most
        self._rate = share.seconds_per_minute / 60
        self._known: OrderedDict[str, _Client] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def key(self, host: str | None) -> str:
        """Return the key of the client at an address; empty if it is exempt.

        Examples
        --------
        >>> clients = Clients(Share(exempt=networks("127.0.0.0/8")))
        >>> [clients.key(a) for a in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1:2", "127.0.0.1", "x")]
        ['192.0.2.1', '192.0.2.1', '2001:db8::/64', '', 'unknown']
        """
        try:
            address = ip_address((host or "").partition("%")[0])
        except ValueError:
            return UNKNOWN
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if any(address in network for network in self.share.exempt):
            return ""
        if isinstance(address, IPv6Address):
            return str(IPv6Network((address, 64), strict=False))
        return str(address)

    def check(self, key: str) -> None:
        """Let a client pass that has seconds left.

        Raises
        ------
        Throttled
            It has none.
        """
        if not key or not self.share.seconds:
            return
        level = self._find(key).level
        if level <= 0:
            message = (
                f"your queries have used their {self.share.seconds:g} s of processor time; "
                f"{self.share.seconds_per_minute:g} s come back per minute"
            )
            raise Throttled(message, ceil((min(1.0, self.share.seconds) - level) / self._rate))

    def charge(self, key: str, seconds: float) -> None:
        """Take what was used from the share of a client; it may end below zero."""
        if key and self.share.seconds:
            self._find(key).level -= seconds

    async def enter(self, key: str) -> Callable[[], None]:
        """Wait until a client may have one more evaluation; call what is returned when it has ended.

        Raises
        ------
        Throttled
            It has used up its share, or too many of its queries run and wait.
        """
        self.check(key)
        if not key:
            return lambda: None
        client = self._find(key)
        if client.turns.locked() and client.waiting >= self.share.waiting:
            raise Throttled(self._crowded(client), ceil(self.share.wait_seconds))
        client.waiting += 1
        try:
            async with asyncio.timeout(self.share.wait_seconds):
                await client.turns.acquire()
        except TimeoutError:
            raise Throttled(self._crowded(client), ceil(self.share.wait_seconds)) from None
        finally:
            client.waiting -= 1
        client.running += 1

        def leave() -> None:
            client.running -= 1
            client.turns.release()

        try:
            self.check(key)
        except Throttled:
            leave()
            raise
        return leave

    def headers(self, key: str) -> dict[str, str]:
        """Return what a client is told of its share."""
        share = self.share
        if not key or not share.seconds:
            return {}
        level = self._find(key).level
        whole = ceil(share.seconds / self._rate)
        return {
            "RateLimit-Policy": f'"cpu";q={ceil(share.seconds)};w={whole};qu="cpu-seconds", '
            f'"queries";q={share.queries};qu="concurrent-requests"',
            "RateLimit": f'"cpu";r={max(0, int(level))};t={ceil((share.seconds - level) / self._rate)}',
        }

    def _crowded(self, client: _Client) -> str:
        return (
            f"{client.running} of your queries are running and {client.waiting} are waiting: "
            f"send no more than {self.share.queries} at a time"
        )

    def _find(self, key: str) -> _Client:
        now = self._clock()
        client = self._known.get(key)
        if client is None:
            client = self._known[key] = _Client(
                self.share.seconds, now, asyncio.Semaphore(self.share.queries)
            )
            self._forget()
        client.level = min(self.share.seconds, client.level + (now - client.at) * self._rate)
        client.at = now
        self._known.move_to_end(key)
        return client

    def _forget(self) -> None:
        """Drop those who asked longest ago; who has a query here is kept, and connections are bounded."""
        for key in list(self._known)[: max(0, len(self._known) - self._most)]:
            if not self._known[key].running and not self._known[key].waiting:
                del self._known[key]
