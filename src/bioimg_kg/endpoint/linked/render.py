"""Documents about a thing: the same statements as data in one of the graph formats, or as a page."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from markupsafe import Markup
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from bioimg_kg.endpoint.http.negotiation import HTML, Format
from bioimg_kg.endpoint.http.prefixed import graph_bytes
from bioimg_kg.endpoint.linked.addresses import ONTOLOGY, Thing, link
from bioimg_kg.endpoint.linked.describe import LICENSE, NAMES, Description
from bioimg_kg.endpoint.linked.identifiers import named
from bioimg_kg.endpoint.linked.vocabulary import labels
from bioimg_kg.endpoint.pages.html import render, sparql_link
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.vocab import BIKG, DEFAULT_BASE, DERIVED_FROM, JOINED_ROW, PREFIXES, TYPE

ROWS: Final = (DERIVED_FROM, JOINED_ROW)
"""Properties that lead to the rows of a source file."""

FILES: Final = {"ttl": "Turtle", "jsonld": "JSON-LD", "nt": "N-Triples", "rdf": "RDF/XML"}
"""What a page offers to take away: suffix and name of the format."""

JSON_LD: Final = "application/ld+json"
_STUDIES: Final = f"{DEFAULT_BASE}id/study/"


@dataclass(frozen=True, slots=True)
class Value:
    """A value on a page: what is shown, where it leads, what else is known of it, and which graphs say so."""

    text: str
    href: str | None = None
    note: str | None = None
    iri: str | None = None
    graph: str = ""


@dataclass(slots=True)
class Property:
    """A property on a page with its values; ``more`` says of how many these are the first."""

    text: str
    href: str | None
    iri: str
    values: list[Value] = field(default_factory=list)
    more: str = ""
    query: str = ""


def document(
    thing: Thing,
    description: Description,
    answer_format: Format,
    head: Sequence[Mapping[str, str]] = (),
    sections: Sequence[Markup] = (),
) -> bytes:
    """Return a document.

    Parameters
    ----------
    thing, description
        What is described, and what is said about it.
    answer_format
        One of :data:`bioimg_kg.endpoint.linked.addresses.DOCUMENTS`.
    head
        Attributes of the ``link`` elements of a page.
    sections
        What a page shows before the statements.
    """
    if answer_format is HTML:
        return _page(thing, description, head, sections).encode()
    return data(description.quads, answer_format.media_type)


def data(quads: Sequence[Quad], media_type: str) -> bytes:
    """Return the statements in a graph format."""
    form = RdfFormat.from_media_type(media_type)
    assert form is not None  # every graph format is one of pyoxigraph
    triples: list[Triple] = [quad.triple for quad in quads]
    return graph_bytes(triples, form, PREFIXES)


def _page(
    thing: Thing,
    description: Description,
    head: Sequence[Mapping[str, str]],
    sections: Sequence[Markup],
) -> str:
    names = {**labels(), **_names(description.quads)}
    shown = _Shown(description.known, names)
    own = [q for q in description.quads if q.subject == NamedNode(thing.iri)]
    whole = thing.iri == ONTOLOGY
    parts = [q for q in description.quads if q.subject != NamedNode(thing.iri)]
    inbound = [q for q in parts if q.object == NamedNode(thing.iri)]
    named = {q.graph_name for q in (*own, *inbound)}
    graphs = sorted((graph for graph in named if isinstance(graph, NamedNode)), key=str)
    licences = {
        q.subject: q.object for q in description.quads if q.predicate == LICENSE and q.subject in graphs
    }
    texts = json.loads(data(description.quads, JSON_LD))
    content = {
        "thing": thing,
        "official": thing.iri if thing.query and thing.iri.startswith(("http://", "https://")) else None,
        "title": names.get(thing.iri) or short(thing.iri),
        "types": [shown.value(q) for q in own if q.predicate.value == TYPE],
        "properties": shown.properties(q for q in own if q.predicate.value != TYPE),
        "links": shown.inbound(thing.iri, inbound, description),
        "parts": shown.parts(q for q in parts if q not in set(inbound)) if whole else [],
        "sources": [(shown.node(g), shown.node(licences[g]) if g in licences else None) for g in graphs],
        "rows": [shown.value(q) for q in own if q.predicate.value in ROWS],
        "downloads": [(shown, thing.document(name, description.found)) for name, shown in FILES.items()],
        "head": head,
        "sections": sections,
        # "<" inside a script could end it, and is the same text to a JSON reader when it is escaped
        "json_ld": Markup(json.dumps(texts, indent=1).replace("<", "\\u003c")),  # noqa: S704
    }
    return render("resource", content)


def _names(quads: Sequence[Quad]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name in reversed(NAMES):
        for quad in reversed(quads):
            if quad.predicate.value == name and isinstance(quad.subject, NamedNode):
                names[quad.subject.value] = quad.object.value  # type: ignore[union-attr]  # a literal, or as good
    return names


def short(iri: str) -> str:
    """Return a short form of an IRI for people.

    Examples
    --------
    >>> short("https://w3id.org/bioimg-kg/id/study/idr0012/screenA/plate/P%201")
    'idr0012/screenA/plate/P 1'
    >>> short("http://www.ebi.ac.uk/cmpo/CMPO_0000077")
    'CMPO:0000077'
    """
    if iri.startswith(_STUDIES):
        return unquote(iri.removeprefix(_STUDIES))
    if iri.startswith(DEFAULT_BASE) and not iri.startswith(BIKG):
        return unquote(iri.removeprefix(DEFAULT_BASE))
    return compact(iri)


class _Shown:
    """Turns terms into what a page shows of them."""

    def __init__(self, known: frozenset[str], names: Mapping[str, str]) -> None:
        self._known = known
        self._names = names

    def node(self, term: object) -> Value:
        if isinstance(term, NamedNode):
            iri = term.value
            address = named(iri) if iri in self._known else None
            return Value(
                self._names.get(iri) or short(iri), address or link(iri, self._known), short(iri), iri
            )
        if isinstance(term, Literal):
            note = term.language or (compact(term.datatype.value) if term.datatype else "")
            return Value(term.value, note="" if note == "xsd:string" else note)
        return Value(f"_:{term.value}" if isinstance(term, BlankNode) else str(term))

    def value(self, quad: Quad) -> Value:
        return self._told(quad.object, quad)

    def _told(self, term: object, quad: Quad) -> Value:
        seen = self.node(term)
        graph = short(quad.graph_name.value) if isinstance(quad.graph_name, NamedNode) else ""
        return Value(seen.text, seen.href, seen.note, seen.iri, graph.removeprefix("graph/"))

    def _property(self, predicate: NamedNode) -> Property:
        seen = self.node(predicate)
        return Property(seen.text, seen.href, predicate.value)

    def properties(self, quads: Iterable[Quad]) -> list[Property]:
        """Return properties with values, in the order of their names."""
        made: dict[str, Property] = {}
        for quad in quads:
            entry = made.setdefault(quad.predicate.value, self._property(quad.predicate))
            entry.values.append(self.value(quad))
        return sorted(made.values(), key=lambda entry: entry.text.lower())

    def inbound(self, iri: str, quads: Sequence[Quad], description: Description) -> list[Property]:
        """Return what says something about the thing, with a query for all of it where that is more."""
        made: dict[str, Property] = {}
        for quad in quads:
            entry = made.setdefault(quad.predicate.value, self._property(quad.predicate))
            entry.values.append(self._told(quad.subject, quad))
        for counted in description.links:
            entry = made.get(counted.predicate, self._property(NamedNode(counted.predicate)))
            if counted.more or counted.count > len(entry.values):
                entry.more = f"{counted.count:,}" + (" or more" if counted.more else "")
                query = f"SELECT ?subject {{ ?subject <{counted.predicate}> <{iri}> }}"
                entry.query = sparql_link(query)
        return sorted(made.values(), key=lambda entry: entry.text.lower())

    def parts(self, quads: Iterable[Quad]) -> list[tuple[Value, str, list[Property]]]:
        """Return the things of the whole vocabulary with the anchors that their IRIs end in."""
        subjects: dict[str, list[Quad]] = {}
        for quad in quads:
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(BIKG):
                subjects.setdefault(quad.subject.value, []).append(quad)
        return [
            (self.node(NamedNode(iri)), iri.removeprefix(BIKG), self.properties(subjects[iri]))
            for iri in sorted(subjects, key=str.lower)
        ]
