"""What a study is, whatever archive it comes from.

Archive readers fill these classes, graph writers turn them into quads; neither knows the other. External
things (genes, terms, compounds, people) are full IRIs here; things of the archive are natural keys.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Generic, Literal

import numpy as np

from bioimg_kg.etl.coded import Coded, Codes, Rows, T
from bioimg_kg.etl.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of the archive.

    Attributes
    ----------
    path
        Path inside the study folder.
    url
        IRI of exactly this revision, for ``prov:wasDerivedFrom``.
    sha256
        Checksum of the bytes.
    use
        ``read``, ``joined`` (into another table), ``superseded`` (by a better table) or ``listed``.
    """

    path: str
    url: str
    sha256: str
    use: str = "read"

    def row(self, number: int) -> str:
        """Return the IRI of a row (RFC 7111 fragment; the header is row 1)."""
        return f"{self.url}#row={number}"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPhenotype:
    """A phenotype in the authors' words.

    Attributes
    ----------
    key
        Last part of its IRI: the number of its column (``"7"``), or ``"u-<hash>"`` if only a table uses it.
    terms
        IRIs of the ontology terms it is mapped to; two terms mean both.
    score_type
        ``automatic``, ``manual`` ... as the study says.
    declared
        Whether the study's description lists it.
    """

    key: str
    label: str
    description: str = ""
    score_type: str = ""
    terms: tuple[str, ...] = ()
    declared: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Biosample:
    """The untreated biological source of a record; equal content is the same biosample.

    Attributes
    ----------
    terms, texts
        Sorted pairs of property IRI and value (IRI or literal).
    """

    terms: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reagent:
    """Something added to a sample: siRNA, pool, antibody, clone, compound.

    Attributes
    ----------
    key
        Catalogue id as the study writes it; empty if ``iri`` says what it is.
    iri
        IRI of a registry (PubChem, RRID), else empty.
    type
        Class IRI.
    texts
        Sorted pairs of property IRI and literal (sequence, manufacturer).
    parts
        Keys of the reagents that a pool consists of.
    """

    key: str
    type: str
    iri: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What was done to a biosample: reagents, targets and dose; equal content is the same treatment.

    Attributes
    ----------
    type
        Class IRI.
    targets
        Gene IRIs. ``ambiguous`` says that it is one of them, not all.
    target_names
        Target names that could not be resolved to a gene, as written.
    micromolar
        Concentration as a decimal, empty if unknown; ``dose`` is the text of the study.
    factor, level
        For a condition that is none of the above: its name and value.
    """

    type: str
    reagents: tuple[Reagent, ...] = ()
    targets: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    ambiguous: bool = False
    micromolar: str = ""
    dose: str = ""
    factor: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Slot(Generic[T]):
    """For each row one of a few shared objects, or none (-1)."""

    codes: Codes
    values: list[T]


@dataclass(slots=True, kw_only=True)
class Block:
    """The rows of one table, column by column; all columns have the same length.

    Attributes
    ----------
    kind
        ``well`` or ``image``: each row is a record; ``call``: rows only say what was found for a gene.
    container, name
        Plate and well, or dataset and image; blank for calls.
    rows
        Row number of each row in ``file``.
    calls
        Where the phenotype cells stand, if that is another table: its file and row numbers (-1: no row).
    level
        Annotation level (name of an individual of the vocabulary) of the row's phenotype cells.
    no_hit
        The study says that the row has no phenotype.
    literals
        Property IRI and column, for what is said of the record in plain words.
    """

    kind: Literal["well", "image", "call"]
    file: SourceFile
    rows: Rows
    container: Coded
    name: Coded
    biosample: Slot[Biosample]
    treatments: list[Slot[Treatment]] = field(default_factory=list)
    phenotypes: list[Slot[StudyPhenotype]] = field(default_factory=list)
    level: Coded
    no_hit: "np.typing.NDArray[np.bool_]"
    literals: list[tuple[str, Coded]] = field(default_factory=list)
    channels: Coded
    calls: tuple[SourceFile, Rows] | None = None


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
