"""The mapping sets of a release: as SSSOM tables beside the quads, and as the graph ``mappings``."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from bioimg_kg.etl.graph.mappings import write_mappings
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.mappings.candidates import SET_NAME as CANDIDATES
from bioimg_kg.mappings.candidates import candidate_set
from bioimg_kg.mappings.matches import SET_NAME, PhenotypeWords, phenotype_rows, phenotype_set
from bioimg_kg.mappings.vocabulary import read_vocabulary
from bioimg_kg.resources import data_path
from bioimg_kg.sssom import MappingSet, read, write

SHIPPED = ("corrections", "excel-symbols")
"""Mapping sets that come with the project, in ``mappings/``."""


def write_mapping_sets(
    phenotypes: Iterable[PhenotypeWords], folder: Path, versions: Mapping[str, str], date: str, minter: Minter
) -> GraphCounts:
    """Write the mapping sets of a release; returns what is in the graph ``mappings``.

    Parameters
    ----------
    phenotypes
        What the studies say of their phenotypes. Suggestions for those without a term are a table only.
    folder
        Folder of the release, in which the graphs of ontologies are written already; gets ``mappings/`` and
        ``quads/mappings.nq.gz``.
    versions
        Name of a graph to the release that its ontology states.
    date
        Day of the release.
    """
    found = sorted(phenotypes)
    vocabulary = read_vocabulary(folder / "quads", versions)
    rows = [row for p in found for row in phenotype_rows(p, vocabulary.names, minter)]
    candidates = candidate_set(found, vocabulary, date, minter)
    write(candidates, folder / "mappings" / f"{CANDIDATES}.sssom.tsv")
    sets: list[tuple[str, MappingSet]] = [(SET_NAME, phenotype_set(rows, date, minter))]
    sets += [(name, read(data_path(f"mappings/{name}.sssom.tsv"))) for name in SHIPPED]
    for name, table in sets:
        write(table, folder / "mappings" / f"{name}.sssom.tsv")
    return write_mappings(sets, folder / "quads", minter)
