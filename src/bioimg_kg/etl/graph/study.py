"""Quads of a study and its components: everything but their records."""

from collections.abc import Iterable

from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.model import Component, Person, Protocol, Publication, Study, Term
from bioimg_kg.etl.nquads import GraphFile, iri, literal
from bioimg_kg.etl.rows import SourceFile, StudyPhenotype
from bioimg_kg.identifiers.documents import pubmed_rdf, spdx
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.vocab import (
    BIKG,
    COMMENT,
    DECLARED,
    DERIVED_FROM,
    EXACT_MATCH,
    EXPERIMENT,
    GENE_ROLE,
    IN_TAXON,
    IS_PART_OF,
    LABEL,
    MAPPED_TERM,
    PERSON,
    PREF_LABEL,
    PROTOCOL,
    SCHEMA,
    SCORE_TYPE,
    SCREEN,
    SEE_ALSO,
    STUDY,
    STUDY_PHENOTYPE,
    TYPE,
)

_DC_TYPE = "http://purl.org/dc/terms/type"


def write_study(study: Study, out: GraphFile, shared: Shared, minter: Minter) -> None:
    """Write the study, its people and papers, its components, their protocols and phenotypes.

    Parameters
    ----------
    study
        The study.
    out
        Its graph.
    shared
        Takes what other studies may say too (names of people, titles of papers).
    minter
        Makes our own IRIs.
    """
    me = minter.study(study.accession)
    out.link(me, TYPE, STUDY)
    out.text(me, LABEL, study.accession)
    out.text(me, SCHEMA + "identifier", study.accession)
    out.text(me, SCHEMA + "name", study.title)
    out.text(me, SCHEMA + "description", study.description)
    out.text(me, SCHEMA + "datePublished", study.released, "date")
    out.text(me, BIKG + "archive", study.archive)
    out.text(me, BIKG + "licenseText", study.license_text)
    out.text(me, SCHEMA + "copyrightNotice", study.copyright)
    out.text(me, BIKG + "dataPublisher", study.publisher)
    if study.text and study.rows:
        out.link(me, DERIVED_FROM, study.text.row(study.rows))
    for keyword in study.keywords:
        out.text(me, SCHEMA + "keywords", keyword)
    if study.license:
        out.link(me, SCHEMA + "license", study.license)
        if spdx(study.license):
            shared.add("licences", study.license, EXACT_MATCH, iri(spdx(study.license)))
    for same in filter(None, (study.data_doi, *study.same_as)):
        out.link(me, SCHEMA + "sameAs", same)
    for link in study.links:
        out.link(me, SEE_ALSO, link)
    _terms(out, me, _DC_TYPE, BIKG + "typeName", study.types)
    _terms(out, me, IN_TAXON, BIKG + "organismName", study.organisms)
    for publication in study.publications:
        _publication(publication, me, out, shared)
    for number, person in enumerate(study.people, start=1):
        _person(person, number, me, out, shared, minter)
    for component in study.components:
        _component(component, study, out, minter)


def _terms(out: GraphFile, subject: str, linked: str, named: str, terms: Iterable[Term]) -> None:
    """Link to resolved terms; name those that could not be resolved."""
    for term in terms:
        if term.iri:
            out.link(subject, linked, term.iri)
        else:
            out.text(subject, named, term.label)


def _publication(paper: Publication, study: str, out: GraphFile, shared: Shared) -> None:
    known = [address for address in (paper.pubmed, paper.doi, paper.pmc) if address]
    for address in known:
        out.link(study, SCHEMA + "citation", address)
    if not known:
        out.text(study, SCHEMA + "citation", paper.title)
        out.text(study, BIKG + "authorList", paper.authors)
        return
    first = known[0]
    shared.add("publications", first, TYPE, iri(SCHEMA + "ScholarlyArticle"))
    if paper.title:
        shared.add("publications", first, SCHEMA + "name", literal(paper.title))
    if paper.authors:
        shared.add("publications", first, BIKG + "authorList", literal(paper.authors))
    if paper.pubmed:
        shared.add("publications", first, EXACT_MATCH, iri(pubmed_rdf(paper.pubmed)))
    for other in known[1:]:
        predicate = SEE_ALSO if other == paper.pmc else SCHEMA + "sameAs"
        shared.add("publications", first, predicate, iri(other))


def _person(person: Person, number: int, study: str, out: GraphFile, shared: Shared, minter: Minter) -> None:
    me = person.orcid or minter.within(study, "person", str(number))
    out.link(study, SCHEMA + "author", me)
    if person.orcid:
        shared.add("people", me, TYPE, iri(PERSON))
        shared.add("people", me, SCHEMA + "name", literal(person.name))
    else:
        out.link(me, TYPE, PERSON)
        out.text(me, SCHEMA + "name", person.name)
    if person.roles:
        role = minter.within(study, "contribution", str(number))
        out.link(study, BIKG + "contribution", role)
        out.link(role, TYPE, SCHEMA + "Role")
        out.link(role, SCHEMA + "author", me)
        out.text(role, SCHEMA + "roleName", person.roles)


def _component(component: Component, study: Study, out: GraphFile, minter: Minter) -> None:
    me = minter.component(study.accession, component.name)
    out.link(me, TYPE, SCREEN if component.kind == "screen" else EXPERIMENT)
    out.link(me, IS_PART_OF, minter.study(study.accession))
    out.text(me, LABEL, f"{study.accession} {component.name}")
    out.text(me, SCHEMA + "name", component.title)
    out.text(me, SCHEMA + "description", component.description)
    out.text(me, BIKG + "sampleType", component.sample_type)
    out.link(me, GENE_ROLE, BIKG + component.gene_role)
    if component.data_doi:
        out.link(me, SCHEMA + "sameAs", component.data_doi)
    _terms(out, me, SCHEMA + "measurementTechnique", BIKG + "imagingMethodName", component.imaging_methods)
    _terms(out, me, _DC_TYPE, BIKG + "typeName", component.types)
    _terms(out, me, BIKG + "libraryType", BIKG + "libraryTypeName", component.library_types)
    _terms(out, me, IN_TAXON, BIKG + "organismName", component.organisms)
    if study.text and component.rows:
        out.link(me, DERIVED_FROM, study.text.row(component.rows))
    for predicate, text in component.facts:
        out.text(me, predicate, text)
    for number, protocol in enumerate(component.protocols, start=1):
        _protocol(protocol, minter.within(me, "protocol", str(number)), me, out)
    for phenotype in component.phenotypes:
        write_phenotype(phenotype, me, study.text, out, minter)


def _protocol(protocol: Protocol, me: str, component: str, out: GraphFile) -> None:
    out.link(component, BIKG + "protocol", me)
    out.link(me, TYPE, PROTOCOL)
    out.text(me, LABEL, protocol.name)
    out.text(me, SCHEMA + "description", protocol.description)
    if protocol.type.iri or protocol.type.label:
        _terms(out, me, _DC_TYPE, BIKG + "typeName", [protocol.type])


def phenotype_iri(phenotype: StudyPhenotype, component: str, minter: Minter) -> str:
    """Return the IRI of a study phenotype."""
    return minter.within(component, "phenotype", phenotype.key)


def write_phenotype(
    phenotype: StudyPhenotype, component: str, text: SourceFile | None, out: GraphFile, minter: Minter
) -> None:
    """Write a study phenotype: the authors' words, the terms they are mapped to, the rows that say so."""
    me = phenotype_iri(phenotype, component, minter)
    out.link(me, TYPE, STUDY_PHENOTYPE)
    out.link(me, IS_PART_OF, component)
    out.text(me, PREF_LABEL, phenotype.label)
    out.text(me, COMMENT, phenotype.description)
    out.text(me, SCORE_TYPE, phenotype.score_type)
    out.text(me, DECLARED, "true" if phenotype.declared else "false", "boolean")
    for term in phenotype.terms:
        out.link(me, MAPPED_TERM, term)
    for row in phenotype.rows:
        if text and row:
            out.link(me, DERIVED_FROM, text.row(row))
