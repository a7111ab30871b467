"""Quads of orthology between the genes that studies use."""

from collections.abc import Container, Iterable
from pathlib import Path

from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.orthologs import OrthologPair
from bioimg_kg.identifiers.reference import gene_iri
from bioimg_kg.vocab import BIOLINK, OBJECT, PREDICATE, SUBJECT, TYPE

_ORTHOLOGOUS = BIOLINK + "orthologous_to"


def write_orthologs(
    pairs: Iterable[OrthologPair], used: Container[str], quads: Path, minter: Minter
) -> GraphCounts:
    """Write the graph ``reference/orthologs``; returns what is in it.

    Parameters
    ----------
    pairs
        Orthologous genes.
    used
        IRIs of the canonical genes of the studies: a pair is written if both are among them.
    """
    with GraphFile(quads / "reference" / "orthologs.nq.gz", minter.graph("reference", "orthologs")) as out:
        for pair in pairs:
            human, other = gene_iri(pair.human, minter.base), gene_iri(pair.other, minter.base)
            if human not in used or other not in used:
                continue
            out.link(human, _ORTHOLOGOUS, other)
            out.link(other, _ORTHOLOGOUS, human)
            me = minter.within(f"{minter.base}id/orthology", f"{pair.human[1]}-{pair.other[1]}")
            out.link(me, TYPE, BIOLINK + "GeneToGeneHomologyAssociation")
            out.link(me, SUBJECT, human)
            out.link(me, PREDICATE, _ORTHOLOGOUS)
            out.link(me, OBJECT, other)
            out.text(me, BIOLINK + "evidence_count", str(len(pair.sources)), "integer")
            for source in pair.sources:
                out.text(me, BIOLINK + "supporting_data_source", source)
    return out.counts
