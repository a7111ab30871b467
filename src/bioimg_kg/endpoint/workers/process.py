"""One worker process as the service sees it: started, given jobs, killed.

Workers are started by executing a new interpreter (never by forking the service, which has threads) with
nothing but two pipes in common. Ready in about 50 ms.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Final

import bioimg_kg
from bioimg_kg.endpoint.http.failures import ResultTooLarge, WorkerDied
from bioimg_kg.endpoint.workers.confine import lower_again
from bioimg_kg.endpoint.workers.frames import HEADER, Failure, Task, pack
from bioimg_kg.errors import ConfigError, QueryError, QueryRefused, QuerySyntax, RemoteError

START_SECONDS: Final = 30.0
"""A worker that is not ready by then never will be."""


class Worker:
    """A running worker process; made by :meth:`start`.

    Attributes
    ----------
    store
        Folder of the store that it has opened.
    improvement
        How its latest query was improved, empty if it was evaluated as it came.
    """

    def __init__(self, process: asyncio.subprocess.Process, store: Path, memory_mb: int) -> None:
        self._process = process
        self._memory_mb = memory_mb
        self._busy = False
        self.store = store
        self.improvement = ""

    @classmethod
    async def start(cls, store: Path, memory_mb: int) -> "Worker":
        """Start a process and wait until it has opened the store.

        Raises
        ------
        ConfigError
            It cannot open it.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bioimg_kg.endpoint.workers.worker", str(store), str(memory_mb)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=child_environment(),
            start_new_session=True,  # Ctrl-C in a terminal is for the service, which then ends its workers
        )
        worker = cls(process, store, memory_mb)
        try:
            async with asyncio.timeout(START_SECONDS):
                kind, payload = await worker._receive()
        except BaseException:
            await worker.kill()
            raise
        if kind != b"R":
            await worker.kill()
            raise ConfigError(Failure.from_bytes(payload).message)
        return worker

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def busy(self) -> bool:
        """It has a job."""
        return self._busy

    @property
    def fate(self) -> str:
        """How its life ends if it is discarded now: it ``died``, or is ``killed`` at work or ``retired``."""
        if self._process.returncode is not None:
            return "died"
        return "killed" if self._busy else "retired"

    def cpu_seconds(self) -> float | None:
        """Return the processor time it has used, or None where that cannot be told.

        The clock of another process has this number on Linux, see clock_getcpuclockid(3). It counts on until
        the process is gone for good, so it also tells what a query has cost that was killed.
        """
        return cpu_seconds(self.pid)

    @property
    def memory_bytes(self) -> int:
        """Memory that it occupies; 0 where that cannot be told."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def usable(self) -> bool:
        """It lives and has no job."""
        return self._process.returncode is None and not self._busy

    async def run(self, job: Task) -> AsyncGenerator[bytes, None]:
        """Evaluate a job and yield the pieces of its answer.

        Raises
        ------
        QuerySyntax, QueryRefused, QueryError, RemoteError
            There is no answer; the worker lives.
        WorkerDied
            The process ended in the middle.
        """
        self._busy = True
        stdin = self._process.stdin
        assert stdin is not None  # it was asked for
        try:
            stdin.write(pack(job.kind, job.to_bytes()))
            await stdin.drain()
        except ConnectionError:
            raise await self._obituary() from None
        while True:
            kind, payload = await self._receive()
            if kind == b"S":
                self.improvement = payload.decode()
            elif kind == b"C":
                yield payload
            elif kind == b"E":
                break
            elif kind == b"X":
                self._busy = False
                raise _exception(Failure.from_bytes(payload))
        self._busy = False

    def yield_to_others(self) -> None:
        """Lower the priority of the process, for the rest of its life."""
        lower_again(self.pid)

    async def kill(self) -> None:
        """End the process, whatever it does, and wait until it is gone."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        transport = self._process._transport  # type: ignore[attr-defined]  # no public close
        transport.close()

    async def _receive(self) -> tuple[bytes, bytes]:
        stdout = self._process.stdout
        assert stdout is not None  # it was asked for
        try:
            kind, length = HEADER.unpack(await stdout.readexactly(HEADER.size))
            return kind, await stdout.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._obituary() from None

    async def _obituary(self) -> WorkerDied:
        """Say why the process is gone, as far as it can be told from the outside."""
        assert self._process.stderr is not None  # it was asked for
        last_words = await self._process.stderr.read(4096)
        code = await self._process.wait()
        if b"memory allocation" in last_words or b"MemoryError" in last_words:
            return WorkerDied(
                f"the query needs more than the {self._memory_mb:,} MB of memory that one query may have: "
                "select fewer rows before grouping or sorting, or build shorter strings"
            )
        reason = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return WorkerDied(
            f"the process that evaluated the query ended before its answer was whole ({reason})"
        )


def cpu_seconds(pid: int) -> float | None:
    """Return the processor time that a process has used, see :meth:`Worker.cpu_seconds`."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except (OSError, OverflowError):
        return None


def child_environment() -> dict[str, str]:
    """Let the worker find the package where this process found it, and keep its last words short."""
    package_root = str(Path(bioimg_kg.__file__).parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([package_root, inherited] if inherited else [package_root])
    return {**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def _exception(failure: Failure) -> QueryError | RemoteError | OSError:
    match failure.kind:
        case "syntax":
            return QuerySyntax(failure.message, failure.line, failure.column)
        case "refused":
            return QueryRefused(failure.message)
        case "too-large":
            return ResultTooLarge(failure.message)
        case "storage":
            return OSError(failure.message)
        case "remote":
            return RemoteError(failure.message)
        case "memory":
            return WorkerDied(failure.message)
        case _:
            return QueryError(failure.message)
