"""What the index needs of N-Quads files: facts about things, and records counted by what is alike in them.

A release holds ten times as many lines about records (wells, images) as about all else, so records are put
together while they are read: those of one component with the same biosample, treatment and phenotypes are one
*group*. The lines of a file are sorted, so all that is said of a record stands together.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bioimg_kg.quads import subjects, value
from bioimg_kg.vocab import (
    ALT_LABEL,
    ANNOTATED_WITH,
    BIKG,
    BIOLINK,
    BIOSAMPLE_OF,
    CANONICAL_GENE,
    CAS_NUMBER,
    COMMENT,
    CONCENTRATION,
    DEFINITION,
    EXACT_MATCH,
    EXACT_SYNONYM,
    IMAGE,
    IN_TAXON,
    INCHI_KEY,
    IS_PART_OF,
    LABEL,
    MAPPED_TERM,
    OBJECT,
    PREF_LABEL,
    PUBCHEM_CID,
    REAGENT_OF,
    SCHEMA,
    SEE_ALSO,
    STUDY_PHENOTYPE_OF,
    SUBCLASS_OF,
    SUBJECT,
    TARGET_AMBIGUOUS,
    TARGET_GENE,
    TARGET_NAME,
    TREATMENT_OF,
    TYPE,
    WELL,
)

ENSEMBL_ID: Final = BIKG + "ensemblId"
NCBI_GENE_ID: Final = BIKG + "ncbiGeneId"
CELL_LINE_NAME: Final = BIKG + "cellLineName"
LICENSE_TEXT: Final = BIKG + "licenseText"
AUTHOR: Final = SCHEMA + "author"
CITATION: Final = SCHEMA + "citation"
IDENTIFIER: Final = SCHEMA + "identifier"
KEYWORDS: Final = SCHEMA + "keywords"
LICENSE: Final = SCHEMA + "license"
NAME: Final = SCHEMA + "name"
SAME_AS: Final = SCHEMA + "sameAs"
TECHNIQUE: Final = SCHEMA + "measurementTechnique"
GENE_PRODUCT: Final = BIOLINK + "has_gene_product"
TRAITS: Final = (IN_TAXON, BIKG + "cellLine", BIKG + "infectedWith", BIKG + "anatomicalEntity")
"""Properties of biosamples whose values are things that people look for."""

SPECIES: Final = BIOLINK + "species_context_qualifier"

_KEPT: Final = frozenset(
    (
        *(TYPE, LABEL, PREF_LABEL, ALT_LABEL, COMMENT, IS_PART_OF, IDENTIFIER, NAME, SAME_AS, EXACT_MATCH),
        *(MAPPED_TERM, SUBJECT, OBJECT, STUDY_PHENOTYPE_OF, SPECIES, REAGENT_OF, TARGET_GENE, TARGET_NAME),
        TARGET_AMBIGUOUS,
        *(CONCENTRATION, AUTHOR, CITATION, KEYWORDS, LICENSE, LICENSE_TEXT, TECHNIQUE, CELL_LINE_NAME),
        *(CANONICAL_GENE, ENSEMBL_ID, NCBI_GENE_ID, GENE_PRODUCT, SEE_ALSO, INCHI_KEY, PUBCHEM_CID),
        *(CAS_NUMBER, EXACT_SYNONYM, SUBCLASS_OF, DEFINITION, *TRAITS),
    )
)
_OF_RECORDS: Final = (BIOSAMPLE_OF, TREATMENT_OF, ANNOTATED_WITH)
_WANTED: Final = _KEPT | {*_OF_RECORDS}
_RECORDS: Final = frozenset((WELL, IMAGE))
_SKIPPED: Final = re.compile(r"/(?:column|evidence|protocol|channels?)/[^/]*$")
"""Ends of the IRIs of things that nobody looks for and that have many lines."""

Facts = dict[str, dict[str, list[str]]]
"""Subject IRI to property IRI to values: IRIs and texts, as they are."""


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one component that are alike.

    Attributes
    ----------
    component
        IRI of the screen or experiment.
    about
        IRIs of biosamples, treatments and study phenotypes, in order.
    records
        Plate or image set, and the end of the IRI of a record, which begins with that of the former.
    """

    component: str
    about: tuple[str, ...]
    records: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class StudyFacts:
    """What the graph of a study says, as far as the index needs it.

    Attributes
    ----------
    accession
        Name of the graph.
    facts
        About everything but records.
    groups
        The records.
    """

    accession: str
    facts: Facts = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)


def read_study(path: Path) -> StudyFacts:
    """Read the graph of a study.

    Parameters
    ----------
    path
        Its ``.nq.gz`` file.
    """
    facts: Facts = {}
    alike: defaultdict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for subject, said in _subjects(path):
        if _RECORDS.isdisjoint(said.get(TYPE, ())):
            facts[subject] = said
            continue
        (container, *_) = said.get(IS_PART_OF, [""])
        mine = [iri for predicate in _OF_RECORDS for iri in said.get(predicate, ())]
        alike[tuple(sorted(mine))].append((container, subject.removeprefix(container)))
    groups: defaultdict[tuple[str, tuple[str, ...]], list[tuple[str, str]]] = defaultdict(list)
    for about, records in alike.items():
        for container, end in records:
            (component, *_) = facts.get(container, {}).get(IS_PART_OF, [""])
            groups[component, about].append((container, end))
    ordered = [Group(component, about, tuple(r)) for (component, about), r in sorted(groups.items())]
    return StudyFacts(path.name.partition(".")[0], facts, ordered)


def read_facts(paths: Iterable[Path]) -> Facts:
    """Read graphs that hold no records."""
    facts: Facts = {}
    for path in paths:
        for subject, said in _subjects(path):
            known = facts.setdefault(subject, {})
            for predicate, values in said.items():
                known.setdefault(predicate, []).extend(values)
    return facts


def _subjects(path: Path) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield each subject of a file with what is said of it, as far as it is wanted."""
    for subject, statements in subjects(path, _WANTED):
        if _SKIPPED.search(subject):
            continue
        said: dict[str, list[str]] = {}
        for predicate, token in statements:
            said.setdefault(predicate, []).append(value(token))
        yield subject, said
