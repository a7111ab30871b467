"""The routes of the SPARQL 1.1 protocol: /sparql with and without a query.

Sources: https://www.w3.org/TR/sparql11-protocol/ and the QUERY method of RFC 10008.
"""

from typing import Final

from fastapi import APIRouter, Request, Response

from bioimg_kg.endpoint.description import describe, write_description
from bioimg_kg.endpoint.failures import BadRequest
from bioimg_kg.endpoint.html import page
from bioimg_kg.endpoint.negotiation import GRAPHS, HTML, RESULTS, Format, negotiate, offered
from bioimg_kg.endpoint.pool import Result
from bioimg_kg.endpoint.protocol import DIRECT, FORM, ProtocolQuery, read_query
from bioimg_kg.endpoint.responses import OPEN, AnswerResponse, head_of
from bioimg_kg.endpoint.service import Service, address, unless_gone
from bioimg_kg.endpoint.tables import read_table
from bioimg_kg.vocab import PREFIXES

METHODS: Final = ("GET", "HEAD", "POST", "QUERY")
PAGE_BYTES: Final = 16 << 20
"""Longest answer that is made into a page."""

_EXAMPLE: Final = (
    "SELECT ?type (COUNT(*) AS ?things)\nWHERE { ?thing a ?type }\nGROUP BY ?type\nORDER BY DESC(?things)\n"
)


def sparql_router(service: Service) -> APIRouter:
    """Return the routes of the endpoint."""
    router = APIRouter()

    async def sparql(request: Request) -> Response:
        asked = await read_query(request)
        if asked.text is not None:
            return await _answer(service, request, asked)
        if request.method in {"POST", "QUERY"}:
            message = f"the request has no query: send query=... as a form, or the query itself as {DIRECT}"
            raise BadRequest(message)
        return _describe(service, request, asked)

    async def options(request: Request) -> Response:
        asked = request.headers.get("access-control-request-headers", "Accept, Content-Type")
        allowed = ", ".join((*METHODS, "OPTIONS"))
        headers = {
            "Allow": allowed,
            "Access-Control-Allow-Methods": allowed,
            "Access-Control-Allow-Headers": asked,
            "Access-Control-Max-Age": "86400",
            "Accept-Post": f"{DIRECT}, {FORM}",
            "Accept-Query": DIRECT,
        }
        return Response(status_code=204, headers={**OPEN, **headers})

    for path in ("/sparql", "/sparql/"):
        visible = path == "/sparql"
        router.add_api_route(path, sparql, methods=["GET", "POST"], include_in_schema=visible)
        router.add_api_route(path, sparql, methods=["HEAD", "QUERY"], include_in_schema=False)
        router.add_api_route(path, options, methods=["OPTIONS"], include_in_schema=False)
    return router


async def _answer(service: Service, request: Request, asked: ProtocolQuery) -> Response:
    text = asked.text or ""
    scan = await service.scan(text)
    wanted = negotiate(request.headers.get("accept"), asked.formats, (*offered(scan.form), HTML))
    shown_as = (
        (GRAPHS if scan.form in {"CONSTRUCT", "DESCRIBE"} else RESULTS)[0] if wanted is HTML else wanted
    )
    result = await unless_gone(
        request,
        service.answer(
            text,
            scan,
            shown_as,
            base_iri=address(request),
            default_graphs=asked.default_graphs,
            named_graphs=asked.named_graphs,
            max_bytes=PAGE_BYTES if wanted is HTML else None,
        ),
    )
    if request.method == "HEAD":
        return await head_of(result, wanted)
    if wanted is HTML:
        return await _show(text, shown_as, result)
    return AnswerResponse(result, wanted)


async def _show(text: str, shown_as: Format, result: Result) -> Response:
    """Show an answer as a page, below the query that can be changed and sent again."""
    payload = await result.read()
    if shown_as in GRAPHS:
        return _editor(text, graph=payload.decode())
    return _editor(text, table=read_table(payload))


def _editor(text: str, **answer: object) -> Response:
    content = {"query": text, "table": None, "graph": None, "prefixes": PREFIXES}
    return page("sparql", {**content, **answer})


def _describe(service: Service, request: Request, asked: ProtocolQuery) -> Response:
    """Answer a request without a query: an editor for people, the service description for machines."""
    wanted = negotiate(request.headers.get("accept"), asked.formats, (*GRAPHS, HTML))
    if wanted is HTML:
        return _editor(_EXAMPLE)
    release = service.release()
    quads = release.manifest.get("counts", {}).get("quads")
    triples = describe(
        address(request), release.name, quads if isinstance(quads, int) else None, service.federates
    )
    headers = {
        **OPEN,
        "Vary": "Accept",
        "X-Dataset-Version": release.name,
        "Accept-Post": f"{DIRECT}, {FORM}",
    }
    return Response(write_description(triples, wanted), headers=headers, media_type=wanted.content_type)
