"""Two sorted N-Quads files, line by line beside each other."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from bioimg_kg.errors import SourceError

_END: Final = b"\xff"
"""Comes after every line: no byte of UTF-8 is as high."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject in a graph of two releases.

    Attributes
    ----------
    iri
        Its IRI.
    before, after
        How many statements the graph has about it, in the earlier and in the later release.
    added, removed
        How many of them the other release does not have.
    """

    iri: str
    before: int
    after: int
    added: int
    removed: int


def subjects(old: Path | None, new: Path | None) -> Iterator[Subject]:
    """Yield the subjects of two files in order, in bounded memory.

    Parameters
    ----------
    old, new
        ``.nq.gz`` files, sorted; None for a graph that is not there.

    Raises
    ------
    SourceError
        A file cannot be read, or is not sorted.
    """
    for subject, lines in groupby(_merged(_lines(old), _lines(new)), _subject):
        before = after = added = removed = 0
        for side, _ in lines:
            before += side <= 0
            after += side >= 0
            added += side > 0
            removed += side < 0
        yield Subject(subject.decode(), before, after, added, removed)


def _merged(old: Iterator[bytes], new: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of both in order, with -1 if only the old one has it, 1 if only the new one, or 0."""
    left, right = next(old, _END), next(new, _END)
    while left is not _END or right is not _END:
        if left == right:
            yield 0, left
            left, right = next(old, _END), next(new, _END)
        elif left < right:
            yield -1, left
            left = next(old, _END)
        else:
            yield 1, right
            right = next(new, _END)


def _subject(line: tuple[int, bytes]) -> bytes:
    return line[1][1 : line[1].index(b"> ")]


def _lines(path: Path | None) -> Iterator[bytes]:
    if path is None:
        return
    before = b""
    try:
        with gzip.open(path, "rb") as stream:
            for line in stream:
                if line <= before or not line.startswith(b"<"):
                    message = f"{path} is not sorted N-Quads as a build writes it: it cannot be compared"
                    raise SourceError(message)
                before = line
                yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"{path} is damaged: {error}"
        raise SourceError(message) from error
