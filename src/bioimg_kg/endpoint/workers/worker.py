"""The process that evaluates queries: ``python -m bioimg_kg.endpoint.workers.worker STORE MEGABYTES``.

Jobs come in on standard input, answers go out on standard output (:mod:`bioimg_kg.endpoint.workers.frames`).
The main thread evaluates and serialises, because a result of pyoxigraph must not be touched by another one.
A second thread waits for jobs, so that a worker whose service is gone ends at once, even in mid-query.
"""

import os
import queue
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
)

from bioimg_kg.endpoint.federation.inline import Term, read_rows, restore
from bioimg_kg.endpoint.http.prefixed import write_graph
from bioimg_kg.endpoint.linked.describe import look_up
from bioimg_kg.endpoint.sparql.guard import NO_FEDERATION
from bioimg_kg.endpoint.sparql.improve import Improver
from bioimg_kg.endpoint.workers.confine import deny_sockets, limit_memory, lower_priority
from bioimg_kg.endpoint.workers.frames import (
    CHUNK_BYTES,
    HEADER,
    Failure,
    FailureKind,
    Job,
    Look,
    Table,
    Task,
    pack,
)
from bioimg_kg.errors import BioimgKgError, RemoteError
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import PREFIXES

_POSITION: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)

_TASKS: Final[dict[bytes, type[Task]]] = {task.kind: task for task in (Job, Table, Look)}

Answer = QueryBoolean | QuerySolutions | QueryTriples


class ResultTooLong(Exception):  # noqa: N818 - ends a serialisation, never leaves the process
    """The answer has passed its limit."""


class Sink:
    """A file that sends what is written to it as frames of a useful size.

    Parameters
    ----------
    send
        Called with each frame.
    max_bytes
        Longest answer.

    Attributes
    ----------
    improvement
        How the query was improved, told before the answer.
    sent
        Bytes that were sent.
    """

    def __init__(self, send: Callable[[bytes], object], max_bytes: int) -> None:
        self._send = send
        self.improvement = ""
        self._room = max_bytes
        self._waiting = bytearray()
        self._started = False
        self.sent = 0

    def write(self, data: bytes) -> int:
        """Take a piece of the answer.

        Raises
        ------
        ResultTooLong
            The answer is longer than allowed.
        """
        self._room -= len(data)
        if self._room < 0:
            raise ResultTooLong
        self._waiting += data
        if len(self._waiting) >= CHUNK_BYTES:
            self.push()
        return len(data)

    def flush(self) -> None:
        """Do nothing: pyoxigraph flushes once at its end, frames are sent when they are full."""

    def push(self) -> None:
        """Send what waits."""
        if not self._started:
            self._started = True
            self._send(pack(b"S", self.improvement.encode()))
        with memoryview(self._waiting) as waiting:  # one value may be much longer than a piece
            for start in range(0, len(waiting), 4 * CHUNK_BYTES):
                self._send(pack(b"C", bytes(waiting[start : start + 4 * CHUNK_BYTES])))
        self.sent += len(self._waiting)
        self._waiting.clear()


def answer(improver: Improver, job: Task, send: Callable[[bytes], object]) -> None:
    """Evaluate a job and send its answer, or one failure frame.

    Parameters
    ----------
    improver
        Evaluates jobs on the opened store.
    job
        What to evaluate, the answer of another endpoint to be read, or a thing to be described.
    send
        Called with each frame.
    """
    started = time.monotonic()
    sink = Sink(send, sys.maxsize if isinstance(job, Table) else job.max_bytes)
    try:
        if isinstance(job, Table):
            sink.write(read_rows(job).to_bytes())
        elif isinstance(job, Look):
            sink.write(look_up(improver.store, job).to_bytes())
        else:
            result, sink.improvement = improver.evaluate(job)
            _write(result, job.media_type, sink)
        sink.push()
        stats = f'{{"seconds": {time.monotonic() - started:.4f}, "bytes": {sink.sent}}}'
        send(pack(b"E", stats.encode()))
    except BrokenPipeError:
        raise
    except BaseException as error:  # the service outlives whatever a query does
        send(pack(b"X", _failure(error, job).to_bytes()))


def _evaluate(store: Store, job: Job) -> Answer:
    functions: dict[NamedNode, Callable[..., Term | None]] | None = None
    if (prefix := job.blank_function) is not None:
        functions = {NamedNode(prefix): lambda term: restore(prefix, term)}
    if job.default_graphs is None and job.named_graphs is None:
        return store.query(
            job.query,
            base_iri=job.base_iri,
            use_default_graph_as_union=job.union,
            custom_functions=functions,
        )
    # One of the two alone would leave the other kind of graph as wide as the store.
    return store.query(
        job.query,
        base_iri=job.base_iri,
        default_graph=[NamedNode(iri) for iri in job.default_graphs or ()],
        named_graphs=[NamedNode(iri) for iri in job.named_graphs or ()],
        custom_functions=functions,
    )


def _write(result: Answer, media_type: str, sink: Sink) -> None:
    output: IO[bytes] = sink  # type: ignore[assignment]  # pyoxigraph uses write and flush only
    if isinstance(result, QueryTriples):
        form = RdfFormat.from_media_type(media_type)
        if form is None:
            message = f"{media_type} cannot hold the graph that CONSTRUCT and DESCRIBE answer with"
            raise ValueError(message)
        write_graph(result, output, form, PREFIXES)
        return
    results = QueryResultsFormat.from_media_type(media_type)
    if results is None:
        message = f"{media_type} cannot hold the table or truth value that SELECT and ASK answer with"
        raise ValueError(message)
    result.serialize(output, results)


def _failure(error: BaseException, job: Task) -> Failure:
    text = str(error)
    if isinstance(error, RemoteError):
        return Failure("remote", text)
    if isinstance(error, SyntaxError):
        return _syntax_failure(text)
    if isinstance(error, ResultTooLong) and not isinstance(job, Table):
        limit = f"{job.max_bytes / (1 << 20):,.0f} MB"
        return Failure("too-large", f"the answer is larger than {limit}: add LIMIT, or ask for a part of it")
    kind: FailureKind = "evaluation"
    if isinstance(error, MemoryError):
        kind, text = "memory", "the query needs more memory than one query may have"
    elif isinstance(error, ValueError):
        kind = "refused"
    elif isinstance(error, OSError) and not isinstance(error, PermissionError):
        kind = "storage"
    elif isinstance(error, PermissionError):
        kind, text = "refused", NO_FEDERATION  # the guard did not see it, the wall behind it did
    return Failure(kind, text or type(error).__name__)


def _syntax_failure(text: str) -> Failure:
    match = _POSITION.match(text)
    if match is None:
        return Failure("syntax", text)
    return Failure("syntax", match[3].partition(", ['")[0], int(match[1]), int(match[2]))


def _listen(source: IO[bytes], jobs: "queue.SimpleQueue[Task]") -> None:
    """Read jobs until the service closes the pipe or is gone, then end the process whatever it does."""
    while len(header := source.read(HEADER.size)) == HEADER.size:
        kind, length = HEADER.unpack(header)
        payload = source.read(length)
        jobs.put(_TASKS[kind].from_bytes(payload))
    os._exit(0)


def main(arguments: list[str]) -> None:
    """Serve jobs until standard input ends."""
    directory, megabytes = Path(arguments[0]), int(arguments[1])
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not become part of an answer

    def send(frame: bytes) -> None:
        view = memoryview(frame)
        while view:
            view = view[out.write(view) :]

    lower_priority()
    limit_memory(megabytes)
    deny_sockets()
    try:
        store = open_readonly(directory)
    except (BioimgKgError, OSError, RuntimeError) as error:  # pyoxigraph calls damage a RuntimeError
        send(pack(b"X", Failure("release", str(error)).to_bytes()))
        return
    jobs: queue.SimpleQueue[Task] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, jobs), daemon=True).start()
    send(pack(b"R"))
    improver = Improver(store, _evaluate)
    while True:
        answer(improver, jobs.get(), send)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)
