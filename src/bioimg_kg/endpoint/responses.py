"""Responses that keep their promises: an answer is whole or visibly broken, an error is explained."""

import contextlib
from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from bioimg_kg.endpoint.negotiation import HTML, Format, by_name, choose
from bioimg_kg.endpoint.pool import Result

OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, ETag, Retry-After, X-Dataset-Version, X-Query-Rewritten",
}
"""Any web page may read what this service sends: all of it is public."""

PROBLEM: Final = Format("application/problem+json", ("application/json",), ())


class AnswerResponse(StreamingResponse):
    """The answer to a query; if it breaks off in the middle, so does the connection.

    Parameters
    ----------
    result
        The answer; closed when it is sent or the client is gone.
    answer_format
        Its format.
    """

    def __init__(self, result: Result, answer_format: Format) -> None:
        headers = {"X-Dataset-Version": result.store.parent.name, "Vary": "Accept", **OPEN}
        if result.improvement:
            headers["X-Query-Rewritten"] = result.improvement
        if result.length is not None:
            headers["Content-Length"] = str(result.length)
        super().__init__(result.chunks(), headers=headers, media_type=answer_format.content_type)
        self._result = result

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, then close it."""
        async with contextlib.aclosing(self._result):
            await super().__call__(scope, receive, send)


async def head_of(result: Result, answer_format: Format) -> Response:
    """Return the headers of an answer without the answer."""
    response = AnswerResponse(result, answer_format)
    await result.aclose()
    return Response(headers=dict(response.headers))


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
) -> JSONResponse:
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
    """
    content = {"type": f"urn:bioimg-kg:problem:{kind}", "title": title, "status": status, "detail": detail}
    content |= {"message": detail, "line": line, "column": column, "hint": hint}
    return JSONResponse(
        {key: value for key, value in content.items() if value is not None},
        status_code=status,
        headers={**OPEN, "Cache-Control": "no-store", **(headers or {})},
        media_type="application/problem+json",
    )


def wants_html(request: Request) -> bool:
    """Tell whether the client would rather read a page than JSON."""
    named = [request.query_params[name] for name in ("format", "output") if name in request.query_params]
    if named:
        return by_name(named[0], (HTML,)) is HTML
    return choose(request.headers.get("accept"), (PROBLEM, HTML)) is HTML
