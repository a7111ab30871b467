"""The statistics of a release are what a query counts."""

from collections import defaultdict

import pytest

from bioimg_kg.etl.tally import Tally
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import DEFAULT_BASE, VOID

WHOLE = f"{DEFAULT_BASE}graph/"
USES = """
SELECT ?g ?p (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
{ GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ?p"""
MEMBERS = "SELECT ?g ?c (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?g { ?s a ?c } } GROUP BY ?g ?c"


@pytest.fixture(scope="module")
def store(example_release):
    return open_readonly(example_release / "store")


@pytest.fixture(scope="module")
def said(store):
    """What graph/meta says, as (graph, kind, term) to statistic to number."""
    query = f"""PREFIX void: <{VOID}>
    SELECT ?g ?kind ?term ?statistic ?n {{ GRAPH <{WHOLE}meta> {{
        VALUES (?link ?kind) {{ (void:classPartition void:class) (void:propertyPartition void:property) }}
        ?g a void:Dataset ; ?link ?part . ?part ?kind ?term ; ?statistic ?n .
        FILTER(isLiteral(?n)) }} }}"""
    found = defaultdict(dict)
    for row in store.query(query):
        kind, statistic = (row[k].value.removeprefix(VOID) for k in ("kind", "statistic"))
        found[row["g"].value, kind, row["term"].value][statistic] = int(row["n"].value)
    return found


def numbers(store, query, graph="g"):
    rows = store.query(query, use_default_graph_as_union=graph is None)
    return [[int(term.value) if term.value.isdigit() else term.value for term in row] for row in rows]


def test_every_graph_says_how_its_properties_are_used(store, said):
    counted = {}
    for graph, name, triples, subjects, objects in numbers(store, USES):
        counted[graph, "property", name] = {
            "triples": triples,
            "distinctSubjects": subjects,
            **({} if graph == f"{WHOLE}meta" else {"distinctObjects": objects}),
        }
    assert len(counted) > 200
    assert {k: v for k, v in said.items() if k[1] == "property" and k[0] != WHOLE} == counted


def test_every_graph_says_of_what_classes_it_has_things(store, said):
    counted = {(g, "class", c): {"entities": n} for g, c, n in numbers(store, MEMBERS)}
    assert len(counted) > 50
    assert {k: v for k, v in said.items() if k[1] == "class" and k[0] != WHOLE} == counted


def test_the_whole_is_the_default_graph(store, said):
    query = USES.replace("GRAPH ?g", "").replace("?g", "")
    rows = numbers(store, query, None)
    assert {key[2]: s["triples"] for key, s in said.items() if key[:2] == (WHOLE, "property")} == {
        name: triples for name, triples, *_ in rows
    }
    exact = 0
    for name, _, subjects, objects in rows:
        statistics = said[WHOLE, "property", name]
        exact += "distinctSubjects" in statistics
        assert statistics.get("distinctSubjects", subjects) == subjects
        assert statistics.get("distinctObjects", objects) == objects
    assert exact > 20
    members = numbers(store, MEMBERS.replace("GRAPH ?g", "").replace("?g", ""), None)
    assert {key[2]: s["entities"] for key, s in said.items() if key[:2] == (WHOLE, "class")} == {
        name: n for name, n in members
    }


def test_graphs_have_their_sizes(store):
    query = f"SELECT ?g ?n {{ GRAPH <{WHOLE}meta> {{ ?g <{VOID}triples> ?n ; a <{VOID}Dataset> }} }}"
    sizes = {g: n for g, n in numbers(store, query) if n}  # the store has no empty graphs
    counted = dict(numbers(store, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"))
    assert sizes.pop(WHOLE) == sum(counted.values()) == len(store)
    assert sizes == counted


def test_a_tally_may_come_in_pieces():
    lines = [f"<s{n // 3}> <p{n % 3 // 2}> {'<c>' if n % 2 else '_:x'}" for n in range(12)]
    whole, pieces = Tally(), Tally()
    whole.add(lines)
    for line in lines:
        pieces.add([line])
    assert whole.counts() == pieces.counts()
    assert whole.counts().subjects == 4


def test_every_class_says_which_properties_its_things_have(store):
    counted = """SELECT ?c ?p (COUNT(*) AS ?n) { GRAPH ?g { ?s a ?c } GRAPH ?h { ?s ?p ?o }
        FILTER(!STRENDS(STR(?g), "/graph/meta") && !STRENDS(STR(?h), "/graph/meta")) } GROUP BY ?c ?p"""
    said = f"""PREFIX void: <{VOID}> SELECT ?c ?p ?n {{ <{WHOLE}> void:classPartition ?of .
        ?of void:class ?c ; void:propertyPartition ?part . ?part void:property ?p ; void:triples ?n }}"""
    found = numbers(store, said, graph=None)
    assert len(found) > 200
    assert sorted(found) == sorted(numbers(store, counted))
