"""Reads the catalogue of a release: its manifest, its store and the files themselves."""

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

from bioimg_kg.catalog.model import Agent, Catalogue, Dataset, Distribution, Term
from bioimg_kg.catalog.papers import read_papers
from bioimg_kg.checksums import checksum
from bioimg_kg.release import Release
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import (
    BIKG,
    DCTERMS,
    DERIVED_FROM,
    IN_TAXON,
    IS_PART_OF,
    LABEL,
    LICENSE,
    SCHEMA,
    STUDY,
    TYPE,
    VOID_DATASET,
)

_SUFFIX: Final = ".nq.gz"


class Reader:
    """Asks a store for the values of a property, whatever graph they are in.

    Parameters
    ----------
    store
        The store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Return the IRIs that have a property with this IRI as its value, in order."""
        quads = self._store.quads_for_pattern(None, NamedNode(predicate), NamedNode(value), None)
        return sorted({quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)})

    def texts(self, subject: str, predicate: str) -> list[str]:
        """Return the texts of a property, in order."""
        return sorted({term.value for term in self._values(subject, predicate) if isinstance(term, Literal)})

    def links(self, subject: str, predicate: str) -> list[str]:
        """Return the IRIs of a property, in order."""
        return sorted(
            {term.value for term in self._values(subject, predicate) if isinstance(term, NamedNode)}
        )

    def text(self, subject: str, predicate: str) -> str:
        """Return the first text, or nothing."""
        return next(iter(self.texts(subject, predicate)), "")

    def link(self, subject: str, predicate: str) -> str:
        """Return the first IRI, or nothing."""
        return next(iter(self.links(subject, predicate)), "")

    def terms(self, subjects: Iterable[str], predicate: str) -> list[Term]:
        """Return the terms that are values of a property of any subject, with their names."""
        found = {iri for subject in subjects for iri in self.links(subject, predicate)}
        return [Term(iri, self.text(iri, LABEL)) for iri in sorted(found)]

    def _values(self, subject: str, predicate: str) -> list[object]:
        quads = self._store.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None, None)
        return [quad.object for quad in quads]


def read_catalogue(release: Release) -> Catalogue:
    """Read what a release offers.

    The manifest has the checksums of the files. Releases of before it had them are read once through.
    """
    reader = Reader(open_readonly(release.store))
    graph = next((iri for iri in reader.subjects(TYPE, VOID_DATASET) if iri.endswith("/graph/")), "")
    files = {d.name: d for d in _distributions(release, graph, reader)}
    withheld = {study: facts["reason"] for study, facts in release.manifest.get("withheld", {}).items()}
    datasets = [_dataset(iri, graph, files, withheld, reader) for iri in reader.subjects(TYPE, STUDY)]
    mine = {d.name for dataset in datasets for d in dataset.distributions}
    return Catalogue(
        folder=release.path,
        release=release.name,
        issued=str(release.manifest.get("date", "")),
        graph=graph,
        datasets=sorted(datasets, key=lambda dataset: dataset.accession),
        shared=[file for name, file in files.items() if name not in mine],
    )


def _distributions(release: Release, graph: str, reader: Reader) -> Iterable[Distribution]:
    if "files" not in release.manifest:
        yield from _found(release, graph, reader)
        return
    for file in release.manifest["files"]:
        name, licenses = file.get("graph", ""), tuple(file.get("licenses", ()))
        stated = reader.link(graph + name, LICENSE) if graph and name else ""
        yield Distribution(
            graph=name,
            size=file["bytes"],
            sha256=file["sha256"],
            quads=file.get("quads"),
            license=licenses[0] if len(licenses) == 1 else stated,
            path=file["path"],
            stored=file["stored"],
            title=file["title"],
            media_type=file["media_type"],
            rows=file.get("rows"),
            licenses=licenses if len(licenses) > 1 else (),
        )


def _found(release: Release, graph: str, reader: Reader) -> Iterable[Distribution]:
    quads = release.manifest.get("graphs", {})
    for path in sorted(release.quads.rglob(f"*{_SUFFIX}")):
        name = path.relative_to(release.quads).as_posix().removesuffix(_SUFFIX)
        yield Distribution(
            graph=name,
            size=path.stat().st_size,
            sha256=checksum(path),
            quads=quads.get(name),
            license=reader.link(graph + name, LICENSE) if graph else "",
        )


def _dataset(
    iri: str, graph: str, files: Mapping[str, Distribution], withheld: Mapping[str, str], reader: Reader
) -> Dataset:
    accession = reader.text(iri, f"{SCHEMA}identifier") or iri.rpartition("/")[2]
    name = f"study/{accession}"
    parts = [iri, *reader.subjects(IS_PART_OF, iri)]
    people = reader.links(iri, f"{SCHEMA}author")
    title = reader.text(iri, f"{SCHEMA}name") or accession
    return Dataset(
        iri=iri,
        accession=accession,
        title=title,
        description=reader.text(iri, f"{SCHEMA}description") or f"Metadata of the study {accession}.",
        published=reader.text(iri, f"{SCHEMA}datePublished"),
        publisher=reader.text(iri, f"{BIKG}dataPublisher"),
        license=reader.link(iri, f"{SCHEMA}license"),
        authors=[Agent(reader.text(person, f"{SCHEMA}name"), person) for person in people],
        keywords=reader.texts(iri, f"{SCHEMA}keywords"),
        citations=reader.links(iri, f"{SCHEMA}citation"),
        same_as=reader.links(iri, f"{SCHEMA}sameAs"),
        papers=read_papers(reader, iri, title),
        same_parts=[
            Term(same, reader.text(part, f"{SCHEMA}name") or reader.text(part, LABEL))
            for part in parts[1:]
            for same in reader.links(part, f"{SCHEMA}sameAs")
        ],
        organisms=reader.terms(parts, IN_TAXON),
        techniques=reader.terms(parts, f"{SCHEMA}measurementTechnique"),
        kinds=reader.terms(parts, f"{DCTERMS}type"),
        derived_from=reader.link(graph + name, DERIVED_FROM) if graph else "",
        distributions=[files[name]] if name in files else [],
        withheld=withheld.get(accession, ""),
    )
