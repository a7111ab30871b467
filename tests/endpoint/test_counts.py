"""Known counts: the same number as the engine counts, or none."""

from collections import Counter

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from bioimg_kg.endpoint.sparql.counts import read_count
from bioimg_kg.endpoint.sparql.improve import Improver
from bioimg_kg.endpoint.workers.frames import Job
from bioimg_kg.endpoint.workers.worker import _evaluate
from bioimg_kg.vocab import TYPE, VOID

GRAPH = "http://x/graph/"
PROLOGUE = "PREFIX : <http://x/> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "


def statistics(quads):
    """Yield the VoID statistics of quads, as a release has them."""
    meta = NamedNode(GRAPH + "meta")

    def say(subject, name, value):
        thing = value if isinstance(value, NamedNode) else Literal(value)
        return Quad(subject, NamedNode(VOID + name), thing, meta)

    whole = NamedNode(GRAPH)
    graphs = {quad.graph_name for quad in quads}
    yield say(whole, "subset", meta)
    yield say(whole, "triples", len(quads))
    for graph in sorted(graphs, key=str):
        here = [quad for quad in quads if quad.graph_name == graph]
        yield say(whole, "subset", graph)
        yield say(graph, "triples", len(here))
        kinds = {
            ("propertyPartition", "property", "triples"): Counter(quad.predicate for quad in here),
            ("classPartition", "class", "entities"): Counter(
                quad.object for quad in here if quad.predicate.value == TYPE
            ),
        }
        for (partition, name, number), counted in kinds.items():
            for term, count in counted.items():
                part = NamedNode(f"{graph.value}part/{name}/{abs(hash(term))}")
                yield from (say(graph, partition, part), say(part, name, term), say(part, number, count))


@pytest.fixture(scope="module")
def store():
    kinds = [NamedNode("http://x/C"), NamedNode("http://x/D")]
    quads = []
    for number in range(40):
        graph, thing = NamedNode(f"{GRAPH}g{number % 3}"), NamedNode(f"http://x/i{number}")
        quads.append(Quad(thing, NamedNode(TYPE), kinds[number % 2], graph))
        quads.append(Quad(thing, NamedNode(TYPE), kinds[0], NamedNode(GRAPH + "both")))
        quads.append(Quad(thing, NamedNode(f"http://x/p{number % 4}"), Literal(number), graph))
    made = Store()
    made.extend(quads)
    made.extend(statistics(quads))
    # Only the graph ``meta`` is believed.
    made.add(
        Quad(NamedNode(GRAPH + "g1"), NamedNode(VOID + "triples"), Literal(10**6), NamedNode(GRAPH + "g1"))
    )
    return made


def compare(store, query, **job):
    asked = Job(query=PROLOGUE + query, media_type="", **job)
    answer, how = Improver(store, _evaluate).evaluate(asked)
    plain = _evaluate(store, asked)
    assert [v.value for v in answer.variables] == [v.value for v in plain.variables]
    assert [row[0] for row in answer] == [row[0] for row in plain]
    return how == "known-count"


COUNT = "SELECT (COUNT(*) AS ?n) "
KNOWN = [
    COUNT + "{ ?s :p1 ?o }",
    COUNT + "{ ?s <http://x/p1> ?o . }",
    "BASE <http://x/> " + COUNT + "WHERE { ?s <p1> ?o }",
    "select(count(?s)as$c)where{?s :p2 ?o.}",
    COUNT + "{ ?s a :C }",
    COUNT + "{ ?s rdf:type :D } # all of them",
    COUNT + "{ GRAPH <http://x/graph/g0> { ?s ?p ?o } }",
    COUNT + "{ GRAPH <http://x/graph/g2> { ?s :p3 ?o . } . }",
    COUNT + "WHERE { GRAPH <http://x/graph/both> { ?s a :C } }",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { GRAPH <http://x/graph/both> { ?s a :C } }",
]


@pytest.mark.parametrize("query", KNOWN)
def test_a_known_count_is_that_of_the_engine(store, query):
    assert compare(store, query)


@pytest.mark.parametrize(
    "query",
    [
        COUNT + "{ ?s :p9 ?o }",
        COUNT + "{ ?s ?p ?s }",
        COUNT + "{ ?s :p1 ?s }",
        COUNT + "{ ?s :p1 1 }",
        COUNT + "{ ?s ?p :C }",
        COUNT + "{ :i1 ?p ?o }",
        COUNT + "{ ?s ?p ?o } LIMIT 0",
        COUNT + "{ ?s :p1 ?o . ?s a :C }",
        COUNT + "{ ?s :p1 ?o FILTER(?o > 3) }",
        COUNT + "{ GRAPH ?g { ?s ?p ?o } }",
        COUNT + "{ GRAPH :nowhere { ?s ?p ?o } }",
        COUNT + "FROM <http://x/graph/g0> { ?s ?p ?o }",
        "SELECT (COUNT(?x) AS ?n) { ?s :p1 ?o }",
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a :C }",
        "SELECT (COUNT(DISTINCT *) AS ?n) { ?s a :C }",
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { GRAPH <http://x/graph/g1> { ?s :p1 ?o } }",
        "SELECT ?s (COUNT(*) AS ?n) { ?s :p1 ?o } GROUP BY ?s",
    ],
)
def test_anything_else_is_counted(store, query):
    assert not compare(store, query)


def test_a_dataset_of_the_request_is_counted(store):
    for dataset in ({"default_graphs": (GRAPH + "g0",)}, {"named_graphs": (GRAPH + "g0",)}, {"union": False}):
        assert not compare(store, KNOWN[0], **{"union": False, **dataset})


def test_a_wrong_query_stays_wrong(store):
    with pytest.raises(SyntaxError):
        compare(store, COUNT + "{ ?s nope:p1 ?o }")
    assert read_count("SELECT (COUNT(*) AS ?c) { ?s :p 'unclosed }") is None


def patterns_of(store):
    """Return bare patterns of a store: each property, each class, each graph."""
    classes = {row[0].value for row in store.query("SELECT DISTINCT ?c { GRAPH ?g { ?s a ?c } }")}
    properties = {row[0].value for row in store.query("SELECT DISTINCT ?p { GRAPH ?g { ?s ?p ?o } }")}
    patterns = ["?s ?p ?o", *(f"?s <{name}> ?o" for name in sorted(properties))]
    return [*patterns, *(f"?s a <{name}>" for name in sorted(classes) if "://" in name)]


def hold(store, patterns, graphs):
    """Compare the counts of patterns in all graphs and in some; those that the release states are known."""
    stated = set(store.quads_for_pattern(None, NamedNode(VOID + "propertyPartition"), None))
    known = [compare(store, COUNT + f"{{ {pattern} }}") for pattern in patterns]
    for graph in graphs:
        known += [compare(store, COUNT + f"{{ GRAPH {graph} {{ {pattern} }} }}") for pattern in patterns[:40]]
    assert known[0] or not stated
    assert sum(known) > len(patterns) / 2 or not stated


def test_counts_of_the_examples_are_those_of_the_engine(example_release):
    store = Store.read_only(str(example_release / "store"))
    hold(store, patterns_of(store), sorted(store.named_graphs(), key=str)[:6])


@pytest.mark.corpus
def test_counts_of_all_studies_are_those_of_the_engine(full_release):
    store = Store.read_only(str(full_release / "store"))
    patterns = patterns_of(store)
    hold(store, [patterns[0], *patterns[1 :: max(1, len(patterns) // 60)]], [])
