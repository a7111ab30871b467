"""Pages across studies: what was sampled, which genes hang together. Each is a named query with a picture."""

from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from markupsafe import Markup

from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.pages.html import page, render
from bioimg_kg.endpoint.service import Service, unless_gone
from bioimg_kg.endpoint.views.answers import Answered, ask
from bioimg_kg.endpoint.views.model import Section, Subject
from bioimg_kg.endpoint.views.network import Network, arrange_network, cx2, graphml
from bioimg_kg.endpoint.views.sampling import arrange_sampling
from bioimg_kg.errors import ConfigError
from bioimg_kg.queries import get_query

_NETWORK: Final = "figure-2-genes"
_FORMS: Final = {
    "graphml": (graphml, "application/graphml+xml"),
    "cx2": (cx2, "application/json"),
}


def explore_router(service: Service) -> APIRouter:
    """Return the routes below ``/explore``."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/explore", methods=["GET", "HEAD"])
    async def explore() -> Response:
        return page("explore", {})

    @router.api_route("/explore/sampling", methods=["GET", "HEAD"])
    async def sampling(request: Request) -> Response:
        section = Section(
            key="plot",
            title="How often was each phenotype sampled?",
            query="samples-per-phenotype",
            values=lambda _: {},
            about="Each dot is a phenotype. Height: number of wells and images; size: number of studies.",
            shape="sampling",
            arrange=arrange_sampling,
            rows=200,
        )
        shown = await unless_gone(request, ask(service, section, Subject("")))
        return page("explored", {"part": _part(shown), "title": section.title, "query": None, "values": {}})

    @router.api_route("/explore/network", methods=["GET", "HEAD"])
    async def network(request: Request) -> Response:
        shown = await _network(service, request)
        values = {p.name: shown.values.get(p.name, p.default or "") for p in shown.query.parameters}
        content = {"part": _part(shown), "title": shown.section.title, "query": shown.query, "values": values}
        return page("explored", content)

    @router.api_route("/explore/network.{suffix}", methods=["GET", "HEAD"])
    async def network_file(suffix: str, request: Request) -> Response:
        if suffix not in _FORMS:
            raise HTTPException(404, f"The network has the formats {', '.join(_FORMS)}, not {suffix!r}.")
        shown = await _network(service, request)
        if shown.problem:
            raise HTTPException(503, shown.problem)
        write, media_type = _FORMS[suffix]
        found = shown.arranged
        assert isinstance(found, Network)  # its section arranges it so
        headers = {**OPEN, "Content-Disposition": f'attachment; filename="network.{suffix}"'}
        return Response(write(found), media_type=media_type, headers=headers)

    return router


async def _network(service: Service, request: Request) -> Answered:
    values = {name: value for name, value in request.query_params.items() if value.strip()}
    try:
        get_query(_NETWORK).bind(values)
    except ConfigError as error:
        raise HTTPException(400, str(error)) from error
    section = Section(
        key="network",
        title="Which genes make the network of a phenotype?",
        query=_NETWORK,
        values=lambda _: values,
        about="Human genes, or the human orthologues of the genes of a study, at the studies that saw it.",
        shape="network",
        arrange=arrange_network,
        rows=500,
    )
    return await unless_gone(request, ask(service, section, Subject("")))


def _part(shown: Answered) -> Markup:
    return Markup(render("section", {"shown": shown}))  # noqa: S704 - it is what the template made
