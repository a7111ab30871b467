"""The vocabulary as it is installed with the service, term by term."""

import hashlib
from functools import cache
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from bioimg_kg.endpoint.linked.addresses import ONTOLOGY
from bioimg_kg.endpoint.linked.describe import LICENSE
from bioimg_kg.resources import data_path
from bioimg_kg.vocab import BIKG, LABEL

GRAPH: Final = NamedNode(ONTOLOGY)


@cache
def statements() -> tuple[Quad, ...]:
    """Return all statements of the vocabulary, in a graph with its IRI."""
    text = data_path("ontology/bioimg-kg.ttl").read_bytes()
    read = parse(text, format=RdfFormat.TURTLE, base_iri=ONTOLOGY)
    return tuple(Quad(q.subject, q.predicate, q.object, GRAPH) for q in read)


@cache
def identity() -> str:
    """Return what tells these statements from those of any other version."""
    return hashlib.sha256(data_path("ontology/bioimg-kg.ttl").read_bytes()).hexdigest()


@cache
def versions() -> frozenset[str]:
    """Return the IRIs of the version that is installed."""
    wanted = NamedNode("http://www.w3.org/2002/07/owl#versionIRI")
    return frozenset(q.object.value for q in statements() if q.predicate == wanted)  # type: ignore[union-attr]


@cache
def terms() -> frozenset[str]:
    """Return the IRIs of the terms.

    Examples
    --------
    >>> "https://w3id.org/bioimg-kg/ontology#Well" in terms()
    True
    """
    subjects = (q.subject for q in statements())
    return frozenset(s.value for s in subjects if isinstance(s, NamedNode) and s.value.startswith(BIKG))


@cache
def labels() -> dict[str, str]:
    """Return the English label of every term and property that has one."""
    found = (q for q in statements() if q.predicate.value == LABEL)
    return {
        q.subject.value: q.object.value
        for q in found
        if isinstance(q.subject, NamedNode) and isinstance(q.object, Literal)
    }


def about(iri: str) -> tuple[Quad, ...]:
    """Return what the vocabulary says about a term, or that uses it; all of it for its own IRI.

    Examples
    --------
    >>> {str(q.subject) for q in about("https://w3id.org/bioimg-kg/ontology#Well")} >= {
    ...     "<https://w3id.org/bioimg-kg/ontology#Well>"}
    True
    """
    if iri == ONTOLOGY:
        return statements()
    node = NamedNode(iri)
    licence = (q for q in statements() if q.subject == GRAPH and q.predicate == LICENSE)
    uses = (q for q in statements() if q.object == node and isinstance(q.subject, NamedNode))
    chosen = [*(q for q in statements() if q.subject == node), *uses, *licence]
    waiting = [q.object for q in chosen if isinstance(q.object, BlankNode)]
    seen = set(waiting)
    while waiting:
        blank = waiting.pop()
        for quad in (q for q in statements() if q.subject == blank):
            chosen.append(quad)
            if isinstance(quad.object, BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                waiting.append(quad.object)
    return tuple(dict.fromkeys(chosen))
