"""One statement, or one thing, and what the release has to say for it."""

from dataclasses import dataclass
from typing import Literal as Choice

from pyoxigraph import Literal, NamedNode, Quad

from bioimg_kg.vocab import DCTERMS
from bioimg_kg.why.graph import SCAN, Graph, value
from bioimg_kg.why.origin import Origins
from bioimg_kg.why.raw import Sources
from bioimg_kg.why.repairs import Repairs
from bioimg_kg.why.sources import Evidence
from bioimg_kg.why.tree import Step

_NEAR = 10


def explain(
    graph: Graph,
    repairs: Repairs,
    subject: NamedNode,
    predicate: NamedNode | None = None,
    obj: NamedNode | Literal | None = None,
    *,
    sources: Sources | None = None,
    limit: int = 5,
) -> Step:
    """Return why the graph says something.

    Parameters
    ----------
    graph, repairs
        The release and its issues.
    subject, predicate, obj
        A statement; all statements of a subject with a property; or a thing by itself.
    sources
        The files that the release was built from, to show rows as they stand.
    limit
        Steps of one kind at one place; the number of the others is given.

    Returns
    -------
    Step
        Of kind ``answer``; its fact ``found`` is ``no`` if the graph does not have the statement. Statements
        that it has instead are then below.
    """
    asked = _Asked(graph, Origins(graph, repairs, sources, limit))
    if predicate is None:
        return asked.thing(subject)
    found = graph.quads(subject, predicate, obj)
    if not found:
        return asked.absent(subject, predicate, obj)
    steps, more = asked.origins.cut([asked.statement(quad) for quad in found[: limit + 1]])
    more = max(more, len(found) - limit)
    words = asked.words(subject, predicate, obj)
    return Step("answer", words, subject.value, (), steps, max(0, more), len(found) == SCAN)


@dataclass(slots=True)
class _Asked:
    graph: Graph
    origins: Origins

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.origins)

    def words(self, subject: NamedNode, predicate: NamedNode, obj: NamedNode | Literal | None) -> str:
        parts = (
            self.graph.named(subject),
            self.graph.short(predicate),
            *((self.graph.named(obj),) if obj else ()),
        )
        return "  ".join(parts)

    def absent(self, subject: NamedNode, predicate: NamedNode, obj: NamedNode | Literal | None) -> Step:
        """Return what the graph says instead of a statement that it does not have."""
        graph = self.graph
        near = graph.quads(subject, predicate) or (graph.quads(subject, None, obj) if obj else [])
        why = "it says of the same subject and property, or of the two things"
        if not near:
            near, why = graph.quads(subject), "it says of the subject"
        steps = tuple(self._line(quad) for quad in near[:_NEAR])
        text = f"not in the graph: {self.words(subject, predicate, obj)}"
        known = Step("near", why, "", (), steps, max(0, len(near) - _NEAR))
        return Step("answer", text, subject.value, (("found", "no"),), (known,))

    def thing(self, node: NamedNode) -> Step:
        """Return for each graph that speaks of a thing how much it says, and where that comes from."""
        graph = self.graph
        by_graph: dict[NamedNode, list[Quad]] = {}
        said = graph.quads(node)
        at_least = len(said) == SCAN
        for quad in said:
            if isinstance(quad.graph_name, NamedNode):
                by_graph.setdefault(quad.graph_name, []).append(quad)
        steps = []
        for home, quads in by_graph.items():
            name = graph.graph_name(home)
            some = f"{'at least ' * at_least}{len(quads):,} statement{'s' * (len(quads) != 1)}"
            text = f"{some} in graph/{name}"
            if name.startswith("inferred/"):
                steps.append(self._lines("graph", text, quads, home.value))
            else:
                below = tuple(self.evidence.of(quads[0], whole=True))
                steps.append(Step("graph", text, home.value, (), below))
        if not steps:
            used = graph.quads(None, None, node)
            steps = [self._lines("near", "nothing is said of it; it is the object of", used)]
        return Step("answer", graph.named(node), node.value, (), tuple(steps))

    def _lines(self, kind: Choice["graph", "near"], text: str, quads: list[Quad], iri: str = "") -> Step:
        limit = self.origins.limit
        steps = tuple(self._line(quad) for quad in quads[:limit])
        return Step(kind, text, iri, (), steps, max(0, len(quads) - limit), len(quads) == SCAN)

    def _line(self, quad: Quad) -> Step:
        parts = (
            self.graph.named(quad.subject),
            self.graph.short(quad.predicate),
            self.graph.named(quad.object),
        )
        return Step("near", "  ".join(parts), value(quad.object))

    def statement(self, quad: Quad) -> Step:
        """Return one statement of one graph with what it rests on."""
        home = quad.graph_name
        assert isinstance(home, NamedNode)
        name = self.graph.graph_name(home)
        facts = [
            ("subject", value(quad.subject)),
            ("predicate", quad.predicate.value),
            ("object", value(quad.object)),
        ]
        facts += [("graph", name)]
        facts += [("licence", o.value) for o in self.graph.objects(home, DCTERMS + "license")]
        object_text = self.graph.named(quad.object)
        text = f"{self.graph.short(quad.predicate)} {object_text}, stated in graph/{name}"
        return Step("statement", text, home.value, tuple(facts), tuple(self.evidence.of(quad)))
