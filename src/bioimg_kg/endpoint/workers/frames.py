"""The language between the service and its worker processes: framed messages over two pipes.

A frame is one letter for its kind, the length of its payload in four bytes, and the payload::

    service -> worker   J  a job, JSON of :class:`Job`
                        T  the answer of another endpoint to be read, a :class:`Table`
                        D  a thing to be described, JSON of :class:`Look`
    worker -> service   R  ready for a first job
                        S  the answer starts (nothing has failed so far), how the query was improved
                        C  a piece of the answer
                        E  the answer is whole, JSON {"seconds": ..., "bytes": ...}
                        X  no answer, JSON of :class:`Failure`
"""

import json
import struct
from dataclasses import asdict, dataclass
from typing import ClassVar, Final, Literal

HEADER: Final = struct.Struct(">cI")
CHUNK_BYTES: Final = 64 << 10
"""Pieces of an answer are about this long."""

FailureKind = Literal[
    "syntax", "refused", "too-large", "memory", "evaluation", "storage", "release", "remote"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A query that has passed the guard, and how to answer it.

    Attributes
    ----------
    query
        Text of the query.
    media_type
        Format of the answer, one of :mod:`bioimg_kg.endpoint.http.negotiation`.
    base_iri
        What relative IRIs are relative to.
    union
        The default graph is the union of all graphs; only right if nothing names a graph.
    default_graphs, named_graphs
        Dataset of the protocol, which replaces that of the query; None if the request names none.
    max_bytes
        Longest answer.
    dry
        Nothing is asked of the store: the query is checked, and its answer is that of an empty store.
    blank_function
        IRI of the function that makes blank nodes of other endpoints from the IRIs that stand for them.
    """

    kind: ClassVar[bytes] = b"J"
    query: str
    media_type: str
    base_iri: str | None = None
    union: bool = True
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    max_bytes: int = 256 << 20
    dry: bool = False
    blank_function: str | None = None

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
class Table:
    """What another endpoint answered, to be made into rows of VALUES.

    Attributes
    ----------
    media_type
        SPARQL results in JSON or XML.
    variables
        The columns that are wanted.
    blank_prefix
        How the IRIs begin that stand for its blank nodes.
    body
        The answer.
    """

    kind: ClassVar[bytes] = b"T"
    media_type: str
    variables: tuple[str, ...]
    blank_prefix: str
    body: bytes

    def to_bytes(self) -> bytes:
        """Return the payload of a table frame: a line of JSON, then the answer as it came."""
        head = {
            "media_type": self.media_type,
            "variables": self.variables,
            "blank_prefix": self.blank_prefix,
        }
        return json.dumps(head).encode() + b"\n" + self.body

    @classmethod
    def from_bytes(cls, payload: bytes) -> "Table":
        r"""Read the payload of a table frame.

        Examples
        --------
        >>> table = Table("application/sparql-results+json", ("a",), "urn:b:", b"{\n}")
        >>> Table.from_bytes(table.to_bytes()) == table
        True
        """
        head, _, body = payload.partition(b"\n")
        content = json.loads(head)
        return cls(content["media_type"], tuple(content["variables"]), content["blank_prefix"], body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A thing that is to be described, if it is in the store; see :mod:`bioimg_kg.endpoint.linked.describe`.

    Attributes
    ----------
    things
        IRIs that go first: if one of them is there, nothing is described.
    document
        IRI of the thing that is described; empty for none.
    probes
        More IRIs of which the answer says whether they are there.
    max_bytes
        Longest answer.
    """

    kind: ClassVar[bytes] = b"D"
    things: tuple[str, ...] = ()
    document: str = ""
    probes: tuple[str, ...] = ()
    max_bytes: int = 32 << 20

    def to_bytes(self) -> bytes:
        """Return the payload of its frame."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, payload: bytes) -> "Look":
        """Read the payload of its frame.

        Examples
        --------
        >>> look = Look(things=("http://a",), document="http://b")
        >>> Look.from_bytes(look.to_bytes()) == look
        True
        """
        content = json.loads(payload)
        for key in ("things", "probes"):
            content[key] = tuple(content[key])
        return cls(**content)


Task = Job | Table | Look
"""What a worker does for the service."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a :class:`Table`.

    Attributes
    ----------
    count
        How many they are.
    loose, blank
        Columns with a cell that is empty, or a blank node.
    text
        The rows as in a VALUES block.
    """

    count: int
    loose: tuple[str, ...]
    blank: tuple[str, ...]
    text: str

    def to_bytes(self) -> bytes:
        """Return them as an answer: a line of JSON, then the rows."""
        head = json.dumps([self.count, self.loose, self.blank])
        return f"{head}\n{self.text}".encode()

    @classmethod
    def from_bytes(cls, answer: bytes) -> "Rows":
        r"""Read the answer.

        Examples
        --------
        >>> rows = Rows(1, ("a",), (), "(UNDEF)\n")
        >>> Rows.from_bytes(rows.to_bytes()) == rows
        True
        """
        head, _, text = answer.decode().partition("\n")
        count, loose, blank = json.loads(head)
        return cls(count, tuple(loose), tuple(blank), text)


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
