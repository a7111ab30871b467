"""Where a query calls SERVICE.

Nothing relies on this for safety: the engine has no sockets. A call that is overlooked here fails there.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bioimg_kg.endpoint.sparql.guard import FORMS
from bioimg_kg.endpoint.sparql.tokens import Token, position, tokens
from bioimg_kg.errors import QueryRefused, QuerySyntax

_GLUED: Final = "write SERVICE and SILENT as words of their own, each followed by a space"
_LATERAL: Final = (
    "SERVICE in LATERAL is refused: leave LATERAL out, what is known beside SERVICE is sent along anyway"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of SERVICE.

    Attributes
    ----------
    start, end
        From the word SERVICE to behind the closing brace.
    body
        Offset of the opening brace.
    silent
        A failure is an empty solution.
    target
        The endpoint as it is written: an IRI or a prefixed name.
    """

    start: int
    end: int
    body: int
    silent: bool
    target: str


@dataclass(frozen=True, slots=True)
class CallingQuery:
    """A query taken apart as far as its calls need it.

    Attributes
    ----------
    text
        The query.
    found
        Its tokens.
    form
        Index of the token of its form; what comes before is its prologue.
    calls
        The calls in the order in which they begin, nested ones included.
    """

    text: str
    found: tuple[Token, ...]
    form: int
    calls: tuple[Call, ...]

    @property
    def prologue(self) -> str:
        """PREFIX and BASE, as written."""
        return self.text[: self.found[self.form].start]

    @property
    def outer(self) -> tuple[Call, ...]:
        """The calls that are in no other call."""
        kept: list[Call] = []
        for call in self.calls:
            if not kept or call.start >= kept[-1].end:
                kept.append(call)
        return tuple(kept)

    def plain(self, start: int = 0, end: int | None = None) -> str:
        """Return a part of the text with each ``SERVICE x {...}`` as ``{...}``, all else in its old place."""
        end = len(self.text) if end is None else end
        pieces, at = [], start
        for call in self.calls:
            if start <= call.start and call.end <= end:
                head = self.text[call.start : call.body]
                blank = "".join(char if char in "\r\n" else " " for char in head)
                pieces += [self.text[at : call.start], blank]
                at = call.body
        return "".join([*pieces, self.text[at:end]])


def read_calls(text: str) -> CallingQuery:
    """Find the calls of a query.

    Raises
    ------
    QueryRefused
        A call cannot be answered: its endpoint is a variable, its words run together, or it is in LATERAL.
    QuerySyntax
        A brace is not closed.

    Examples
    --------
    >>> query = read_calls("ASK { SERVICE SILENT <http://x/> { ?s ?p ?o } }")
    >>> query.calls[0].target, query.calls[0].silent, query.plain()
    ('<http://x/>', True, 'ASK {                             { ?s ?p ?o } }')
    """
    found = tuple(tokens(text))
    calls = tuple(
        _read_call(text, found, index)
        for index, token in enumerate(found)
        if token.kind == "word" and token.text.upper() == "SERVICE"
    )
    if not calls:
        raise QueryRefused(_GLUED)
    for index, token in enumerate(found[:-1]):
        if token.kind == "word" and token.text.upper() == "LATERAL":
            close = matching(found, index + 1) or index
            if any(token.start < call.start < found[close].start for call in calls):
                raise QueryRefused(_LATERAL)
    return CallingQuery(text, found, _form(found), calls)


def _form(found: tuple[Token, ...]) -> int:
    for index, (before, token) in enumerate(pairwise((Token("other", "", 0), *found))):
        word = token.kind == "word" and token.text.upper() in FORMS
        if word and before.text.upper() not in {"PREFIX", "BASE"}:
            return index
    message = "write SELECT, ASK, CONSTRUCT or DESCRIBE as a word of its own"
    raise QueryRefused(message)


def _read_call(text: str, found: tuple[Token, ...], index: int) -> Call:
    at = index + 1
    silent = at < len(found) and found[at].kind == "word" and found[at].text.upper() == "SILENT"
    at += silent
    if at + 1 >= len(found):
        raise QuerySyntax("SERVICE without an endpoint", *position(text, found[index].start))  # noqa: EM101, TRY003
    target = found[at]
    if target.kind == "variable":
        message = (
            f"SERVICE {target.text} is refused: name the endpoint by its IRI, "
            "a variable could lead anywhere and is not evaluated"
        )
        raise QueryRefused(message)
    if target.kind not in {"iri", "prefixed"} or found[at + 1].text != "{":
        raise QueryRefused(_GLUED)
    close = matching(found, at + 1)
    if close is None:
        raise QuerySyntax("the group of SERVICE is not closed", *position(text, found[at + 1].start))  # noqa: EM101, TRY003
    end = found[close].start + 1
    return Call(found[index].start, end, found[at + 1].start, silent, target.text)


def matching(found: tuple[Token, ...], index: int) -> int | None:
    """Return the index of the bracket that closes the one at an index."""
    depth = 0
    for at in range(index, len(found)):
        depth += (found[at].kind == "open") - (found[at].kind == "close")
        if depth == 0:
            return at
    return None
