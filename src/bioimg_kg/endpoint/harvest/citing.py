"""How to cite a study, the release, and what an address of this service shows: a page and files."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.routing import Match

from bioimg_kg.catalog.citing.forms import FORMS, Form
from bioimg_kg.catalog.citing.model import Citation, key
from bioimg_kg.catalog.citing.sources import release_citations, study_citations, view_citations
from bioimg_kg.catalog.model import Catalogue, Dataset
from bioimg_kg.catalog.site import Site
from bioimg_kg.endpoint.harvest.offer import Offer, find_dataset
from bioimg_kg.endpoint.http.negotiation import HTML, Format, negotiate
from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.queries import load_queries

MAX_VIEW: Final = 2000
"""Characters of the address of a view."""

_MORE: Final = {"bib": ("text/x-bibtex",), "csl.json": ("application/json",), "cff": ("application/x-yaml",)}
FORMATS: Final = tuple(
    Format(
        form.media_type,
        _MORE.get(form.suffix, ()),
        (form.suffix, form.name.lower(), form.suffix.partition(".")[0]),
        charset=form.suffix in {"bib", "ris"},
    )
    for form in FORMS
)
Handler = Callable[..., Awaitable[Response]]


def citing_router(offer: Offer) -> APIRouter:
    """Return the routes: ``/cite`` and ``/study/<accession>/cite``, each also with the suffix of a form."""
    router = APIRouter(include_in_schema=False)
    for path, make in (("/cite", _release), ("/study/{accession}/cite", _study)):
        router.add_api_route(path, make(offer, None), methods=["GET", "HEAD"])
        for form in FORMS:
            router.add_api_route(f"{path}.{form.suffix}", make(offer, form), methods=["GET", "HEAD"])
    return router


@dataclass(frozen=True, slots=True)
class Cited:
    """What an address is about.

    Attributes
    ----------
    title
        What is cited, for people.
    citations
        What to cite for it.
    path
        The address without suffix.
    name
        Name of a file.
    view
        Address of a view, if it is about one.
    """

    title: str
    citations: Sequence[Citation]
    path: str
    name: str
    view: str = ""

    def address(self, form: Form) -> str:
        """Return the address of the citations in a form."""
        return f"{self.path}.{form.suffix}" + (f"?{urlencode({'view': self.view})}" if self.view else "")


def _study(offer: Offer, form: Form | None) -> Handler:
    async def cite_study(accession: str, request: Request) -> Response:
        catalogue = await offer.catalogue()
        study, site = find_dataset(catalogue, accession), offer.site(request, catalogue)
        citations = study_citations(study, catalogue, site.at("/"))
        path = site.cite(study).removeprefix(site.base)
        cited = Cited(f"{study.title} ({study.accession})", citations, path, key(study.accession))
        return _answer(request, form, cited, site)

    return cite_study


def _release(offer: Offer, form: Form | None) -> Handler:
    async def cite_release(request: Request) -> Response:
        catalogue = await offer.catalogue()
        site = offer.site(request, catalogue)
        view = request.query_params.get("view")
        if view is None:
            citations = release_citations(catalogue, site.at("/"))
            cited = Cited(f"Release {catalogue.release}", citations, "/cite", citations[0].key)
            return _answer(request, form, cited, site)
        address = own_address(view)
        title, study = _shown(request, address, catalogue)
        whole = f"{title}: {address}, bioimg_kg release {catalogue.release}"
        citations = view_citations(whole, site.base + address, study, catalogue, site.at("/"))
        return _answer(request, form, Cited(title, citations, "/cite", citations[-2].key, address), site)

    return cite_release


def _answer(request: Request, form: Form | None, cited: Cited, site: Site) -> Response:
    """Write citations in the form that the address names, or in the one that the client likes best."""
    if form is None:
        names = [request.query_params[n] for n in ("format", "output") if n in request.query_params]
        wanted = negotiate(request.headers.get("accept"), names, (*FORMATS, HTML))
        if wanted is HTML:
            shown = [(entry, cited.address(entry), entry.write(cited.citations)) for entry in FORMS]
            return page("cite", {"cited": cited, "forms": shown})
        form = FORMS[FORMATS.index(wanted)]
    told = FORMATS[FORMS.index(form)]
    name = "CITATION.cff" if form.suffix == "cff" else f"{cited.name}.{form.suffix}"
    headers = {
        **OPEN,
        "Vary": "Accept",
        "Cache-Control": "public, no-cache",
        "Content-Disposition": f'inline; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "X-Dataset-Version": quote(site.release),
    }
    return Response(form.write(cited.citations), media_type=told.content_type, headers=headers)


def own_address(view: str) -> str:
    """Return path and query of an address of this service, percent-encoded, or answer 400.

    Examples
    --------
    >>> own_address("/queries/genes-with-phenotype?term=CMPO:0000077 é#top")
    '/queries/genes-with-phenotype?term=CMPO:0000077%20%C3%A9'
    """
    message = f"view is path and query of an address of this service, at most {MAX_VIEW:,} characters"
    if len(view) > MAX_VIEW or not view.startswith("/") or view.startswith("//") or "\\" in view:
        raise HTTPException(400, message)
    if any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in unquote(view)):
        raise HTTPException(400, message)
    try:
        parts = urlsplit(view)
    except ValueError as error:
        raise HTTPException(400, message) from error
    if parts.scheme or parts.netloc or "//" in parts.path or {".", ".."} & set(parts.path.split("/")):
        raise HTTPException(400, message)
    path = quote(parts.path, safe="/%:~@!$&'()*+,;=-._")
    query = quote(parts.query, safe="/%:~@!$&'()*+,;=-._?")
    return f"{path}?{query}" if query else path


def _shown(request: Request, address: str, catalogue: Catalogue) -> tuple[str, Dataset | None]:
    """Return the title of a view and the study that it is about, or answer 404 if there is no such page."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    if path == "/cite" or not any(r.matches(scope)[0] is Match.FULL for r in request.app.routes):
        raise HTTPException(404, f"There is nothing to cite at {path!r}.")
    values = ", ".join(f"{name}={value}" for name, value in parse_qsl(parts.query))
    kind, _, rest = path.removeprefix("/").removeprefix("id/").partition("/")
    name = rest.partition("/")[0]
    if kind == "study" and name:
        study = find_dataset(catalogue, name if path.startswith("/study/") else name.partition(".")[0])
        return study.title, study
    if kind == "queries" and name:
        stem = name.partition(".")[0]
        query = next((query for query in load_queries() if query.name == stem), None)
        if query is None:
            raise HTTPException(404, f"There is no query {stem!r}. The list of all is at /queries.")
        return f"{query.question} ({values})" if values else query.question, None
    return "SPARQL query" if kind == "sparql" else "View", None
