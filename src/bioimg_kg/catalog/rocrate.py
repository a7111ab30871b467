"""Studies and the release as RO-Crates: detached ones, whose files are on the web.

Source: https://www.researchobject.org/ro-crate/specification/1.2/, which demands that the context
is named by its address; whoever reads crates has it.
"""

from collections.abc import Iterable
from typing import Any, Final

from bioimg_kg.catalog.dcat import DESCRIPTION, N_QUADS, N_QUADS_SPEC, NO_LICENCE, TITLE, keywords
from bioimg_kg.catalog.model import Catalogue, Dataset, Distribution, Paper
from bioimg_kg.catalog.papers import doi_of
from bioimg_kg.catalog.site import Site

Entity = dict[str, Any]

PROFILE: Final = "https://w3id.org/ro/crate"
VERSION: Final = f"{PROFILE}/1.2"
FILE: Final = "ro-crate-metadata.json"
MEDIA_TYPE: Final = "application/ld+json"


def study_crate(dataset: Dataset, catalogue: Catalogue, site: Site) -> Entity:
    """Return a study with its files, people, papers and terms."""
    terms = (*dataset.organisms, *dataset.techniques, *dataset.kinds)
    publisher = dataset.publisher or site.publisher
    root: Entity = {
        "@id": site.page(dataset),
        "@type": "Dataset",
        "name": dataset.title,
        "alternateName": dataset.accession,
        "description": dataset.description,
        "datePublished": dataset.published or catalogue.issued,
        "identifier": dataset.iri,
        "cite-as": dataset.iri,
        "license": _reference(dataset.license) if dataset.license else NO_LICENCE,
        "keywords": keywords(dataset),
        "author": [_reference(agent.iri) for agent in dataset.authors],
        "publisher": _reference(site.agent(publisher)),
        "citation": [_reference(paper.iris[0]) for paper in dataset.papers if paper.iris],
        "about": [_reference(term.iri) for term in terms],
        "sameAs": [_reference(same) for same in dataset.same_as],
        "isBasedOn": _reference(dataset.derived_from) if dataset.derived_from else None,
        "version": catalogue.release,
        "hasPart": [_reference(site.download(file)) for file in dataset.distributions],
    }
    others: list[Entity] = [
        *({"@id": a.iri, "@type": "Person", "name": a.name or a.iri} for a in dataset.authors),
        *(_paper(paper) for paper in dataset.papers if paper.iris),
        *({"@id": t.iri, "@type": "DefinedTerm", "name": t.label or t.iri} for t in terms),
        {"@id": site.agent(publisher), "@type": "Organization", "name": publisher},
    ]
    return _crate(root, dataset.distributions, [dataset.license], others, site)


def release_crate(catalogue: Catalogue, site: Site) -> Entity:
    """Return the release with all of its files; each study is a part with a crate of its own."""
    publisher = site.agent(site.publisher)
    studies: list[Entity] = [
        {
            "@id": site.page(dataset),
            "@type": "Dataset",
            "name": dataset.title,
            "identifier": dataset.iri,
            "conformsTo": _reference(PROFILE),
            "subjectOf": _reference(site.crate(dataset)),
            "license": _reference(dataset.license) if dataset.license else NO_LICENCE,
            "hasPart": [_reference(site.download(file)) for file in dataset.distributions],
        }
        for dataset in catalogue.datasets
    ]
    root: Entity = {
        "@id": site.catalogue,
        "@type": "Dataset",
        "name": TITLE,
        "description": DESCRIPTION,
        "datePublished": catalogue.issued,
        "identifier": site.catalogue,
        "license": _reference(site.license),
        "publisher": _reference(publisher),
        "version": catalogue.release,
        "hasPart": [
            *(_reference(study["@id"]) for study in studies),
            *(_reference(site.download(file)) for file in catalogue.shared),
        ],
    }
    crates: list[Entity] = [
        {
            "@id": site.crate(dataset),
            "@type": "CreativeWork",
            "name": f"RO-Crate of {dataset.accession}",
            "encodingFormat": MEDIA_TYPE,
        }
        for dataset in catalogue.datasets
    ]
    others = [*studies, *crates, {"@id": publisher, "@type": "Organization", "name": site.publisher}]
    licences = [site.license, *(dataset.license for dataset in catalogue.datasets)]
    return _crate(root, catalogue.distributions, licences, others, site)


def _crate(
    root: Entity, files: Iterable[Distribution], licences: Iterable[str], others: Iterable[Entity], site: Site
) -> Entity:
    files = list(files)
    descriptor = {
        "@id": FILE,
        "@type": "CreativeWork",
        "conformsTo": _reference(VERSION),
        "about": _reference(root["@id"]),
    }
    stated = {licence for licence in (*licences, *(site.license_of(file) for file in files)) if licence}
    entities = [
        descriptor,
        root,
        *(_file(file, site) for file in files),
        *others,
        *({"@id": licence, "@type": "CreativeWork", "name": licence} for licence in sorted(stated)),
        {"@id": N_QUADS_SPEC, "@type": "WebPage", "name": "RDF 1.1 N-Quads"},
    ]
    known = {entity["@id"]: _filled(entity) for entity in entities}  # one entity per @id
    return {"@context": f"{VERSION}/context", "@graph": list(known.values())}


def _file(file: Distribution, site: Site) -> Entity:
    return {
        "@id": site.download(file),
        "@type": "File",
        "name": file.file,
        "description": file.words,
        "encodingFormat": [*(["application/gzip"] if file.packed else []), file.media_type],
        "conformsTo": _reference(N_QUADS_SPEC) if file.media_type == N_QUADS else None,
        "contentSize": str(file.size),
        "sha256": file.sha256,
        "license": _reference(site.license_of(file)) if site.license_of(file) else None,
    }


def _paper(paper: Paper) -> Entity:
    return {
        "@id": paper.iris[0],
        "@type": "ScholarlyArticle",
        "name": paper.title,
        "identifier": next(filter(None, map(doi_of, paper.iris)), ""),
        "sameAs": list(paper.iris[1:]),
    }


def _reference(target: str) -> Entity:
    return {"@id": target}


def _filled(entity: Entity) -> Entity:
    """Leave out what is not known."""
    return {key: value for key, value in entity.items() if value not in ("", [], None)}
