"""The routes of releases: the list of them, each of them, and what differs between two."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pyoxigraph import Triple

from bioimg_kg import __version__
from bioimg_kg.catalog.releases import (
    ATOM,
    Version,
    atom_feed,
    release_document,
    release_graph,
    releases_graph,
)
from bioimg_kg.catalog.signposting import Link, link_header
from bioimg_kg.diff.report import COLUMNS
from bioimg_kg.endpoint.harvest.offer import Offer, serialised
from bioimg_kg.endpoint.http.asking import Served
from bioimg_kg.endpoint.http.cache import name_of
from bioimg_kg.endpoint.http.encodings import IDENTITY
from bioimg_kg.endpoint.http.negotiation import GRAPHS, HTML, RESULTS, Format, negotiate
from bioimg_kg.endpoint.http.responses import OPEN, answer_headers, has_already, not_modified
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.endpoint.releases.compare import Comparisons
from bioimg_kg.endpoint.releases.kept import KeptReleases, predecessor
from bioimg_kg.endpoint.watch import counted

TSV: Final = RESULTS[-1]
Handler = Callable[..., Awaitable[Response]]
JSON: Final = Format("application/json", (), ("json",))
_TOLD: Final = {**OPEN, "Vary": "Accept", "Cache-Control": "public, no-cache"}


def releases_router(offer: Offer, comparisons: Comparisons) -> APIRouter:
    """Return the routes below ``/releases``."""
    router = APIRouter(include_in_schema=False)
    for path, handler in (
        ("/releases", _listing(offer)),
        ("/releases.atom", _feed(offer)),
        ("/releases/{name}", _one(offer)),
        ("/releases/{old}/diff/{new}", _diff(offer.service.kept, comparisons)),
    ):
        router.add_api_route(path, handler, methods=["GET", "HEAD"])
    return router


def _listing(offer: Offer) -> Handler:
    async def listing(request: Request) -> Response:
        found, site = versions(offer.service.kept), offer.address(request)
        wanted = _format(request)
        if wanted is HTML:
            return page("releases", {"versions": found, "site": site})
        if wanted is not JSON:
            return _graph(releases_graph(found, site), wanted)
        current = next(version.name for version in found if version.current)
        documents = [release_document(version, site) for version in found]
        return JSONResponse({"current": current, "releases": documents}, headers=_TOLD)

    return listing


def _feed(offer: Offer) -> Handler:
    async def feed(request: Request) -> Response:
        text = atom_feed(versions(offer.service.kept), offer.address(request))
        return Response(text, media_type=ATOM, headers=_TOLD)

    return feed


def _one(offer: Offer) -> Handler:
    kept = offer.service.kept

    async def one(name: str, request: Request) -> Response:
        served, site = kept.find(name), offer.address(request)
        version, wanted = _version(served, kept, kept.all()), _format(request)
        response: Response
        if wanted is HTML:
            studies = served.release.manifest.get("studies")
            accessions = sorted(studies) if isinstance(studies, dict) else []
            response = page("release", {"version": version, "studies": accessions, "site": site})
        elif wanted is JSON:
            response = JSONResponse(release_document(version, site), headers=_TOLD)
        else:
            response = _graph(release_graph(version, site), wanted)
        links = [Link("", "version-history", site.at("/releases"))]
        links.append(Link("", "latest-version", site.version(kept.current.release.name)))
        if version.before:
            links.append(Link("", "predecessor-version", site.version(version.before)))
        response.headers["Link"] = link_header(links)
        response.headers["X-Dataset-Version"] = name
        return response

    return one


def _diff(kept: KeptReleases, comparisons: Comparisons) -> Handler:
    async def diff(old: str, new: str, request: Request) -> Response:
        pair = kept.find(old), kept.find(new)
        wanted = _format(request, (JSON, TSV, HTML))
        name = name_of("diff", *(served.identity for served in pair), wanted.media_type, __version__)
        if has_already(request, name):
            return not_modified(request, name, new)
        found = await comparisons.find(*pair)
        if wanted is HTML:
            table = [dict(zip(COLUMNS, row, strict=True)) for row in found.rows]
            equal = found.document["equal"]
            return page("diff", {"old": old, "new": new, "rows": table, "equal": equal})
        headers = answer_headers(name, IDENTITY)
        if wanted is JSON:
            return JSONResponse(found.document, headers=headers)
        text = "".join("\t".join(row) + "\n" for row in (COLUMNS, *found.rows))
        return Response(text, media_type=wanted.content_type, headers=headers)

    return diff


def versions(kept: KeptReleases) -> list[Version]:
    """Return the releases that are served, the latest first."""
    found = kept.all()
    return [_version(served, kept, found) for served in found]


def _version(served: Served, kept: KeptReleases, found: list[Served]) -> Version:
    release, before = served.release, predecessor(served, found)
    return Version(
        name=release.name,
        date=_date(release.manifest.get("date")),
        tool=str(release.manifest.get("tool") or ""),
        studies=counted(release, "studies"),
        quads=counted(release, "quads"),
        issues=counted(release, "issues"),
        before=before.release.name if before else "",
        current=served.identity == kept.current.identity,
    )


def _date(value: object) -> str:
    """Return the day that a manifest states, if it is one."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return ""


def _format(request: Request, offer: tuple[Format, ...] = (JSON, *GRAPHS, HTML)) -> Format:
    names = [request.query_params[n] for n in ("format", "output") if n in request.query_params]
    return negotiate(request.headers.get("accept"), names, offer)


def _graph(triples: Iterator[Triple], wanted: Format) -> Response:
    return Response(serialised(triples, wanted), media_type=wanted.content_type, headers=_TOLD)
