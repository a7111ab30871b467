"""Quads of associations: what a study says about a gene or a compound, at the level it says it.

An archive may copy the call for a gene to every well of the gene. So one association stands for the call,
with one line of evidence per treatment; wells are evidence only where the study reports at their level.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

import numpy as np

from bioimg_kg.etl.coded import combine
from bioimg_kg.etl.graph.study import phenotype_iri
from bioimg_kg.etl.graph.treatments import TreatmentWriter
from bioimg_kg.etl.model import Component, Study
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.rows import Block, Slot, StudyPhenotype, Treatment
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.vocab import (
    AGENT_TYPE,
    ANNOTATION_LEVEL,
    BIKG,
    BIOLINK,
    COMPOUND_ASSOCIATION,
    COMPOUND_TREATMENT,
    DERIVED_FROM,
    EVIDENCE_LINE,
    GENE_ASSOCIATION,
    GENE_ROLE,
    HAS_EVIDENCE,
    HAS_PHENOTYPE,
    HIT,
    IN_TAXON,
    IS_PART_OF,
    KNOWLEDGE_LEVEL,
    KNOWLEDGE_SOURCE,
    NOT_SCORED,
    OBJECT,
    OBSERVED_IN,
    OUTCOME,
    PREDICATE,
    PUBLICATIONS,
    RECORD_LEVELS,
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

_QUALIFIERS = {
    "GeneKnockdown": ((SUBJECT_ASPECT, "expression"), (SUBJECT_DIRECTION, "decreased")),
    "GeneDeletion": ((SUBJECT_FORM, "loss_of_function_variant_form"),),
    "GeneKnockout": ((SUBJECT_FORM, "loss_of_function_variant_form"),),
    "GeneMutation": ((SUBJECT_FORM, "genetic_variant_form"),),
    "GeneOverexpression": ((SUBJECT_ASPECT, "expression"), (SUBJECT_DIRECTION, "increased")),
}


@dataclass(slots=True)
class _Call:
    """One statement: this subject has this phenotype, reported at this level."""

    evidence: set[str] = field(default_factory=set)
    row: str = ""
    species: set[str] = field(default_factory=set)
    treatment: str = ""
    ambiguous: bool = True


_Key = tuple[str, StudyPhenotype, str, bool]
"""Subject IRI, phenotype, level, whether the subject is a gene."""


def write_associations(
    component: Component,
    records: Sequence[Sequence[str]],
    study: Study,
    treatments: TreatmentWriter,
    out: GraphFile,
    minter: Minter,
) -> None:
    """Write the associations of a component with their evidence.

    Parameters
    ----------
    component
        The component.
    records
        For each of its blocks the record tokens (empty for calls).
    """
    me = minter.component(study.accession, component.name)
    calls: dict[_Key, _Call] = {}
    for block, tokens in zip(component.blocks, records, strict=True):
        for slot in block.treatments:
            for phenotypes in block.phenotypes:
                _collect(block, tokens, slot, phenotypes, me, calls, treatments, out, minter)
    levels: dict[tuple[str, str], set[str]] = {}
    for subject, phenotype, level, _ in calls:
        levels.setdefault((subject, phenotype.key), set()).add(level)
    for evidence, hit in _outcomes(calls).items():
        out.link(evidence, OUTCOME, HIT if hit else NOT_SCORED)
    common = _common(study, component, minter)
    for (subject, phenotype, level, is_gene), call in sorted(
        calls.items(), key=lambda i: (i[0][0], i[0][1].key, i[0][2])
    ):
        suffix = f"-{level}" if len(levels[subject, phenotype.key]) > 1 else ""
        statement = _Statement(subject, phenotype, level, is_gene, call)
        for term in phenotype.terms or ("",):
            parts = (_local(subject), phenotype.key, _local(term) if term else "unmapped")
            node = minter.within(me, "association", "-".join(parts) + suffix)
            _write(node, statement, term, common, component, me, out, minter)


def _outcomes(calls: Mapping[_Key, _Call]) -> dict[str, bool]:
    """Return for each line of evidence whether its treatment alone showed the phenotype.

    A call for a gene with several reagents does not say which of them showed it: some may not have.
    """
    outcomes: dict[str, bool] = {}
    for (_, _, level, _), call in calls.items():
        hit = level in RECORD_LEVELS or len(call.evidence) == 1
        for evidence in call.evidence:
            outcomes[evidence] = outcomes.get(evidence, False) or hit
    return outcomes


@dataclass(frozen=True, slots=True)
class _Statement:
    subject: str
    phenotype: StudyPhenotype
    level: str
    is_gene: bool
    call: _Call


def _collect(
    block: Block,
    records: Sequence[str],
    slot: Slot[Treatment],
    phenotypes: Slot[StudyPhenotype],
    component: str,
    calls: dict[_Key, _Call],
    treatments: TreatmentWriter,
    out: GraphFile,
    minter: Minter,
) -> None:
    """Collect the calls of one treatment column and one phenotype column; write their evidence."""
    rows = np.flatnonzero((slot.codes >= 0) & (phenotypes.codes >= 0))
    if not len(rows):
        return
    columns = [slot.codes[rows], phenotypes.codes[rows], block.level.codes[rows], block.biosample.codes[rows]]
    numbers, first = combine(columns)
    evidence = [""] * len(first)
    for number, position in enumerate(first.tolist()):
        row = int(rows[position])
        treatment = slot.values[int(slot.codes[row])]
        phenotype = phenotypes.values[int(phenotypes.codes[row])]
        level = block.level.text(row)
        subjects = list(_subjects(treatment, treatments))
        if not subjects and (records or treatment.factor):
            continue  # the record itself has the phenotype
        node = _evidence(treatment, phenotype, component, treatments, out, minter)
        evidence[number] = f"<{node}>" if level in RECORD_LEVELS else ""
        if not subjects:
            out.link(node, OUTCOME, HIT)  # the call is about this very treatment
            out.link(node, ANNOTATION_LEVEL, BIKG + level)
        for subject, is_gene in subjects:
            call = calls.setdefault((subject, phenotype, level, is_gene), _Call())
            call.evidence.add(node)
            call.row = call.row or _row(block, row)
            call.treatment = treatment.type
            call.ambiguous &= treatment.ambiguous
            call.species |= _species(block, row)
    if records:
        seen = [
            (evidence[n], records[r])
            for n, r in zip(numbers.tolist(), rows.tolist(), strict=True)
            if evidence[n]
        ]
        out.column([e for e, _ in seen], OBSERVED_IN, [r for _, r in seen])


def _subjects(treatment: Treatment, treatments: TreatmentWriter) -> Iterator[tuple[str, bool]]:
    """Yield what a treatment's phenotype is said of, and whether that is a gene."""
    for gene in treatment.targets:
        yield gene, True
    if treatment.type == COMPOUND_TREATMENT:
        for reagent in treatment.reagents:
            yield treatments.reagent_iri(reagent), False


def _evidence(
    treatment: Treatment,
    phenotype: StudyPhenotype,
    component: str,
    treatments: TreatmentWriter,
    out: GraphFile,
    minter: Minter,
) -> str:
    what = treatments.iri(treatment)
    node = minter.within(component, "evidence", f"{_local(what)}-{phenotype.key}")
    out.link(node, TYPE, EVIDENCE_LINE)
    out.link(node, TREATMENT_OF, what)
    out.link(node, STUDY_PHENOTYPE_OF, phenotype_iri(phenotype, component, minter))
    return node


def _row(block: Block, row: int) -> str:
    if block.calls and int(block.calls[1][row]) >= 0:
        return block.calls[0].row(int(block.calls[1][row]))
    return block.file.row(int(block.rows[row]))


def _species(block: Block, row: int) -> set[str]:
    code = int(block.biosample.codes[row])
    facts = block.biosample.values[code].terms if code >= 0 else ()
    return {value for predicate, value in facts if predicate == IN_TAXON}


def _common(study: Study, component: Component, minter: Minter) -> list[tuple[str, str]]:
    """Return what all associations of a component have in common, as predicate IRI and object IRI."""
    papers = [paper.pubmed or paper.doi for paper in study.publications]
    return [
        (IS_PART_OF, minter.component(study.accession, component.name)),
        (KNOWLEDGE_SOURCE, minter.study(study.accession)),
        *((PUBLICATIONS, paper) for paper in papers if paper),
    ]


def _write(
    node: str,
    statement: _Statement,
    term: str,
    common: Sequence[tuple[str, str]],
    component: Component,
    component_iri: str,
    out: GraphFile,
    minter: Minter,
) -> None:
    phenotype, call = statement.phenotype, statement.call
    out.link(node, TYPE, GENE_ASSOCIATION if statement.is_gene else COMPOUND_ASSOCIATION)
    out.link(node, SUBJECT, statement.subject)
    out.link(node, PREDICATE, HAS_PHENOTYPE if statement.is_gene else BIOLINK + "associated_with")
    if term:
        out.link(node, OBJECT, term)
    out.link(node, STUDY_PHENOTYPE_OF, phenotype_iri(phenotype, component_iri, minter))
    out.link(node, ANNOTATION_LEVEL, BIKG + statement.level)
    out.text(node, AGENT_TYPE, agent_type(phenotype.score_type))
    out.text(node, KNOWLEDGE_LEVEL, "observation")
    out.link(node, DERIVED_FROM, call.row)
    for predicate, target in common:
        out.link(node, predicate, target)
    for evidence in call.evidence:
        out.link(node, HAS_EVIDENCE, evidence)
    for species in call.species:
        out.link(node, SPECIES_CONTEXT, species)
    if statement.is_gene:
        out.link(node, GENE_ROLE, BIKG + component.gene_role)
        for predicate, qualifier in _QUALIFIERS.get(call.treatment.removeprefix(BIKG), ()):
            out.text(node, predicate, qualifier)
        if call.ambiguous:
            out.text(node, TARGET_AMBIGUOUS, "true", "boolean")


def agent_type(score_type: str) -> str:
    """Return the Biolink agent type of a score type.

    Examples
    --------
    >>> agent_type("automatic"), agent_type("Manual"), agent_type("automated then manual"), agent_type("")
    ('image_processing_agent', 'manual_agent', 'manual_validation_of_automated_agent', 'not_provided')
    """
    words = score_type.casefold()
    automatic, manual = "automat" in words, "manual" in words
    if automatic and manual:
        return "manual_validation_of_automated_agent"
    if automatic:
        return "image_processing_agent"
    return "manual_agent" if manual else "not_provided"


def _local(address: str) -> str:
    """Return the last part of an IRI."""
    return unquote(address.replace("#", "/").replace(":", "/").rpartition("/")[2])
