"""Pages for people: the home page and a page for each named query. They work without JavaScript."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from bioimg_kg.catalog.signposting import home_links, link_header
from bioimg_kg.endpoint.harvest.offer import Offer
from bioimg_kg.endpoint.http.encodings import choose_encoding
from bioimg_kg.endpoint.http.negotiation import GRAPHS, HTML, by_name, choose, offered
from bioimg_kg.endpoint.http.responses import AnswerResponse
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.endpoint.pages.programs import python_program
from bioimg_kg.endpoint.pages.tables import read_table
from bioimg_kg.endpoint.service import Service, unless_gone
from bioimg_kg.endpoint.sparql.protocol import RELEASE
from bioimg_kg.errors import ConfigError
from bioimg_kg.queries import NamedQuery, load_queries

PAGE_BYTES: Final = 16 << 20
"""Longest answer that is made into a page."""

COUNTERS: Final = {
    "studies": "studies",
    "records": "images and wells with metadata",
    "study_phenotypes": "phenotypes in the authors' words",
    "quads": "statements",
}
"""What the home page counts: key of the manifest's counts, and its name."""


CHIPS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("Which genes make cells elongated?", "genes-with-phenotype-or-narrower", {"term": "CMPO:0000077"}),
    ("At which doses was nocodazole used?", "compounds-and-doses", {"compound": "PUBCHEM.COMPOUND:4122"}),
    ("What does the loss of SGO1 look like?", "phenotypes-of-gene-symbol", {"symbol": "SGOL1, SGO1"}),
    ("Which genes behave like SGO1?", "genes-sharing-phenotypes", {"genes": "ENSEMBL:ENSG00000129810"}),
    ("What is a cell morphology phenotype?", "narrower-phenotypes", {"term": "CMPO:0000005"}),
    ("How often was each phenotype seen?", "samples-per-phenotype", {}),
)
"""Questions to begin with: words, named query and its values."""


def pages_router(service: Service, offer: Offer) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def home(request: Request) -> Response:
        wanted = choose(request.headers.get("accept"), (HTML, *GRAPHS))
        if wanted in GRAPHS:  # harvesters start here
            return RedirectResponse(offer.site(request, await offer.catalogue()).fdp, 303, {"Vary": "Accept"})
        release = service.release()
        counts = release.manifest.get("counts", {})
        counters = [(counts[key], name) for key, name in COUNTERS.items() if isinstance(counts.get(key), int)]
        queries = load_queries()
        known = {query.name for query in queries}
        chips = [(q, f"/queries/{name}?{urlencode(given)}") for q, name, given in CHIPS if name in known]
        content = {"release": release.name, "counters": counters, "queries": queries, "chips": chips}
        response = page("home", content)
        response.headers["Link"] = link_header(home_links(offer.site(request, await offer.catalogue())))
        return response

    @router.api_route("/queries", methods=["GET", "HEAD"])
    async def queries() -> Response:
        return page("queries", {"queries": load_queries()})

    @router.api_route("/queries/{name}", methods=["GET", "HEAD"])
    async def query(name: str, request: Request) -> Response:
        values = _values(request)
        stem, dot, extension = name.rpartition(".")
        if dot:
            return await _download(service, request, _named(stem), extension, values)
        endpoint = offer.site(request, await offer.catalogue()).sparql
        return await _show(service, request, _named(name), values, endpoint)

    return router


def _named(name: str) -> NamedQuery:
    found = next((query for query in load_queries() if query.name == name), None)
    if found is None:
        raise HTTPException(404, f"There is no query {name!r}. The list of all is at /queries.")
    return found


def _values(request: Request) -> dict[str, str]:
    """Return the parameters of a form, without the release; a field that was left empty was not given."""
    found = {name: value for name, value in request.query_params.items() if value.strip()}
    return {name: value for name, value in found.items() if name != RELEASE}


async def _download(
    service: Service, request: Request, query: NamedQuery, extension: str, values: Mapping[str, str]
) -> Response:
    try:
        text = query.bind(values)
    except ConfigError as error:
        raise HTTPException(400, str(error)) from error
    scan = await service.scan(text)
    wanted = by_name(extension, offered(scan.form))
    if wanted is None:
        names = ", ".join(f".{entry.names[0]}" for entry in offered(scan.form))
        raise HTTPException(404, f"This query has no answer in the format .{extension}; it has {names}.")
    encoding = request.headers.get("accept-encoding")
    choose_encoding(encoding)  # not after the work is done
    reply = await unless_gone(request, service.reply(service.job(text, scan, wanted), calls=scan.calls))
    return AnswerResponse(reply, wanted, encoding)


async def _show(
    service: Service, request: Request, query: NamedQuery, values: Mapping[str, str], endpoint: str
) -> Response:
    shown = {p.name: values.get(p.name, p.default or "") for p in query.parameters}
    empty = {"table": None, "graph": None, "error": None, "link": "", "downloads": (), "python": None}
    content = {**empty, "query": query, "values": shown, "text": query.text}
    if not values and any(p.default is None for p in query.parameters):
        return page("query", content)
    try:
        text = query.bind(values)
    except ConfigError as error:
        return page("query", {**content, "error": str(error)}, 400)
    scan = await service.scan(text)
    formats = offered(scan.form)
    result = await unless_gone(request, service.answer(text, scan, formats[0], PAGE_BYTES))
    payload = await result.read()
    answer = {"graph": payload.decode()} if formats is GRAPHS else {"table": read_table(payload)}
    link = f"?{urlencode(values)}" if values else ""
    names = [entry.names[0] for entry in formats]
    files = [(name.upper(), f"/queries/{query.name}.{name}{link}") for name in names]
    program = None if formats is GRAPHS else python_program(text, endpoint)
    taken = {"text": text, "link": link, "downloads": files, "python": program}
    return page("query", {**content, **answer, **taken})
