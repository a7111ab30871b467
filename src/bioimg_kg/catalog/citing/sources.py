"""What to cite for a study, for a release and for a view of it, in the order in which credit is due."""

import hashlib
from collections.abc import Iterator
from typing import Final

from bioimg_kg import __version__
from bioimg_kg.catalog.citing.model import Citation, Name, clean, key
from bioimg_kg.catalog.citing.names import split_names
from bioimg_kg.catalog.model import Agent, Catalogue, Dataset, Paper
from bioimg_kg.catalog.papers import doi_of, pmc_of, pubmed_of

SOFTWARE: Final = Citation(
    key="bioimg-kg-software",
    kind="software",
    title="bioimg_kg: a knowledge graph of public microscopy archives",
    authors=(Name(literal="The bioimg_kg developers"),),
    issued="2026-11-20",
    version=__version__,
    url="https://w3id.org/bioimg-kg/",
    license="https://spdx.org/licenses/MIT",
)
"""The facts of ``CITATION.cff``, which is not installed with the package."""


def study_citations(study: Dataset, catalogue: Catalogue, address: str) -> list[Citation]:
    """Return the original papers, the data in the archive, and the release.

    Parameters
    ----------
    study, catalogue
        The study and its release.
    address
        Where the release is.
    """
    return [*_papers(study), *_data(study), release_citation(catalogue, address)]


def release_citations(catalogue: Catalogue, address: str) -> list[Citation]:
    """Return the release and the software that made it."""
    return [release_citation(catalogue, address), SOFTWARE]


def view_citations(
    title: str, url: str, study: Dataset | None, catalogue: Catalogue, address: str
) -> list[Citation]:
    """Return what a view is of, the view, and the release that it is of.

    Parameters
    ----------
    title, url
        The view.
    study
        The study that it is about, if it is about one.
    catalogue, address
        The release, and where it is.
    """
    digest = hashlib.sha256(url.encode()).hexdigest()[:10]
    view = Citation(
        key=key("bioimg-kg-view", digest),
        kind="dataset",
        title=clean(title),
        authors=SOFTWARE.authors,
        issued=catalogue.issued,
        url=url,
        version=clean(catalogue.release),
    )
    before = [*_papers(study), *_data(study)] if study else []
    return [*before, view, release_citation(catalogue, address)]


def release_citation(catalogue: Catalogue, address: str) -> Citation:
    """Return the release as data."""
    release = clean(catalogue.release)
    return Citation(
        key=key("bioimg-kg", release),
        kind="dataset",
        title=f"{SOFTWARE.title}, release {release}",
        authors=SOFTWARE.authors,
        issued=catalogue.issued,
        url=address,
        version=release,
    )


def _papers(study: Dataset) -> Iterator[Citation]:
    for number, paper in enumerate(study.papers, start=1):
        yield _paper(paper, key(study.accession, "paper", str(number)))


def _paper(paper: Paper, unnamed: str) -> Citation:
    doi, pubmed, pmc = (next(filter(None, map(read, paper.iris)), "") for read in (doi_of, pubmed_of, pmc_of))
    lists = "; ".join(map(clean, paper.some_authors))
    first = paper.iris[0] if paper.iris else ""
    return Citation(
        key=key("pmid", pubmed) if pubmed else key("doi", doi) if doi else unnamed,
        kind="article",
        title=clean(paper.title) or (first and f"Paper {first}") or "Paper without a title",
        authors=split_names(paper.authors),
        doi=doi,
        pubmed=pubmed,
        pmc=pmc,
        url=next((iri for iri in paper.iris if doi_of(iri)), first),
        note=f"Authors of papers of this study: {lists}" if lists else "",
    )


def _data(study: Dataset) -> Iterator[Citation]:
    """Yield the study in its archive, then further DOIs of its data, which are those of parts."""
    dois = [iri for iri in study.same_as if doi_of(iri)]
    elsewhere = [iri for iri in study.same_as if not doi_of(iri)]
    people = tuple(map(_person, study.authors))
    publisher = clean(study.publisher)
    common = {"authors": people, "issued": study.published, "publisher": publisher, "license": study.license}
    yield Citation(
        key=key(study.accession),
        kind="dataset",
        title=clean(study.title),
        doi=doi_of(dois[0]) if dois else "",
        url=next(iter(elsewhere), study.iri),
        number=clean(study.accession),
        **common,  # type: ignore[arg-type]  # the two types of values stand where they belong
    )
    parts = dict.fromkeys(dois, "") | {t.iri: t.label for t in study.same_parts if doi_of(t.iri)}
    for iri, title in parts.items():
        if iri not in dois[:1]:
            yield Citation(
                key=key("doi", doi_of(iri)),
                kind="dataset",
                title=clean(f"{study.title} ({title})" if title else study.title),
                doi=doi_of(iri),
                url=iri,
                **common,  # type: ignore[arg-type]
            )


def _person(agent: Agent) -> Name:
    orcid = agent.iri if agent.iri.startswith("https://orcid.org/") else ""
    return Name(literal=clean(agent.name) or orcid or "unknown", orcid=orcid)
