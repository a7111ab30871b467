"""What can be found in a release, with names, studies and counts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from unicodedata import normalize
from urllib.parse import unquote

from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.search import quads
from bioimg_kg.vocab import (
    CAS_NUMBER,
    EXACT_MATCH,
    INCHI_KEY,
    PUBCHEM_CID,
    SEE_ALSO,
)

TYPES: Final = (
    *("phenotype", "study-phenotype", "gene", "compound", "study", "reagent", "cell-line", "organism"),
    *("method", "term", "licence"),
)
"""What a thing can be: a phenotype term, a phenotype in the words of a study, and so on."""

KINDS: Final = ("label", "synonym", "other name", "recorded name", "title", "author", "keyword", "identifier")
"""What a name can be; an "other name" of a gene is a previous one or an alias. The first counts."""

LONGEST_NAME: Final = 300


@dataclass(slots=True)
class Thing:
    """Something that can be found.

    Attributes
    ----------
    iri
        Its IRI; for what studies only name, the type and the name with a space between.
    type
        One of :data:`TYPES`.
    label
        How it is shown.
    note
        A line about it.
    organism
        IRI of the organism, of genes.
    names
        Folded name to kind, spelling and the studies that record it so.
    studies
        Accessions of the studies that have it.
    groups
        Numbers of the groups of records that have it.
    genes
        Numbers of the gene-study pairs that have it.
    above
        IRIs of all broader terms.
    """

    iri: str
    type: str
    label: str
    note: str = ""
    organism: str = ""
    names: dict[str, tuple[int, str, set[str]]] = field(default_factory=dict)
    studies: set[str] = field(default_factory=set)
    groups: list[int] = field(default_factory=list)
    pairs: set[int] = field(default_factory=set)
    above: frozenset[str] = frozenset()

    def call(self, text: str, kind: str, study: str = "") -> None:
        """Add a name."""
        text = " ".join(text.split())[:LONGEST_NAME]
        key = fold(text)
        if not key:
            return
        rank = KINDS.index(kind)
        known = self.names.setdefault(key, (rank, text, set()))
        if study:
            known[2].add(study)
        if rank < known[0]:
            self.names[key] = (rank, text, known[2])


def readable(text: str) -> str:
    r"""Return a text that SQLite can read: what cannot be written as UTF-8, and NUL, become something else.

    Examples
    --------
    >>> readable("a\ud800b\0c")
    'a?b c'
    """
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def fold(text: str) -> str:
    r"""Return a text as it is compared: without regard to case, width and white space.

    Examples
    --------
    >>> fold("  Elongated\u00a0CELL ")
    'elongated cell'
    """
    if text.isascii():  # most are, and this is done a million times
        return " ".join(text.lower().split())
    return " ".join(normalize("NFKC", text).casefold().split())


def identifiers(iri: str, said: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the identifiers of a thing, in the forms that people paste."""
    short = iri if "/study/" in iri else compact(iri)
    if short != iri:  # whole IRIs are found without an index of words
        yield short
        if "_" in iri.rpartition("/")[2]:
            yield iri.rpartition("/")[2]
    for predicate in (
        *(quads.IDENTIFIER, quads.ENSEMBL_ID, quads.NCBI_GENE_ID, INCHI_KEY, CAS_NUMBER),
        PUBCHEM_CID,
    ):
        yield from said.get(predicate, ())
    for cid in said.get(PUBCHEM_CID, ()):
        yield f"CID{cid}"
    for same in (*said.get(EXACT_MATCH, ()), *said.get(quads.GENE_PRODUCT, ())):
        yield unquote(same.rpartition("/")[2].rpartition("#")[2])
    for page in said.get(SEE_ALSO, ()):
        if page.startswith("http://identifiers.org/"):
            space, _, local = page.removeprefix("http://identifiers.org/").partition("/")
            yield f"{space.upper()}:{local}"


def rolled_up(things: Iterable[Thing]) -> dict[str, list[Thing]]:
    """Return the things at or below each thing that others are below."""
    below: defaultdict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        for iri in thing.above:
            below[iri].append(thing)
    return below
