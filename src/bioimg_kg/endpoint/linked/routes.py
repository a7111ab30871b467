"""The routes of things: each redirects to a document about itself, in the format that the client asks for.

Sources: "Cool URIs for the Semantic Web" (https://www.w3.org/TR/cooluris/) for 303, and RFC 8288 for links.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import unquote

from fastapi import APIRouter, HTTPException, Request, Response

from bioimg_kg.endpoint.http.negotiation import HTML, Format, by_name, choose
from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.linked.addresses import (
    DOCUMENTS,
    KINDS,
    ONTOLOGY,
    MalformedAddress,
    Thing,
    ours,
    read_path,
    split_suffix,
    term,
    viewed,
)
from bioimg_kg.endpoint.linked.documents import Candidate, Documents, Signposts
from bioimg_kg.endpoint.linked.identifiers import READERS, identified
from bioimg_kg.endpoint.linked.mapping_tables import SUFFIX, table_handler
from bioimg_kg.endpoint.linked.signposts import thing_links
from bioimg_kg.endpoint.linked.vocabulary import versions
from bioimg_kg.endpoint.service import Service

T = TypeVar("T")
_ALLOWED: Final = "GET, HEAD, OPTIONS"


def linked_router(service: Service, signposts: Signposts = thing_links) -> APIRouter:
    """Return the routes of things.

    Parameters
    ----------
    service
        Has the release.
    signposts
        What else is linked from a document, in its headers and in the head of a page.
    """
    router = APIRouter(include_in_schema=False)
    documents = Documents(service, signposts)

    async def thing(request: Request) -> Response:
        return await documents.answer(request, _at(request))

    async def view(request: Request) -> Response:
        suffix = split_suffix(_path(request))
        iri = request.query_params.get("iri", "")
        known = suffix[1] if suffix else _format(request)
        return await documents.answer(request, [Candidate(_read(lambda: viewed(iri)), known)])

    async def look_for(request: Request) -> Response:
        kind, _, text = _path(request).removeprefix("/").partition("/")
        iri = _read(lambda: identified(kind, unquote(text)))
        wanted = _format(request)
        if wanted is None and choose(request.headers.get("accept"), DOCUMENTS) is HTML:
            wanted = HTML  # this is the address that people share: they stay on it
        return await documents.answer(request, [Candidate(_read(lambda: viewed(iri)), wanted)])

    async def options() -> Response:
        allowed = {"Access-Control-Allow-Methods": _ALLOWED, "Access-Control-Allow-Headers": "*"}
        allowed["Access-Control-Max-Age"] = "86400"
        return Response(status_code=204, headers={**OPEN, **allowed, "Allow": _ALLOWED})

    things = (
        "/ontology",
        "/ontology.{suffix}",
        "/ontology/{name:path}",
        *(f"/{k}/{{name:path}}" for k in KINDS),
    )
    table: Callable[..., Awaitable[Response]] = table_handler(service, thing)
    routes = [(f"/mappings/{{name}}{SUFFIX}", table), *((path, thing) for path in things)]
    routes += [(path, view) for path in ("/view", "/view.{suffix}")]
    routes += [(f"/{kind}/{{identifier:path}}", look_for) for kind in READERS]
    for path, answer in routes:
        router.add_api_route(path, answer, methods=["GET", "HEAD"])
        router.add_api_route(path, options, methods=["OPTIONS"])
    return router


def _read(reader: Callable[[], T]) -> T:
    try:
        return reader()
    except MalformedAddress as error:
        raise HTTPException(400, str(error)) from error


def _path(request: Request) -> str:
    """Return the path of a request with its escapes, which the framework has already taken away."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return _read(lambda: read_path(raw))


def _format(request: Request) -> Format | None:
    names = request.query_params.getlist("format") + request.query_params.getlist("output")
    return next((found for name in names if (found := by_name(name, DOCUMENTS))), None)


def _at(request: Request) -> list[Candidate]:
    """Return what the path of a request may be about, the thing of exactly this name first."""
    path = _path(request)
    if wanted := _format(request):
        return [Candidate(_thing(path), wanted)]
    suffix = split_suffix(path)
    named = [Candidate(_thing(path))]
    return [*named, Candidate(_thing(suffix[0]), suffix[1])] if suffix else named


def _thing(path: str) -> Thing:
    place, _, name = path.removeprefix("/").partition("/")
    if place != "ontology":
        return ours(path)
    return term("" if f"{ONTOLOGY}/{name}" in versions() else name)
