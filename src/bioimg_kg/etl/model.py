"""What a study is, whatever archive it comes from.

Archive readers fill these classes and those of :mod:`bioimg_kg.etl.rows`, graph writers turn them into quads;
neither knows the other. External things (genes, terms, compounds, people) are full IRIs here; things of the
archive are natural keys.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.rows import Block, SourceFile, StudyPhenotype


@dataclass(frozen=True, slots=True)
class Term:
    """A concept as a study names it: the words, and the ontology term if it could be resolved."""

    label: str
    iri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A paper that a study belongs to; every field may be empty.

    Attributes
    ----------
    pubmed, pmc, doi
        IRIs.
    """

    title: str = ""
    authors: str = ""
    pubmed: str = ""
    pmc: str = ""
    doi: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who contributed to a study. There is no field for an e-mail address, on purpose."""

    name: str
    orcid: str = ""
    roles: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """How something was done, in the authors' words."""

    name: str
    type: Term
    description: str = ""


@dataclass(slots=True, kw_only=True)
class Component:
    """A screen or an experiment of a study.

    Attributes
    ----------
    name
        ``screenA``; ``title`` is the archive's full name of it.
    types
        Screen type, technology type, library type and the like.
    facts
        Property IRI and literal, for what is said of the component in plain words.
    gene_role
        Name of an individual of ``bikg:GeneRole``: what the gene of a row has to do with its phenotype.
    rows
        First and last row of its section of the study's description, ``"60-118"``.
    """

    name: str
    kind: Literal["screen", "experiment"]
    title: str
    description: str = ""
    sample_type: str = ""
    imaging_methods: tuple[Term, ...] = ()
    types: tuple[Term, ...] = ()
    library_types: tuple[Term, ...] = ()
    organisms: tuple[Term, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    data_doi: str = ""
    protocols: tuple[Protocol, ...] = ()
    phenotypes: list[StudyPhenotype] = field(default_factory=list)
    gene_role: str = "UnstatedRole"
    rows: str = ""
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Study:
    """A study with everything that was read of it.

    Attributes
    ----------
    accession
        ``idr0012``; ``archive`` is the short name of the archive.
    source, revision
        Repository and commit of the metadata.
    license
        Canonical IRI, empty if the study states none.
    links
        IRIs of pages and of the same study in other archives.
    same_as
        Other IRIs of the study itself.
    text, rows
        The file with the study's description; first and last row of what it says of the study as a whole.
    names
        Words for external IRIs, counted, as labels of last resort.
    """

    accession: str
    archive: str
    source: str
    revision: str
    title: str = ""
    description: str = ""
    types: tuple[Term, ...] = ()
    organisms: tuple[Term, ...] = ()
    keywords: tuple[str, ...] = ()
    publications: tuple[Publication, ...] = ()
    people: tuple[Person, ...] = ()
    license: str = ""
    license_text: str = ""
    copyright: str = ""
    publisher: str = ""
    released: str = ""
    data_doi: str = ""
    links: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    text: SourceFile | None = None
    rows: str = ""
    components: list[Component] = field(default_factory=list)
    files: list[SourceFile] = field(default_factory=list)
    names: "Names" = field(default_factory=lambda: Names())
    ledger: Ledger


@dataclass(slots=True)
class Names:
    """What studies call external things; merged over all studies to label them.

    Attributes
    ----------
    terms, genes, compounds
        IRI to counted words.
    gene_ids
        Gene IRI to (namespace, id).
    compound_facts
        Compound IRI to a set of (property IRI, literal).
    """

    terms: dict[str, Counter[str]] = field(default_factory=dict)
    genes: dict[str, Counter[str]] = field(default_factory=dict)
    compounds: dict[str, Counter[str]] = field(default_factory=dict)
    gene_ids: dict[str, tuple[str, str]] = field(default_factory=dict)
    compound_facts: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def merge(self, other: "Names") -> None:
        """Add the words of another study."""
        for mine, theirs in (
            (self.terms, other.terms),
            (self.genes, other.genes),
            (self.compounds, other.compounds),
        ):
            for iri, words in theirs.items():
                mine.setdefault(iri, Counter()).update(words)
        self.gene_ids.update(other.gene_ids)
        for iri, facts in other.compound_facts.items():
            self.compound_facts.setdefault(iri, set()).update(facts)


@dataclass(frozen=True, slots=True, order=True)
class StudyRef:
    """A study that was found and not yet read.

    Attributes
    ----------
    accession
        Its accession, which orders studies.
    archive
        Short name of the archive, a key of the registry.
    path
        Folder or file.
    size
        Bytes of its files, to begin with the largest.
    """

    accession: str
    archive: str
    path: str
    size: int
