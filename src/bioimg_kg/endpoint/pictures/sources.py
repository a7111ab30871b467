"""Where pieces of an image come from: a folder that the service was told of, or a host of its list."""

import asyncio
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

import h11

from bioimg_kg.endpoint.federation.allowlist import Endpoint, read_endpoint
from bioimg_kg.endpoint.federation.egress import AGENT, Resolver, open_vetted, resolve
from bioimg_kg.endpoint.pictures.failures import ImageElsewhere, ImageTooLarge
from bioimg_kg.errors import ConfigError, QueryRefused, RemoteError
from bioimg_kg.ngff.attributes import is_inside
from bioimg_kg.ngff.facts import DOCUMENTS

Span = tuple[int | None, int | None] | None
"""First byte and the one after the last; no first byte: so many from the end; nothing: all of it."""

_READ: Final = 64 << 10
_ABSENT: Final = frozenset({403, 404, 416})
"""What hosts answer for what is not there; object stores say 403."""

_SCANNED: Final = 2000
"""Entries of a folder that are looked at for a chunk."""


class Source(Protocol):
    """An OME-Zarr group somewhere."""

    async def read(self, path: str, span: Span, room: int) -> bytes | None:
        """Return a piece of a file, or None if there is no such file.

        Raises
        ------
        ImageTooLarge
            It is longer than ``room``.
        RemoteError
            It cannot be had.
        """

    async def has_chunks(self, path: str) -> bool:
        """Say whether there may be chunks below a path."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A group in a folder; links that lead out of the folder lead nowhere.

    Attributes
    ----------
    top
        The folder that the service was told of.
    group
        Path of the group in it.
    """

    top: Path
    group: str

    async def read(self, path: str, span: Span, room: int) -> bytes | None:
        """Return a piece of a file."""
        return await asyncio.to_thread(self._read, path, span, room)

    def _read(self, path: str, span: Span, room: int) -> bytes | None:
        place = self.place(path)
        if place is None:
            return None
        try:
            # a pipe in the place of a file would be waited for
            handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(handle, "rb") as stream:
            facts = os.fstat(handle)
            if not stat.S_ISREG(facts.st_mode):
                return None
            start, length = extent(span, facts.st_size)
            if length > room:
                raise _too_long(path, length)
            stream.seek(start)
            return stream.read(length)

    def is_there(self) -> bool:
        """Say whether there is such a group."""
        place = self.place("")
        return place is not None and place.is_dir()

    def place(self, path: str) -> Path | None:
        """Return where a file is, None if that is not in the folder."""
        if not is_inside(self.group) or (path and not is_inside(path)):
            return None
        top = os.path.realpath(self.top)
        found = os.path.realpath(self.top / self.group / path)
        return Path(found) if os.path.commonpath([top, found]) == top else None

    async def has_chunks(self, path: str) -> bool:
        """Say whether there is a file below a path that is no document."""
        return await asyncio.to_thread(self._has_chunks, path)

    def _has_chunks(self, path: str) -> bool:
        place = self.place(path)
        if place is None:
            return False
        seen = 0
        for below, folders, names in os.walk(place):
            if any(name not in DOCUMENTS and Path(below, name).is_file() for name in names):
                return True
            seen += len(folders)
            if seen > _SCANNED:
                return True
        return False


def extent(span: Span, size: int) -> tuple[int, int]:
    """Return first byte and length of a piece of a file.

    Examples
    --------
    >>> extent((2, 5), 100), extent((None, 10), 100), extent((90, None), 100), extent((0, 9), 4)
    ((2, 3), (90, 10), (90, 10), (0, 4))
    """
    if span is None:
        return 0, size
    first, last = span
    if first is None:
        length = min(size, max(0, last or 0))
        return size - length, length
    start = min(max(0, first), size)
    return start, max(0, (size if last is None else min(last, size)) - start)


def _too_long(path: str, length: int) -> ImageTooLarge:
    message = f"{path} has {length:,} bytes, more than is left of what one picture may read"
    return ImageTooLarge(message)


class Hosts:
    """The hosts from which images may be read.

    Parameters
    ----------
    origins
        Their addresses, ``https://livingobjects.ebi.ac.uk``; a name alone means https.
    private
        They may be on this machine or in a private network.
    resolver
        Finds addresses; replaced in tests.

    Raises
    ------
    ConfigError
        One is not the address of a host.

    Examples
    --------
    >>> Hosts(["livingobjects.ebi.ac.uk"]).origins
    ('https://livingobjects.ebi.ac.uk',)
    """

    def __init__(
        self, origins: Iterable[str], *, private: bool = False, resolver: Resolver = resolve
    ) -> None:
        self._allowed: dict[tuple[bool, str, int], None] = {}
        self.private = private
        self.resolver = resolver
        for origin in origins:
            try:
                endpoint = read_endpoint(origin if "://" in origin else f"https://{origin}")
            except ValueError as error:
                message = f"{origin} is no host of images: {error}; write it like https://example.org"
                raise ConfigError(message) from error
            if endpoint.target != "/":
                message = f"{origin} is no host of images: leave out the path"
                raise ConfigError(message)
            self._allowed[endpoint.secure, endpoint.host, endpoint.port] = None

    @property
    def origins(self) -> tuple[str, ...]:
        """Addresses of the hosts."""
        found = sorted(self._allowed)
        return tuple(f"http{'s' * e[0]}://{Endpoint('', *e, '/').authority}" for e in found)

    def find(self, url: str) -> "Web":
        """Return the group at an address.

        Raises
        ------
        ImageElsewhere
            Its host is not on the list.
        """
        scheme = urlsplit(url).scheme
        if scheme not in {"http", "https"}:
            message = f"the address of the image starts with {scheme!r}: images are read over http and https"
            raise ImageElsewhere(message)
        try:
            endpoint = read_endpoint(url)
        except ValueError as error:
            message = f"the address of the image cannot be read: {error}"
            raise ImageElsewhere(message) from error
        if (endpoint.secure, endpoint.host, endpoint.port) not in self._allowed:
            known = ", ".join(self.origins) or "none"
            message = f"this service reads no images from {endpoint.host} (hosts of its list: {known})"
            raise ImageElsewhere(message)
        return Web(endpoint, self.private, self.resolver)


@dataclass(frozen=True, slots=True)
class Web:
    """A group on a host of the list; its name is resolved anew for each piece, and looked at."""

    endpoint: Endpoint
    private: bool
    resolver: Resolver

    async def read(self, path: str, span: Span, room: int) -> bytes | None:
        """Return a piece of a file."""
        if not is_inside(path):
            return None
        what = f"image at {self.endpoint.host}"
        try:
            reader, writer = await open_vetted(self.endpoint, self.resolver, private=self.private, what=what)
        except QueryRefused as error:
            raise ImageElsewhere(str(error)) from error
        except OSError as error:
            message = f"{what}: no connection ({error.strerror or error})"
            raise RemoteError(message) from error
        try:
            return await self._get(reader, writer, path, span, room)
        except (OSError, h11.ProtocolError) as error:
            message = f"{what}: its answer is not HTTP or broke off ({type(error).__name__})"
            raise RemoteError(message) from error
        finally:
            writer.transport.abort()

    async def has_chunks(self, path: str) -> bool:
        """Say that there may be some: the web has no lists."""
        del path
        return True

    async def _get(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, span: Span, room: int
    ) -> bytes | None:
        connection = h11.Connection(h11.CLIENT)
        writer.write(connection.send(self._request(path, span)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        body, status = bytearray(), 0
        while True:
            received = connection.next_event()
            if received is h11.NEED_DATA:
                connection.receive_data(await reader.read(_READ))
            elif isinstance(received, h11.Response):
                status = self._check(received)
            elif isinstance(received, h11.Data):
                body += received.data if status not in _ABSENT else b""
                if len(body) > room:
                    raise _too_long(path, len(body))
            else:
                break
        if status in _ABSENT:
            return None
        if not isinstance(received, h11.EndOfMessage):
            message = f"image at {self.endpoint.host}: it closed the connection without an answer"
            raise RemoteError(message)
        if span is None or status == 206:
            return bytes(body)
        start, length = extent(span, len(body))
        return bytes(body[start : start + length])

    def _request(self, path: str, span: Span) -> h11.Request:
        target, _, query = self.endpoint.target.partition("?")
        target = f"{target.rstrip('/')}/{quote(path, safe='/-._~')}" + (f"?{query}" if query else "")
        headers = {
            "Host": self.endpoint.authority,
            "User-Agent": AGENT,
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        if span is not None:
            headers["Range"] = _range(span)
        return h11.Request(method="GET", target=target, headers=list(headers.items()))

    def _check(self, response: h11.Response) -> int:
        if response.status_code in _ABSENT:
            return response.status_code
        packed = any(name == b"content-encoding" for name, _ in response.headers)
        if response.status_code not in {200, 206} or packed:
            message = f"image at {self.endpoint.host}: it answered {response.status_code}"
            message += "; redirects are not followed" if 300 <= response.status_code < 400 else ""
            raise RemoteError(message)
        return response.status_code


def _range(span: tuple[int | None, int | None]) -> str:
    """Return the header of a range.

    Examples
    --------
    >>> _range((0, 10)), _range((5, None)), _range((None, 8))
    ('bytes=0-9', 'bytes=5-', 'bytes=-8')
    """
    first, last = span
    if first is None:
        return f"bytes=-{last or 1}"
    return f"bytes={first}-" if last is None else f"bytes={first}-{last - 1}"
