"""Where pictures are made: a few processes, each with a deadline and a limit of memory, killed at need."""

import asyncio
import json
import signal
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final

from bioimg_kg.endpoint.http.asking import asking
from bioimg_kg.endpoint.http.failures import ServiceBusy, WorkerDied
from bioimg_kg.endpoint.pictures.failures import ImageTooLarge, ImageUnreadable, NoSuchPicture
from bioimg_kg.endpoint.pictures.sources import Source
from bioimg_kg.endpoint.pictures.wanted import Wanted
from bioimg_kg.endpoint.workers.frames import HEADER, pack
from bioimg_kg.endpoint.workers.process import child_environment, cpu_seconds
from bioimg_kg.errors import BioimgKgError, QueryError, QueryTimeout

_MOST_PIECES: Final = 5000
_FAILURES: Final[dict[str, type[QueryError]]] = {
    "absent": NoSuchPicture,
    "broken": ImageUnreadable,
    "large": ImageTooLarge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioLimits:
    """What pictures may cost.

    Attributes
    ----------
    processes
        Pictures that are made at a time.
    waiting
        How many more may wait.
    seconds
        Longest wait for a process, and longest work on a picture.
    memory_mb
        Address space of a process, in MiB.
    input_mb
        What may be read for a picture, and what that may be unpacked to eight times over.
    """

    processes: int = 2
    waiting: int = 64
    seconds: float = 15.0
    memory_mb: int = 1536
    input_mb: int = 64


@dataclass(frozen=True, slots=True)
class Print:
    """A finished picture.

    Attributes
    ----------
    png
        Its bytes.
    said
        What it shows.
    """

    png: bytes
    said: str


class Studio:
    """Makes pictures; processes are started when they are first needed.

    Parameters
    ----------
    limits
        What it may cost.

    Attributes
    ----------
    outcomes
        How many pictures ended in which way.
    """

    def __init__(self, limits: StudioLimits) -> None:
        self.limits = limits
        self._slots: asyncio.LifoQueue[_Painter | None] = asyncio.LifoQueue()
        for _ in range(limits.processes):
            self._slots.put_nowait(None)
        self._waiting = 0
        self._alive: set[_Painter] = set()
        self.outcomes: Counter[str] = Counter()

    @property
    def pids(self) -> frozenset[int]:
        """Numbers of the processes."""
        return frozenset(painter.pid for painter in self._alive)

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(self._discard(painter) for painter in tuple(self._alive)))

    async def make(self, source: Source, wanted: Wanted) -> Print:
        """Make a picture.

        Raises
        ------
        NoSuchPicture, ImageUnreadable, ImageTooLarge, ImageElsewhere, RemoteError
            There is none.
        QueryTimeout, WorkerDied
            It took too long, or its process ended.
        ServiceBusy
            Too many others are being made.
        """
        painter = await self._lease()
        try:
            if painter is None or not painter.alive:
                if painter is not None:
                    await self._discard(painter)
                painter = await _Painter.start(self.limits.memory_mb)
                self._alive.add(painter)
            before = cpu_seconds(painter.pid)
            try:
                async with asyncio.timeout(self.limits.seconds):
                    made = await painter.make(source, wanted, self.limits.input_mb << 20)
            finally:
                after = cpu_seconds(painter.pid)
                asking().cpu += (after or 0.0) - (before or 0.0)
        except TimeoutError:
            self.outcomes["late"] += 1
            message = f"the picture was not ready within {self.limits.seconds:g} s"
            raise QueryTimeout(message) from None
        except BioimgKgError as error:
            self.outcomes[type(error).__name__] += 1
            raise
        else:
            self.outcomes["made"] += 1
            return made
        finally:
            if painter is not None and painter.busy:
                await asyncio.shield(self._discard(painter))
                painter = None
            self._slots.put_nowait(painter)

    async def _lease(self) -> "_Painter | None":
        if self._waiting >= self.limits.waiting:
            message = "too many pictures are waited for: try again in a few seconds"
            raise ServiceBusy(message)
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await self._slots.get()
        except TimeoutError:
            message = "no process became free for the picture: try again in a few seconds"
            raise ServiceBusy(message) from None
        finally:
            self._waiting -= 1

    async def _discard(self, painter: "_Painter") -> None:
        await painter.kill()
        self._alive.discard(painter)


class _Painter:
    """One process, see :mod:`bioimg_kg.endpoint.pictures.painter`."""

    def __init__(self, process: asyncio.subprocess.Process, memory_mb: int) -> None:
        self._process = process
        self._memory_mb = memory_mb
        self.busy = False

    @classmethod
    async def start(cls, memory_mb: int) -> "_Painter":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bioimg_kg.endpoint.pictures.painter", str(memory_mb)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=child_environment()
            | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "BLOSC_NTHREADS": "1"},
            start_new_session=True,
        )
        painter = cls(process, memory_mb)
        try:
            async with asyncio.timeout(30):
                await painter._receive()
        except BaseException:
            await painter.kill()
            raise
        return painter

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def make(self, source: Source, wanted: Wanted, room: int) -> Print:
        self.busy = True
        self._send(b"P", json.dumps({"wanted": asdict(wanted), "most_bytes": 8 * room}).encode())
        errand = _Errand(source, room)
        fetching: set[asyncio.Task[None]] = set()
        try:
            while True:
                kind, payload = await self._receive()
                if kind != b"G":
                    break
                task = asyncio.create_task(self._fetch(errand, payload))
                fetching.add(task)
                task.add_done_callback(fetching.discard)
        except WorkerDied:
            if errand.failure is not None:
                raise errand.failure from None
            raise
        finally:
            for task in tuple(fetching):
                task.cancel()
            await asyncio.gather(*fetching, return_exceptions=True)
        self.busy = False
        if kind == b"X":
            name, message = json.loads(payload)
            raise _FAILURES[name](message)
        head, _, png = payload.partition(b"\n")
        return Print(png, json.loads(head)["said"])

    async def _fetch(self, errand: "_Errand", payload: bytes) -> None:
        number, path, span, any_below = json.loads(payload)
        content = await errand.fetch(path, span, any_below=any_below)
        if errand.failure is not None:
            self._stop()
            return
        there = content is not None
        self._send(b"B", number.to_bytes(4) + bytes([there]) + (content or b""))

    def _send(self, kind: bytes, payload: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None  # it was asked for
        with suppress(ConnectionError, RuntimeError):  # its end is noticed where answers are read
            stdin.write(pack(kind, payload))

    def _stop(self) -> None:
        """End the process at once: what it waits for will not come."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def _receive(self) -> tuple[bytes, bytes]:
        stdout = self._process.stdout
        assert stdout is not None  # it was asked for
        try:
            kind, length = HEADER.unpack(await stdout.readexactly(HEADER.size))
            return kind, await stdout.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            code = await self._process.wait()
            reason = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            message = f"the process that made the picture ended before it was ready ({reason})"
            raise WorkerDied(message) from None

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._stop()
        await self._process.wait()
        transport = self._process._transport  # type: ignore[attr-defined]  # no public close
        transport.close()


class _Errand:
    """What was read for one picture, and whether something could not be had."""

    def __init__(self, source: Source, room: int) -> None:
        self._source = source
        self._room = room
        self._turns = asyncio.Semaphore(8)
        self._pieces = 0
        self.failure: BioimgKgError | None = None

    async def fetch(
        self, path: str, span: tuple[int | None, int | None] | None, *, any_below: bool
    ) -> bytes | None:
        """Return a piece, None if it is not there or if reading has failed."""
        self._pieces += 1
        async with self._turns:
            if self.failure is not None:
                return None
            try:
                if self._pieces > _MOST_PIECES:
                    message = f"the picture needs more than {_MOST_PIECES:,} pieces of the image"
                    raise ImageTooLarge(message)
                if any_below:
                    return b"" if await self._source.has_chunks(path) else None
                content = await self._source.read(path, span, self._room)
                self._room -= len(content or b"")
            except BioimgKgError as error:
                self.failure = error
                return None
            else:
                return content
