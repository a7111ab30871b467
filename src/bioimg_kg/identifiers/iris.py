"""IRIs of our own things: one function per kind, natural keys, percent-encoded."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import NamedNode

from bioimg_kg.vocab import DEFAULT_BASE


def encode(part: str) -> str:
    """Percent-encode everything but RFC 3986 unreserved characters.

    Examples
    --------
    >>> encode("Tonsil 1/é")
    'Tonsil%201%2F%C3%A9'
    """
    return quote(part, safe="-._~", errors="replace")


def is_iri(text: str) -> bool:
    """Say whether a text can stand between ``<`` and ``>`` in N-Quads.

    Examples
    --------
    >>> is_iri("https://example.org/a"), is_iri("https://example.org/a b"), is_iri("a/b")
    (True, False, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def digest(facts: Iterable[str]) -> str:
    """Return the first 16 hex digits of SHA-256 over texts; the key of things known by their content.

    Examples
    --------
    >>> digest(["a", "b"]) == digest(["a", "b"]) != digest(["ab"])
    True
    """
    return hashlib.sha256("\x1f".join(facts).encode()).hexdigest()[:16]


def base_of(graph: str) -> str:
    """Return the base that :meth:`Minter.graph` made the IRI of a graph from; empty if it did not.

    Examples
    --------
    >>> base_of("https://example.org/graph/graph/ontology/graph"), base_of("https://example.org/g")
    ('https://example.org/graph/', '')
    """
    before, here, _ = graph.rpartition("/graph/")
    return before + here.removesuffix("graph/")


@dataclass(frozen=True, slots=True)
class Minter:
    """Makes the IRIs of resources and graphs below one base.

    Attributes
    ----------
    base
        Ends with a slash.

    Examples
    --------
    >>> Minter().component("idr0012", "screenA")
    'https://w3id.org/bioimg-kg/id/study/idr0012/screenA'
    """

    base: str = DEFAULT_BASE

    def study(self, accession: str) -> str:
        """Return the IRI of a study."""
        return f"{self.base}id/study/{encode(accession)}"

    def component(self, accession: str, name: str) -> str:
        """Return the IRI of a screen or an experiment."""
        return f"{self.study(accession)}/{encode(name)}"

    def within(self, parent: str, *parts: str) -> str:
        """Return the IRI of something inside another thing, e.g. ``within(screen, "plate", "P 1")``."""
        return "/".join([parent, *map(encode, parts)])

    def gene(self, namespace: str, local: str) -> str:
        """Return the IRI of a gene whose own database has none that is stable."""
        return f"{self.base}id/gene/{encode(namespace)}/{encode(local)}"

    def mapping(self, name: str, subject: str, target: str) -> str:
        """Return the IRI of a mapping in a mapping set, known by what it maps to what."""
        return f"{self.base}id/mapping/{encode(name)}/{digest([subject, target])}"

    def example(self, name: str) -> str:
        """Return the IRI of an example of a query."""
        return f"{self.base}id/example/{encode(name)}"

    def reference(self, name: str) -> str:
        """Return the IRI of a file of the reference tables."""
        return f"{self.base}id/source/reference/{encode(name)}"

    def graph(self, *parts: str) -> str:
        """Return the IRI of a named graph, e.g. ``graph("study", "idr0012")``."""
        return self.base + "graph/" + "/".join(map(encode, parts))

    def partition(self, graph: str, kind: str, name: str) -> str:
        """Return the IRI of what a graph says with one property, or of the things of one class in it."""
        return f"{graph}#{kind}={quote(name, safe='-._~:/')}"
