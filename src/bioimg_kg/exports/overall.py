"""The tables over all studies: genes, phenotypes, compounds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bioimg_kg.exports.curies import curie
from bioimg_kg.exports.model import joined
from bioimg_kg.exports.names import ENSEMBL_ID, NCBI_GENE_ID, Names
from bioimg_kg.exports.study import Study, split, targets
from bioimg_kg.vocab import (
    ALT_LABEL,
    BIKG,
    EXACT_MATCH,
    GENE_ASSOCIATION,
    GENE_ROLE,
    IN_TAXON,
    INCHI_KEY,
    LABEL,
    MAPPED_TERM,
    OBJECT,
    PREF_LABEL,
    PUBCHEM_CID,
    SMILES,
    STUDY_PHENOTYPE,
    STUDY_PHENOTYPE_OF,
    SUBCLASS_OF,
    SUBJECT,
    TARGET_AMBIGUOUS,
    TYPE,
)

PERTURBED = BIKG + "PerturbationTarget"
LOCALIZED = BIKG + "LocalizedProduct"


@dataclass(slots=True)
class Entry:
    """What studies say of one gene, compound or phenotype.

    Attributes
    ----------
    studies
        Accessions.
    reported
        IRIs or words that studies use.
    records, associations
        How many there are.
    perturbed, localized
        For a gene: its terms. For a phenotype: its genes, in ``perturbed``.
    texts
        Properties that a study itself states.
    """

    studies: set[str] = field(default_factory=set)
    reported: set[str] = field(default_factory=set)
    records: int = 0
    associations: int = 0
    perturbed: set[str] = field(default_factory=set)
    localized: set[str] = field(default_factory=set)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def merge(self, other: "Entry") -> None:
        """Add what another study says."""
        self.studies |= other.studies
        self.reported |= other.reported
        self.records += other.records
        self.associations += other.associations
        self.perturbed |= other.perturbed
        self.localized |= other.localized
        for name, texts in other.texts.items():
            self.texts.setdefault(name, texts)


Entries = defaultdict[str, Entry]


@dataclass(slots=True)
class Overall:
    """Genes by the one IRI that stands for each, compounds and phenotypes by IRI."""

    genes: Entries = field(default_factory=lambda: defaultdict(Entry))
    compounds: Entries = field(default_factory=lambda: defaultdict(Entry))
    phenotypes: Entries = field(default_factory=lambda: defaultdict(Entry))

    def merge(self, other: "Overall") -> None:
        """Add what another study says."""
        for mine, others in (
            (self.genes, other.genes),
            (self.compounds, other.compounds),
            (self.phenotypes, other.phenotypes),
        ):
            for iri, entry in others.items():
                mine[iri].merge(entry)


def count_study(
    study: Study, treatments: Mapping[str, int], phenotypes: Mapping[str, int], names: Names
) -> Overall:
    """Count what a study says of genes, compounds and phenotypes.

    Parameters
    ----------
    study
        The study.
    treatments, phenotypes
        How many records have these treatments, these phenotypes; see ``RecordRows``.
    names
        What all studies share.
    """
    overall = Overall()
    _count_targets(study, treatments, overall, names)
    _count_phenotypes(study, phenotypes, overall)
    for said in study.calls.values():
        _count_call(study, said, overall, names)
    for entries in (overall.genes, overall.compounds, overall.phenotypes):
        for entry in entries.values():
            entry.studies.add(study.accession)
    return overall


def _count_targets(study: Study, treatments: Mapping[str, int], overall: Overall, names: Names) -> None:
    genes, compounds = targets(study, study.things)
    for gene in genes:
        overall.genes[names.one(gene)].reported.add(gene)
    for compound in compounds:
        overall.compounds[compound].texts = {
            name: study.values(compound, name) for name in (LABEL, SMILES) if study.values(compound, name)
        }
    for tokens, number in treatments.items():
        genes, compounds = targets(study, split(tokens))
        for gene in {names.one(gene) for gene in genes}:
            overall.genes[gene].records += number
        for compound in compounds:
            overall.compounds[compound].records += number


def _terms(study: Study, phenotype: str) -> list[str]:
    """Return what a study phenotype counts as: its terms, or itself."""
    return study.values(phenotype, MAPPED_TERM) or [phenotype]


def _count_phenotypes(study: Study, phenotypes: Mapping[str, int], overall: Overall) -> None:
    for iri in study.things:
        if STUDY_PHENOTYPE in study.values(iri, TYPE):
            for term in _terms(study, iri):
                overall.phenotypes[term].reported.add(study.first(iri, PREF_LABEL))
    for tokens, number in phenotypes.items():
        seen = {term for iri in split(tokens) for term in _terms(study, iri)}
        for term in seen:
            overall.phenotypes[term].records += number


def _count_call(study: Study, said: Mapping[str, list[str]], overall: Overall, names: Names) -> None:
    (subject,) = said[SUBJECT]
    phenotype = said.get(OBJECT) or said.get(STUDY_PHENOTYPE_OF, [])
    plain = said.get(TARGET_AMBIGUOUS) != ["true"]
    is_gene = GENE_ASSOCIATION in said[TYPE]
    entry = overall.genes[names.one(subject)] if is_gene else overall.compounds[subject]
    entry.associations += 1
    for term in phenotype:
        overall.phenotypes[term].associations += 1
    roles = said.get(GENE_ROLE, [])
    if plain and is_gene and PERTURBED in roles:
        entry.perturbed.update(said.get(OBJECT, ()))
        for term in phenotype:
            overall.phenotypes[term].perturbed.add(names.one(subject))
    elif plain and is_gene and LOCALIZED in roles:
        entry.localized.update(said.get(OBJECT, ()))


class OverallRows:
    """Makes the rows of the tables over all studies.

    Parameters
    ----------
    overall
        What the studies say.
    names
        What they share.
    licences
        Accession to licence.
    base
        Base of our own IRIs.
    """

    def __init__(self, overall: Overall, names: Names, licences: Mapping[str, str], base: str) -> None:
        self._overall, self._names, self._licences, self._base = overall, names, licences, base

    def genes(self) -> Iterator[list[str]]:
        """Yield a row per gene."""
        names = self._names
        for iri, entry in sorted(self._overall.genes.items()):
            organisms = names.values(IN_TAXON, iri)
            yield [
                self._curie(iri),
                iri,
                names.label(iri),
                joined(names.values(ALT_LABEL, iri)),
                self._curies(organisms),
                joined([names.label(organism) for organism in organisms]),
                self._curies(sorted(entry.reported)),
                joined(names.values(ENSEMBL_ID, iri)),
                joined(names.values(NCBI_GENE_ID, iri)),
                *self._studies(entry),
                str(entry.records),
                str(entry.associations),
                self._curies(sorted(entry.perturbed)),
                self._curies(sorted(entry.localized)),
            ]

    def phenotypes(self) -> Iterator[list[str]]:
        """Yield a row per term, and per study phenotype without a term."""
        names = self._names
        for iri, entry in sorted(self._overall.phenotypes.items()):
            ours = iri.startswith(f"{self._base}id/")
            words = sorted(entry.reported)
            yield [
                self._curie(iri),
                "words" if ours else "term",
                joined(words[:1]) if ours else names.label(iri),
                joined(words),
                self._curies(names.values(SUBCLASS_OF, iri)),
                *self._studies(entry),
                str(entry.records),
                str(entry.associations),
                str(len(entry.perturbed)),
            ]

    def compounds(self) -> Iterator[list[str]]:
        """Yield a row per compound."""
        names = self._names
        for iri, entry in sorted(self._overall.compounds.items()):
            own = entry.texts
            yield [
                self._curie(iri),
                iri,
                next(iter(own.get(LABEL, ())), "") or names.label(iri),
                joined(names.values(ALT_LABEL, iri)),
                joined(names.values(PUBCHEM_CID, iri)),
                joined(names.values(INCHI_KEY, iri)),
                joined(own.get(SMILES, []) or names.values(SMILES, iri)),
                joined(names.values(EXACT_MATCH, iri)),
                *self._studies(entry),
                str(entry.records),
                str(entry.associations),
            ]

    def _studies(self, entry: Entry) -> tuple[str, str]:
        studies = sorted(entry.studies)
        return joined(studies), joined(sorted({self._licences[study] for study in studies} - {""}))

    def _curie(self, iri: str) -> str:
        return curie(iri, self._base)

    def _curies(self, iris: Iterable[str]) -> str:
        return joined([self._curie(iri) for iri in iris])
