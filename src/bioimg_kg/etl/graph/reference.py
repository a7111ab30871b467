"""Quads that all studies share: compounds, people, papers, and labels of terms."""

from collections import Counter
from collections.abc import Container
from pathlib import Path

from bioimg_kg.etl.graph.labels import write_labels
from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.vocab import (
    SMALL_MOLECULE,
    TYPE,
)


def write_reference(
    shared: Shared, known_terms: Container[str], quads: Path, minter: Minter
) -> dict[str, int]:
    """Write the reference graphs.

    Parameters
    ----------
    shared
        What all studies have handed on.
    known_terms
        Term IRIs that an ontology graph labels; the others get the words of the studies.
    quads
        Folder of the release's N-Quads files.

    Returns
    -------
    dict
        Graph name to number of quads.
    """
    counts: dict[str, int] = {}
    names = shared.names
    with _graph(quads, "compounds", minter) as out:
        for compound in sorted(names.compounds.keys() | names.compound_facts.keys()):
            out.link(compound, TYPE, SMALL_MOLECULE)
            write_labels(compound, names.compounds.get(compound, Counter()), out)
            for predicate, text in names.compound_facts.get(compound, ()):
                out.text(compound, predicate, text)
    counts["reference/compounds"] = out.count
    with _graph(quads, "terms", minter) as out:
        for term, words in sorted(names.terms.items()):
            if term not in known_terms:
                write_labels(term, words, out)
    counts["reference/terms"] = out.count
    for name, triples in sorted(shared.triples.items()):
        with _graph(quads, name, minter) as out:
            for subject, predicate, token in triples:
                out.add(subject, predicate, token)
        counts[f"reference/{name}"] = out.count
    return counts


def _graph(quads: Path, name: str, minter: Minter) -> GraphFile:
    return GraphFile(quads / "reference" / f"{name}.nq.gz", minter.graph("reference", name))
