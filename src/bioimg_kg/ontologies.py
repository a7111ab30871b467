"""Slices of ontologies as quads: the terms that are used, their ancestors, names and synonyms."""

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.prefixes import records

if TYPE_CHECKING:
    import pronto

WHOLE = frozenset({"cmpo"})
"""Ontologies that are taken whole: the phenotypes one may ask for are all of them."""


@dataclass(frozen=True, slots=True)
class OntologyTerm:
    """A term of a slice.

    Attributes
    ----------
    parents
        IRIs of its direct superclasses.
    replaced_by
        IRIs of the terms to use instead, if it is deprecated.
    """

    iri: str
    label: str
    parents: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    definition: str = ""
    deprecated: bool = False
    replaced_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """What a build takes of one ontology.

    Attributes
    ----------
    name
        Name of its graph, ``cmpo``.
    version
        Release as the file states it.
    """

    name: str
    version: str
    terms: tuple[OntologyTerm, ...]


def read_slices(folder: Path, used: Iterable[str]) -> Iterator[Slice]:
    """Read every ``.obo`` file of a folder and keep what is used.

    Parameters
    ----------
    folder
        The ontologies.
    used
        IRIs of the terms that occur in studies; they and all their ancestors are kept. CMPO is kept whole.

    Raises
    ------
    ConfigError
        There is no ``.obo`` file, or one cannot be read.
    """
    paths = sorted(folder.glob("*.obo"))
    if not paths:
        message = f"no .obo file in {folder}: give a folder of ontologies, or build without --ontologies"
        raise ConfigError(message)
    wanted = set(used)
    for path in paths:
        yield _slice(path, wanted)


def _slice(path: Path, used: set[str]) -> Slice:
    import pronto

    with warnings.catch_warnings():
        # pronto warns of headers that say nothing about the terms
        warnings.simplefilter("ignore")
        try:
            ontology = pronto.Ontology(str(path))
        except (ValueError, SyntaxError, OSError) as error:
            message = f"{path}: cannot be read as an ontology ({error}); replace or remove the file"
            raise ConfigError(message) from error
    terms = {iri: term for term in ontology.terms() if (iri := _iri(term.id))}
    if path.stem in WHOLE:
        keep = set(terms)
    else:
        keep = {a for iri in used & set(terms) for a in _ancestors(terms[iri])}
    version = ontology.metadata.data_version or ""
    return Slice(path.stem, version, tuple(_term(iri, terms[iri]) for iri in sorted(keep & set(terms))))


def _ancestors(term: "pronto.Term") -> Iterator[str]:
    for ancestor in term.superclasses():
        iri = _iri(ancestor.id)
        if iri:
            yield iri


def _term(iri: str, term: "pronto.Term") -> OntologyTerm:
    parents = (_iri(parent.id) for parent in term.superclasses(distance=1, with_self=False))
    return OntologyTerm(
        iri=iri,
        label=term.name or "",
        parents=tuple(sorted(filter(None, parents))),
        synonyms=tuple(sorted({s.description for s in term.synonyms if s.scope == "EXACT"})),
        definition=str(term.definition or ""),
        deprecated=term.obsolete,
        replaced_by=tuple(sorted(filter(None, (_iri(t.id) for t in term.replaced_by)))),
    )


def _iri(identifier: str) -> str:
    """Return the official IRI of an OBO identifier, or an empty text for one that the prefix table lacks."""
    match = re.match(r"([A-Za-z]+)[:_](.+)$", identifier)
    record = records().get(match[1].lower()) if match else None
    return f"{record['uri_prefix']}{match[2]}" if match and record else ""
