"""Quads of ontology slices."""

from collections.abc import Iterable
from pathlib import Path

from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.ontologies import Slice
from bioimg_kg.vocab import (
    DEFINITION,
    DEPRECATED,
    EXACT_SYNONYM,
    LABEL,
    OWL_CLASS,
    REPLACED_BY,
    SUBCLASS_OF,
    TYPE,
)


def write_ontologies(slices: Iterable[Slice], quads: Path, minter: Minter) -> tuple[dict[str, int], set[str]]:
    """Write one graph per ontology.

    Returns
    -------
    dict
        Graph name to number of quads.
    set
        IRIs of the terms that have a label now.
    """
    counts: dict[str, int] = {}
    known: set[str] = set()
    for piece in slices:
        path = quads / "ontology" / f"{piece.name}.nq.gz"
        with GraphFile(path, minter.graph("ontology", piece.name)) as out:
            for term in piece.terms:
                if term.iri in known:
                    continue
                known.add(term.iri)
                out.link(term.iri, TYPE, OWL_CLASS)
                out.text(term.iri, LABEL, term.label)
                out.text(term.iri, DEFINITION, term.definition)
                for parent in term.parents:
                    out.link(term.iri, SUBCLASS_OF, parent)
                for synonym in term.synonyms:
                    out.text(term.iri, EXACT_SYNONYM, synonym)
                if term.deprecated:
                    out.text(term.iri, DEPRECATED, "true", "boolean")
                for other in term.replaced_by:
                    out.link(term.iri, REPLACED_BY, other)
        counts[f"ontology/{piece.name}"] = out.count
    return counts, known
