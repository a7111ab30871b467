"""What a query contains, found before any parser sees it.

The parser of Oxigraph is recursive (a few kilobytes of ``{`` overflow its stack), sends requests to any
SERVICE, and does not ask for white space between words: ``SERVICESILENT<http://...>`` and ``1SERVICE:x {``
are calls too. So words are searched for *inside* name tokens, never compared with them; names that merely
look alike (``service:version`` with a declared prefix, strings, IRIs, comments) are told apart.

Where the tokens themselves are ambiguous, every reading is searched: the ``<`` in ``(?x<1#>`` starts an
IRI or is "less than" with a comment behind it, and only the grammar knows which.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bioimg_kg.endpoint.sparql.tokens import Token, may_compare, position, tokens
from bioimg_kg.errors import QueryRefused, QuerySyntax

MAX_DEPTH: Final = 100
"""Braces, brackets and parentheses may be nested this deep; the parser survives about 2,000."""

MAX_BYTES: Final = 1 << 20
"""Length of a query, enough for a VALUES list of 10,000 IRIs."""

UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")

READ_ONLY: Final = (
    "this service is read-only: it answers queries (SELECT, ASK, CONSTRUCT, DESCRIBE), not updates"
)
NO_FEDERATION: Final = (
    "SERVICE is refused: federation to an allow-list of other endpoints is not configured here. "
    "Ask the other endpoint directly and join the results, or call this endpoint from yours with SERVICE."
)
AMBIGUOUS: Final = (
    "SERVICE is refused where '<' may be \"less than\" or the start of an IRI: "
    "write a space after every '<' that means \"less than\""
)


@dataclass(frozen=True, slots=True)
class Scan:
    """What a query is, as far as the service must know before it is parsed.

    Attributes
    ----------
    form
        ``SELECT``, ``ASK``, ``CONSTRUCT``, ``DESCRIBE``, or None if the text starts like none of them.
    has_dataset
        It names its graphs with FROM or FROM NAMED.
    depth
        Deepest nesting of braces, brackets and parentheses.
    calls
        It calls a SERVICE.
    """

    form: str | None
    has_dataset: bool
    depth: int
    calls: bool = False


def inspect(
    text: str, max_depth: int = MAX_DEPTH, max_bytes: int = MAX_BYTES, *, may_call: bool = False
) -> Scan:
    """Look at a query before it is evaluated.

    Parameters
    ----------
    text
        The query as the client sent it.
    max_depth, max_bytes
        Limits of nesting and length.
    may_call
        Calls of SERVICE are not refused here; they are to be replaced before the query is evaluated.

    Returns
    -------
    Scan
        Form, dataset, depth, and whether it calls a SERVICE.

    Raises
    ------
    QueryRefused
        It is an update, calls a SERVICE, is too long or too deeply nested.
    QuerySyntax
        A quote is not closed.

    Examples
    --------
    >>> inspect("PREFIX ex: <http://x/> SELECT * FROM ex:g { ?s ?p 'SERVICE' }")
    Scan(form='SELECT', has_dataset=True, depth=1, calls=False)
    >>> inspect("DELETE WHERE { ?s ?p ?o }")
    Traceback (most recent call last):
        ...
    bioimg_kg.errors.QueryRefused: this service is read-only: ...
    """
    if len(text) > max_bytes or len(text.encode("utf-8", "replace")) > max_bytes:
        message = (
            f"the query is longer than {max_bytes:,} bytes: split it, or ask for a page of VALUES at a time"
        )
        raise QueryRefused(message)
    found: list[Token] = []
    depth = deepest = 0
    for token in tokens(text):
        found.append(token)
        depth += (token.kind == "open") - (token.kind == "close")
        deepest = max(deepest, depth)
        if deepest > max_depth:
            line, column = position(text, token.start)
            message = (
                f"nested deeper than {max_depth} brackets at line {line}, column {column}: flatten the query"
            )
            raise QueryRefused(message)
    form = _form(found)
    if form in UPDATES:
        raise QueryRefused(READ_ONLY)
    declared = _declared(found)
    calls = _calls_service(found, declared)
    if calls and not may_call:
        raise QueryRefused(NO_FEDERATION)
    if any(_calls_service(r, declared) for r in _other_readings(text, found)):
        raise QueryRefused(AMBIGUOUS if may_call else NO_FEDERATION)
    return Scan(form if form in FORMS else None, _has_dataset(found, declared), deepest, calls)


def _form(found: list[Token]) -> str | None:
    """Return the first word after the prologue, if it is a query form or an update."""
    previous = ""
    for token in found:
        text = token.text.upper()
        named = token.kind in {"word", "prefixed"}
        if named and previous != "PREFIX" and not text.startswith(("PREFIX", "BASE", "VERSION")):
            return next((word for word in (*FORMS, *UPDATES) if text.startswith(word)), None)
        if token.kind in {"variable", "open", "close"}:
            return None
        previous = text
    return None


def _declared(found: list[Token]) -> frozenset[str]:
    """Return the declared prefixes in lower case; ``PREFIXex:`` without a space declares one too."""
    names = set()
    previous = ""
    for token in found:
        if token.kind == "prefixed" and token.text.endswith(":"):
            name = token.text[:-1].lower()
            if previous == "PREFIX":
                names.add(name)
            elif name.startswith("prefix"):
                names.add(name.removeprefix("prefix"))
        previous = token.text.upper()
    return frozenset(names)


def _calls_service(found: list[Token], declared: frozenset[str]) -> bool:
    for index, token in enumerate(found):
        if token.kind == "word" and "service" in token.text.lower():
            return True
        if token.kind == "prefixed" and "service" in (prefix := _prefix(token)):
            if prefix not in declared and not _is_declaration(found, index):
                return True
            # With both ``:`` and ``service:`` declared, ``service:x {`` is the call SERVICE :x { ... }.
            before = found[index - 1].text.upper() if index else ""
            after = found[index + 1].text if index + 1 < len(found) else ""
            if after == "{" and before not in {"GRAPH", "FROM", "NAMED", "DESCRIBE"}:
                return True
    return False


def _prefix(token: Token) -> str:
    return token.text.partition(":")[0].lower()


def _is_declaration(found: list[Token], index: int) -> bool:
    token = found[index]
    return token.text.endswith(":") and (
        _prefix(token).startswith("prefix") or (index > 0 and found[index - 1].text.upper() == "PREFIX")
    )


def _other_readings(text: str, found: list[Token]) -> Iterator[list[Token]]:
    """Yield the token lists that follow where an IRI could as well be "less than" and a comment or string.

    Each offset is read once: readings that meet again are the same from there on.
    """
    seen = {token.start for token in found}
    pending = [t.start + 1 for before, t, parens in _with_context(found) if parens and _ambiguous(before, t)]
    while pending:
        reading: list[Token] = []
        try:
            for token in tokens(text, pending.pop()):
                if token.start in seen:
                    reading.append(token)
                    break
                seen.add(token.start)
                if reading and _ambiguous(reading[-1], token):
                    pending.append(token.start + 1)
                reading.append(token)
        except QuerySyntax:
            pass  # this reading is not SPARQL, what came before the open quote still is
        yield reading


def _with_context(found: list[Token]) -> Iterator[tuple[Token, Token, int]]:
    """Yield each token with the one before it and the number of open parentheses."""
    parens = 0
    for before, token in pairwise(found):
        parens += (before.text == "(") - (before.text == ")")
        yield before, token, parens


def _ambiguous(before: Token, token: Token) -> bool:
    return may_compare(before, token) and ("#" in token.text or "'" in token.text)


def _has_dataset(found: list[Token], declared: frozenset[str]) -> bool:
    """Tell whether a FROM stands between the query form and the first brace."""
    depth = 0
    for index, token in enumerate(found):
        if token.text == "{":
            return False
        depth += (token.kind == "open") - (token.kind == "close")
        if depth > 0:
            continue
        if token.kind == "word" and "from" in token.text.lower():
            return True
        unknown = token.kind == "prefixed" and _prefix(token) not in declared
        if unknown and "from" in _prefix(token) and not _is_declaration(found, index):
            return True
    return False
