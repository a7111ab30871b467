"""The catalogue in schema.org, for pages: Bioschemas DataCatalog and Dataset.

The context stands in each document and loads nothing: a reader without network understands it.

Sources: https://bioschemas.org/profiles/Dataset/1.0-RELEASE,
https://bioschemas.org/profiles/DataCatalog/0.3-RELEASE-2019_07_01 and
https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

import json
from typing import Any, Final

from bioimg_kg.catalog.citing.model import Name
from bioimg_kg.catalog.citing.names import split_names
from bioimg_kg.catalog.dcat import DESCRIPTION, TITLE, keywords
from bioimg_kg.catalog.model import Catalogue, Dataset, Distribution, Paper
from bioimg_kg.catalog.papers import doi_of
from bioimg_kg.catalog.site import Site
from bioimg_kg.vocab import DCTERMS, SCHEMA

Document = dict[str, Any]

_LINKS: Final = ("license", "url", "sameAs", "citation", "contentUrl", "isBasedOn", "measurementTechnique")
CONTEXT: Final[Document] = {
    "@vocab": SCHEMA,
    "dct": DCTERMS,
    **{name: {"@id": SCHEMA + name, "@type": "@id"} for name in _LINKS},
}
DATASET: Final = "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"
DATA_CATALOG: Final = "https://bioschemas.org/profiles/DataCatalog/0.3-RELEASE-2019_07_01"
KEYWORDS: Final = ("bioimaging", "knowledge graph", "linked data", "microscopy", "phenotype")


def catalogue_document(catalogue: Catalogue, site: Site) -> Document:
    """Return the release as a DataCatalog."""
    return _filled(
        {
            "@context": CONTEXT,
            **_catalogue(site),
            "dct:conformsTo": {"@id": DATA_CATALOG},
            "description": DESCRIPTION,
            "keywords": list(KEYWORDS),
            "identifier": site.catalogue,
            "license": site.license,
            "version": catalogue.release,
            "dateModified": catalogue.issued,
            "isAccessibleForFree": True,
            "provider": {"@type": "Organization", "name": site.publisher},
            "dataset": [
                {"@type": "Dataset", "@id": d.iri, "name": d.title, "url": site.page(d)}
                for d in catalogue.datasets
            ],
        }
    )


def dataset_document(dataset: Dataset, catalogue: Catalogue, site: Site) -> Document:
    """Return a study as a Dataset."""
    return _filled(
        {
            "@context": CONTEXT,
            "@type": "Dataset",
            "@id": dataset.iri,
            "dct:conformsTo": {"@id": DATASET},
            "name": dataset.title,
            "alternateName": dataset.accession,
            "description": dataset.description,
            "identifier": dataset.iri,
            "url": site.page(dataset),
            "keywords": keywords(dataset) or list(KEYWORDS),
            "license": dataset.license,
            "datePublished": dataset.published,
            "dateModified": catalogue.issued,
            "version": catalogue.release,
            "isAccessibleForFree": True,
            "creator": _creators(dataset),
            "publisher": {"@type": "Organization", "name": dataset.publisher or site.publisher},
            "citation": [_paper(paper) for paper in dataset.papers],
            "sameAs": list(dataset.same_as),
            "isBasedOn": dataset.derived_from,
            "measurementTechnique": [term.iri for term in dataset.techniques],
            "about": [{"@id": term.iri, "name": term.label or term.iri} for term in dataset.organisms],
            "includedInDataCatalog": _catalogue(site),
            "distribution": [_distribution(d, site) for d in dataset.distributions],
        }
    )


def _creators(dataset: Dataset) -> list[Document]:
    """Return the people that the study names, or else the authors of its first paper."""
    people: list[Document] = [{"@type": "Person", "@id": a.iri, "name": a.name} for a in dataset.authors]
    if people or not dataset.papers:
        return people
    authors: list[Document] = _paper(dataset.papers[0]).get("author", [])
    return authors


def embedded(document: Document) -> str:
    r"""Return a document that can stand in a ``script`` element: nothing in it ends the element.

    Examples
    --------
    >>> embedded({"name": "</script>"})
    '{"name": "\\u003c/script\\u003e"}'
    """
    text = json.dumps(document, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _catalogue(site: Site) -> Document:
    target = {
        "@type": "EntryPoint",
        "url": site.sparql,
        "urlTemplate": f"{site.sparql}{{?query}}",
        "httpMethod": "GET",
    }
    return {
        "@type": "DataCatalog",
        "@id": site.catalogue,
        "name": TITLE,
        "url": site.at("/"),
        "potentialAction": {"@type": "SearchAction", "name": "SPARQL 1.1 query", "target": target},
    }


def _paper(paper: Paper) -> Document:
    return _filled(
        {
            "@type": "ScholarlyArticle",
            "@id": next(iter(paper.iris), ""),
            "name": paper.title,
            "author": [_author(name) for name in split_names(paper.authors)],
            "identifier": next(filter(None, map(doi_of, paper.iris)), ""),
            "sameAs": list(paper.iris[1:]),
        }
    )


def _author(name: Name) -> Document:
    """Return a person, or a thing of unknown kind where the paper does not tell family and given names."""
    if name.literal:
        return {"@type": "Thing", "name": name.literal}
    whole = " ".join(filter(None, (name.given, name.family, name.suffix)))
    return {"@type": "Person", "name": whole, "familyName": name.family, "givenName": name.given}


def _distribution(distribution: Distribution, site: Site) -> Document:
    return {
        "@type": "DataDownload",
        "@id": site.distribution(distribution),
        "name": distribution.words,
        "contentUrl": site.download(distribution),
        "encodingFormat": [distribution.media_type, *(["application/gzip"] if distribution.packed else [])],
        "contentSize": f"{distribution.size} B",
        "sha256": distribution.sha256,
    }


def _filled(document: Document) -> Document:
    """Leave out what is not known."""
    return {key: value for key, value in document.items() if value not in ("", [], None)}
