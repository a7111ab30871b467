"""The graph ``examples``: the named queries, which query editors and language models find by SPARQL.

The store does not know the address of its service, so the examples have IRIs below our own base.
"""

from pathlib import Path

from bioimg_kg.catalog.examples import example_triples, examples
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.iris import Minter


def write_examples(quads: Path, minter: Minter) -> GraphCounts:
    """Write the graph ``examples``; returns what is in it.

    Parameters
    ----------
    quads
        Folder of the release's N-Quads files.
    minter
        Makes our own IRIs.
    """
    with GraphFile(quads / "examples.nq.gz", minter.graph("examples")) as out:
        mine = minter.example("")
        for triple in example_triples(examples(), mine, f"{mine}prefixes/"):
            out.line(str(triple.subject), str(triple.predicate), str(triple.object))
    return out.counts
