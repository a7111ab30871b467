"""Turtle with its prefixes in the order of their names, whatever order the serialiser gives them."""

import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import IO, Final

from pyoxigraph import Quad, RdfFormat, Triple, serialize

PREFIXED: Final = (RdfFormat.TURTLE, RdfFormat.TRIG)
_HEAD: Final = re.compile(rb"(?:@prefix [^\n]*\n)*")


class PrefixSorter:
    """A file that passes on a Turtle document with its first lines, the prefixes, in order.

    Parameters
    ----------
    output
        Where the document goes.
    """

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._head = bytearray()
        self._open = True

    def write(self, data: bytes) -> int:
        """Take a piece of the document."""
        if not self._open:
            return self._output.write(data)
        self._head += data
        rest = self._head[self._end :]
        if not (rest.startswith(b"@prefix ") or b"@prefix ".startswith(rest)):
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Pass on what has been kept back."""
        if self._open:
            self._open = False
            end = self._end
            lines = self._head[:end].splitlines(keepends=True)
            self._output.write(b"".join(sorted(lines)) + self._head[end:])

    @property
    def _end(self) -> int:
        found = _HEAD.match(self._head)
        return found.end() if found else 0


def write_graph(
    triples: Iterable[Triple] | Iterable[Quad],
    output: IO[bytes],
    form: RdfFormat,
    prefixes: Mapping[str, str],
) -> None:
    """Serialise a graph, with prefixes where the format has them.

    Examples
    --------
    >>> from pyoxigraph import Literal, NamedNode
    >>> triple = Triple(NamedNode("http://x/s"), NamedNode("http://x/p"), Literal("o"))
    >>> print(graph_bytes([triple], RdfFormat.TURTLE, {"x": "http://x/", "a": "http://a/"}).decode(), end="")
    @prefix a: <http://a/> .
    @prefix x: <http://x/> .
    x:s x:p "o" .
    """
    if form not in (*PREFIXED, RdfFormat.RDF_XML):
        serialize(triples, output, form)
        return
    sorter = PrefixSorter(output)
    target: IO[bytes] = sorter if form in PREFIXED else output  # type: ignore[assignment]  # write is enough
    serialize(triples, target, form, prefixes=dict(prefixes))
    if form in PREFIXED:
        sorter.flush()


def graph_bytes(
    triples: Iterable[Triple] | Iterable[Quad], form: RdfFormat, prefixes: Mapping[str, str]
) -> bytes:
    """Return a graph as :func:`write_graph` writes it."""
    output = BytesIO()
    write_graph(triples, output, form, prefixes)
    return output.getvalue()
