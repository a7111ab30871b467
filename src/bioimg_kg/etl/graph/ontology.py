"""Quads of ontology slices and of logical definitions, and what is wrong with the terms that studies use."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bioimg_kg.errors import Issue
from bioimg_kg.etl.graph.meta import GraphFacts
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.ontologies.definitions import Definitions, definition_files, namespace, read_definitions
from bioimg_kg.ontologies.slices import OntologyTerm, Slice, read_slices
from bioimg_kg.vocab import (
    COMMENT,
    CONSIDER,
    DEFINED_BY,
    DEFINITION,
    DEPRECATED,
    EXACT_MATCH,
    EXACT_SYNONYM,
    LABEL,
    LICENSE,
    OWL_CLASS,
    OWL_ONTOLOGY,
    REPLACED_BY,
    SOURCE,
    SUBCLASS_OF,
    TYPE,
    VERSION_INFO,
    VERSION_IRI,
)


@dataclass(slots=True)
class KnownTerms:
    """What the ontologies of a build know.

    Attributes
    ----------
    graphs
        Facts of the graphs that were written.
    labels
        Label of each term that a graph has; it may be empty.
    issues
        Terms that no ontology has, and obsolete ones.
    """

    graphs: list[GraphFacts] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)


def write_ontologies(
    folder: Path, used: Mapping[str, Sequence[str]], extra: Iterable[str], quads: Path, minter: Minter
) -> KnownTerms:
    """Write one graph per ontology and one per file of logical definitions.

    Parameters
    ----------
    folder
        The ontologies.
    used
        IRIs of the terms that studies use, each with the accessions of these studies.
    extra
        IRIs of further terms that the graph speaks of.
    quads
        Folder of the release's N-Quads files.
    """
    definitions = [read_definitions(path) for path in definition_files(folder)]
    parts = {part for d in definitions for found in d.parts.values() for part in found}
    slices = read_slices(folder, {*used, *extra, *parts})
    terms = {term.iri: term for piece in slices for term in piece.terms}
    graphs = [_write_slice(piece, quads, minter) for piece in slices]
    graphs += [_write_definitions(d, quads, minter) for d in definitions]
    issues = [*_issues(used, terms), *(issue for d in definitions for issue in _dangling(d, terms))]
    return KnownTerms(graphs, {iri: term.label for iri, term in terms.items()}, issues)


def _write_slice(piece: Slice, quads: Path, minter: Minter) -> GraphFacts:
    header = piece.header
    with _file(piece.name, quads, minter) as out:
        out.link(header.iri, TYPE, OWL_ONTOLOGY)
        out.text(header.iri, VERSION_INFO, header.version)
        for predicate, target in ((VERSION_IRI, header.version_iri), (LICENSE, header.license)):
            if target:
                out.link(header.iri, predicate, target)
        for remark in header.remarks:
            out.text(header.iri, COMMENT, remark)
        for term in piece.terms:
            _write_term(term, out)
    return GraphFacts(f"ontology/{piece.name}", out.counts, license=header.license, version=header.version)


def _write_term(term: OntologyTerm, out: GraphFile) -> None:
    out.link(term.iri, TYPE, OWL_CLASS)
    out.text(term.iri, LABEL, term.label)
    out.text(term.iri, DEFINITION, term.definition)
    for synonym in term.synonyms:
        out.text(term.iri, EXACT_SYNONYM, synonym)
    if term.deprecated:
        out.text(term.iri, DEPRECATED, "true", "boolean")
    for predicate, targets in (
        (SUBCLASS_OF, term.parents),
        (REPLACED_BY, term.replaced_by),
        (CONSIDER, term.consider),
        (EXACT_MATCH, term.same_as),
    ):
        for target in targets:
            out.link(term.iri, predicate, target)


def _write_definitions(definitions: Definitions, quads: Path, minter: Minter) -> GraphFacts:
    """Write the parts of definitions; the ontology itself is described in the graph of its slice."""
    me = minter.graph("ontology", definitions.name)
    header = definitions.header
    with _file(definitions.name, quads, minter) as out:
        out.link(me, TYPE, OWL_ONTOLOGY)
        out.text(me, VERSION_INFO, header.version)
        out.link(me, SOURCE, header.version_iri or header.iri)
        for term, parts in definitions.parts.items():
            for part in parts:
                out.link(term, DEFINED_BY[namespace(part)], part)
    return GraphFacts(f"ontology/{definitions.name}", out.counts, version=header.version)


def _file(name: str, quads: Path, minter: Minter) -> GraphFile:
    return GraphFile(quads / "ontology" / f"{name}.nq.gz", minter.graph("ontology", name))


def _issues(used: Mapping[str, Sequence[str]], terms: Mapping[str, OntologyTerm]) -> Iterator[Issue]:
    """Report the terms of studies that no ontology has, and those that are obsolete."""
    for iri, studies in sorted(used.items()):
        where = f"used by {', '.join(studies)}"
        if iri not in terms:
            message = (
                f"no file of --ontologies has this term ({where}): add its ontology, or correct the term"
            )
            yield Issue(
                study="", file="ontologies", code="term-not-in-ontology", value=compact(iri), message=message
            )
        elif terms[iri].deprecated:
            message = f"{_instead(terms[iri], terms)} ({where})"
            yield Issue(
                study="", file="ontologies", code="term-obsolete", value=compact(iri), message=message
            )


def _instead(term: OntologyTerm, terms: Mapping[str, OntologyTerm]) -> str:
    """Say in words what to use instead of an obsolete term."""
    for advice, targets in (("use", term.replaced_by), ("consider", term.consider)):
        if targets:
            names = (f"{compact(t)} {terms[t].label if t in terms else ''}".strip() for t in targets)
            return f"obsolete: {advice} {', '.join(names)}"
    return "obsolete, and its ontology names nothing to use instead: choose a term"


def _dangling(definitions: Definitions, terms: Mapping[str, OntologyTerm]) -> Iterator[Issue]:
    """Report the parts of definitions that no ontology has."""
    name = definitions.name.removesuffix("-definitions")
    for part in sorted({part for parts in definitions.parts.values() for part in parts} - terms.keys()):
        message = (
            f"a definition of {name} names this term and no file of --ontologies has it: add its ontology"
        )
        yield Issue(
            study="", file="ontologies", code="term-not-in-ontology", value=compact(part), message=message
        )
