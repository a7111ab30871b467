# ruff: noqa: E501 - a query is read best in one line
"""SERVICE to endpoints of the list: the answer is that of an engine which asks by itself, with less sent."""

import json
from collections import Counter
from pathlib import Path

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, Store, parse

from bioimg_kg.endpoint.app import Settings
from bioimg_kg.endpoint.federation.federate import MAX_AT_ONCE, MAX_CALLS
from bioimg_kg.endpoint.federation.pushdown import MAX_ROWS
from bioimg_kg.release import new_release
from bioimg_kg.store import build_store

PREFIXES = "PREFIX : <http://example.org/> PREFIX o: <http://other.org/> "

OURS = """
@prefix : <http://example.org/> .
:g1 { :a a :Gene ; :name "A" ; :rank 1 ; :next :b . :b a :Gene ; :name "B" ; :rank 2 . :s1 :doi "10.1/one" . }
:g2 { :c a :Gene ; :name "C" ; :rank 3 . :d a :Gene . :x :name "A", "X" . :s2 :doi "10.1/two"@en . }
"""
THEIRS = """
@prefix : <http://example.org/> .
@prefix o: <http://other.org/> .
:a o:label "alpha" ; o:part o:p1, o:p2 ; o:name "A" ; o:rank 1 .
:b o:label "beta" ; o:part o:p2 ; o:bad true ; o:rank "02"^^<http://www.w3.org/2001/XMLSchema#integer> .
:c o:label "gamma", "Gamma"@en ; o:name "C" .
:e o:label "epsilon" ; o:part o:p1 .
:a o:sub :b . :b o:sub :c .
o:p1 o:name "part 1" . o:p2 o:name "part 2" .
[] o:covers :z3, :z1300 . [] o:about :a ; o:says "hello" . [] o:about :e .
o:study1 o:doi "10.1/one" ; o:pubmed "111" . o:study2 o:doi "10.1/two" ; o:pubmed "222" .
""" + "".join(f":z{n} o:label 'z {n}' .\n" for n in range(400))

QUERIES = {
    "join": "SELECT * { ?g a :Gene . SERVICE <E> { ?g o:label ?l } }",
    "service first": "SELECT * { SERVICE <E> { ?g o:label ?l } ?g a :Gene }",
    "between": "SELECT * { ?g :name ?n . SERVICE <E> { ?g o:label ?l } ?g :rank ?r }",
    "strings": "SELECT * { ?s :doi ?d . SERVICE <E> { ?t o:doi ?d ; o:pubmed ?p } }",
    "name twice": "SELECT * { ?s :name ?n . SERVICE <E> { ?t o:name ?n } }",
    "numbers": "SELECT * { ?g :rank ?r . SERVICE <E> { ?t o:rank ?r } }",
    "two variables": "SELECT * { ?g :name ?n . SERVICE <E> { ?g o:name ?n } }",
    "optional": "SELECT * { ?g a :Gene . OPTIONAL { SERVICE <E> { ?g o:label ?l } } }",
    "optional later": "SELECT * { OPTIONAL { SERVICE <E> { ?g o:label ?l } } ?g a :Gene }",
    "optional then more": "SELECT * { ?g :next ?h . OPTIONAL { SERVICE <E> { ?h o:part ?l } } ?l :name ?n }",
    "optional filter": "SELECT * { ?g a :Gene ; :rank ?r OPTIONAL { SERVICE <E> { ?g o:label ?l } FILTER(?r > 1) } }",
    "optional in body": "SELECT * { ?g a :Gene . SERVICE <E> { ?x o:label ?l OPTIONAL { ?x o:sub ?g } } }",
    "body optional first": "SELECT * { ?g a :Gene . SERVICE <E> { OPTIONAL { ?g o:name ?n } ?g o:label ?l } }",
    "body minus first": "SELECT * { ?g a :Gene . SERVICE <E> { MINUS { ?g o:bad true } ?g o:label ?l } }",
    "body bind": "SELECT * { ?g a :Gene . SERVICE <E> { BIND(?g AS ?h) ?g o:label ?l } }",
    "body union": "SELECT * { ?g a :Gene . SERVICE <E> { { ?g o:label ?l } UNION { ?g o:name ?l } } }",
    "body half union": "SELECT * { ?g a :Gene . SERVICE <E> { { ?g o:label ?l } UNION { ?k o:name ?l } } }",
    "body values": "SELECT * { ?g a :Gene . SERVICE <E> { VALUES ?l { 'alpha' 'zeta' } ?g o:label ?l } }",
    "body limit": "SELECT * { ?g a :Gene . SERVICE <E> { ?g o:label ?l { SELECT ?g { ?g o:part ?p } ORDER BY ?g LIMIT 1 } } }",
    "body subquery": "SELECT * { ?g a :Gene . SERVICE <E> { SELECT ?g (COUNT(*) AS ?n) { ?g o:part ?p } GROUP BY ?g } }",
    "body path": "SELECT * { ?g a :Gene . SERVICE <E> { ?g o:sub+ ?h } }",
    "body path of any length": "SELECT * { ?g a :Gene . SERVICE <E> { ?g o:sub* ?h } }",
    "body filter": "SELECT * { ?g a :Gene . SERVICE <E> { ?g o:label ?l FILTER(LANG(?l) = 'en') } }",
    "body exists": "SELECT * { ?g a :Gene . SERVICE <E> { ?g o:label ?l FILTER NOT EXISTS { ?g o:part ?p } } }",
    "minus": "SELECT * { ?g a :Gene MINUS { SERVICE <E> { ?g o:part ?p } } }",
    "exists": "SELECT * { ?g a :Gene FILTER EXISTS { SERVICE <E> { ?g o:part ?p } } }",
    "not exists": "SELECT * { ?g a :Gene FILTER NOT EXISTS { ?g :next ?h . SERVICE <E> { ?h o:part ?p } } }",
    "union": "SELECT * { ?g a :Gene { SERVICE <E> { ?g o:label ?l } } UNION { ?g :name ?l } }",
    "group": "SELECT * { ?g a :Gene { ?g :name ?n SERVICE <E> { ?g o:label ?l } } }",
    "from": "SELECT * FROM :g1 { ?g a :Gene . SERVICE <E> { ?g o:label ?l } }",
    "from named": "SELECT * FROM NAMED :g2 { GRAPH ?i { ?g a :Gene } SERVICE <E> { ?g o:label ?l } }",
    "filter": "SELECT * { ?g a :Gene ; :rank ?r FILTER(?r<2||?r>2) SERVICE <E> { ?g o:label ?l } }",
    "filter on theirs": "SELECT * { ?g a :Gene SERVICE <E> { ?g o:label ?l } FILTER(STRLEN(?l) > 4) }",
    "filter on both": "SELECT * { ?g a :Gene ; :name ?n SERVICE <E> { ?g o:name ?m } FILTER(?n = ?m) }",
    "filter unbound": "SELECT * { ?g a :Gene OPTIONAL { ?g :name ?n } FILTER(!BOUND(?n)) SERVICE <E> { ?g o:label ?l } }",
    "bind": "SELECT * { BIND(:a AS ?g) SERVICE <E> { ?g o:label ?l } }",
    "values": "SELECT * { VALUES ?g { :a :e } SERVICE <E> { ?g o:label ?l } }",
    "values undef": "SELECT * { VALUES (?g ?k) { (:a 1) (UNDEF 2) } SERVICE <E> { ?g o:label ?l } }",
    "values behind": "SELECT * { SERVICE <E> { ?g o:label ?l } } VALUES ?g { :a :c }",
    "subquery with limit": "SELECT * { { SELECT ?g { ?g a :Gene } ORDER BY ?g LIMIT 2 } SERVICE <E> { ?g o:label ?l } }",
    "in a subquery": "SELECT * { ?g :name ?n { SELECT ?g (COUNT(?p) AS ?k) { ?g a :Gene SERVICE <E> { ?g o:part ?p } } GROUP BY ?g } }",
    "limit around it": "SELECT * { ?g :name 'C' { SELECT ?g { SERVICE <E> { ?g o:label ?l } } ORDER BY ?g LIMIT 2 } }",
    "chain": "SELECT * { ?g a :Gene SERVICE <E> { ?g o:part ?p } SERVICE <E> { ?p o:name ?n } }",
    "blank nodes": "SELECT ?g (isBlank(?b) AS ?y) { ?g a :Gene SERVICE <E> { ?b o:about ?g } }",
    "one blank node": "SELECT (COUNT(DISTINCT ?b) AS ?n) { SERVICE <E> { ?b o:about ?g ; ?p ?v } }",
    "chain over what may be missing": "SELECT * { ?g a :Gene SERVICE <E> { ?g o:label ?l OPTIONAL { ?g o:name ?n } } SERVICE <E> { ?t o:name ?n } }",
    "from without a space": "SELECT * FROM:g1 { ?g a :Gene . SERVICE <E> { ?g o:label ?l } }",
    "no variable": "SELECT * { ?g a :Gene SERVICE <E> { :a o:label 'alpha' } }",
    "no variable, none": "SELECT * { ?g a :Gene SERVICE <E> { :a o:label 'omega' } }",
    "nothing here": "SELECT * { ?g a :Nothing SERVICE <E> { ?g o:label ?l } }",
    "construct": "CONSTRUCT { ?g :label ?l } WHERE { ?g a :Gene SERVICE <E> { ?g o:label ?l } }",
    "ask": "ASK { ?g a :Gene SERVICE <E> { ?g o:bad true } }",
    "property lists": "SELECT * { ?g a :Gene ; :name ?n , ?m SERVICE <E> { ?g o:label ?l ; o:part [ o:name ?k ] } }",
    "distinct, grouped": "SELECT ?g (COUNT(*) AS ?k) { ?g a :Gene SERVICE <E> { ?g ?p ?o } } GROUP BY ?g HAVING(COUNT(*) > 1)",
    "their filter on ours": "SELECT * { ?g a :Gene ; :name ?n SERVICE <E> { ?g o:label ?l FILTER(?n != ?l) } }",
    "escapes": "SELECT * { ?g a :Gene SERVICE <E> { ?g <http://other.org/\\u006Cabel> ?l FILTER(?l != 'a\\'} SERVICE {') } }",
    "base": "BASE <http://example.org/> SELECT * { ?g a <Gene> SERVICE <E> { ?g ?p ?l . <a> ?p ?k } }",
    "unicode": "PREFIX é: <http://other.org/> SELECT * { ?g a :Gene SERVICE <E> { ?g é:label ?été } }",
    "comments": "SELECT * { ?g a :Gene # SERVICE { \n SERVICE # {\n SILENT # }\n<E> { ?g o:label ?l # }\n} }",
}  # fmt: skip


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("federation") / "data"
    with new_release(folder, "2026.1") as release:
        source = release / "all.nq"
        quads = [str(quad) + " .\n" for quad in parse(OURS, RdfFormat.TRIG)]
        source.write_text("".join(sorted(quads)))
        build_store(release / "store", [source])
        (release / "manifest.json").write_text(
            json.dumps({"name": "2026.1", "counts": {"quads": len(quads)}})
        )
    return folder


@pytest.fixture(scope="module")
def other(oxigraph):
    with oxigraph(THEIRS) as url:
        yield url


@pytest.fixture(scope="module")
def federated(ours, other, start_service):
    with start_service(ours, federate=other, federate_private=1) as service:
        yield service


@pytest.fixture(scope="module")
def unpushed(ours, other, start_service):
    with start_service(ours, federate=other, federate_private=1, federate_push=0) as service:
        yield service


@pytest.fixture(scope="module")
def engine():
    """Our data in an engine that asks other endpoints by itself."""
    store = Store()
    store.bulk_extend(parse(OURS, RdfFormat.TRIG))
    return store


def bag(answer):
    if "boolean" in answer:
        return answer["boolean"]
    return Counter(
        frozenset((name, *sorted(cell.items())) for name, cell in row.items())
        for row in answer["results"]["bindings"]
    )


def expected(engine, query):
    """Let the engine evaluate a query with all that it calls."""
    result = engine.query(query, use_default_graph_as_union="FROM" not in query)
    if "CONSTRUCT" in query:
        return Counter(str(triple) for triple in result)
    return bag(json.loads(result.serialize(format=QueryResultsFormat.JSON)))


@pytest.mark.parametrize("name", QUERIES)
def test_the_answer_is_that_of_an_engine_that_asks_by_itself(name, federated, unpushed, engine, other):
    query = PREFIXES + QUERIES[name].replace("<E>", f"<{other}>")
    wanted = expected(engine, query)
    for service in (unpushed, federated):
        answer = service.get(query, format="n-triples" if "CONSTRUCT" in query else "json")
        assert answer.status_code == 200, answer.text
        if "CONSTRUCT" in query:
            assert Counter(line.removesuffix(" .") for line in answer.text.splitlines()) == wanted
        else:
            assert bag(answer.json()) == wanted


def test_most_of_these_answers_are_not_empty(engine, other):
    queries = (PREFIXES + query.replace("<E>", f"<{other}>") for query in QUERIES.values())
    assert sum(bool(expected(engine, query)) for query in queries) > 0.8 * len(QUERIES)


def rows(answer):
    assert answer.status_code == 200, answer.text
    return [{k: v["value"] for k, v in row.items()} for row in answer.json()["results"]["bindings"]]


def test_the_graph_around_a_call_is_ours_alone(federated, other):
    """Oxigraph sends GRAPH :g1 along; by the standard the other endpoint matches its own default graph."""
    query = f"{PREFIXES} SELECT ?i ?l {{ GRAPH ?i {{ ?g a :Gene . SERVICE <{other}> {{ ?g o:label ?l }} }} }}"
    found = [(row["i"].rpartition("/")[2], row["l"]) for row in rows(federated.get(query))]
    assert sorted(found) == [("g1", "alpha"), ("g1", "beta"), ("g2", "Gamma"), ("g2", "gamma")]


def test_blank_nodes_of_two_answers_are_never_one(federated, unpushed, other):
    query = f"{PREFIXES} SELECT ?b {{ SERVICE <{other}> {{ ?b o:about :a }} SERVICE <{other}> {{ ?b o:says ?w }} }}"
    assert rows(federated.get(query)) == rows(unpushed.get(query)) == []


def test_values_in_parts_must_not_part_blank_nodes(federated, other, ours):
    values = "VALUES ?g { " + " ".join(f":z{n}" for n in range(1500)) + " }"
    for body, requests in (("?g o:label ?l", 2), ("?b o:covers ?g", 3)):
        before = set(audit(ours))
        found = rows(federated.get(f"{PREFIXES} SELECT * {{ {values} SERVICE <{other}> {{ {body} }} }}"))
        assert len(set(audit(ours)) - before) == requests
        assert len(found) == {2: 400, 3: 2}[requests]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * { ?g a :Gene LATERAL { SERVICE <E> { ?g o:label ?l } } }", "leave LATERAL out"),
        ("SELECT * { ?g a :Gene SERVICE ?g { ?g o:label ?l } }", "name the endpoint by its IRI"),
        (
            "SELECT * { VALUES ?e { <E> } SERVICE SILENT ?e { ?g o:label ?l } }",
            "name the endpoint by its IRI",
        ),
        (
            "SELECT * { SERVICE <E> { SERVICE <http://no.org/> { ?g o:label ?l } } }",
            "<http://no.org/> is refused",
        ),
        ("SELECT * { SERVICESILENT<E>{ ?g o:label ?l } }", "words of their own"),
        ("SELECT * { ?a ?b ?c FILTER(?c<1#>'''\n) SERVICE <E> {?s ?p ?o}\n#'''\n }", "write a space after"),
        ("SELECT * {" + " SERVICE <E> { ?g o:label ?l }" * 17 + "}", "17 times"),
    ],
)
def test_calls_that_are_refused_though_the_endpoint_is_allowed(federated, other, query, words):
    answer = federated.get(PREFIXES + query.replace("<E>", f"<{other}>"))
    assert (answer.status_code, words in answer.text) == (403, True), answer.text


def audit(ours):
    logs = (log.read_text().splitlines() for log in ours.parent.glob("*.log"))
    return [line for lines in logs for line in lines if json.loads(line)["event"] == "federation"]


def test_a_mistake_is_found_at_its_place_before_anything_is_sent(federated, other, ours, engine):
    before = audit(ours)
    query = f"SELECT * {{\n SERVICE <{other}> {{\n ?x <http://other.org/label> 'never sent' }}\n ?s ?p }}"
    with pytest.raises(SyntaxError, match=r"error at 4:\d+:") as caught:
        engine.query(query)
    answer = federated.get(query).json()
    assert answer["status"] == 400
    assert f"error at {answer['line']}:{answer['column']}: " in str(caught.value)
    assert audit(ours) == before


def test_each_request_is_written_down_without_what_was_asked(federated, other, ours):
    secret = "a-very-private-value"
    before = len(audit(ours))
    query = f"SELECT * {{ SERVICE <{other}> {{ ?x <http://other.org/label> '{secret}' }} }}"
    assert rows(federated.get(query)) == []
    lines = audit(ours)[before:]
    assert len(lines) == 1
    said = json.loads(lines[0])
    assert (said["endpoint"], said["outcome"]) == (other, "answered")
    assert said["sent"] > 0
    assert secret not in "".join(audit(ours))


def received(ours, before):
    return sum(json.loads(line)["bytes"] for line in set(audit(ours)) - before)


def test_values_spare_most_of_what_would_be_sent(federated, unpushed, other, ours):
    query = f"{PREFIXES} SELECT ?g ?l {{ ?g a :Gene . SERVICE <{other}> {{ ?g o:label ?l ; ?any ?thing }} }}"
    sizes = []
    for service in (unpushed, federated):
        before = set(audit(ours))
        assert len(rows(service.get(query))) == 17
        sizes.append(received(ours, before))
    assert 0 < sizes[1] * 10 < sizes[0]


def test_an_answer_is_kept_for_the_next_query_that_asks_the_same(federated, other, ours):
    query = f"{PREFIXES} SELECT ?l {{ SERVICE <{other}> {{ :z7 o:label ?l }} }}"
    before = set(audit(ours))
    assert rows(federated.get(query)) == rows(federated.get(query + " #")) == [{"l": "z 7"}]
    assert sorted(json.loads(line)["outcome"] == "cached" for line in set(audit(ours)) - before) == [
        False,
        True,
    ]


def test_the_list_is_in_the_service_description(federated, service, other):
    told = federated.get(headers={"accept": "application/n-triples"}).text
    assert f"<https://w3id.org/bioimg-kg/ontology#federatesWith> <{other}>" in told
    assert "sparql-service-description#BasicFederatedQuery" in told
    assert "ederate" not in service.get(headers={"accept": "application/n-triples"}).text


def test_their_query_can_call_us(federated, oxigraph):
    with oxigraph(THEIRS) as url:
        query = f"{PREFIXES} SELECT ?l {{ SERVICE <{federated.sparql}> {{ ?g a :Gene ; :name 'A' }} ?g o:label ?l }}"
        answer = httpx.post(url, data={"query": query}, headers={"accept": "application/sparql-results+json"})
        assert rows(answer) == [{"l": "alpha"}]


def test_the_page_names_every_setting_with_its_default():
    page = (Path(__file__).parents[2] / "docs" / "federation.md").read_text()
    for name, field in Settings.model_fields.items():
        if name.startswith("federate_") and name not in {"federate_private", "federate_push"}:
            row = next(
                line for line in page.splitlines() if line.startswith("| ") and f"`{name.upper()}`" in line
            )
            names, values = (cell.split(", ") for cell in row.strip("| ").split(" | ")[:2])
            assert values[names.index(f"`{name.upper()}`")] == f"{field.default:g}"
    assert f"{MAX_ROWS:,}" in page
    assert f"{MAX_CALLS} calls" in page
    assert f"{MAX_AT_ONCE} queries" in page
