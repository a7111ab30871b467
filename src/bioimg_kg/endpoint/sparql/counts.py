"""Counts that are known before anything is counted: ``SELECT (COUNT(*) AS ?n) { ?s ?p ?o }`` and its like.

Planners of federated queries send one such query per pattern and source, and give up after seconds. A
release says how many triples each of its graphs has, per property and per class (VoID, graph ``meta``). A
count that follows from these numbers is written into the query, and the engine only formats it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from bioimg_kg.endpoint.sparql.tokens import tokens
from bioimg_kg.errors import QuerySyntax
from bioimg_kg.vocab import TYPE, VOID

STATISTICS: Final = f"""
SELECT ?graph ?kind ?of ?n WHERE {{
  GRAPH ?meta {{
    ?whole <{VOID}subset> ?meta , ?graph .
    {{ ?graph <{VOID}triples> ?n BIND("" AS ?of) BIND("all" AS ?kind) }}
    UNION {{ ?graph <{VOID}propertyPartition> ?part . ?part <{VOID}property> ?of ; <{VOID}triples> ?n
      BIND("property" AS ?kind) }}
    UNION {{ ?graph <{VOID}classPartition> ?part . ?part <{VOID}class> ?of ; <{VOID}entities> ?n
      BIND("class" AS ?kind) }} }}
  FILTER(STR(?meta) = CONCAT(STR(?whole), "meta"))
}}"""
"""The statistics of all graphs, which only the graph ``meta`` may state."""

_MAX_CHARACTERS: Final = 4000
_SHAPE = re.compile(
    r"""(?P<prologue>.*?)\bSELECT\ \(\ COUNT\ \(\ (?P<distinct>DISTINCT\ )?(?P<of>\*|[?$]\S+)\ \)
    \ AS\ (?P<name>[?$]\S+)\ \)\ (?:WHERE\ )?\{\ (?:GRAPH\ (?P<graph>\S+)\ \{\ )?
    (?P<subject>[?$]\S+)\ (?P<verb>\S+)\ (?P<object>\S+)\ (?:\.\ )?
    (?(graph)\}\ (?:\.\ )?)\}""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(slots=True)
class Statistics:
    """Triples of each graph and of all graphs together, which is the graph ``None``.

    Attributes
    ----------
    triples
        By graph.
    properties, classes
        By graph and IRI.
    """

    triples: Counter[str | None] = field(default_factory=Counter)
    properties: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    classes: Counter[tuple[str | None, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, int]]) -> "Statistics":
        """Read the rows of :data:`STATISTICS`; the engine counts a triple once per graph that it is in."""
        made = cls()
        for graph, kind, name, number in rows:
            for place in (graph, None):
                if kind == "all":
                    made.triples[place] += number
                elif kind == "property":
                    made.properties[place, name] += number
                else:
                    made.classes[place, name] += number
        return made


@dataclass(frozen=True, slots=True)
class Count:
    """A query for the number of matches of one pattern; terms as they are written, None for a variable."""

    prologue: str
    name: str
    graph: str | None
    verb: str | None
    object: str | None

    def answer(self, known: Statistics, resolve: Callable[[str], str | None]) -> str | None:
        """Return a query that has the count in it, None if that is not known.

        Parameters
        ----------
        known
            The statistics of the store.
        resolve
            Turns a term of the query into its IRI.
        """
        graph = verb = None
        if self.graph is not None and ((graph := resolve(self.graph)) is None or graph not in known.triples):
            return None
        if self.verb is not None and (verb := TYPE if self.verb == "a" else resolve(self.verb)) is None:
            return None
        if self.object is not None:
            thing = resolve(self.object)
            number = known.classes.get((graph, thing)) if verb == TYPE and thing else None
        else:
            number = known.properties.get((graph, verb)) if verb else known.triples.get(graph)
        return None if number is None else f"SELECT ({number} AS {self.name}) {{}}"


def read_count(text: str) -> Count | None:
    """Recognise a query that counts the matches of one pattern.

    Examples
    --------
    >>> read_count("SELECT (count(*) as ?c) WHERE {?s a <x:C> .}")
    Count(prologue='', name='?c', graph=None, verb='a', object='<x:C>')
    >>> read_count("SELECT (COUNT(DISTINCT ?s) AS ?c) { ?s ?p ?o }") is None
    True
    """
    if len(text) > _MAX_CHARACTERS or "count" not in text.lower():
        return None
    try:
        found = list(tokens(text))
    except QuerySyntax:
        return None
    shape = _SHAPE.fullmatch(" ".join(token.text for token in found))
    if shape is None:
        return None
    graph, subject, verb, thing = shape.group("graph", "subject", "verb", "object")
    terms = (subject, verb, thing)
    variables = [term[1:] for term in terms if term[0] in "?$"]
    once = shape["of"] == "*" or shape["of"][1:] in variables
    if len(set(variables)) < len(variables) or not once or (graph and graph[0] in "?$"):
        return None
    if shape["distinct"] and not (graph and variables == [shape["of"][1:]]):
        return None  # the same subject may be of a class in two graphs
    start = next(token.start for token in found if token.text.upper() == "SELECT")
    names = (None if term[0] in "?$" else term for term in (verb, thing))
    return Count(text[:start], shape["name"], graph, *names)


def plain(rows: Iterable[Iterable[str]]) -> Iterator[tuple[str, str, str, int]]:
    """Yield the rows of :data:`STATISTICS` with numbers."""
    for graph, kind, name, number in rows:
        yield graph, kind, name, int(number)
