"""Typed links between a study's page, its metadata and its files, and from the service to its APIs.

Sources: https://signposting.org/FAIR/, RFC 9264 (linksets) and RFC 9727 (``/.well-known/api-catalog``).
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from bioimg_kg.catalog.model import Catalogue, Dataset
from bioimg_kg.catalog.rocrate import PROFILE
from bioimg_kg.catalog.site import Site
from bioimg_kg.vocab import SCHEMA

LINKSET: Final = "application/linkset+json"
API_CATALOG: Final = "https://www.rfc-editor.org/info/rfc9727"
CROISSANT: Final = "http://mlcommons.org/croissant/1.1"
_RECORDS: Final = (("text/turtle", "ttl"), ("application/ld+json", "json-ld"))


class Link(NamedTuple):
    """One link: from where, how, to where, and media type and profile of what is there."""

    anchor: str
    relation: str
    target: str
    media_type: str = ""
    profile: str = ""


def links(dataset: Dataset, site: Site) -> list[Link]:
    """Return the links of a study's page."""
    me = site.page(dataset)
    return [
        Link(me, "cite-as", dataset.iri),
        Link(me, "type", f"{SCHEMA}AboutPage"),
        Link(me, "type", f"{SCHEMA}Dataset"),
        *(Link(me, "license", text) for text in [dataset.license] if text),
        *(Link(me, "author", a.iri) for a in dataset.authors if a.iri.startswith("https://orcid.org/")),
        *(Link(me, "describedby", f"{site.record(dataset)}?format={name}", kind) for kind, name in _RECORDS),
        Link(me, "describedby", site.crate(dataset), "application/ld+json", PROFILE),
        *(Link(me, "item", site.download(d), d.sent_as) for d in dataset.distributions),
        Link(me, "linkset", site.linkset(dataset), LINKSET),
    ]


def back_links(dataset: Dataset, site: Site) -> list[Link]:
    """Return the links from a study's metadata and files back to its page."""
    me = site.page(dataset)
    back = {"describedby": "describes", "item": "collection"}
    return [
        Link(link.target, back[link.relation], me, "text/html")
        for link in links(dataset, site)
        if link.relation in back
    ]


def link_header(found: Iterable[Link]) -> str:
    """Return links as an HTTP header (RFC 8288), where an IRI must be a URI.

    Examples
    --------
    >>> link_header([Link("http://x/", "item", "http://x/a.nq.gz", "application/gzip")])
    '<http://x/a.nq.gz>; rel="item"; type="application/gzip"'
    """
    parts = []
    for link in found:
        kind = f'; type="{link.media_type}"' if link.media_type else ""
        profile = f'; profile="{link.profile}"' if link.profile else ""
        target = quote(link.target, safe="%/:=&?~#+!$,;@()*[]")
        parts.append(f'<{target}>; rel="{link.relation}"{kind}{profile}')
    return ", ".join(parts)


def linkset(found: Iterable[Link]) -> dict[str, Any]:
    """Return links as a linkset document, by where they start."""
    contexts: defaultdict[str, defaultdict[str, list[dict[str, str]]]]
    contexts = defaultdict(lambda: defaultdict(list))
    for link in found:
        target = {"href": link.target, "type": link.media_type, "profile": link.profile}
        given = {key: value for key, value in target.items() if value}
        contexts[link.anchor][link.relation].append(given)
    return {"linkset": [{"anchor": anchor, **relations} for anchor, relations in contexts.items()]}


def study_linkset(dataset: Dataset, site: Site) -> dict[str, Any]:
    """Return all links of a study, there and back."""
    forth = [link for link in links(dataset, site) if link.relation != "linkset"]
    return linkset([*forth, *back_links(dataset, site)])


def catalogue_links(site: Site) -> list[Link]:
    """Return the links of the page of the catalogue, and of the page of files."""
    me = site.at("/catalog")
    return [
        Link(me, "cite-as", me),
        Link(me, "type", f"{SCHEMA}DataCatalog"),
        *(Link(me, "describedby", f"{me}?format={name}", kind) for kind, name in _RECORDS),
        Link(me, "describedby", site.at("/catalog/ro-crate-metadata.json"), "application/ld+json", PROFILE),
        Link(me, "describedby", site.croissant, "application/ld+json", CROISSANT),
        Link(me, "linkset", site.at("/catalog/linkset"), LINKSET),
    ]


def catalogue_linkset(catalogue: Catalogue, site: Site) -> dict[str, Any]:
    """Return the links of the catalogue with its files, too many for a header, there and back."""
    me = site.at("/catalog")
    forth = [link for link in catalogue_links(site) if link.relation != "linkset"]
    files = [(site.download(file), file.sent_as) for file in catalogue.shared]
    return linkset(
        [
            *forth,
            *(Link(me, "item", target, kind) for target, kind in files),
            *(Link(link.target, "describes", me) for link in forth if link.relation == "describedby"),
            *(Link(target, "collection", me, "text/html") for target, _ in files),
        ]
    )


def home_links(site: Site) -> list[Link]:
    """Return the links of the home page."""
    me = site.at("/")
    return [
        Link(me, "api-catalog", site.at("/.well-known/api-catalog"), LINKSET),
        Link(me, "describedby", site.fdp, "text/turtle"),
        Link(me, "describedby", site.at("/.well-known/void"), "text/turtle"),
        Link(me, "service-desc", f"{site.sparql}?format=ttl", "text/turtle"),
    ]


def api_catalogue(site: Site) -> dict[str, Any]:
    """Return the list of the service's APIs."""
    me = site.at("/.well-known/api-catalog")
    return linkset(
        [
            *(Link(me, "item", address) for address in (site.sparql, site.fdp, site.search_api)),
            Link(site.sparql, "service-desc", f"{site.sparql}?format=ttl", "text/turtle"),
            Link(site.sparql, "service-desc", site.at("/openapi.json"), "application/json"),
            Link(site.sparql, "service-doc", f"{site.sparql}?format=html", "text/html"),
            Link(site.sparql, "service-meta", site.at("/.well-known/void"), "text/turtle"),
            Link(site.sparql, "status", site.at("/health"), "application/json"),
            Link(site.fdp, "service-doc", f"{site.at('/catalog')}?format=html", "text/html"),
            Link(site.fdp, "service-meta", site.fdp, "text/turtle"),
            Link(site.search_api, "service-desc", site.at("/openapi.json"), "application/json"),
            Link(site.search_api, "service-doc", site.at("/search"), "text/html"),
        ]
    )
