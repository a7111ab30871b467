"""The routes of search: JSON for programs, and a page that works without JavaScript."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from bioimg_kg.endpoint.http.cache import name_of
from bioimg_kg.endpoint.http.responses import OPEN, answer_headers, has_already, not_modified
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.endpoint.search.finder import Finder
from bioimg_kg.endpoint.search.model import (
    SearchAnswer,
    SelectAnswer,
    SuggestAnswer,
    hit_model,
    search_answer,
    select_answer,
    suggest_answer,
)
from bioimg_kg.endpoint.search.oldlinks import redirected
from bioimg_kg.errors import QueryError
from bioimg_kg.search.conditions import SELECTABLE, Selected, select
from bioimg_kg.search.hits import Found
from bioimg_kg.search.lookup import LONGEST, MOST_HITS, Search
from bioimg_kg.search.things import TYPES

T = TypeVar("T")
GROUP: Final = 5
"""Hits of each type on the page of all types."""

ON_PAGE: Final = 25
SUGGESTED: Final = 12
NAMES: Final = {
    "phenotype": "Phenotypes",
    "study-phenotype": "Phenotypes in the words of a study",
    "gene": "Genes",
    "compound": "Compounds",
    "study": "Studies",
    "reagent": "Reagents",
    "cell-line": "Cell lines",
    "organism": "Organisms",
    "method": "Imaging methods",
    "term": "Other terms",
    "licence": "Licences",
}
"""Headings of the groups, by type."""

_Text = Annotated[str, Query(description="A name, the beginning of one, words, or an identifier.")]
_Type = Annotated[str, Query(description=f"Only things of this type: {', '.join(TYPES)}.")]
_Organism = Annotated[str, Query(description="Only genes of this organism: a name, CURIE or number.")]
_Narrower = Annotated[bool, Query(description="Count what narrower terms have, too, to order the hits.")]
_Limit = Annotated[int, Query(ge=1, le=100, description="So many hits.")]
_Offset = Annotated[int, Query(ge=0, le=MOST_HITS, description="Skip so many hits.")]
_Where = Annotated[str, Query(description="Conditions, as phenotype:CMPO:0000077 AND NOT study:idr0012.")]


def search_router(finder: Finder) -> APIRouter:
    """Return the routes of search."""
    router = APIRouter()

    @router.get("/api/v1/search", response_model=SearchAnswer, tags=["search"], summary="Find things by name")
    async def search(
        request: Request,
        q: _Text = "",
        type: _Type = "",
        organism: _Organism = "",
        narrower: _Narrower = True,
        limit: _Limit = 20,
        offset: _Offset = 0,
    ) -> Response:
        """Return phenotypes, genes, compounds, studies, reagents and so on, the best first, with reasons."""

        def work(index: Search) -> Found:
            return index.find(q, type=type, organism=organism, narrower=narrower, limit=limit, offset=offset)

        def answer(release: str, found: Found) -> BaseModel:
            more = offset + limit < found.total
            return search_answer(release, q, found, offset, _next(request, offset + limit) if more else "")

        return await _json(finder, request, work, answer)

    @router.get(
        "/api/v1/suggest",
        response_model=SuggestAnswer,
        tags=["search"],
        summary="Complete what somebody types",
    )
    async def suggest(request: Request, q: _Text = "", type: _Type = "") -> Response:
        """Return the first dozen things whose name begins with or has what was typed."""

        def work(index: Search) -> Found:
            return index.find(q, type=type, limit=SUGGESTED, most=SUGGESTED)

        def answer(release: str, found: Found) -> BaseModel:
            return suggest_answer(release, q, found)

        return await _json(finder, request, work, answer)

    _add_select(router, finder)

    @router.api_route("/search", methods=["GET", "HEAD"], include_in_schema=False)
    @router.api_route("/search/", methods=["GET", "HEAD"], include_in_schema=False)
    async def search_page(request: Request) -> Response:
        return await redirected(finder, request) or await _page(finder, request)

    return router


def _add_select(router: APIRouter, finder: Finder) -> None:
    @router.get(
        "/api/v1/select",
        response_model=SelectAnswer,
        tags=["search"],
        summary="Records, genes or studies that fulfil conditions",
    )
    async def select_things(
        request: Request,
        where: _Where,
        what: Annotated[str, Query(description=f"One of {', '.join(SELECTABLE)}.")] = "records",
        narrower: Annotated[bool, Query(description="Terms stand for narrower ones, too.")] = True,
        limit: Annotated[int, Query(ge=0, le=1000, description="So many items.")] = 100,
        offset: Annotated[int, Query(ge=0, le=10_000_000, description="Skip so many items.")] = 0,
    ) -> Response:
        """Return what fulfils conditions on phenotypes, genes, compounds, doses and so on."""

        def work(index: Search) -> Selected:
            return select(index, what, where, narrower=narrower, limit=limit, offset=offset)

        def answer(release: str, found: Selected) -> BaseModel:
            following = _next(request, offset + limit) if limit and offset + limit < found.total else ""
            return select_answer(release, what, where, found, following)

        return await _json(finder, request, work, answer)


async def _json(
    finder: Finder,
    request: Request,
    work: Callable[[Search], T],
    answer: Callable[[str, T], BaseModel],
) -> Response:
    """Answer with JSON that a client may keep until the release changes."""
    identity = finder.service.release.identity
    name = name_of(identity, request.url.path, sorted(request.query_params.multi_items()))
    if has_already(request, name):
        return not_modified(request, name, finder.service.release().name)
    release, found = await finder.ask(work)
    headers = {**OPEN, **answer_headers(name, "identity"), "X-Dataset-Version": release.name}
    if finder.service.release.identity != identity:  # it was switched in between
        headers |= {"Cache-Control": "no-store"}
        headers.pop("ETag", None)
    content = answer(release.name, found).model_dump_json()
    return Response(content, headers=headers, media_type="application/json")


def _next(request: Request, offset: int) -> str:
    values = {name: value for name, value in request.query_params.items() if name != "offset"}
    return f"{request.url.path}?{urlencode({**values, 'offset': offset})}"


async def _page(finder: Finder, request: Request) -> Response:
    asked = request.query_params
    text, kind = asked.get("q", ""), asked.get("type", "")
    narrower = asked.get("narrower", "true") not in {"false", "0", "no"}
    number = asked.get("offset", "0")
    offset = int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0
    content: dict[str, object] = {"q": text[:LONGEST], "type": kind, "narrower": narrower, "names": NAMES}
    content |= {"organism": asked.get("organism", "")[:LONGEST], "error": "", "next": "", "longest": LONGEST}
    content |= {"found": None, "groups": [], "release": finder.service.release().name}
    if not text.strip():
        return page("search", content)

    def work(index: Search) -> tuple[Found, list[tuple[str, Found]]]:
        find = partial(index.find, text, organism=asked.get("organism", ""), narrower=narrower)
        found = find(type=kind, limit=ON_PAGE, offset=offset)
        return found, [(kind, found)] if kind else [(t, find(type=t, limit=GROUP)) for t in found.types]

    try:
        release, (found, groups) = await finder.ask(work)
    except QueryError as error:
        return page("search", {**content, "error": str(error)}, 400)
    shown = [(name, one, [hit_model(hit) for hit in one.hits]) for name, one in groups]
    more = bool(kind) and offset + ON_PAGE < found.total
    content |= {"next": _next(request, offset + ON_PAGE) if more else "", "release": release.name}
    return page("search", {**content, "found": found, "groups": shown})
