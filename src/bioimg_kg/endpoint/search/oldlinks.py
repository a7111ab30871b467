"""Addresses of the Image Data Resource, which stand in papers and scripts: they lead to the matching page.

Source: https://github.com/ome/omero-mapr (``/mapr``), https://github.com/IDR/idr-gallery (``/search``),
OMERO.web (``/webclient``). A link lives on when its host is replaced.
"""

import re
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from bioimg_kg.endpoint.search.finder import Finder
from bioimg_kg.endpoint.search.model import page_of
from bioimg_kg.search.lookup import LONGEST, Search

TYPES: Final = {
    "gene": "gene",
    "phenotype": "phenotype",
    "compound": "compound",
    "organism": "organism",
    "cellline": "cell-line",
    "sirna": "reagent",
    "omap": "reagent",
    "orf": "reagent",
    "antibody": "reagent",
    "protein": "gene",
    "others": "",
}
"""Menus of mapr, and the type of thing that each is about."""

KEYS: Final = (
    ("gene", "gene"),
    ("phenotype", "phenotype"),
    ("compound", "compound"),
    ("inchikey", "compound"),
    ("organism", "organism"),
    ("cell line", "cell-line"),
    ("sirna", "reagent"),
    ("antibody", "reagent"),
    ("reagent", "reagent"),
    ("imaging method", "method"),
    ("name (idr number)", "study"),
    ("study", "study"),
)
"""How keys of IDR's search begin, and the type of thing that each is about."""

_STUDY: Final = re.compile(r"(?i)(idr\d{4,})(-[A-Za-z0-9_-]+)?")
_SHOW: Final = re.compile(r"([a-z]+)-(.+)")


def old_links_router(finder: Finder) -> APIRouter:
    """Return the routes; that of ``/search/?key=`` is :func:`redirected`."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/mapr/{menu}", methods=["GET", "HEAD"])
    @router.api_route("/mapr/{menu}/", methods=["GET", "HEAD"])
    async def mapr(menu: str, request: Request) -> Response:
        if menu not in TYPES:
            raise HTTPException(404, f"There is no menu {menu!r}; all is found at /search.")
        whole = request.query_params.get("query", "") != "true"
        return await _lead(finder, request.query_params.get("value", ""), TYPES[menu], whole=whole)

    @router.api_route("/webclient/", methods=["GET", "HEAD"])
    @router.api_route("/webclient", methods=["GET", "HEAD"])
    async def webclient(request: Request) -> Response:
        first = request.query_params.get("show", "").partition("|")[0]
        found = _SHOW.fullmatch(first)
        if found is None or found[1] not in TYPES:
            message = "Numbers of OMERO are not in the graph: look for the name of the thing at /search."
            raise HTTPException(404, message)
        return await _lead(finder, found[2], TYPES[found[1]], whole=True)

    @router.api_route("/study/{name}/", methods=["GET", "HEAD"])
    @router.api_route("/study/{name}/{component}/", methods=["GET", "HEAD"])
    async def study(name: str, component: str = "") -> Response:
        found = _STUDY.fullmatch(name)
        if found is None:
            raise HTTPException(404, f"{name!r} is no accession. All studies are at /catalog.")
        accession = found[1].lower()
        known = re.fullmatch(r"(?:screen|experiment)[A-Z]", component)
        return _to(f"/id/study/{accession}/{component}" if known else f"/study/{accession}")

    return router


async def redirected(finder: Finder, request: Request) -> Response | None:
    """Return the redirection for a search of IDR, or None if this is one of ours."""
    asked = request.query_params
    if "q" in asked or not {"key", "value"} & set(asked):
        return None
    key = asked.get("key", "").casefold()
    kind = next((kind for begin, kind in KEYS if key.startswith(begin)), "")
    return await _lead(
        finder, asked.get("value", ""), kind, whole=asked.get("operator", "equals") == "equals"
    )


async def _lead(finder: Finder, value: str, kind: str, *, whole: bool) -> Response:
    """Lead to the one thing of a name, or else to a search for it."""
    text = value.strip()[:LONGEST]
    if text and whole:

        def work(index: Search) -> list[str]:
            hits = index.find(text, type=kind, limit=2).hits
            return [page_of(hit) for hit in hits if hit.match == "exact"]

        _, pages = await finder.ask(work)
        if len(pages) == 1 and pages[0]:
            return _to(pages[0])
    return _to("/search?" + urlencode({name: v for name, v in (("q", text), ("type", kind)) if v}))


def _to(address: str) -> Response:
    return RedirectResponse(address, 302)
