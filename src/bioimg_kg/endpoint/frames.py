"""The language between the service and its worker processes: framed messages over two pipes.

A frame is one letter for its kind, the length of its payload in four bytes, and the payload::

    service -> worker   J  a job, JSON of :class:`Job`
    worker -> service   R  ready for a first job
                        S  the answer starts (nothing has failed so far), how the query was improved
                        C  a piece of the answer
                        E  the answer is whole, JSON {"seconds": ..., "bytes": ...}
                        X  no answer, JSON of :class:`Failure`
"""

import json
import struct
from dataclasses import asdict, dataclass
from typing import Final, Literal

HEADER: Final = struct.Struct(">cI")
CHUNK_BYTES: Final = 64 << 10
"""Pieces of an answer are about this long."""

FailureKind = Literal["syntax", "refused", "too-large", "memory", "evaluation", "storage", "release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A query that has passed the guard, and how to answer it.

    Attributes
    ----------
    query
        Text of the query.
    media_type
        Format of the answer, one of :mod:`bioimg_kg.endpoint.negotiation`.
    base_iri
        What relative IRIs are relative to.
    union
        The default graph is the union of all graphs; only right if nothing names a graph.
    default_graphs, named_graphs
        Dataset of the protocol, which replaces that of the query; None if the request names none.
    max_bytes
        Longest answer.
    """

    query: str
    media_type: str
    base_iri: str | None = None
    union: bool = True
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    max_bytes: int = 256 << 20

    def to_bytes(self) -> bytes:
        """Return the payload of a job frame."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, payload: bytes) -> "Job":
        """Read the payload of a job frame.

        Examples
        --------
        >>> job = Job(query="ASK {}", media_type="text/csv", default_graphs=("http://g",))
        >>> Job.from_bytes(job.to_bytes()) == job
        True
        """
        content = json.loads(payload)
        for key in ("default_graphs", "named_graphs"):
            content[key] = None if content[key] is None else tuple(content[key])
        return cls(**content)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a worker has no answer."""

    kind: FailureKind
    message: str
    line: int | None = None
    column: int | None = None

    def to_bytes(self) -> bytes:
        """Return the payload of a failure frame."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, payload: bytes) -> "Failure":
        """Read the payload of a failure frame."""
        return cls(**json.loads(payload))


def pack(kind: bytes, payload: bytes = b"") -> bytes:
    r"""Return a frame.

    Examples
    --------
    >>> pack(b"C", b"abc")
    b'C\x00\x00\x00\x03abc'
    """
    return HEADER.pack(kind, len(payload)) + payload
