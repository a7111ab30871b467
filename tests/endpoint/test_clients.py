"""The libraries that users have, against a running service."""

import io
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import httpx
import pandas as pd
import pyoxigraph
import pytest
import requests
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

TEN = "SELECT ?i ?l { ?i <http://example.org/label> ?l } ORDER BY ?l LIMIT 10"
TWO = "DESCRIBE <http://example.org/i1>"
CLIENTS = Path(__file__).resolve().parents[1] / "clients"
GRAPH = "http://example.org/g0"


def _wrapper(service, query, form, method="GET", how=None):
    client = SPARQLWrapper(service.sparql)
    client.setQuery(query)
    client.setReturnFormat(form)
    client.setMethod(method)
    if how:
        client.setRequestMethod(how)
    return client.query()


def test_sparqlwrapper_reads_tables_in_every_way(service):
    for method, how in (("GET", None), (POST, None), (POST, POSTDIRECTLY)):
        assert len(_wrapper(service, TEN, JSON, method, how).convert()["results"]["bindings"]) == 10
    assert len(_wrapper(service, TEN, XML).convert().getElementsByTagName("result")) == 10
    for form in (CSV, TSV):
        assert len(_wrapper(service, TEN, form).convert().splitlines()) == 11


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_sparqlwrapper_reads_graphs(service):
    for form in (RDFXML, JSONLD):
        assert len(_wrapper(service, TWO, form).convert()) == 2
    for form in (TURTLE, N3):
        assert len(Graph().parse(_wrapper(service, TWO, form).convert(), format="turtle")) == 2


def test_sparqlwrapper_tells_what_was_wrong(service):
    with pytest.raises(QueryBadFormed, match="not SPARQL"):
        _wrapper(service, "SELECT * {", JSON)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        _wrapper(service, "CLEAR ALL", JSON, POST)


def test_rdflib_uses_the_endpoint_as_a_graph(service):
    store = SPARQLStore(service.sparql)
    graph = Graph(store)
    assert len(graph) == 600
    subject = URIRef("http://example.org/i1")
    assert list(graph.objects(subject, URIRef("http://example.org/label"))) == [Literal("image 1")]
    assert len(graph.query(TEN)) == 10
    assert len(graph.query(TWO).graph) == 2
    assert len(Graph(SPARQLStore(service.sparql), identifier=URIRef(GRAPH))) == 300
    for method in ("POST", "POST_FORM"):
        assert len(Graph(SPARQLStore(service.sparql, method=method)).query(TEN)) == 10


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # if JSON-LD is read
def test_rdflib_reads_the_description_and_calls_the_endpoint_as_a_service(service):
    assert len(Graph().parse(service.sparql)) > 10
    federated = f"SELECT * {{ SERVICE <{service.sparql}> {{ ?i <http://example.org/label> 'image 7' }} }}"
    assert len(Graph().query(federated)) == 1


def test_pandas_reads_a_link(service):
    url = httpx.URL(service.sparql, params={"query": TEN, "format": "csv"})
    assert pd.read_csv(str(url)).shape == (10, 2)
    assert pd.read_csv(str(url.copy_set_param("format", "tsv")), sep="\t").shape == (10, 2)
    asked = {"storage_options": {"Accept": "text/csv"}}
    assert pd.read_csv(f"{service.sparql}?{httpx.QueryParams(query=TEN)}", **asked).shape == (10, 2)


def test_python_clients_without_an_opinion_get_json(service):
    for client in (requests, httpx):
        for answer in (
            client.get(service.sparql, params={"query": TEN}),
            client.post(service.sparql, data={"query": TEN}),
            client.post(
                service.sparql, data=TEN.encode(), headers={"Content-Type": "application/sparql-query"}
            )
            if client is requests
            else client.post(
                service.sparql, content=TEN, headers={"Content-Type": "application/sparql-query"}
            ),
        ):
            assert answer.headers["content-encoding"] in {"gzip", "br", "zstd"}
            assert len(answer.json()["results"]["bindings"]) == 10
    with urllib.request.urlopen(f"{service.sparql}?{httpx.QueryParams(query=TEN)}") as response:
        assert "content-encoding" not in response.headers
        assert len(json.load(response)["results"]["bindings"]) == 10


def _run(*command, **options):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl(service):
    form = ("--data-urlencode", f"query={TEN}")
    for options in (
        form,
        ("--get", *form),
        ("--compressed", *form),
        ("-H", "Content-Type: application/sparql-query", "--data-binary", TEN),
        ("-X", "QUERY", "-H", "Content-Type: application/sparql-query", "--data-binary", TEN),
    ):
        assert len(json.loads(_run("curl", "-sS", *options, service.sparql))["results"]["bindings"]) == 10
    table = _run("curl", "-sS", "-H", "Accept: text/csv", *form, service.sparql)
    assert len(table.splitlines()) == 11
    assert _run("curl", "-sSI", f"{service.sparql}?query=ASK%7B%7D").startswith("HTTP/1.1 200")
    hint = json.loads(_run("curl", "-sS", "-d", TEN, service.sparql))["detail"]
    assert "Content-Type: application/sparql-query" in hint


def test_comunica(service, examples_service):
    if not (CLIENTS / "node_modules" / "@comunica").is_dir():
        pytest.skip("Comunica is not installed: make clients")
    both = [service.sparql, examples_service.sparql]
    study = "https://w3id.org/bioimg-kg/ontology#Study"
    work = [
        (TEN, both[:1]),
        ("ASK { <http://example.org/i1> ?p ?o }", both[:1]),
        ("CONSTRUCT WHERE { <http://example.org/i1> ?p ?o }", both[:1]),
        (f"SELECT * {{ GRAPH <{GRAPH}> {{ ?i <http://example.org/label> 'image 8' }} }}", both[:1]),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", both[:1]),
        (f"SELECT * {{ {{ ?s a <{study}> }} UNION {{ ?s <http://example.org/label> 'image 7' }} }}", both),
        (
            f"SELECT * {{ ?s a <{study}> ; <https://schema.org/identifier> ?id . "
            "?i <http://example.org/label> 'image 7' }",
            both,
        ),
    ]
    jobs = json.dumps([{"query": query, "sources": sources} for query, sources in work])
    ten, yes, two, eight, count, union, join = json.loads(
        _run("node", str(CLIENTS / "comunica.mjs"), input=jobs)
    )
    assert len(ten) == 10
    assert yes is True
    assert len(two) == 2
    assert eight == [{"i": "http://example.org/i8"}]
    assert count == [{"n": "600"}]
    assert len(union) == 9
    assert len(join) == 8


def _replay(service, method, path="", **request):
    """Send a request with these headers and no others."""
    headers = request.pop("headers")
    built = service.client.build_request(method, service.sparql + path, **request)
    for name in ("accept", "accept-encoding", "user-agent"):
        built.headers.pop(name, None)
    built.headers.update(headers)
    return service.client.send(built)


BROWSER = {
    "Origin": "https://yasgui.example",
    "Referer": "https://yasgui.example/",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "cross-site",
}
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


def test_the_requests_of_yasgui(service):
    """YASQE posts a form; it asks for another type by the form of the query, and shows ``message``."""
    table = {**BROWSER, "Accept": "application/sparql-results+json,*/*;q=0.9", "Content-Type": FORM}
    answer = _replay(service, "POST", data={"query": TEN}, headers=table)
    assert answer.headers["content-type"] == "application/sparql-results+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    graph = {**table, "Accept": "application/n-triples,*/*;q=0.9"}
    answer = _replay(service, "POST", data={"query": TWO}, headers=graph)
    assert answer.headers["content-type"] == "application/n-triples; charset=utf-8"
    assert len(answer.text.splitlines()) == 2
    spaced = {"query": "SELECT * { ?s ?p ?o }", "default-graph-uri": GRAPH, "named-graph-uri ": GRAPH}
    assert len(_replay(service, "POST", data=spaced, headers=table).json()["results"]["bindings"]) == 300
    update = {**table, "Accept": "text/plain,*/*;q=0.9"}
    assert _replay(service, "POST", data={"update": "CLEAR ALL"}, headers=update).status_code == 403
    wrong = _replay(service, "POST", data={"query": "SELECT * {"}, headers=table)
    assert (wrong.status_code, wrong.headers["access-control-allow-origin"]) == (400, "*")
    assert "expected" in wrong.json()["message"]


def test_the_requests_of_other_services(service):
    direct = {"Content-Type": "application/sparql-query"}
    oxigraph = {**direct, "Accept": "application/sparql-results+json, application/sparql-results+xml"}
    qlever = {**direct, "Accept": "application/sparql-results+json"}
    for headers in (oxigraph, qlever):
        answer = _replay(service, "POST", content=TEN, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/sparql-results+json")
        assert "content-encoding" not in answer.headers
    remote = f"SELECT * {{ SERVICE <{service.sparql}> {{ {TEN} }} }}"
    assert len(list(pyoxigraph.Store().query(remote))) == 10
    editor = {**BROWSER, "Accept": "application/sparql-results+json"}
    path = f"?ac=1&{httpx.QueryParams(query=TEN)}"
    assert len(_replay(service, "GET", path, headers=editor).json()["results"]["bindings"]) == 10
    harvester = _replay(service, "GET", headers={"Accept": "text/turtle"})
    assert len(Graph().parse(io.BytesIO(harvester.content), format="turtle")) > 10


@pytest.mark.parametrize(
    "wanted", ["content-type", "content-type,queryid", "X-Requested-With, Authorization"]
)
@pytest.mark.parametrize("method", ["POST", "GET", "QUERY"])
def test_a_browser_may_ask_what_it_wants_to_ask(service, method, wanted):
    asked = {
        **BROWSER,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": wanted,
        "Accept": "*/*",
    }
    answer = _replay(service, "OPTIONS", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    assert answer.headers["access-control-allow-headers"] == wanted
    assert "Access-Control-Request-Headers" in answer.headers["vary"]
    assert int(answer.headers["access-control-max-age"]) > 0
