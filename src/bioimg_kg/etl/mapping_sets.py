"""The mapping sets of a release: as SSSOM tables beside the quads, and as the graph ``mappings``."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from bioimg_kg.etl.graph.mappings import write_mappings
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.mappings.matches import SET_NAME, PhenotypeWords, TermNames, phenotype_rows, phenotype_set
from bioimg_kg.ontologies import Slice
from bioimg_kg.resources import data_path
from bioimg_kg.sssom import MappingSet, read, write

SHIPPED = ("corrections", "excel-symbols")
"""Mapping sets that come with the project, in ``mappings/``."""


def write_mapping_sets(
    phenotypes: Iterable[PhenotypeWords],
    slices: Iterable[Slice],
    words: Mapping[str, Counter[str]],
    folder: Path,
    date: str,
    minter: Minter,
) -> int:
    """Write the mapping sets of a release; returns the number of quads of the graph ``mappings``.

    Parameters
    ----------
    phenotypes
        What the studies say of their phenotypes.
    slices
        The ontologies of the release.
    words
        What studies call terms, counted: labels for those that no ontology has.
    folder
        Folder of the release; gets ``mappings/`` and ``quads/mappings.nq.gz``.
    date
        Day of the release.
    """
    names = {
        term.iri: TermNames(
            term.label, term.synonyms, source=minter.graph("ontology", piece.name), version=piece.version
        )
        for piece in slices
        for term in piece.terms
    }
    labels = {iri: min(found, key=lambda word: (-found[word], word)) for iri, found in words.items() if found}
    rows = [row for p in sorted(phenotypes) for row in phenotype_rows(p, names, labels, minter)]
    sets: list[tuple[str, MappingSet]] = [(SET_NAME, phenotype_set(rows, date, minter))]
    sets += [(name, read(data_path(f"mappings/{name}.sssom.tsv"))) for name in SHIPPED]
    for name, table in sets:
        write(table, folder / "mappings" / f"{name}.sssom.tsv")
    return write_mappings(sets, folder / "quads", minter)
