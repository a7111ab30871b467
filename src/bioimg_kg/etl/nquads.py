"""The only place that writes quads: N-Quads text, sorted, each line once, in bounded memory.

Terms are written once into *tokens* (``<iri>``, ``"text"``); columns of tokens become lines. What this
module writes, pyoxigraph's strict parser reads back equal: a property test holds it to that.
"""

import gzip
import heapq
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from bioimg_kg.etl.tally import GraphCounts, Tally
from bioimg_kg.identifiers.iris import base_of, is_iri
from bioimg_kg.vocab import XSD

_LINES_IN_MEMORY = 700_000
"""A line takes about 300 bytes, so a writer stays near 200 MB."""
_LEVEL = 3
"""Compression level: 6 is a third slower for 5 % less."""

_ESCAPES = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    ord("\b"): "\\b",
    ord("\t"): "\\t",
    ord("\n"): "\\n",
    ord("\f"): "\\f",
    ord("\r"): "\\r",
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}


def iri(text: str) -> str:
    """Return the token of an IRI.

    Raises
    ------
    ValueError
        The text is not an absolute IRI.

    Examples
    --------
    >>> iri("https://example.org/a")
    '<https://example.org/a>'
    """
    if not is_iri(text):
        message = f"{text!r} is not an absolute IRI"
        raise ValueError(message)
    return f"<{text}>"


def literal(text: str, datatype: str = "") -> str:
    r"""Return the token of a literal.

    Parameters
    ----------
    text
        Its lexical form.
    datatype
        Local name of an XML Schema type (``integer``, ``decimal``, ``date``); plain text if empty.

    Examples
    --------
    >>> print(literal('a "b"\n'), literal("1", "integer"))
    "a \"b\"\n" "1"^^<http://www.w3.org/2001/XMLSchema#integer>
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is no character
    escaped = text.translate(_ESCAPES)
    return f'"{escaped}"^^<{XSD}{datatype}>' if datatype else f'"{escaped}"'


class GraphFile:
    """Writes one named graph into one gzipped N-Quads file.

    Lines may come in any order and more than once; the file is sorted and has each line once, and its bytes
    depend on nothing else.

    Parameters
    ----------
    path
        File to write; its folder is made.
    graph
        IRI of the graph.

    Attributes
    ----------
    counts
        What is in the graph, known when the file is closed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "g.nq.gz"
    ...     with GraphFile(path, "https://example.org/g") as out:
    ...         out.add("https://example.org/s", "https://example.org/p", literal("b"))
    ...         out.add("https://example.org/s", "https://example.org/p", literal("a"))
    ...         out.add("https://example.org/s", "https://example.org/p", literal("b"))
    ...     print(out.counts.quads, gzip.open(path, "rt").readline(), end="")
    2 <https://example.org/s> <https://example.org/p> "a" <https://example.org/g> .
    """

    def __init__(self, path: Path, graph: str) -> None:
        self.path = path
        self.counts = GraphCounts()
        self._tally = Tally(base_of(graph))
        self._end = f" {iri(graph)} .\n"
        self._lines: list[str] = []
        self._runs: list[IO[str]] = []

    def __enter__(self) -> "GraphFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write()
                self.counts = self._tally.counts()
        finally:
            for run in self._runs:
                run.close()

    def add(self, subject: str, predicate: str, object_token: str) -> None:
        """Add one quad; subject and predicate are IRIs, the object is a token."""
        self.line(iri(subject), f"<{predicate}>", object_token)

    def line(self, subject: str, predicate: str, object_token: str) -> None:
        """Add one quad; all three are tokens."""
        self._lines.append(f"{subject} {predicate} {object_token}")
        if len(self._lines) >= _LINES_IN_MEMORY:
            self._spill()

    def link(self, subject: str, predicate: str, target: str) -> None:
        """Add one quad whose object is an IRI."""
        self.add(subject, predicate, iri(target))

    def text(self, subject: str, predicate: str, text: str, datatype: str = "") -> None:
        """Add one quad whose object is a literal, unless the text is empty."""
        if text:
            self.add(subject, predicate, literal(text, datatype))

    def column(self, subjects: Sequence[str], predicate: str, objects: Iterable[str]) -> None:
        """Add one quad per row.

        Parameters
        ----------
        subjects, objects
            Tokens, of equal length.
        predicate
            An IRI.
        """
        middle = f" <{predicate}> "
        self._lines += [s + middle + o for s, o in zip(subjects, objects, strict=True)]
        if len(self._lines) >= _LINES_IN_MEMORY:
            self._spill()

    def constant(self, subjects: Iterable[str], predicate: str, object_token: str) -> None:
        """Add one quad per subject token, all with the same predicate and object."""
        end = f" <{predicate}> {object_token}"
        self._lines += [s + end for s in subjects]
        if len(self._lines) >= _LINES_IN_MEMORY:
            self._spill()

    def _spill(self) -> None:
        self._lines.sort()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        run = tempfile.TemporaryFile(  # noqa: SIM115 - closed in __exit__
            "w+", encoding="utf-8", newline="\n", dir=self.path.parent
        )
        run.writelines(line + "\n" for line in self._lines)
        run.seek(0)
        self._runs.append(run)
        self._lines = []

    def _write(self) -> None:
        self._lines.sort()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        sources: list[Iterable[str]] = [(line[:-1] for line in run) for run in self._runs]
        merged = heapq.merge(*sources, self._lines) if sources else self._lines
        # no file name and no time in the header: equal content gives equal bytes
        with self.path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as out:
            for block in self._blocks(merged):
                out.write(block)
        self._lines = []

    def _blocks(self, lines: Iterable[str]) -> Iterator[bytes]:
        """Join lines into blocks, leaving out repeats."""
        block: list[str] = []
        previous = ""
        for line in lines:
            if line != previous:
                block.append(line)
                previous = line
                if len(block) == 10_000:
                    yield self._joined(block)
                    block = []
        if block:
            yield self._joined(block)

    def _joined(self, block: list[str]) -> bytes:
        self._tally.add(block)
        return (self._end.join(block) + self._end).encode()
