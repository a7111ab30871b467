"""What a release offers to harvesters; the addresses of a service are in :mod:`bioimg_kg.catalog.site`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Agent:
    """A person, or an organisation.

    Attributes
    ----------
    name
        As the study writes it.
    iri
        ORCID or an IRI of ours; empty for an organisation that has none.
    """

    name: str
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of an ontology, with its name if the release knows it."""

    iri: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One file: most hold one named graph as N-Quads, others are tables and the like.

    Attributes
    ----------
    graph
        Name of the graph, ``study/idr0012``; empty if it does not hold one graph.
    size
        Bytes of the file.
    sha256
        Its checksum, in hex.
    quads
        Number of statements, None if the release does not say.
    license
        IRI of the one licence of all that is in it.
    path
        Name of the file for those who fetch it; that of the graph if empty.
    stored
        Where it is below the folder of the release; among the N-Quads files if empty.
    title
        What it is, in a few words.
    media_type
        What it is when it is unpacked.
    rows
        Number of its rows, None if it is no table.
    licenses
        Licences of the studies in it, if there are several; an empty one stands for none stated.
    """

    graph: str
    size: int
    sha256: str
    quads: int | None = None
    license: str = ""
    path: str = ""
    stored: str = ""
    title: str = ""
    media_type: str = "application/n-quads"
    rows: int | None = None
    licenses: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Name of the file for those who fetch it."""
        return self.path or f"{self.graph}.nq.gz"

    @property
    def location(self) -> str:
        """Where it is below the folder of the release."""
        return self.stored or f"quads/{self.file}"

    @property
    def name(self) -> str:
        """What it is called in the catalogue: its graph, or its path."""
        return self.graph or self.path

    @property
    def words(self) -> str:
        """What it is, in words."""
        return self.title or f"N-Quads of the graph {self.graph}"

    @property
    def packed(self) -> bool:
        """Whether it is packed with gzip."""
        return self.file.endswith(".gz")

    @property
    def sent_as(self) -> str:
        """Its media type as it is sent."""
        return "application/gzip" if self.packed else self.media_type


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that a study cites.

    Attributes
    ----------
    iris
        Its addresses, PubMed before DOI; empty for a paper that has none yet.
    title, authors
        As the study writes them, the authors as one text.
    some_authors
        Lists of authors of papers of the study, of which nobody knows which is whose.
    """

    iris: Sequence[str]
    title: str = ""
    authors: str = ""
    some_authors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """A study.

    Attributes
    ----------
    iri
        Its IRI in the graph.
    accession
        ``idr0012``.
    published
        Day, ``YYYY-MM-DD``.
    publisher
        Who published the images, as the study says; may be empty.
    license
        IRI of the licence; empty if the study states none.
    citations, same_as
        IRIs of its papers, and of the study elsewhere.
    papers
        Its papers, each once.
    same_parts
        IRIs that parts of it have elsewhere, with the names of the parts.
    organisms, techniques, kinds
        Terms.
    derived_from
        IRI of the revision of its metadata.
    distributions
        Its files.
    withheld
        Why its files are not offered; empty if they are.
    """

    iri: str
    accession: str
    title: str
    description: str
    published: str = ""
    publisher: str = ""
    license: str = ""
    authors: Sequence[Agent] = ()
    keywords: Sequence[str] = ()
    citations: Sequence[str] = ()
    same_as: Sequence[str] = ()
    papers: Sequence[Paper] = ()
    same_parts: Sequence[Term] = ()
    organisms: Sequence[Term] = ()
    techniques: Sequence[Term] = ()
    kinds: Sequence[Term] = ()
    derived_from: str = ""
    distributions: Sequence[Distribution] = ()
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A release.

    Attributes
    ----------
    folder
        Where it is on disk.
    release
        Its name.
    issued
        Day of the build, ``YYYY-MM-DD``; empty if the release does not say.
    graph
        IRI of all graphs together; empty if the release does not say.
    datasets
        The studies, by accession.
    shared
        Files that belong to no single study.
    """

    folder: Path
    release: str
    issued: str = ""
    graph: str = ""
    datasets: Sequence[Dataset] = ()
    shared: Sequence[Distribution] = ()

    @property
    def distributions(self) -> list[Distribution]:
        """All files."""
        return [*(d for dataset in self.datasets for d in dataset.distributions), *self.shared]

    @property
    def withheld(self) -> list[Dataset]:
        """Studies whose files are not offered."""
        return [dataset for dataset in self.datasets if dataset.withheld]
