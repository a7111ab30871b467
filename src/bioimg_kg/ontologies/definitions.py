"""Logical definitions of ontology terms: which terms of other ontologies each is made of.

CMPO defines *mitosis delayed phenotype* by a quality of PATO that inheres in a process of GO. A release keeps
of such a definition the parts alone: a query can follow the hierarchies of GO and PATO to the phenotypes.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.ontologies.header import Header, obo_header
from bioimg_kg.vocab import EQUIVALENT_CLASS, ON_PROPERTY, OWL_ONTOLOGY, SUBCLASS_OF, VERSION_IRI

_ONTOLOGY = NamedNode(OWL_ONTOLOGY)

SUFFIX = "-edit.owl"
"""How files of definitions end: ``cmpo-edit.owl`` is what the editors of CMPO write, in RDF/XML."""

PART_NAMESPACES = ("GO", "PATO", "CL", "CHEBI")
"""Prefixes of the terms that count as parts: processes and components, qualities, cells, substances."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """The logical definitions of one ontology.

    Attributes
    ----------
    name
        Name of its graph, ``cmpo-definitions``.
    parts
        Term IRI to the IRIs of the terms that its definitions name.
    """

    name: str
    header: Header
    parts: dict[str, frozenset[str]]


def definition_files(folder: Path) -> list[Path]:
    """Return the files of definitions in a folder of ontologies, in a fixed order."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def read_definitions(path: Path) -> Definitions:
    """Read the logical definitions of a file.

    A definition is an ``owl:equivalentClass`` or ``rdfs:subClassOf`` axiom of a named term with a class
    expression. Its parts are all named terms of :data:`PART_NAMESPACES` in the expression, however deep.

    Parameters
    ----------
    path
        A file in RDF/XML.

    Raises
    ------
    ConfigError
        The file is not RDF/XML.

    Source
    ------
    EBISPOT/CMPO, ``src/ontology/cmpo-edit.owl``; https://www.w3.org/TR/owl2-mapping-to-rdf/.
    """
    inside: dict[BlankNode, list[BlankNode | NamedNode]] = defaultdict(list)
    axioms: list[tuple[str, BlankNode]] = []
    head: dict[str, str] = {}
    try:
        for triple in parse(path=str(path), format=RdfFormat.RDF_XML):
            subject, target = triple.subject, triple.object
            if isinstance(subject, BlankNode) and isinstance(target, BlankNode | NamedNode):
                if triple.predicate.value != ON_PROPERTY:
                    inside[subject].append(target)
            elif (
                isinstance(subject, NamedNode)
                and isinstance(target, BlankNode)
                and triple.predicate.value in (EQUIVALENT_CLASS, SUBCLASS_OF)
            ):
                axioms.append((subject.value, target))
            elif target == _ONTOLOGY or triple.predicate.value == VERSION_IRI:
                head[triple.predicate.value] = target.value
                head["about"] = subject.value
    except (SyntaxError, ValueError, OSError) as error:
        message = f"{path}: cannot be read as RDF/XML ({error}); replace or remove the file"
        raise ConfigError(message) from error
    found: dict[str, set[str]] = defaultdict(set)
    for term, expression in axioms:
        found[term] |= _parts(expression, inside)
    name = path.name.removesuffix(SUFFIX)
    return Definitions(
        name=f"{name}-definitions",
        header=obo_header(name, head.get("about", ""), head.get(VERSION_IRI, "")),
        parts={term: frozenset(parts) for term, parts in sorted(found.items()) if parts},
    )


def namespace(iri: str) -> str:
    """Return the prefix of a term, or an empty text.

    Examples
    --------
    >>> namespace("http://purl.obolibrary.org/obo/GO_0000278"), namespace("https://example.org/x")
    ('GO', '')
    """
    prefix, colon, _ = compact(iri).partition(":")
    return prefix if colon and prefix in PART_NAMESPACES else ""


def _parts(expression: BlankNode, inside: dict[BlankNode, list[BlankNode | NamedNode]]) -> set[str]:
    """Collect the terms below a node; no recursion, expressions may be nested to any depth."""
    parts: set[str] = set()
    todo, seen = [expression], {expression}
    while todo:
        for node in inside.get(todo.pop(), ()):
            if isinstance(node, NamedNode):
                if namespace(node.value):
                    parts.add(node.value)
            elif node not in seen:
                seen.add(node)
                todo.append(node)
    return parts
