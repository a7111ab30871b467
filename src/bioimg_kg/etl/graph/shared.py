"""Statements that several studies make: they stand once, in a reference graph."""

from dataclasses import dataclass, field

from bioimg_kg.etl.model import Names
from bioimg_kg.mappings.matches import PhenotypeWords

Triple = tuple[str, str, str]
"""Subject IRI, predicate IRI, object token."""


@dataclass(slots=True)
class Shared:
    """What a study's writers hand on to the reference graphs.

    Attributes
    ----------
    triples
        By name of the reference graph (``people``, ``publications``).
    names
        Words for external IRIs.
    phenotypes
        Study phenotypes, with the terms that they are mapped to.
    """

    triples: dict[str, set[Triple]] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    phenotypes: set[PhenotypeWords] = field(default_factory=set)

    def add(self, graph: str, subject: str, predicate: str, object_token: str) -> None:
        """Add a triple to a reference graph."""
        self.triples.setdefault(graph, set()).add((subject, predicate, object_token))

    def merge(self, other: "Shared") -> None:
        """Add what another study has handed on."""
        for graph, triples in other.triples.items():
            self.triples.setdefault(graph, set()).update(triples)
        self.names.merge(other.names)
        self.phenotypes |= other.phenotypes
