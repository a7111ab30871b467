"""Reads N-Quads files of a release: the statements of one subject at a time, fast.

The files are ours: sorted, one graph each, written by :mod:`bioimg_kg.etl.nquads`. So a line can be cut at
its blanks, which takes a fifth of the time of a parser.
"""

import gzip
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

Facts = list[tuple[str, str]]
"""Predicate IRI and object token of each statement of a subject."""

_BLOCK: Final = 1 << 22
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SIGNS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def subjects(path: Path, keep: Collection[str] | None = None) -> Iterator[tuple[str, Facts]]:
    """Yield the IRI of each subject of a file with what is said of it, in the order of the file.

    Parameters
    ----------
    path
        A packed N-Quads file.
    keep
        Predicates to keep; all if None.

    Raises
    ------
    ValueError
        A line is not a quad.
    """
    names = {f"<{predicate}>": predicate for predicate in keep or ()}
    current, end, facts = "", 0, Facts()
    for line in _lines(path):
        subject, predicate, rest = line.split(" ", 2)
        if subject != current:
            if facts:
                yield current[1:-1], facts
            current, facts = subject, []
            end = end or rest.rindex(" ", 0, -2) - len(rest)  # all lines end with the same graph
        name = names.get(predicate)
        if name is None:
            if keep is not None:
                continue
            name = names[predicate] = predicate[1:-1]
        facts.append((name, rest[:end]))
    if facts:
        yield current[1:-1], facts


def _lines(path: Path) -> Iterator[str]:
    """Yield lines; a text stream over a packed one takes twice as long."""
    rest = b""
    with gzip.open(path, "rb") as stream:
        while block := stream.read(_BLOCK):
            whole, _, rest = (rest + block).rpartition(b"\n")
            if whole:
                yield from whole.decode().split("\n")


def value(token: str) -> str:
    r"""Return the IRI or the text that a token stands for.

    Examples
    --------
    >>> value("<https://example.org/a>"), value('"1"^^<http://www.w3.org/2001/XMLSchema#integer>')
    ('https://example.org/a', '1')
    >>> value(r'"a \"b\"\u0001"') == 'a "b"\x01'
    True
    """
    if token[0] == "<":
        return token[1:-1]
    text = token[1 : token.rindex('"')]
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _SIGNS.get(match[3], match[3])
