"""Mapping sets as quads: each mapping is a triple, and a node that says where it comes from.

The node is that of the RDF form of SSSOM: an ``owl:Axiom`` about the triple, with slots of SSSOM.

Source: https://mapping-commons.github.io/sssom/spec-formats-rdf/
"""

from collections.abc import Iterable
from pathlib import Path

from bioimg_kg.etl.graph.study import phenotype_iri
from bioimg_kg.etl.model import Study
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.iris import Minter, is_iri
from bioimg_kg.mappings.matches import PhenotypeWords
from bioimg_kg.sssom import RELATED, MappingSet, Row
from bioimg_kg.vocab import (
    ANNOTATED_PROPERTY,
    ANNOTATED_SOURCE,
    ANNOTATED_TARGET,
    COMMENT,
    DCTERMS,
    MAPPING,
    MAPPING_SET,
    SSSOM,
    TYPE,
)

_LINKS = (
    "subject_source",
    "object_source",
    "mapping_justification",
    "subject_match_field",
    "object_match_field",
)
_TEXTS = ("subject_label", "object_label", "object_source_version", "subject_type")


def phenotype_words(study: Study, minter: Minter) -> set[PhenotypeWords]:
    """Return what a study says of its phenotypes."""
    return {
        PhenotypeWords(
            iri=phenotype_iri(phenotype, minter.component(study.accession, component.name), minter),
            words=phenotype.label,
            terms=phenotype.terms,
            study=minter.study(study.accession),
            provider=study.source if is_iri(study.source) else "",
            license=study.license,
            localized=component.gene_role == "LocalizedProduct",
        )
        for component in study.components
        for phenotype in component.phenotypes
    }


def write_mappings(sets: Iterable[tuple[str, MappingSet]], quads: Path, minter: Minter) -> GraphCounts:
    """Write the graph ``mappings``; returns what is in it.

    Parameters
    ----------
    sets
        Names of mapping sets, and the sets. Rows with ``skos:relatedMatch`` are candidates and left out.
    """
    with GraphFile(quads / "mappings.nq.gz", minter.graph("mappings")) as out:
        for name, table in sets:
            me = table.metadata["mapping_set_id"]
            out.link(me, TYPE, MAPPING_SET)
            out.text(me, DCTERMS + "title", table.metadata.get("mapping_set_title", ""))
            out.text(me, DCTERMS + "description", table.metadata.get("mapping_set_description", ""))
            out.link(me, DCTERMS + "license", table.metadata["license"])
            for row in table.rows:
                if row.predicate_id != RELATED:
                    node = _mapping(name, row, table, out, minter)
                    out.link(me, SSSOM + "mappings", node)
    return out.counts


def _mapping(name: str, row: Row, table: MappingSet, out: GraphFile, minter: Minter) -> str:
    target, predicate = table.expand(row.object_id), table.expand(row.predicate_id)
    source = table.expand(row.subject_id) if row.subject_id else ""
    me = minter.mapping(name, source or row.subject_label, target)
    out.link(me, TYPE, MAPPING)
    out.link(me, ANNOTATED_PROPERTY, predicate)
    out.link(me, ANNOTATED_TARGET, target)
    if source:  # a literal cannot be the subject of a triple
        out.link(me, ANNOTATED_SOURCE, source)
        out.link(source, predicate, target)
    for slot in _LINKS:
        if curie := getattr(row, slot):
            out.link(me, SSSOM + slot, table.expand(curie))
    for slot in _TEXTS:
        out.text(me, SSSOM + slot, getattr(row, slot))
    if row.mapping_provider:
        out.link(me, SSSOM + "mapping_provider", row.mapping_provider)
    if row.license:
        out.link(me, DCTERMS + "license", row.license)
    out.text(me, COMMENT, row.comment)
    return me
