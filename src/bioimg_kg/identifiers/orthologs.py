"""Pairs of human genes and their orthologues, with the sources that say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bioimg_kg.identifiers.reference import GeneEntry, GeneId, GeneReference, listed, rows, table

_NAMESPACES = {"4932": "sgd", "284812": "pombase", "7227": "flybase", "10090": "ensembl", "7955": "ensembl"}
"""Namespace of the identifiers in the column ``species_ensembl``, by NCBI Taxonomy number."""

TABLE = "orthologs"
"""Name of the table of the pairs."""


@dataclass(frozen=True, slots=True)
class OrthologPair:
    """A human gene and its orthologue.

    Attributes
    ----------
    sources
        Databases that call them orthologous.
    """

    human: GeneId
    other: GeneId
    sources: tuple[str, ...]


def read_orthologs(folder: Path, genes: GeneReference) -> Iterator[OrthologPair]:
    """Yield the pairs of ``orthologs.tsv`` (or ``.tsv.gz``), between canonical identifiers, each once.

    Parameters
    ----------
    folder
        The reference tables; nothing is yielded if it has no such table.
    genes
        Finds the canonical identifiers.
    """
    path = table(folder, TABLE)
    if path is None:
        return
    seen: dict[tuple[GeneId, GeneId], set[str]] = {}
    for row in rows(path):
        human = _first(genes, ("ensembl", row["human_ensembl"]), ("ncbigene", row["human_ncbi_gene"]))
        namespace = _NAMESPACES.get(row["taxon_id"], "")
        other = _first(genes, (namespace, row["species_ensembl"]), ("ncbigene", row["species_ncbi_gene"]))
        if human and other:
            sources = seen.setdefault((human.canonical, other.canonical), set())
            sources.update(listed(row["supporting_sources"]))
    for (one, two), sources in sorted(seen.items()):
        yield OrthologPair(one, two, tuple(sorted(sources)))


def _first(genes: GeneReference, *ids: GeneId) -> GeneEntry | None:
    return next((entry for gene in ids if gene[1] and (entry := genes.find(gene))), None)
