"""The process that makes pictures: it asks the service for each piece of an image.

``python -m bioimg_kg.endpoint.pictures.painter MEGABYTES`` reads jobs from standard input. Frames are as
in :mod:`bioimg_kg.endpoint.workers.frames`::

    service -> painter  P  a job, JSON
                        B  a piece that was asked for: its number, 1 if it is there, its bytes
    painter -> service  R  ready for a first job
                        G  asks for a piece: its number, JSON of path and range
                        E  the picture: a line of JSON, then the PNG
                        X  no picture, JSON of kind and message
"""

import asyncio
import itertools
import json
import os
import queue
import struct
import sys
import threading
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Future
from typing import IO, Any, Final

from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest
from zarr.core.buffer import Buffer, BufferPrototype

from bioimg_kg.endpoint.pictures.render import render
from bioimg_kg.endpoint.pictures.selection import Files, Refused
from bioimg_kg.endpoint.pictures.wanted import Wanted
from bioimg_kg.endpoint.workers.confine import deny_sockets, limit_memory, lower_priority
from bioimg_kg.endpoint.workers.frames import HEADER, pack

NUMBER: Final = struct.Struct(">I?")
"""Number of a piece, and whether it is there."""

_DOCUMENTS: Final = ("zarr.json", ".zattrs", ".zarray", ".zgroup", ".zmetadata")


class Desk:
    """Asks the service for pieces and hands them to who waits for them.

    Parameters
    ----------
    out
        Pipe to the service.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[bytes | None]] = {}

    def send(self, frame: bytes) -> None:
        """Send a frame."""
        with self._lock:
            view = memoryview(frame)
            while view:
                view = view[self._out.write(view) :]

    def ask(
        self, path: str, span: tuple[int | None, int | None] | None, *, any_below: bool = False
    ) -> "Future[bytes | None]":
        """Ask for a piece of a file, or whether there is any chunk below a path."""
        number = next(self._numbers) & 0xFFFFFFFF
        answer: Future[bytes | None] = Future()
        self._waiting[number] = answer
        self.send(pack(b"G", json.dumps([number, path, span, any_below]).encode()))
        return answer

    def receive(self, payload: bytes) -> None:
        """Take a piece from the service."""
        number, there = NUMBER.unpack_from(payload)
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            waiting.set_result(payload[NUMBER.size :] if there else None)


class PipeStore(Store):
    """A store of zarr whose content comes through the pipe; read only.

    Parameters
    ----------
    desk
        Where to ask.

    Attributes
    ----------
    found
        Some chunk was there.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(read_only=True)
        self._desk = desk
        self._documents: dict[str, Future[bytes | None]] = {}
        self.found = False

    def document(self, key: str) -> "Future[bytes | None]":
        """Return a document, which is asked for once."""
        if key not in self._documents:
            self._documents[key] = self._desk.ask(key, None)
        return self._documents[key]

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return a value or a part of it."""
        if key.rpartition("/")[2] in _DOCUMENTS:
            content = await asyncio.wrap_future(self.document(key))
        else:
            content = await asyncio.wrap_future(self._desk.ask(key, _span(byte_range)))
            self.found = self.found or content is not None
        return None if content is None else prototype.buffer.from_bytes(content)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Return parts of several values."""
        return await asyncio.gather(*(self.get(key, prototype, span) for key, span in key_ranges))

    async def exists(self, key: str) -> bool:
        """Say whether there is a value."""
        return await asyncio.wrap_future(self.document(key)) is not None

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = Store.__hash__

    @property
    def supports_writes(self) -> bool:
        """False."""
        return False

    @property
    def supports_deletes(self) -> bool:
        """False."""
        return False

    @property
    def supports_listing(self) -> bool:
        """False: the web has no lists."""
        return False

    async def set(self, key: str, value: Buffer) -> None:
        """Refuse to write."""
        raise NotImplementedError

    async def delete(self, key: str) -> None:
        """Refuse to delete."""
        raise NotImplementedError

    def list(self) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError

    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Refuse to list."""
        raise NotImplementedError


def _span(request: ByteRequest | None) -> tuple[int | None, int | None] | None:
    """Return a range as first and last byte; only the last if it counts from the end."""
    if isinstance(request, RangeByteRequest):
        return request.start, request.end
    if isinstance(request, OffsetByteRequest):
        return request.offset, None
    return (None, request.suffix) if isinstance(request, SuffixByteRequest) else None


def paint(desk: Desk, job: dict[str, Any]) -> bytes:
    """Return the frame that answers a job."""
    store = PipeStore(desk)
    files = Files(
        store,
        lambda path: store.document(path).result(),
        lambda path: desk.ask(path, None, any_below=True).result() is not None,
    )
    try:
        wanted = Wanted(**{**job["wanted"], "channels": tuple(job["wanted"]["channels"])})
        picture = render(files, wanted, job["most_bytes"])
    except Refused as refused:
        return _failure(refused.kind, str(refused))
    except MemoryError:
        return _failure("large", "the picture needs more memory than one picture may have")
    except BaseException as error:  # the service outlives whatever an image does
        return _failure("broken", f"the image cannot be shown ({type(error).__name__})")
    return pack(b"E", json.dumps({"said": picture.said}).encode() + b"\n" + picture.png)


def _failure(kind: str, message: str) -> bytes:
    return pack(b"X", json.dumps([kind, message]).encode())


def _listen(source: IO[bytes], desk: Desk, jobs: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Read frames until the service closes the pipe or is gone, then end the process whatever it does."""
    while len(header := source.read(HEADER.size)) == HEADER.size:
        kind, length = HEADER.unpack(header)
        payload = source.read(length)
        if kind == b"B":
            desk.receive(payload)
        else:
            jobs.put(json.loads(payload))
    os._exit(0)


def main(arguments: list[str]) -> None:
    """Make pictures until standard input ends."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not become part of a picture
    lower_priority()
    limit_memory(int(arguments[0]))
    jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    desk = Desk(out)
    threading.Thread(target=_listen, args=(sys.stdin.buffer, desk, jobs), daemon=True).start()
    _warm_up()
    deny_sockets()
    desk.send(pack(b"R"))
    while True:
        desk.send(paint(desk, jobs.get()))


def _warm_up() -> None:
    """Let zarr start its event loop, which opens two sockets of its own, while it may."""
    import zarr
    from zarr.storage import MemoryStore

    array = zarr.create_array(MemoryStore(), shape=(1,), dtype="u1")
    array[:] = 0


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)
