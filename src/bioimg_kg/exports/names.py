"""What the reference and ontology graphs say of the things that studies point to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bioimg_kg.quads import subjects, value
from bioimg_kg.vocab import (
    ALT_LABEL,
    BIKG,
    CANONICAL_GENE,
    DEFINITION,
    EXACT_MATCH,
    IN_TAXON,
    INCHI_KEY,
    LABEL,
    PUBCHEM_CID,
    SMILES,
    SUBCLASS_OF,
    TYPE,
)

ENSEMBL_ID: Final = f"{BIKG}ensemblId"
NCBI_GENE_ID: Final = f"{BIKG}ncbiGeneId"
MORE: Final = (
    *(ALT_LABEL, DEFINITION, ENSEMBL_ID, EXACT_MATCH, IN_TAXON, INCHI_KEY, NCBI_GENE_ID, PUBCHEM_CID),
    *(SMILES, SUBCLASS_OF, TYPE),
)
_GENES: Final = "genes.nq.gz"
_TOO_MANY: Final = {EXACT_MATCH}
"""Not kept for genes, which have ten of each."""


@dataclass(slots=True)
class Names:
    """What all studies share.

    Attributes
    ----------
    labels
        IRI to name.
    canonical
        Gene as a study identifies it to the one gene that it means.
    more
        By property: IRI to its values, in order.
    """

    labels: dict[str, str] = field(default_factory=dict)
    canonical: dict[str, str] = field(default_factory=dict)
    more: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {name: {} for name in MORE})

    def label(self, iri: str) -> str:
        """Return the name of a thing, or the last part of its IRI."""
        return self.labels.get(iri) or iri.replace("#", "/").rpartition("/")[2]

    def values(self, prop: str, iri: str) -> list[str]:
        """Return the values of a property, in order, each once."""
        return sorted(set(self.more[prop].get(iri, ())))

    def one(self, gene: str) -> str:
        """Return the one gene that an identifier means."""
        return self.canonical.get(gene, gene)


def read_names(quads: Path) -> Names:
    """Read the graphs of a release that are not of one study; an ontology's own name for a term wins."""
    names = Names()
    for path in _files(quads):
        skipped: Iterable[str] = _TOO_MANY if path.name == _GENES else ()
        kept = {prop: table for prop, table in names.more.items() if prop not in skipped}
        _read(path, names, kept)
    return names


def _files(quads: Path) -> list[Path]:
    ontologies = sorted((quads / "ontology").glob("*.nq.gz"))
    references = sorted((quads / "reference").glob("*.nq.gz"))
    return [*ontologies, *(path for path in references if path.name != "orthologs.nq.gz")]


def _read(path: Path, names: Names, kept: Mapping[str, dict[str, list[str]]]) -> None:
    for subject, facts in subjects(path, {LABEL, CANONICAL_GENE, *kept}):
        for predicate, token in facts:
            if predicate == LABEL:
                names.labels.setdefault(subject, value(token))
            elif predicate == CANONICAL_GENE:
                names.canonical[subject] = token[1:-1]
            else:
                kept[predicate].setdefault(subject, []).append(value(token))
