"""SPARQL cut into tokens: strings, IRIs, names, brackets; comments and white space left out.

The pattern takes time in proportion to the text, whatever the text is: every repetition is possessive, and a
quote without an end stops the scan.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from bioimg_kg.errors import QuerySyntax

_NAME = r"A-Za-z0-9_\x80-\U0010FFFF"
_WORD = rf"[A-Za-z_\x80-\U0010FFFF](?:[{_NAME}\-]|\.+(?=[{_NAME}\-:]))*+"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_TOKEN = re.compile(
    rf"""
      (?P<blank>[ \t\r\n]+|\#[^\r\n]*+)
    | (?P<string>'''(?:[^'\\]|\\.|'(?!''))*+'''|\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\")
    | (?P<unclosed>'''|\"\"\")
    | (?P<short>'(?:[^'\\\r\n]|\\[^\r\n])*+'|"(?:[^"\\\r\n]|\\[^\r\n])*+")
    | (?P<stray>['"])
    | (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
    | (?P<variable>[?$][{_NAME}]+)
    | (?P<node>_:[{_NAME}](?:[{_NAME}\-]|\.+(?=[{_NAME}\-]))*+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*+(?:--[A-Za-z]+)?)
    | (?P<prefixed>(?:{_WORD})?:
          (?:(?:[{_NAME}:]|{_ESCAPED})(?:[{_NAME}:\-]|{_ESCAPED}|\.+(?=[{_NAME}:\-%\\]))*+)?)
    | (?P<word>{_WORD})
    | (?P<number>[0-9]+)
    | (?P<open>[{{(\[])
    | (?P<close>[}})\]])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


OPERANDS: Final = frozenset(
    {"string", "short", "iri", "variable", "prefixed", "number", "word", "language", "node"}
)
"""Kinds of tokens after which a ``<`` may be "less than"."""


class Token(NamedTuple):
    """A piece of a query: kind (a group of the token pattern), text and offset in characters."""

    kind: str
    text: str
    start: int


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """Cut a query into tokens; white space and comments are left out.

    Raises
    ------
    QuerySyntax
        A quote is not closed.

    Examples
    --------
    >>> [t.text for t in tokens("ASK { ?s a <x#y> } # SERVICE")]
    ['ASK', '{', '?s', 'a', '<x#y>', '}']
    """
    for match in _TOKEN.finditer(text, start):
        kind = match.lastgroup or "other"
        if kind == "blank":
            continue
        if kind in {"unclosed", "stray"}:
            line, column = position(text, match.start())
            message = f"the string that starts with {match.group()} is not closed"
            raise QuerySyntax(message, line, column)
        yield Token(kind, match.group(), match.start())


def may_compare(before: Token, token: Token) -> bool:
    """Tell whether what looks like an IRI stands where ``<`` may be "less than".

    Examples
    --------
    >>> first, second = tokens("?x <http://x/>")
    >>> may_compare(first, second), may_compare(second, first)
    (True, False)
    """
    return token.kind == "iri" and (before.kind in OPERANDS or before.text == ")")


def position(text: str, offset: int) -> tuple[int, int]:
    r"""Return line and column of an offset, both counted from 1.

    Examples
    --------
    >>> position("ASK\n{ ?s", 6)
    (2, 3)
    """
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
