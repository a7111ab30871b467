"""Quads of organisms: their numbers elsewhere, so that other endpoints can be joined."""

from collections.abc import Iterable
from pathlib import Path

from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.taxa import strains_of, taxon_matches, taxon_number
from bioimg_kg.vocab import BROAD_MATCH, EXACT_MATCH, TAXON_ID


def taxa_of(iris: Iterable[str]) -> set[str]:
    """Return the organisms among some terms, with the strains and species that stand for one another."""
    taxa = {iri for iri in iris if taxon_number(iri)}
    return taxa | {iri for pair in strains_of(taxa).items() for iri in pair}


def write_taxa(taxa: Iterable[str], quads: Path, minter: Minter) -> GraphCounts:
    """Write the graph ``reference/taxa``; returns what is in it.

    Parameters
    ----------
    taxa
        IRIs of organisms, see :func:`taxa_of`.
    """
    found = sorted(taxa)
    with GraphFile(quads / "reference" / "taxa.nq.gz", minter.graph("reference", "taxa")) as out:
        for taxon in found:
            number = taxon_number(taxon)
            out.text(taxon, TAXON_ID, number)
            for other in taxon_matches(number):
                out.link(taxon, EXACT_MATCH, other)
        for strain, species in strains_of(found).items():
            out.link(strain, BROAD_MATCH, species)
    return out.counts
