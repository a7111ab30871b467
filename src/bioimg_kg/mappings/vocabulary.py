"""The terms of a release as the graphs of its ontologies have them: names, hierarchy, logical definitions."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, RdfFormat, parse

from bioimg_kg.vocab import BIKG, EXACT_SYNONYM, LABEL, SUBCLASS_OF

_DEFINED_BY = "definedBy"
"""Start of the names of our properties that lead from a term to the parts of its logical definition."""


@dataclass(frozen=True, slots=True)
class TermNames:
    """What a term is called.

    Attributes
    ----------
    exact
        Its EXACT synonyms.
    source, version
        The graph that says so, and the release that the ontology states; no source: words of studies.
    """

    label: str
    exact: tuple[str, ...] = ()
    source: str = ""
    version: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """Label and synonyms."""
        return (self.label, *self.exact)


@dataclass(slots=True)
class Vocabulary:
    """Terms by IRI.

    Attributes
    ----------
    names
        What each term is called.
    parents
        Its direct superclasses.
    parts
        The terms of other ontologies that its logical definition is made of.
    """

    names: dict[str, TermNames] = field(default_factory=dict)
    parents: dict[str, set[str]] = field(default_factory=dict)
    parts: dict[str, set[str]] = field(default_factory=dict)

    def below(self, ancestor: str) -> set[str]:
        """Return a term with all terms below it.

        Examples
        --------
        >>> sorted(Vocabulary(parents={"b": {"a"}, "c": {"b", "x"}}).below("a"))
        ['a', 'b', 'c']
        """
        children: dict[str, set[str]] = {}
        for child, parents in self.parents.items():
            for parent in parents:
                children.setdefault(parent, set()).add(child)
        found: set[str] = set()
        todo = [ancestor]
        while todo:
            term = todo.pop()
            if term not in found:
                found.add(term)
                todo.extend(children.get(term, ()))
        return found


def read_vocabulary(quads: Path, versions: Mapping[str, str]) -> Vocabulary:
    """Read the terms of a release from its N-Quads files.

    Parameters
    ----------
    quads
        Folder of the files.
    versions
        Graph name, such as ``ontology/cmpo``, to the release that the ontology states.
    """
    found = Vocabulary()
    for path in sorted((quads / "ontology").glob("*.nq.gz")):
        _read(path, versions.get(f"ontology/{path.name.partition('.')[0]}", ""), found)
    terms = quads / "reference" / "terms.nq.gz"
    if terms.is_file():
        words = Vocabulary()
        _read(terms, "", words)
        for iri, names in words.names.items():
            found.names.setdefault(iri, TermNames(names.label))
    return found


def _read(path: Path, version: str, found: Vocabulary) -> None:
    labels: dict[str, str] = {}
    synonyms: dict[str, set[str]] = {}
    graph = ""
    with gzip.open(path) as stream:
        for quad in parse(stream.read(), format=RdfFormat.N_QUADS):
            term, predicate = str(quad.subject).strip("<>"), quad.predicate.value
            graph = str(quad.graph_name).strip("<>")
            target = str(quad.object).strip("<>")
            if isinstance(quad.object, Literal):
                if predicate == LABEL:
                    labels[term] = quad.object.value
                elif predicate == EXACT_SYNONYM:
                    synonyms.setdefault(term, set()).add(quad.object.value)
            elif predicate == SUBCLASS_OF:
                found.parents.setdefault(term, set()).add(target)
            elif predicate.startswith(BIKG + _DEFINED_BY):
                found.parts.setdefault(term, set()).add(target)
    for term, label in labels.items():
        exact = tuple(sorted(synonyms.get(term, ())))
        found.names[term] = TermNames(label, exact, graph, version)
