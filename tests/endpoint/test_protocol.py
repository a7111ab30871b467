"""The protocol over real HTTP: forms of a request, formats of an answer, statuses of an error."""

import csv
import io
import re
import xml.etree.ElementTree as ET

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

TEN = "SELECT ?i ?l { ?i <http://example.org/label> ?l } ORDER BY ?l LIMIT 10"
GRAPH = "http://example.org/g0"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
DIRECT = {"Content-Type": "application/sparql-query"}


def count_of(response):
    assert response.status_code == 200, response.text
    return int(response.json()["results"]["bindings"][0]["n"]["value"])


def test_the_three_forms_of_a_query_are_answered_alike(service):
    answers = [
        service.client.get(service.sparql, params={"query": TEN}),
        service.client.post(service.sparql, data={"query": TEN}),
        service.client.post(service.sparql, content=TEN, headers=DIRECT),
        service.client.post(
            service.sparql, content=TEN, headers={"Content-Type": 'application/sparql-query; charset="UTF-8"'}
        ),
        service.client.request("QUERY", service.sparql, content=TEN, headers=DIRECT),
        service.client.get(service.sparql + "/", params={"query": TEN, "unknown": "1", "ac": "1"}),
    ]
    assert [a.status_code for a in answers] == [200] * 6
    assert len({a.text for a in answers}) == 1
    assert answers[0].headers["content-type"] == "application/sparql-results+json"
    assert answers[0].headers["access-control-allow-origin"] == "*"
    assert answers[0].headers["x-dataset-version"] == "2026.1"
    assert int(answers[0].headers["content-length"]) == answers[0].num_bytes_downloaded


def test_select_is_the_same_in_every_format(service):
    def get(name):
        return service.get(TEN, format=name).content

    expected = [(r["i"]["value"], r["l"]["value"]) for r in service.get(TEN).json()["results"]["bindings"]]
    assert len(expected) == 10
    solutions = parse_query_results(get("xml"), QueryResultsFormat.XML)
    assert [(row["i"].value, row["l"].value) for row in solutions] == expected
    assert list(map(tuple, csv.reader(io.StringIO(get("csv").decode()))))[1:] == expected
    solutions = parse_query_results(get("tsv"), QueryResultsFormat.TSV)
    assert [(row["i"].value, row["l"].value) for row in solutions] == expected


@pytest.mark.parametrize(
    ("media_type", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/n-quads", RdfFormat.N_QUADS),
        ("application/trig", RdfFormat.TRIG),
    ],
)
@pytest.mark.parametrize(
    "query", ["CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <http://example.org/i1>", "CONSTRUCT {} {}"]
)
def test_graphs_are_the_same_in_every_format(service, media_type, form, query):
    response = service.get(query, {"Accept": media_type})
    assert response.headers["content-type"].split(";")[0] == media_type
    expected = {q.triple for q in parse(service.get(query, format="nt").content, RdfFormat.N_TRIPLES)}
    assert {q.triple for q in parse(response.content, form)} == expected
    assert len(expected) == {"C": 600, "D": 2}[query[0]] or "{}" in query


def test_turtle_with_prefixes_is_the_default_of_graphs(service):
    response = service.get("CONSTRUCT { ?s a <http://www.w3.org/2002/07/owl#Class> } { ?s ?p ?o } LIMIT 1")
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    assert "owl:Class" in response.text


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_ask_in_every_format(service, name):
    text = service.get("ASK { ?s ?p ?o }", format=name).text
    if name == "xml":
        text = ET.fromstring(text)[1].text
    assert "true" in text


def test_the_dataset_of_the_request_goes_before_that_of_the_query(service):
    assert count_of(service.get(COUNT)) == 600
    assert count_of(service.get(COUNT, **{"default-graph-uri": GRAPH})) == 300
    assert count_of(service.get(COUNT, **{" default-graph-uri ": [GRAPH, "http://example.org/g1"]})) == 600
    assert count_of(service.get(COUNT.replace("{", f"FROM <{GRAPH}> {{", 1))) == 300
    url_and_body = service.client.post(f"{service.sparql}?default-graph-uri={GRAPH}", data={"query": COUNT})
    assert count_of(url_and_body) == 300
    direct = service.client.post(f"{service.sparql}?named-graph-uri={GRAPH}", content=COUNT, headers=DIRECT)
    assert count_of(direct) == 0


def test_relative_iris_are_relative_to_the_endpoint(service):
    text = service.get("CONSTRUCT { <s> <p> 1 } {}", format="nt").text
    assert text.startswith(f"<{service.url}/s> <{service.url}/p>")


def test_head_has_the_headers_and_no_body(service):
    response = service.client.head(service.sparql, params={"query": TEN})
    assert response.status_code == 200
    assert response.headers["content-length"] == service.get(TEN).headers["content-length"]
    assert response.content == b""
    assert service.client.head(service.sparql).status_code == 200
    assert service.client.head(service.url).status_code == 200


def test_options_lets_any_page_ask(service):
    asked = {"Origin": "http://x", "Access-Control-Request-Method": "POST"}
    for headers in ({}, asked, {**asked, "Access-Control-Request-Headers": "content-type,queryid"}):
        for path in ("", "/", "?query=ASK%7B%7D"):
            response = service.client.options(service.sparql + path, headers=headers)
            assert response.status_code == 204
            assert response.headers["access-control-allow-origin"] == "*"
            assert "POST" in response.headers["access-control-allow-methods"]
            assert "QUERY" in response.headers["allow"]
    assert response.headers["access-control-allow-headers"] == "content-type,queryid"
    answer = service.get("ASK {}", headers={"Origin": "http://x"})
    exposed = answer.headers["access-control-expose-headers"]
    assert {"ETag", "Link", "Retry-After", "X-Dataset-Version"} <= set(exposed.split(", "))
    assert answer.headers["vary"] == "Accept, Accept-Encoding, Origin"


def test_without_a_query_machines_get_the_description_and_people_an_editor(service):
    for accept in ("text/turtle", "*/*", "application/n-quads,text/html;q=0.2", "application/rdf+xml"):
        response = service.get(headers={"Accept": accept})
        form = RdfFormat.from_media_type(response.headers["content-type"])
        triples = {(q.subject.value, q.predicate.value.split("#")[-1]) for q in parse(response.content, form)}
        assert (service.sparql, "endpoint") in triples
    page = service.get(headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<textarea" in page.text


def _send(service, method, url="", **rest):
    return service.client.request(method, service.sparql + url, **rest)


@pytest.mark.parametrize(
    ("request_", "status", "kind"),
    [
        ({"method": "GET", "url": "?query=ASK%20%7B"}, 400, "query-syntax"),
        ({"method": "GET", "url": "?query="}, 400, "query-syntax"),
        ({"method": "GET", "url": "?query=ASK%7B%7D&query=ASK%7B%7D"}, 400, "bad-request"),
        (
            {"method": "POST", "url": "?query=ASK%7B%7D", "content": "ASK {}", "headers": DIRECT},
            400,
            "bad-request",
        ),
        ({"method": "POST", "content": "ASK {}"}, 415, "unsupported-media"),
        (
            {"method": "POST", "content": "ASK {}", "headers": {"Content-Type": "text/plain"}},
            415,
            "unsupported-media",
        ),
        (
            {
                "method": "POST",
                "content": "ASK {}",
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            },
            400,
            "bad-request",
        ),
        ({"method": "POST", "content": "ASK {}".encode("utf-16"), "headers": DIRECT}, 400, "bad-request"),
        (
            {
                "method": "POST",
                "content": "ASK {}",
                "headers": {"Content-Type": "application/sparql-query; charset=UTF-16"},
            },
            400,
            "bad-request",
        ),
        ({"method": "GET", "url": "?query=ASK%7B%7D%FF"}, 400, "bad-request"),
        ({"method": "GET", "url": "?query=ASK%7B%7D&default-graph-uri=g"}, 400, "bad-request"),
        ({"method": "POST", "data": {"foo": "1"}}, 400, "bad-request"),
        ({"method": "GET", "url": "?update=CLEAR%20ALL"}, 403, "query-refused"),
        ({"method": "POST", "data": {"update": "CLEAR ALL"}}, 403, "query-refused"),
        (
            {
                "method": "POST",
                "content": "CLEAR ALL",
                "headers": {"Content-Type": "application/sparql-update"},
            },
            403,
            "query-refused",
        ),
        ({"method": "GET", "url": "?query=CLEAR%20ALL"}, 403, "query-refused"),
        (
            {"method": "GET", "url": "?query=ASK%7B%7D", "headers": {"Accept": "image/json"}},
            406,
            "not-acceptable",
        ),
        ({"method": "PUT", "url": "?query=ASK%7B%7D"}, 405, "http"),
        ({"method": "GET", "url": "/nowhere"}, 404, "http"),
        ({"method": "GET", "url": "?query=SELECT(%3Chttp://x/f%3E(1)AS%3Fx)%7B%7D"}, 400, "query-error"),
    ],
)
def test_errors_have_a_status_and_say_what_to_do(service, request_, status, kind):
    response = _send(service, **request_)
    assert response.status_code == status, response.text
    assert "Traceback" not in response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    body = response.json()
    assert body["type"].endswith(kind)
    assert body["status"] == status
    assert body["message"] == body["detail"] != ""


def test_a_syntax_error_has_its_place(service):
    body = service.get("SELECT *\n{ ?s ?p ?o").json()
    assert (body["line"], body["column"]) == (2, 11)
    page = service.get("SELECT *\n{ ?s ?p ?o", headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "line 2, column 11" in page.text


@pytest.mark.parametrize("accept", ["text/csv", "text/tab-separated-values;q=0.5, application/json;q=0"])
def test_a_client_that_reads_no_json_gets_errors_as_text(service, accept):
    response = service.get("SELECT *\n{ ?s ?p ?o", headers={"Accept": accept})
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "line 2, column 11" in response.text
    for readable in ("application/sparql-results+json", "text/csv, */*;q=0.1"):
        assert service.get("ASK {", headers={"Accept": readable}).json()["line"] == 1


def test_turtle_is_the_same_every_time(service):
    query = "CONSTRUCT { <http://x/s> <http://x/p> 1 } { BIND(NOW() AS ?evaluated_each_time) }"
    text = [service.get(query, format=name).text for name in ("ttl", "trig") for _ in range(3)]
    assert len(set(text)) == 1
    names = re.findall(r"^@prefix (\w+):", text[0], re.MULTILINE)
    assert names == sorted(names, key=str.encode)
    assert len(names) > 10


def test_results_names_a_format_too_and_the_first_that_is_known_counts(service):
    url = f"{service.sparql}?query=ASK%7B%7D&results=nonsense&format=tsv&output=text/csv&format=json"
    assert service.client.get(url).headers["content-type"] == "text/tab-separated-values; charset=utf-8"


def test_a_host_header_does_not_get_into_the_answer(service):
    for host in ("[", "a b", "x>y", ""):
        response = service.client.get(service.sparql, params={"query": "ASK {}"}, headers={"Host": host})
        assert response.status_code in {200, 400}


def test_health_names_the_release(service):
    assert service.client.get(f"{service.url}/health").json()["release"] == "2026.1"
