"""The rows of the table ``associations``, and what associations add to the tables over all studies."""

from collections.abc import Iterator

from bioimg_kg.exports.curies import curie
from bioimg_kg.exports.model import joined
from bioimg_kg.exports.names import Names
from bioimg_kg.exports.records import component_name
from bioimg_kg.exports.study import Study
from bioimg_kg.vocab import (
    AGENT_TYPE,
    ANNOTATION_LEVEL,
    BIKG,
    DERIVED_FROM,
    GENE_ASSOCIATION,
    GENE_ROLE,
    HAS_EVIDENCE,
    IS_PART_OF,
    LABEL,
    OBJECT,
    OBSERVED_IN,
    PREDICATE,
    PREF_LABEL,
    PUBLICATIONS,
    REAGENT_OF,
    SPECIES_CONTEXT,
    STUDY_PHENOTYPE_OF,
    SUBJECT,
    SUBJECT_ASPECT,
    SUBJECT_DIRECTION,
    SUBJECT_FORM,
    TARGET_AMBIGUOUS,
    TREATMENT_OF,
    TYPE,
)


def association_rows(study: Study, names: Names, base: str) -> Iterator[list[str]]:
    """Yield the rows of a study, in the order of the associations' IRIs.

    Parameters
    ----------
    study
        The study.
    names
        What all studies share.
    base
        Base of our own IRIs.
    """
    for iri, said in study.calls.items():

        def first(prop: str, said: dict[str, list[str]] = said) -> str:
            return next(iter(said.get(prop, ())), "")

        is_gene = GENE_ASSOCIATION in said[TYPE]
        subject, term, phenotype = first(SUBJECT), first(OBJECT), first(STUDY_PHENOTYPE_OF)
        evidence = said.get(HAS_EVIDENCE, [])
        treatments = {t: None for line in evidence for t in study.values(line, TREATMENT_OF)}
        kinds = sorted({study.first(t, TYPE).removeprefix(BIKG) for t in treatments})
        reagents = sorted({r for t in treatments for r in study.values(t, REAGENT_OF)})
        records = {record for line in evidence for record in study.values(line, OBSERVED_IN)}
        yield [
            iri,
            "gene" if is_gene else "compound",
            study.accession,
            study.license,
            joined([component_name(part) for part in said.get(IS_PART_OF, ())]),
            curie(subject, base),
            curie(names.one(subject), base) if is_gene else "",
            study.first(subject, LABEL) or names.label(names.one(subject)),
            curie(first(PREDICATE), base),
            curie(term, base) if term else "",
            names.label(term) if term else "",
            phenotype,
            study.first(phenotype, PREF_LABEL),
            first(ANNOTATION_LEVEL).removeprefix(BIKG),
            first(GENE_ROLE).removeprefix(BIKG),
            "true" if first(TARGET_AMBIGUOUS) == "true" else "false",
            joined(kinds),
            joined([study.first(reagent, LABEL) or names.label(reagent) for reagent in reagents]),
            str(len(evidence)),
            str(len(records)),
            joined([curie(species, base) for species in said.get(SPECIES_CONTEXT, ())]),
            first(SUBJECT_ASPECT),
            first(SUBJECT_DIRECTION),
            first(SUBJECT_FORM),
            first(AGENT_TYPE),
            joined([curie(paper, base) for paper in said.get(PUBLICATIONS, ())]),
            joined(said.get(DERIVED_FROM, [])),
        ]
