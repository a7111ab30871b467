"""The rows of a table, whatever archive it comes from: what was imaged, treated and seen.

External things (genes, terms, compounds) are full IRIs here; things of the archive are natural keys.
"""

from dataclasses import dataclass, field
from typing import Generic, Literal

import numpy as np

from bioimg_kg.etl.coded import Coded, Codes, Rows, T


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

    def row(self, number: int | str) -> str:
        """Return the IRI of a row or a range of rows (RFC 7111 fragment; the header is row 1)."""
        return f"{self.url}#row={number}"


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
    rows
        Rows of the description that it was read from: its name, and its terms.
    """

    key: str
    label: str
    description: str = ""
    score_type: str = ""
    terms: tuple[str, ...] = ()
    declared: bool = True
    rows: tuple[int, ...] = ()


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
    stated_level
        The level that the row itself states; blank where ``level`` is that of the whole table.
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
    stated_level: Coded
    no_hit: "np.typing.NDArray[np.bool_]"
    literals: list[tuple[str, Coded]] = field(default_factory=list)
    channels: Coded
    calls: tuple[SourceFile, Rows] | None = None
