"""The routes for harvesters: catalogue, FAIR Data Point, VoID, links, sitemap."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from markupsafe import Markup
from pyoxigraph import Triple

from bioimg_kg.catalog import fdp
from bioimg_kg.catalog.bioschemas import catalogue_document, dataset_document, embedded
from bioimg_kg.catalog.croissant import croissant
from bioimg_kg.catalog.dcat import catalogue_graph
from bioimg_kg.catalog.examples import example_graph, examples
from bioimg_kg.catalog.model import Catalogue
from bioimg_kg.catalog.rocrate import PROFILE, release_crate, study_crate
from bioimg_kg.catalog.signposting import (
    LINKSET,
    api_catalogue,
    back_links,
    catalogue_links,
    catalogue_linkset,
    link_header,
    links,
    study_linkset,
)
from bioimg_kg.catalog.site import Site
from bioimg_kg.catalog.sitemap import addresses, pieces, robots, sitemap, sitemap_index
from bioimg_kg.catalog.void import void_graph
from bioimg_kg.endpoint.harvest.offer import Offer, find_dataset
from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.linked.addresses import link as address_of
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.endpoint.service import unless_gone
from bioimg_kg.endpoint.sparql.description import statistics
from bioimg_kg.endpoint.views.model import Subject
from bioimg_kg.endpoint.views.show import show_all
from bioimg_kg.endpoint.views.study import STUDY_VIEW

Handler = Callable[..., Awaitable[Response]]
_JSON_LD: Final = f'application/ld+json; profile="{PROFILE}"'
_FOLDERS: Final = ("catalog", "dataset", "distribution", "service")


def harvest_router(offer: Offer) -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)
    for paths, handler in (
        (["/catalog"], _catalogue(offer)),
        (["/.well-known/void"], _void(offer)),
        (["/.well-known/api-catalog"], _apis(offer)),
        (["/.well-known/sparql-examples"], _examples(offer)),
        (["/catalog/ro-crate-metadata.json"], _release_crate(offer)),
        (["/catalog/croissant.json"], _croissant(offer)),
        (["/catalog/linkset"], _catalogue_linkset(offer)),
        (["/study/{accession}/ro-crate-metadata.json"], _study_crate(offer)),
        (["/robots.txt"], _robots(offer)),
        (["/sitemap.xml", "/sitemap-{number:int}.xml"], _sitemap(offer)),
        (["/study/{accession}"], _study(offer)),
        (["/study/{accession}/linkset"], _linkset(offer)),
        (["/fdp"], _record(offer, fdp.root_record)),
        ([f"/fdp/{name}" for name in _FOLDERS], _record(offer, fdp.catalogue_record)),
        (["/fdp/service/sparql"], _record(offer, fdp.service_record)),
        (["/fdp/service/search"], _record(offer, fdp.search_record)),
        (["/fdp/dataset/{accession}", "/fdp/dataset/{accession}/distribution"], _dataset_record(offer)),
        (["/fdp/distribution/{graph:path}"], _distribution_record(offer)),
    ):
        for path in paths:
            router.add_api_route(path, handler, methods=["GET", "HEAD"])
    return router


def _catalogue(offer: Offer) -> Handler:
    async def catalogue(request: Request) -> Response:
        return await offer.graph(request, catalogue_graph, _catalogue_page)

    return catalogue


def _catalogue_page(catalogue: Catalogue, site: Site) -> Response:
    document = Markup(embedded(catalogue_document(catalogue, site)))  # noqa: S704 - it cannot end the element
    response = page("catalog", {"catalogue": catalogue, "site": site, "document": document})
    response.headers["Link"] = link_header(catalogue_links(site))
    return response


def _elsewhere(path: str) -> Callable[[Catalogue, Site], Response]:
    """Lead people to the page that has for them what a record has for machines."""
    return lambda _, site: RedirectResponse(site.at(path), 303, {"Vary": "Accept"})


def _void(offer: Offer) -> Handler:
    async def void(request: Request) -> Response:
        def make(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
            return void_graph(catalogue, site, statistics(catalogue.folder))

        return await offer.graph(request, make)

    return void


def _record(offer: Offer, make: Callable[[Catalogue, Site], Iterator[Triple]]) -> Handler:
    async def record(request: Request) -> Response:
        return await offer.graph(request, make, _elsewhere("/catalog"))

    return record


def _dataset_record(offer: Offer) -> Handler:
    async def dataset_record(accession: str, request: Request) -> Response:
        dataset = find_dataset(await offer.catalogue(), accession)
        site = offer.site(request, await offer.catalogue())

        def make(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
            return fdp.dataset_record(find_dataset(catalogue, accession), catalogue, site)

        back = [link for link in back_links(dataset, site) if link.relation == "describes"]
        headers = {"Link": link_header(back)}
        return await offer.graph(request, make, _elsewhere(f"/study/{accession}"), headers)

    return dataset_record


def _distribution_record(offer: Offer) -> Handler:
    async def distribution_record(graph: str, request: Request) -> Response:
        found = next((d for d in (await offer.catalogue()).distributions if d.name == graph), None)
        if found is None:
            raise HTTPException(404, f"There is no file {graph!r}. The list of all is at /downloads.")

        def make(catalogue: Catalogue, site: Site) -> Iterator[Triple]:
            return fdp.distribution_record(found, catalogue, site)

        return await offer.graph(request, make, _elsewhere("/downloads"))

    return distribution_record


def _study(offer: Offer) -> Handler:
    async def study(accession: str, request: Request) -> Response:
        catalogue = await offer.catalogue()
        dataset, site = find_dataset(catalogue, accession), offer.site(request, catalogue)
        document = Markup(embedded(dataset_document(dataset, catalogue, site)))  # noqa: S704 - see above
        shown = show_all(offer.service, STUDY_VIEW, Subject(dataset.iri))
        sections, _ = await unless_gone(request, shown)
        content = {"study": dataset, "catalogue": catalogue, "site": site, "document": document}
        content["sections"] = sections
        response = page("study", {**content, "statements": address_of(dataset.iri) or dataset.iri})
        response.headers["Link"] = link_header(links(dataset, site))
        return response

    return study


def _linkset(offer: Offer) -> Handler:
    async def linkset(accession: str, request: Request) -> Response:
        catalogue = await offer.catalogue()
        dataset, site = find_dataset(catalogue, accession), offer.site(request, catalogue)
        return JSONResponse(study_linkset(dataset, site), media_type=LINKSET, headers=OPEN)

    return linkset


def _study_crate(offer: Offer) -> Handler:
    async def study_crate_file(accession: str, request: Request) -> Response:
        catalogue = await offer.catalogue()
        dataset, site = find_dataset(catalogue, accession), offer.site(request, catalogue)
        back = [link for link in back_links(dataset, site) if link.relation == "describes"]
        headers = {**OPEN, "Link": link_header(back)}
        return JSONResponse(study_crate(dataset, catalogue, site), media_type=_JSON_LD, headers=headers)

    return study_crate_file


def _release_crate(offer: Offer) -> Handler:
    async def release_crate_file(request: Request) -> Response:
        catalogue = await offer.catalogue()
        content = release_crate(catalogue, offer.site(request, catalogue))
        return JSONResponse(content, media_type=_JSON_LD, headers=OPEN)

    return release_crate_file


def _croissant(offer: Offer) -> Handler:
    async def croissant_file(request: Request) -> Response:
        catalogue = await offer.catalogue()
        content = croissant(catalogue, offer.site(request, catalogue))
        return JSONResponse(content, media_type="application/ld+json", headers=OPEN)

    return croissant_file


def _catalogue_linkset(offer: Offer) -> Handler:
    async def linkset(request: Request) -> Response:
        catalogue = await offer.catalogue()
        content = catalogue_linkset(catalogue, offer.site(request, catalogue))
        return JSONResponse(content, media_type=LINKSET, headers=OPEN)

    return linkset


def _examples(offer: Offer) -> Handler:
    async def examples_document(request: Request) -> Response:
        return await offer.graph(request, lambda _, site: example_graph(examples(), site))

    return examples_document


def _apis(offer: Offer) -> Handler:
    async def apis(request: Request) -> Response:
        site = offer.site(request, await offer.catalogue())
        return JSONResponse(api_catalogue(site), media_type=LINKSET, headers=OPEN)

    return apis


def _robots(offer: Offer) -> Handler:
    async def robots_text(request: Request) -> Response:
        return PlainTextResponse(robots(offer.site(request, await offer.catalogue())))

    return robots_text


def _sitemap(offer: Offer) -> Handler:
    async def sitemap_file(request: Request, number: int | None = None) -> Response:
        catalogue = await offer.catalogue()
        site = offer.site(request, catalogue)
        parts = pieces(addresses(catalogue, site))
        if number is not None and not 1 <= number <= len(parts):
            raise HTTPException(404, f"There are {len(parts)} sitemaps.")
        if number is None and len(parts) > 1:
            text = sitemap_index(len(parts), site, catalogue.issued)
        else:
            text = sitemap(parts[(number or 1) - 1], catalogue.issued)
        return Response(text, media_type="application/xml")

    return sitemap_file
