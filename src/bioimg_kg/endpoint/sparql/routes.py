"""The routes of the SPARQL 1.1 protocol: /sparql with and without a query.

Sources: https://www.w3.org/TR/sparql11-protocol/ and the QUERY method of RFC 10008.
"""

import asyncio
import re
from typing import Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from bioimg_kg.endpoint.http.asking import asking
from bioimg_kg.endpoint.http.cache import Answer, KeptAnswer, Reply
from bioimg_kg.endpoint.http.encodings import choose_encoding
from bioimg_kg.endpoint.http.failures import BadRequest
from bioimg_kg.endpoint.http.negotiation import GRAPHS, HTML, Format, negotiate, offered
from bioimg_kg.endpoint.http.responses import OPEN, AnswerResponse, has_already, not_modified
from bioimg_kg.endpoint.pages.html import STYLED, page
from bioimg_kg.endpoint.pages.tables import read_table
from bioimg_kg.endpoint.releases.pin import pin
from bioimg_kg.endpoint.service import Service, address, unless_gone
from bioimg_kg.endpoint.sparql.description import describe, write_description
from bioimg_kg.endpoint.sparql.protocol import DIRECT, FORM, ProtocolQuery, read_query
from bioimg_kg.queries import load_queries
from bioimg_kg.vocab import BIKG, PREFIXES, QUERY_BYTES, QUERY_DEADLINE, RESULT_BYTES

_ALLOWED: Final = "GET, HEAD, POST, QUERY, OPTIONS"
PAGE_BYTES: Final = 16 << 20
"""Longest answer that is made into a page."""

SOMEWHERE: Final = "http://endpoint.invalid"
"""Base of a description that is kept; it is replaced by one of the same characters, fit for any format."""

_EXAMPLE: Final = (
    "SELECT ?type (COUNT(*) AS ?things)\nWHERE { ?thing a ?type }\nGROUP BY ?type\nORDER BY DESC(?things)\n"
)


_PARAMETERS: Final = [
    {"name": name, "in": "query", "schema": {"type": "string"}, "description": meaning}
    for name, meaning in (
        ("query", "The query."),
        ("format", "Format of the answer, such as json, csv or ttl; it goes before the Accept header."),
        ("default-graph-uri", "A graph that is part of the default graph; as often as needed."),
        ("named-graph-uri", "A graph that GRAPH may name; as often as needed."),
    )
]


def sparql_router(service: Service) -> APIRouter:
    """Return the routes of the endpoint."""
    router = APIRouter()

    async def sparql(request: Request) -> Response:
        """Answer a query, or describe the service where none is sent.

        The query comes as `query=`, in a form or as the body (`application/sparql-query`). The header
        `Accept` or `format=` choose the format.
        """
        asked = await read_query(request)
        pin(service.kept, request, asked.releases)
        if asked.text is not None:
            return await _answer(service, request, asked)
        if request.method in {"POST", "QUERY"}:
            message = f"the request has no query: send query=... as a form, or the query itself as {DIRECT}"
            raise BadRequest(message)
        return await _describe(service, request, asked)

    async def refuse(request: Request) -> Response:
        message = f"{request.method} would change something, and this service only reads: use {_ALLOWED}"
        raise HTTPException(405, message, headers={"Allow": _ALLOWED})

    async def options(request: Request) -> Response:
        asked = request.headers.get("access-control-request-headers", "Accept, Content-Type")
        headers = {
            "Allow": _ALLOWED,
            "Access-Control-Allow-Methods": _ALLOWED,
            "Access-Control-Allow-Headers": asked,
            "Access-Control-Max-Age": "86400",
            "Accept-Post": f"{DIRECT}, {FORM}",
            "Accept-Query": DIRECT,
            "Vary": "Origin, Access-Control-Request-Headers",
        }
        return Response(status_code=204, headers={**OPEN, **headers})

    for path in ("/sparql", "/sparql/", "/releases/{release}/sparql"):
        visible = not path.endswith("/")
        told = {"parameters": _PARAMETERS} if visible else None
        router.add_api_route(
            path, sparql, methods=["GET"], include_in_schema=visible, summary="Ask", openapi_extra=told
        )
        router.add_api_route(path, sparql, methods=["POST"], include_in_schema=visible, summary="Ask")
        router.add_api_route(path, sparql, methods=["HEAD", "QUERY"], include_in_schema=False)
        router.add_api_route(path, refuse, methods=["PUT", "PATCH", "DELETE"], include_in_schema=False)
        router.add_api_route(path, options, methods=["OPTIONS"], include_in_schema=False)
    return router


async def _answer(service: Service, request: Request, asked: ProtocolQuery) -> Response:
    text = asked.text or ""
    scan = await service.scan(text)
    formats = offered(scan.form)
    wanted = negotiate(request.headers.get("accept"), asked.formats, (*formats, HTML))
    encoding = request.headers.get("accept-encoding")
    choose_encoding(encoding)  # a client that takes none is told so before the work
    job = service.job(
        text,
        scan,
        formats[0] if wanted is HTML else wanted,
        base_iri=address(request),
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        max_bytes=PAGE_BYTES if wanted is HTML else None,
    )
    release = service.release()
    name = service.name(job)
    if wanted is not HTML and name and has_already(request, name):
        return not_modified(request, name, release.name)
    reply = await unless_gone(request, service.reply(job, calls=scan.calls))
    if wanted is HTML:
        return await _show(service, text, formats[0], reply.answer)
    return AnswerResponse(reply, wanted, encoding, {"X-Query-Limits": _limits(service)})


def _limits(service: Service) -> str:
    """Return what a query may spend, as a dictionary of RFC 8941."""
    spending = ((iri.removeprefix(BIKG), limit) for iri, limit in service.spending.items())
    return ", ".join(f"{re.sub('(?=[A-Z])', '-', name).lower()}={limit}" for name, limit in spending)


async def _show(service: Service, text: str, shown_as: Format, answer: Answer) -> Response:
    """Show an answer as a page, below the query that can be changed and sent again."""
    payload = await answer.read()
    if shown_as in GRAPHS:
        return _editor(service, text, graph=payload.decode())
    return _editor(service, text, table=read_table(payload))


def _editor(service: Service, text: str, **answer: object) -> Response:
    spending = service.spending
    limits = (
        f"A query may take {spending[QUERY_DEADLINE]:g} s and have {int(spending[QUERY_BYTES]):,} bytes, "
        f"its answer {int(spending[RESULT_BYTES]) >> 20} MiB."
    )
    content: dict[str, object] = {"query": text, "table": None, "graph": None, "prefixes": PREFIXES}
    content |= {"limits": limits, "queries": load_queries()}
    return page("sparql", {**content, **answer}, headers=STYLED)


async def _describe(service: Service, request: Request, asked: ProtocolQuery) -> Response:
    """Answer a request without a query: an editor for people, the service description for machines."""
    wanted = negotiate(request.headers.get("accept"), asked.formats, (*GRAPHS, HTML))
    if wanted is HTML:
        return _editor(service, _EXAMPLE)
    release, endpoint = service.release(), address(request)
    base = endpoint.removesuffix(quote(request.scope["path"]))
    if asking().pin:
        endpoint = f"{base}/releases/{quote(release.name)}/sparql"
    name = service.description_name(wanted, endpoint)
    if has_already(request, name):
        return not_modified(request, name, release.name)
    encoding = request.headers.get("accept-encoding")
    choose_encoding(encoding)
    origin: Literal["hit", "stored"] = "hit"
    kept = service.cache.get(service.description_name(wanted))
    if kept is None:  # it is made once for all addresses: the Host header is at the mercy of the client
        origin = "stored"
        versions = [f"{SOMEWHERE}/releases/{quote(name)}" for name in service.versions()]
        there = f"{SOMEWHERE}/sparql"
        triples = describe(there, release, service.spending, service.federates, versions)
        kept = KeptAnswer(await asyncio.to_thread(write_description, triples, wanted), release.store)
        service.cache.put(service.description_name(wanted), kept)
    payload = kept.payload.replace(f"{SOMEWHERE}/sparql".encode(), endpoint.encode())
    answer = KeptAnswer(payload.replace(SOMEWHERE.encode(), base.encode()), release.store)
    reply = Reply(answer, name, origin)
    headers = {"Accept-Post": f"{DIRECT}, {FORM}", "X-Query-Limits": _limits(service)}
    return AnswerResponse(reply, wanted, encoding, headers)
