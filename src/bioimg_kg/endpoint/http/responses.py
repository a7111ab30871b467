"""Responses that keep their promises: an answer is whole or visibly broken, an error is explained."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from bioimg_kg.endpoint.http.cache import KeptAnswer, Reply
from bioimg_kg.endpoint.http.encodings import IDENTITY, choose_encoding, new_packer, packed
from bioimg_kg.endpoint.http.negotiation import HTML, Format, by_name, choose, parse_accept
from bioimg_kg.endpoint.workers.frames import CHUNK_BYTES

OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Post, Cache-Status, ETag, Link, RateLimit, RateLimit-Policy, "
    "Retry-After, Server-Timing, X-Dataset-Version, X-Query-Id, X-Query-Limits, X-Query-Rewritten",
}
"""Any web page may read what this service sends: all of it is public."""

VARY: Final = "Accept, Accept-Encoding, Origin"

PROBLEM: Final = Format("application/problem+json", ("application/json",), ())


class AnswerResponse(StreamingResponse):
    """The answer to a query; if it breaks off in the middle, so does the connection.

    Parameters
    ----------
    reply
        The answer; closed when it is sent or the client is gone.
    answer_format
        Its format.
    accept_encoding
        What the client says about packed answers.
    headers
        More headers.
    """

    def __init__(
        self,
        reply: Reply,
        answer_format: Format,
        accept_encoding: str | None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        answer = reply.answer
        encoding = choose_encoding(accept_encoding, answer.length)
        told = {**answer_headers(reply.name, encoding), "Cache-Status": _ORIGINS[reply.origin]}
        told |= {"X-Dataset-Version": answer.store.parent.name, **(headers or {})}
        if answer.improvement:
            told["X-Query-Rewritten"] = answer.improvement
        body, length = answer.chunks(), answer.length
        if encoding != IDENTITY:
            told["Content-Encoding"] = encoding
            body, length = packed(body, encoding), None
            if isinstance(answer, KeptAnswer) and answer.length <= CHUNK_BYTES:
                packer = new_packer(encoding)
                whole = packer.pack(answer.payload) + packer.end()
                body, length = _once(whole), len(whole)
        if length is not None:
            told["Content-Length"] = str(length)
        super().__init__(body, headers=told, media_type=answer_format.content_type)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, then close it; to HEAD only the headers."""
        async with contextlib.aclosing(self._answer):
            if scope["method"] == "HEAD":
                await Response(headers=dict(self.headers))(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)


_ORIGINS: Final = {
    "hit": "bioimg-kg; hit",
    "stored": "bioimg-kg; fwd=miss; stored",
    "miss": "bioimg-kg; fwd=miss",
    "bypass": "bioimg-kg; fwd=bypass",
}
"""Cache-Status of RFC 9211: whether an answer was evaluated for this request."""


async def _once(whole: bytes) -> AsyncIterator[bytes]:
    yield whole


def answer_headers(name: str | None, encoding: str) -> dict[str, str]:
    """Return what is said of an answer, also where it is not sent because the client has it.

    An answer may be stored by anybody, but is to be asked for again: a new release gives it a new name.
    """
    if name is None:
        return {"Vary": VARY, "Cache-Control": "no-store", **OPEN}
    return {"ETag": f'W/"{name}-{encoding}"', "Vary": VARY, "Cache-Control": "public, no-cache", **OPEN}


def has_already(request: Request, name: str | None) -> bool:
    """Say whether a client has the answer of this name, in any encoding.

    The name is a weak validator: rows without ORDER BY may come in another order, with the same meaning.
    """
    header = request.headers.get("if-none-match", "")
    if name is None or request.method not in {"GET", "HEAD", "QUERY"}:
        return False
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return any(tag.partition("-")[0] == name for tag in tags)


def not_modified(request: Request, name: str, release: str) -> Response:
    """Tell a client that what it has is the answer."""
    encoding = choose_encoding(request.headers.get("accept-encoding"))
    headers = {**answer_headers(name, encoding), "X-Dataset-Version": release}
    return Response(status_code=304, headers=headers)


def problem(
    status: int,
    kind: str,
    title: str,
    detail: str,
    *,
    line: int | None = None,
    column: int | None = None,
    hint: str | None = None,
    headers: dict[str, str] | None = None,
    as_text: bool = False,
) -> Response:
    """Return an error as RFC 9457 problem details.

    Parameters
    ----------
    status
        HTTP status.
    kind
        Name of the kind of problem, the same for all problems of the kind.
    title, detail
        The kind in words, and what happened this time. The detail is repeated as ``message``, which is the
        member that YASGUI shows.
    line, column
        Place in the query, counted from 1.
    hint
        What to do.
    headers
        More headers.
    as_text
        The client reads no JSON: the same in lines of text.
    """
    told = {**OPEN, "Vary": VARY, "Cache-Control": "no-store", **(headers or {})}
    if as_text:
        place = f"line {line}, column {column}" if line else None
        lines = [title, detail, place, hint]
        return PlainTextResponse("".join(f"{text}\n" for text in lines if text), status, headers=told)
    content = {"type": f"urn:bioimg-kg:problem:{kind}", "title": title, "status": status, "detail": detail}
    content |= {"message": detail, "line": line, "column": column, "hint": hint}
    return JSONResponse(
        {key: value for key, value in content.items() if value is not None},
        status_code=status,
        headers=told,
        media_type="application/problem+json",
    )


def wants_html(request: Request) -> bool:
    """Tell whether the client would rather read a page than JSON."""
    named = [request.query_params[name] for name in ("format", "output") if name in request.query_params]
    if named:
        return by_name(named[0], (HTML,)) is HTML
    return choose(request.headers.get("accept"), (PROBLEM, HTML)) is HTML


def wants_text(request: Request) -> bool:
    """Tell whether the client names the types that it reads, and none of them is JSON."""
    ranges = [r for r in parse_accept(request.headers.get("accept", "")) if r.quality > 0]
    return bool(ranges) and not any(
        r.media_type in {"*/*", "application/*"} or r.media_type.endswith("json") for r in ranges
    )
