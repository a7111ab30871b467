"""Paths put first: every answer stays the same, row for row, and the places in errors too."""

import os
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, QueryBoolean, QuerySolutions, Store

from bioimg_kg.endpoint.sparql.improve import Improver
from bioimg_kg.endpoint.sparql.patterns import Unsure
from bioimg_kg.endpoint.sparql.reader import read_groups
from bioimg_kg.endpoint.sparql.rewrite import path_first
from bioimg_kg.endpoint.workers.frames import Job
from bioimg_kg.endpoint.workers.worker import _evaluate
from bioimg_kg.errors import QuerySyntax

PROLOGUE = "PREFIX : <http://x/> "
NODES = "abcde"
NAMES = "pqr"
GRAPHS = "GH"


def iri(name):
    return NamedNode(f"http://x/{name}")


def store_of(quads):
    store = Store()
    store.extend(Quad(iri(s), iri(p), iri(o), iri(g)) for s, p, o, g in quads)
    return store


def rows(answer):
    """Return an answer as something that does not depend on the order of rows."""
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    if isinstance(answer, QuerySolutions):
        names = [v.value for v in answer.variables]
        return names, Counter(tuple(str(row[name]) for name in names) for row in answer)
    return Counter(str(triple) for triple in answer)


def both(store, query, **job):
    """Evaluate a query as it is and improved; returns both answers and how it was improved."""
    asked = Job(query=query, media_type="", **job)
    plain = rows(_evaluate(store, asked))
    answer, how = Improver(store, _evaluate).evaluate(asked)
    return plain, rows(answer), how


quads = st.lists(
    st.tuples(*map(st.sampled_from, (NODES, NAMES, NODES, GRAPHS))), min_size=3, max_size=25, unique=True
)
variables = st.sampled_from(["?x", "?y", "?z", "$x", "?path0"])
constants = st.sampled_from([":a", ":b", "<http://x/c>", ":nowhere"])
terms = variables | constants
steps = st.sampled_from([":p", ":q", "^:p", "(:p|:q)", "!:r", "(^:q/:r)", "a", ":p?", "<http://x/r>"])
starred = st.sampled_from([":p*", ":q+", "^:p*", "(:p|:q)*", "(:q/:p)+", "(^:q)*", "!:p*", "<http://x/q>*"])
paths = st.one_of(
    starred,
    st.builds("{}/{}".format, steps, starred),
    st.builds("{}/{}".format, starred, steps),
    st.builds("{}/{}/{}".format, steps, steps, starred),
    st.builds("{}|{}".format, steps, starred),
    steps,
)
verbs = st.one_of(paths, st.sampled_from([":p", ":q", "?y", "a"]))
pairs = st.builds("{} {}".format, paths, terms) | st.builds("{} {}, {}".format, verbs, terms, terms)
statements = st.builds(
    lambda subject, found, end: f"{subject} {' ; '.join(found)} {end}",
    terms,
    st.lists(pairs, min_size=1, max_size=3),
    st.sampled_from([".", ". ", "; .", " # a {\n ."]),
)


def elements(groups):
    return st.one_of(
        statements,
        statements,
        statements,
        st.builds("OPTIONAL {}".format, groups),
        st.builds("MINUS {}".format, groups),
        st.builds("{} UNION {}".format, groups, groups),
        st.builds("GRAPH {} {}".format, st.sampled_from([":G", "?z"]), groups),
        st.builds("FILTER {} {}".format, st.sampled_from(["EXISTS", "NOT EXISTS"]), groups),
        st.builds("FILTER({} != {})".format, variables, terms),
        st.builds("VALUES {} {{ {} {} }}".format, variables, constants, constants),
        st.just("VALUES (?x ?y) { (:a :b) (UNDEF :c) }"),
        st.builds("BIND({} AS ?new)".format, terms),
        groups,
        st.builds("{{ SELECT DISTINCT ?x {} }}".format, groups),
        st.builds("{{ SELECT ?x ?y WHERE {} LIMIT 100 }}".format, groups),
        st.builds("{{ SELECT * {} }}".format, groups),
        st.builds("{{ SELECT ?x (COUNT(*) AS ?n) {} GROUP BY ?x }}".format, groups),
    )


def group_of(parts):
    return st.lists(parts, min_size=1, max_size=3).map(lambda found: "{ " + " ".join(found) + " }")


groups = st.recursive(group_of(statements), lambda inner: group_of(elements(inner)), max_leaves=5)
queries = st.builds(
    "{}{} {}".format,
    st.just(PROLOGUE),
    st.sampled_from(
        [
            "SELECT *",
            "SELECT ?x ?z WHERE",
            "SELECT DISTINCT ?x",
            "SELECT (COUNT(*) AS ?n)",
            "SELECT (COUNT(DISTINCT *) AS ?n)",
            "ASK",
            "CONSTRUCT { ?x :made ?y }",
            "CONSTRUCT { ?x :made ?y } WHERE",
        ]
    ),
    groups,
)
datasets = st.sampled_from(
    [{}, {"union": False}, {"default_graphs": ("http://x/G",)}, {"named_graphs": ("http://x/H",)}]
)


@given(quads, queries, datasets)
@settings(max_examples=int(os.environ.get("FUZZ", 400)), deadline=None)
@example([("a", "p", "b", "G"), ("a", "p", "b", "H")], PROLOGUE + "SELECT * { ?x :p/:p* :b }", {})
@example(
    [("a", "p", "a", "G"), ("a", "q", "a", "G")], PROLOGUE + "SELECT * { ?x :p* :a . :a !:r/:p* ?x }", {}
)
def test_a_random_query_has_the_same_answer(quads, query, dataset):
    store = store_of(quads)
    try:
        plain, improved, _ = both(store, query, **dataset)
    except (SyntaxError, RuntimeError):
        return  # variables of BIND and sub-selects may clash: it is an error in both forms
    assert plain == improved


@given(
    quads, terms, st.lists(st.builds("{} {}".format, starred, constants), min_size=1, max_size=2), statements
)
@settings(max_examples=int(os.environ.get("FUZZ", 200)), deadline=None)
def test_what_is_meant_to_be_rewritten_is_and_has_the_same_answer(quads, subject, ends, other):
    if not subject.startswith(("?", "$")) or "path0" in subject:
        subject = "?x"
    query = f"{PROLOGUE}SELECT * {{ {other} {subject} :p/{' ; :q/'.join(ends)} }}"
    plain, improved, how = both(store_of(quads), query)
    assert plain == improved
    assert how == "path-first" or "!:" in query


TREE = [
    ("b", "p", "a", "G"),
    ("c", "p", "b", "G"),
    ("i", "t", "c", "H"),
    ("j", "t", "a", "H"),
    ("k", "t", "e", "H"),
]


def rewritten(query, found=("http://x/n",)):
    return path_first(query, lambda _: list(found), lambda: ["x"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?x { ?x :t/:p* :a }", "SELECT ?x { VALUES ?path0 { <http://x/n> } ?x :t ?path0 }"),
        ("SELECT * { ?x :t/:p* :a }", "SELECT ?x { VALUES ?path0 { <http://x/n> } ?x :t ?path0 }"),
        (
            "ASK { ?x a :C ; :t/:p+ :a , :b ; :t/:p+ :a }",
            "ASK { VALUES ?path0 { <http://x/n> } ?x a :C ; :t/:p+ :a , :b ; :t ?path0 }",
        ),
        ("ASK { ?x :t ?y . ?y :p* :a }", "ASK { ?x :t ?y . VALUES ?y { <http://x/n> }  }"),
        ("ASK { ?y :p* :a ; :l ?l }", "ASK { VALUES ?y { <http://x/n> } ?y :l ?l }"),
        ("ASK { :a ^:p*/^:t ?x }", "ASK { VALUES ?path0 { <http://x/n> } ?path0 ^:t ?x }"),
        (
            "ASK { ?x :l 'one' ; :t/:p* :a }",
            "ASK { { SELECT DISTINCT ?path0 WHERE { ?path0 :p* :a } } ?x :l 'one' ; :t ?path0 }",
        ),
        (
            "ASK { VALUES ?o { :a } ?x :t/:p* ?o }",
            "ASK { VALUES ?o { :a } { SELECT DISTINCT ?path0 ?o WHERE { VALUES ?o { :a } ?path0 :p* ?o } } "
            "?x :t ?path0 }",
        ),
        ("ASK { ?path0 :t/:p* :a }", "ASK { VALUES ?path1 { <http://x/n> } ?path0 :t ?path1 }"),
    ],
)
def test_the_shapes_that_are_rewritten(query, expected):
    assert rewritten(query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?x { ?x :t/:p ?y }",
        "SELECT ?x { ?x :t/:p* ?y }",
        "SELECT ?x { :b :t/:p* :a }",
        "SELECT ?x { [] :t/:p* :a }",
        "SELECT ?x { _:b :t/:p* :a }",
        "SELECT ?x { ?x :t/:p* 'a' }",
        "SELECT ?x { ?x :t/:p* ?x }",
        "SELECT ?x { ?x (:t/:p*) :a }",
        "SELECT ?x { ?x :t|:p* :a }",
        "SELECT ?x FROM :g { ?x :t/:p* :a }",
        "SELECT REDUCED ?x { ?x :t/:p* :a }",
        "SELECT (COUNT(DISTINCT *) AS ?n) { ?x :t/:p* :a }",
        "SELECT ?x { ?y :p ?x OPTIONAL { ?x :t/:p* :a } }",
        "SELECT ?x { ?y :p ?x MINUS { ?x :t/:p* :a } }",
        "SELECT ?x { ?y :p ?x FILTER EXISTS { ?x :t/:p* :a } }",
        "SELECT ?x { GRAPH ?g { ?x :t/:p* :a } }",
        "SELECT ?x { SERVICE :s { ?x :t/:p* :a } }",
        "SELECT ?x { ?x :t/:p* :a FILTER(?x<?y&&?z>3) }",
        "SELECT ?x { { SELECT * { ?x :t/:p* :a } } }",
        "SELECT ?y { ?y :p* :a }",
        "CONSTRUCT WHERE { ?x :t/:p* :a }",
        "SELECT ?x { ?x :t/:p* :a ",
        "SELECT ?x { ?x :t/:p* :a } }'",
        "SELECT ?x { ?x :t/:p* <a",
        "DESCRIBE :a",
        "",
        "}{",
        "SELECT ?x { ?x :t/:p* :a " + " " * 70_000 + "}",
    ],
)
def test_what_is_left_as_it_is(query):
    assert rewritten(query) is None


def test_a_path_that_reaches_too_much_or_other_things_than_iris_is_left():
    query = "SELECT ?x { ?x :t/:p* :a }"
    assert path_first(query, lambda _: None, list) is None
    store = store_of(TREE)
    store.extend(Quad(iri(f"n{number}"), iri("p"), iri("a"), iri("G")) for number in range(1100))
    plain, improved, how = both(store, PROLOGUE + query)
    assert (plain == improved, how) == (True, "")
    assert both(store_of(TREE), PROLOGUE + query)[2] == "path-first"


def test_errors_are_told_in_the_words_of_the_client():
    improver = Improver(store_of(TREE), _evaluate)
    for query in ("SELECT ?x {\n ?x :t/:p* :a }", PROLOGUE + "SELECT *\n{ ?x :t/:p* :a . BIND(1 AS ?x) }"):
        with pytest.raises(SyntaxError) as plain:
            _evaluate(improver.store, Job(query=query, media_type=""))
        with pytest.raises(SyntaxError) as improved:
            improver.evaluate(Job(query=query, media_type=""))
        assert str(plain.value) == str(improved.value)


pieces = st.sampled_from(
    [*"{}()[]<>?:a*+/^|!.;,'\"#_ \n", "SELECT ", "WHERE", "VALUES ", "?x", "FILTER", "{ "]
)


@given(st.lists(pieces, max_size=40).map("".join))
@settings(max_examples=1000, deadline=None)
def test_any_text_is_read_or_given_up(text):
    for query in (text, "SELECT * {" + text, "SELECT * { ?x :t/:p* :a . " + text + "}"):
        rewritten(query)
        with suppress(Unsure, QuerySyntax):
            read_groups(query)


def test_the_service_tells_that_it_has_rewritten(service):
    prefix = "PREFIX e: <http://example.org/> "
    answer = service.get(prefix + "SELECT ?s { ?s e:type/e:broader* e:Image ; e:label ?l }")
    assert answer.headers["x-query-rewritten"] == "path-first"
    assert len(answer.json()["results"]["bindings"]) == 300
    assert "x-query-rewritten" not in service.get(prefix + "ASK { ?s e:type e:Image }").headers
    wrong = service.get(prefix + "SELECT ?s {\n ?s e:type/e:broader* e:Image ; }}").json()
    assert (wrong["line"], wrong["column"]) == (2, 35)
