"""What a person writes for a thing, to the term that the graph has for it."""

from pyoxigraph import Literal, NamedNode

from bioimg_kg.errors import BioimgKgError, ConfigError
from bioimg_kg.identifiers.genes import namespaces
from bioimg_kg.identifiers.iris import is_iri
from bioimg_kg.identifiers.prefixes import expand
from bioimg_kg.vocab import PREFIXES, TYPE
from bioimg_kg.why.graph import Graph


class NotFound(BioimgKgError):  # noqa: N818 - reads as plain English
    """The graph has nothing of this name."""


def address(text: str, base: str) -> str | None:
    """Return the IRI that a text stands for, or None if it is none.

    Examples
    --------
    >>> address("CMPO:0000077", "https://w3id.org/bioimg-kg/")
    'http://www.ebi.ac.uk/cmpo/CMPO_0000077'
    >>> address("ENSG00000129810", "https://w3id.org/bioimg-kg/")
    'http://rdf.ebi.ac.uk/resource/ensembl/ENSG00000129810'
    >>> address("id/study/idr9001", "https://w3id.org/bioimg-kg/")
    'https://w3id.org/bioimg-kg/id/study/idr9001'
    >>> address("no such thing", "https://w3id.org/bioimg-kg/") is None
    True
    """
    text = text.strip()
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    if text == "a":
        return TYPE
    if text.startswith(("id/", "graph/")):
        text = base + text
    if "://" in text:
        return text if is_iri(text) else None
    for namespace in namespaces().values():
        local = None if namespace.ambiguous else namespace.clean(text)
        if local:
            return namespace.iri.format(id=local, base=base)
    prefix, _, local = text.partition(":")
    try:
        found = expand(text)
    except ConfigError:
        # as in queries: cid:CID36314 beside the CURIE cid:36314
        found = f"{PREFIXES[prefix]}{local}" if prefix in PREFIXES else ""
    return found if is_iri(found) else None


def resource(graph: Graph, text: str) -> NamedNode:
    """Return the thing that a text stands for.

    Raises
    ------
    NotFound
        The text is no IRI, or the graph does not know it.
    """
    iri = address(text, graph.base)
    if iri is None:
        forms = "no IRI, CURIE (CMPO:0000077) or gene identifier (ENSG00000129810)"
        message = f"{text!r} is {forms}{_meant(graph, text)}"
        raise NotFound(message)
    node = NamedNode(iri)
    if not graph.knows(node):
        message = (
            f"nothing in this release is called <{iri}>: no statement has it as subject, predicate or object"
        )
        raise NotFound(message)
    return node


def object_term(graph: Graph, subject: NamedNode, predicate: NamedNode, text: str) -> NamedNode | Literal:
    """Return the object that a text stands for: a literal of the statement in question, or a thing.

    Raises
    ------
    NotFound
        The text is an IRI that the graph does not know.
    """
    for found in graph.objects(subject, predicate):
        if isinstance(found, Literal) and found.value == text:
            return found
    iri = address(text, graph.base)
    return resource(graph, text) if iri else Literal(text)


def _meant(graph: Graph, text: str) -> str:
    """Return the things that have a text as a name."""
    found = {
        graph.short(q.subject)
        for q in graph.quads(None, None, Literal(text))
        if isinstance(q.subject, NamedNode)
    }
    return f"; it is a name of {', '.join(sorted(found)[:5])}" if found else ""
