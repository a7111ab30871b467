"""The protocol tests of W3C (rdf-tests, sparql11/protocol), written anew against a service that only reads.

The data are three graphs with a triple each. A query test wants 2xx and its answer, a test of a bad request
wants 4xx. Updates are refused by design, so each update test wants 403 and a reason.
"""

from urllib.parse import urlencode

import pytest
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, parse, parse_query_results

from bioimg_kg.release import new_release
from bioimg_kg.store import build_store

BASE = "http://kasei.us/2009/09/sparql/data"
D0, D1, D2, D3 = (f"{BASE}/data{n}.rdf" for n in range(4))
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
TABLES = {f.media_type: f for f in (QueryResultsFormat.XML, QueryResultsFormat.JSON)}
TEXTS = {"text/csv", "text/tab-separated-values"}
GRAPHS = {f.media_type: f for f in (RdfFormat.RDF_XML, RdfFormat.TURTLE, RdfFormat.N_TRIPLES)}

BOTH = f"ASK {{ <{D1}> ?p ?o . <{D2}> ?q ?r }}"
NAMED = f"ASK {{ GRAPH ?g1 {{ <{D1}> a ?t }} GRAPH ?g2 {{ <{D2}> a ?u }} }}"
FULL = f"ASK {{ <{D3}> a ?t . GRAPH ?g1 {{ <{D1}> a ?u }} GRAPH ?g2 {{ <{D2}> a ?v }} }}"


def url(*pairs):
    return f"?{urlencode(pairs)}"


def default(*graphs):
    return [("default-graph-uri", graph) for graph in graphs]


def named(*graphs):
    return [("named-graph-uri", graph) for graph in graphs]


@pytest.fixture(scope="module")
def w3c(tmp_path_factory, start_service):
    data = tmp_path_factory.mktemp("w3c") / "data"
    with new_release(data, "w3c") as folder:
        source = folder / "all.nq"
        lines = (
            f"<{g}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{g}#T> <{g}> .\n" for g in (D1, D2, D3)
        )
        source.write_text("".join(lines))
        build_store(folder / "store", [source])
        (folder / "manifest.json").write_text('{"name": "w3c", "counts": {"quads": 3}}')
    with start_service(data, workers=1) as running:
        yield running


# name: method, URL, Content-Type, body
ASKS = {
    "query_post_form": ("POST", url(*default(D0)), FORM, "query=ASK%20%7B%7D"),
    "query_dataset_default_graphs_get": ("GET", url(("query", BOTH), *default(D1, D2)), None, None),
    "query_dataset_default_graphs_post": ("POST", url(*default(D1, D2)), QUERY, BOTH),
    "query_dataset_named_graphs_post": ("POST", url(*named(D1, D2)), QUERY, NAMED),
    "query_dataset_named_graphs_get": ("GET", url(("query", NAMED), *named(D1, D2)), None, None),
    "query_dataset_full": ("POST", url(*default(D3), *named(D1, D2)), QUERY, FULL),
    "query_multiple_dataset": (
        "POST",
        url(*default(D3), *named(D1, D2)),
        QUERY,
        FULL.replace("{", f"FROM <{D1}> FROM NAMED <{D3}> {{", 1),
    ),
    "query_get": ("GET", url(("query", "ASK {}"), *default(D0)), None, None),
    "query_content_type_ask": ("GET", url(("query", "ASK {}")), None, None),
    "query_post_direct": ("POST", "", QUERY, "ASK {}"),
}


def send(service, method, where="", content_type=None, body=None, **headers):
    content = body.encode() if isinstance(body, str) else body
    request = service.client.build_request(method, service.sparql + where, content=content, headers=headers)
    request.headers.pop("accept", None)
    if content_type:
        request.headers["content-type"] = content_type
    return service.client.send(request)


def media_type(response):
    return response.headers["content-type"].partition(";")[0]


@pytest.mark.parametrize("name", ASKS)
def test_a_question_is_answered_with_yes(w3c, name):
    response = send(w3c, *ASKS[name])
    assert response.status_code == 200, response.text
    answer = parse_query_results(response.content, TABLES[media_type(response)])
    assert bool(answer) is True


@pytest.mark.parametrize(
    ("where", "query"),
    [
        (url(*default(D1)), BOTH),
        (url(*named(D1)), NAMED),
        (url(*default(D1), *named(D2)), FULL),
        ("", FULL.replace("{", f"FROM <{D1}> FROM NAMED <{D2}> {{", 1)),
        (url(*default(D0)), "ASK { ?s ?p ?o }"),
    ],
)
def test_the_same_questions_on_other_graphs_are_answered_with_no(w3c, where, query):
    assert send(w3c, "POST", where, QUERY, query).json()["boolean"] is False


def test_query_content_type_select(w3c):
    response = send(w3c, "POST", "", QUERY, "SELECT (1 AS ?value) {}")
    assert response.status_code == 200
    assert media_type(response) in TABLES.keys() | TEXTS


def test_query_content_type_describe(w3c):
    response = send(w3c, "GET", url(("query", "DESCRIBE <http://example.org/>")))
    assert response.status_code == 200
    assert media_type(response) in GRAPHS


def test_query_content_type_construct(w3c):
    response = send(w3c, "GET", url(("query", "CONSTRUCT { <s> <p> 1 } WHERE {}")))
    assert response.status_code == 200
    (quad,) = parse(response.content, GRAPHS[media_type(response)])
    assert quad.subject == NamedNode(f"{w3c.url}/s")


CLEAR = "CLEAR ALL"
INSERT = (
    "INSERT DATA { GRAPH <http://example.org/protocol-base-test/> { <http://example.org/s> <p> <test> } }"
)
USING = [("using-graph-uri", D1), ("using-graph-uri", D2)]
USING_NAMED = [("using-named-graph-uri", D1), ("using-named-graph-uri", D2)]
COPY = "INSERT { GRAPH <http://example.org/g> { ?s a ?o } } WHERE { ?s a ?o }"
UPDATES = {
    "update_dataset_default_graph": ("POST", url(USING[0]), UPDATE, COPY),
    "update_dataset_default_graphs": ("POST", url(*USING), UPDATE, COPY),
    "update_dataset_named_graphs": ("POST", url(*USING_NAMED), UPDATE, COPY),
    "update_dataset_full": ("POST", url(*USING, *USING_NAMED), UPDATE, COPY),
    "update_post_form": ("POST", "", FORM, "update=CLEAR+ALL"),
    "update_post_direct": ("POST", "", UPDATE, CLEAR),
    "update_base_uri": ("POST", "", UPDATE, INSERT),
    "bad_update_get": ("GET", url(("update", CLEAR)), None, None),
    "bad_multiple_updates": ("POST", "", FORM, "update=CLEAR%20NAMED&update=CLEAR%20DEFAULT"),
    "bad_update_dataset_conflict": (
        "POST",
        url(("using-named-graph-uri", D1)),
        FORM,
        urlencode({"update": f"WITH <{D2}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}"}),
    ),
    "bad_update_syntax": ("POST", "", FORM, "update=CREATE%20XYZ"),
    "update as a query": ("GET", url(("query", CLEAR)), None, None),
    "update as a query of the body": ("POST", "", QUERY, INSERT),
}


@pytest.mark.parametrize("name", UPDATES)
def test_an_update_is_refused_with_a_reason_and_changes_nothing(w3c, name):
    response = send(w3c, *UPDATES[name])
    assert response.status_code == 403, response.text
    assert "read-only" in response.json()["detail"]
    count = send(w3c, "POST", "", QUERY, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").json()
    assert count["results"]["bindings"][0]["n"]["value"] == "3"


BAD = {
    "bad_query_method": ("PUT", url(("query", "ASK {}")), None, None),
    "bad_multiple_queries": ("GET", url(("query", "ASK {}"), ("query", "SELECT * {}")), None, None),
    "bad_query_wrong_media_type": ("POST", "", "text/plain", "ASK {}"),
    "bad_query_missing_form_type": ("POST", "", None, "query=ASK%20%7B%7D"),
    "bad_query_missing_direct_type": ("POST", "", None, "ASK {}"),
    "bad_query_non_utf8": ("POST", "", f"{QUERY}; charset=UTF-16", "ASK {}".encode("utf-16")),
    "bad_query_non_utf8, and says nothing": ("POST", "", QUERY, "ASK {}".encode("utf-16")),
    "bad_query_syntax": ("GET", url(("query", "ASK {")), None, None),
    "bad_update_wrong_media_type": ("POST", "", "text/plain", CLEAR),
    "bad_update_missing_form_type": ("POST", "", None, "update=CLEAR%20NAMED"),
    "bad_update_non_utf8": ("POST", "", f"{UPDATE}; charset=UTF-16", CLEAR.encode("utf-16")),
    "a query in the address and in the body": ("POST", url(("query", "ASK {}")), QUERY, "ASK {}"),
    "a query as a form of another kind": ("POST", "", "multipart/form-data; boundary=x", "--x--"),
    "a packed body": ("POST", "", QUERY, b"\x1f\x8b\x08\x00"),
    "a graph that is no IRI": ("GET", url(("query", "ASK {}"), ("named-graph-uri", "a b")), None, None),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_refused_with_what_to_do(w3c, name):
    response = send(w3c, *BAD[name])
    assert 400 <= response.status_code < 500, response.text
    assert len(response.json()["detail"]) > 20


def test_a_body_that_is_packed_is_of_no_type_that_is_read(w3c):
    response = send(w3c, "POST", "", QUERY, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_there_are(w3c, method):
    response = send(w3c, method)
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


@pytest.mark.parametrize(
    ("where", "query"),
    [
        (url(("version", "1.2")), 'VERSION "1.2" ASK {}'),
        (url(("version", "1.1"), ("timeout", "10"), ("ac", "1")), "ASK {}"),
        ("?", "ASK {}"),
        (url((" default-graph-uri ", D1)), f"ASK {{ <{D1}> a ?t }}"),
    ],
)
def test_what_newer_and_odd_clients_add_is_tolerated(w3c, where, query):
    for content_type in (QUERY, f"{QUERY}; version=1.2", f"{QUERY};charset=utf-8"):
        response = send(w3c, "POST", where, content_type, query)
        assert response.status_code == 200, response.text
        assert response.json()["boolean"] is True
    assert send(w3c, "QUERY", where, QUERY, query).json()["boolean"] is True
