"""Slices of ontologies: the terms that are used, their ancestors, and what replaces the obsolete ones."""

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.iris import is_iri
from bioimg_kg.identifiers.prefixes import compact, records
from bioimg_kg.ontologies.definitions import SUFFIX as DEFINITIONS
from bioimg_kg.ontologies.header import Header, obo_header
from bioimg_kg.vocab import OBO

if TYPE_CHECKING:
    import pronto

WHOLE = frozenset({"cmpo"})
"""Ontologies that are taken whole: the phenotypes one may ask for are all of them."""

SAME_AS = frozenset({"Cellosaurus"})
"""Databases whose cross-references mean the same: a cell line of EFO is that one of Cellosaurus."""

_VARIANT = re.compile(r"-(simple|basic|base|full|simple-non-classified|non-classified)$")
_LICENSE = re.compile(r"(dc|dcterms|terms)[:/](license|rights)$")


@dataclass(frozen=True, slots=True)
class OntologyTerm:
    """A term of a slice.

    Attributes
    ----------
    parents
        IRIs of its direct superclasses.
    replaced_by
        IRIs of the terms to use instead, if it is deprecated.
    consider
        IRIs of terms that may do instead, if it is deprecated.
    same_as
        IRIs that other databases have for it.
    """

    iri: str
    label: str
    parents: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    definition: str = ""
    deprecated: bool = False
    replaced_by: tuple[str, ...] = ()
    consider: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """What a build takes of one ontology.

    Attributes
    ----------
    name
        Name of its graph, ``cmpo``.
    header
        What the file says of itself.
    """

    name: str
    header: Header
    terms: tuple[OntologyTerm, ...]


@dataclass(slots=True)
class _File:
    """An ontology file that was read; terms are turned into ours when they are asked for."""

    name: str
    header: Header
    spaces: dict[str, str]
    terms: dict[str, "pronto.Term"] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)

    def iri(self, identifier: str) -> str:
        return term_iri(identifier, self.spaces)

    def get(self, iri: str) -> OntologyTerm:
        if iri not in self.terms:
            return self._merged(iri, self.merged[iri])
        term = self.terms[iri]
        parents = (parent.id for parent in term.superclasses(distance=1, with_self=False))
        return OntologyTerm(
            iri=iri,
            label=term.name or "",
            parents=self._iris(parents),
            synonyms=tuple(sorted({s.description for s in term.synonyms if s.scope == "EXACT"})),
            definition=str(term.definition or ""),
            deprecated=term.obsolete,
            replaced_by=self._iris(term.replaced_by.ids),
            consider=self._iris(term.consider.ids),
            same_as=self._iris(x.id for x in term.xrefs if x.id.partition(":")[0] in SAME_AS),
        )

    def _merged(self, iri: str, other: str) -> OntologyTerm:
        """Return an id that is only ``alt_id`` of another term: OBO calls it replaced by that term."""
        label = f"obsolete (merged into {self.terms[other].name or compact(other)})"
        return OntologyTerm(iri, label, deprecated=True, replaced_by=(other,))

    def _iris(self, identifiers: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({iri for i in identifiers if (iri := self.iri(i))}))


def ontology_files(folder: Path) -> dict[str, Path]:
    """Choose one file per ontology.

    ``cmpo.obo`` and ``cmpo-simple.owl`` are one ontology. ``.obo`` comes before ``.owl``, the plain name
    before the others, then the alphabet decides. ``*-edit.owl`` holds definitions, see
    :mod:`bioimg_kg.ontologies.definitions`.

    Parameters
    ----------
    folder
        The ontologies.

    Returns
    -------
    dict
        Name of the ontology to its file.
    """
    found: dict[str, Path] = {}
    files = [p for p in folder.iterdir() if p.suffix in {".obo", ".owl"} and not p.name.endswith(DEFINITIONS)]
    for path in sorted(files, key=lambda p: (p.suffix, len(p.stem), p.name)):
        found.setdefault(_VARIANT.sub("", path.stem), path)
    return dict(sorted(found.items()))


def read_slices(folder: Path, used: Iterable[str]) -> list[Slice]:
    """Read the ontologies of a folder and keep what is used.

    A term stands in one slice: of the ontology that its prefix names, else of the first that has it.

    Parameters
    ----------
    folder
        ``.obo`` and ``.owl`` files.
    used
        IRIs of the terms that occur in studies. They are kept with all their ancestors and, if they are
        obsolete, with the terms to use instead. CMPO is kept whole.

    Raises
    ------
    ConfigError
        There is no ontology, or one cannot be read.
    """
    paths = ontology_files(folder)
    if not paths:
        message = f"no .obo file and no .owl file in {folder}: give a folder of ontologies, or none"
        raise ConfigError(message)
    files = [_read(name, path) for name, path in paths.items()]
    owner = _owners(files)
    todo = [iri for iri in used if iri in owner]
    todo += [iri for file in files if file.name in WHOLE for iri in file.terms]
    kept: dict[str, OntologyTerm] = {}
    while todo:
        iri = todo.pop()
        if iri not in kept:
            term = kept[iri] = owner[iri].get(iri)
            todo += [t for t in (*term.parents, *term.replaced_by, *term.consider) if t in owner]
    slices: dict[str, list[OntologyTerm]] = {file.name: [] for file in files}
    for iri, term in sorted(kept.items()):
        slices[owner[iri].name].append(term)
    return [Slice(file.name, file.header, tuple(slices[file.name])) for file in files]


def _owners(files: Iterable[_File]) -> dict[str, _File]:
    """Say for each term in which file it is looked up; the file of its own ontology knows most of it."""
    best: dict[str, tuple[bool, bool]] = {}
    owner: dict[str, _File] = {}
    for file in files:
        for iri in (*file.terms, *file.merged):
            rank = (_home(iri) != file.name, iri in file.merged)
            if iri not in best or rank < best[iri]:
                best[iri], owner[iri] = rank, file
    return owner


def term_iri(identifier: str, spaces: dict[str, str] | None = None) -> str:
    """Return the IRI of an OBO identifier, or an empty text if it is none.

    Parameters
    ----------
    identifier
        ``CMPO:0000077``; full IRIs stay as they are.
    spaces
        The file's own ``idspace`` lines, for prefixes that ``mappings/prefixes.json`` lacks.

    Source
    ------
    OBO Flat File Format 1.4, section 5.9.

    Examples
    --------
    >>> term_iri("EFO:0001185"), term_iri("BFO:0000001")
    ('http://www.ebi.ac.uk/efo/EFO_0001185', 'http://purl.obolibrary.org/obo/BFO_0000001')
    >>> term_iri("part_of")
    ''
    """
    if "://" in identifier:
        return identifier if is_iri(identifier) else ""
    prefix, colon, local = identifier.partition(":")
    if not colon or not re.fullmatch(r"\w+", prefix, re.ASCII):
        return ""
    record = records().get(prefix.lower())
    start = str(record["uri_prefix"]) if record else (spaces or {}).get(prefix, f"{OBO}{prefix}_")
    return start + local if is_iri(start + local) else ""


def _home(iri: str) -> str:
    """Return the name of the ontology that a term's prefix belongs to."""
    return compact(iri).partition(":")[0].lower()


def _read(name: str, path: Path) -> _File:
    import pronto

    with warnings.catch_warnings():
        # pronto warns of headers that say nothing about the terms
        warnings.simplefilter("ignore")
        try:
            ontology = pronto.Ontology(str(path), import_depth=0)  # it would fetch imports from the web
        except (ValueError, SyntaxError, OSError) as error:
            message = f"{path}: cannot be read as an ontology ({error}); replace or remove the file"
            raise ConfigError(message) from error
        except KeyError as error:
            message = f"{path}: is_a names {error}, which the file lacks; add the term or remove the line"
            raise ConfigError(message) from error
    head = ontology.metadata
    spaces = {prefix: url for prefix, (url, _) in head.idspaces.items()}
    header = obo_header(
        name, head.ontology or "", head.data_version or "", _licenses(head), filter(None, head.remarks)
    )
    file = _File(name, header, spaces)
    for term in ontology.terms():
        iri = file.iri(term.id)
        if iri:
            file.terms[iri] = term
            file.merged |= {old: iri for i in term.alternate_ids if (old := file.iri(i))}
    file.merged = {old: iri for old, iri in file.merged.items() if old not in file.terms}
    return file


def _licenses(head: "pronto.Metadata") -> Iterator[str]:
    for statement in head.annotations:
        if _LICENSE.search(statement.property):
            yield getattr(statement, "resource", "") or getattr(statement, "literal", "")
