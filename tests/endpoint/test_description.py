"""The service description: W3C's three tests, in every form, with numbers that a query confirms."""

from pathlib import Path

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib.namespace import RDF, SH, VOID

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
SHAPES = Path(__file__).with_name("description-shapes.ttl")
FORMS = [
    *(RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML),
    *(RdfFormat.JSON_LD, RdfFormat.N_QUADS, RdfFormat.TRIG),
]


@pytest.fixture(scope="module")
def described(examples_service):
    """The description as a client without an opinion gets it."""
    response = examples_service.client.get(examples_service.sparql)
    return rdflib.Graph().parse(data=response.content, format="turtle")


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("path", ["/sparql", "/sparql/", "/sparql?ac=1"])
def test_it_is_the_same_in_every_form(examples_service, form, path):
    client, url = examples_service.client, examples_service.url + path
    response = client.get(url, headers={"Accept": form.media_type})
    assert response.headers["content-type"].partition(";")[0] == form.media_type
    assert "application/sparql-query" in response.headers["accept-post"]
    plain = client.get(url, headers={"Accept": "application/n-triples"})
    expected = {quad.triple for quad in parse(plain.content, RdfFormat.N_TRIPLES)}
    assert {quad.triple for quad in parse(response.content, form)} == expected
    assert len(expected) > 2000


def test_it_has_the_address_that_was_asked(examples_service):
    for url in (examples_service.sparql, f"{examples_service.sparql}/"):
        response = examples_service.client.get(url, headers={"Accept": "text/turtle"})
        graph = rdflib.Graph().parse(data=response.content, format="turtle")
        assert list(graph.subject_objects(SD.endpoint)) == [(rdflib.URIRef(url),) * 2]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pyshacl and what it imports
def test_it_keeps_to_the_shapes_and_they_can_fail(described):
    import pyshacl

    def problems(graph):
        conforms, report, text = pyshacl.validate(graph, shacl_graph=str(SHAPES), inference="none")
        assert conforms == (not list(report.subjects(RDF.type, SH.ValidationResult))), text
        return {str(node).rpartition("#")[2] for node in report.objects(None, SH.resultPath)}

    assert problems(described) == set()
    lost = {SD.resultFormat, SD.namedGraph, SD.name, VOID.entities, VOID.property}
    broken = rdflib.Graph()
    for triple in described:
        if triple[1] not in lost:
            broken.add(triple)
    found = {"resultFormat", "defaultDataset", "name", "classPartition", "propertyPartition"}
    assert problems(broken) >= found


def test_its_names_are_those_of_the_vocabulary(described):
    known = {
        "Service",
        "Dataset",
        "Graph",
        "NamedGraph",
        "SPARQL10Query",
        "SPARQL11Query",
        "UnionDefaultGraph",
    }
    known |= {"endpoint", "feature", "resultFormat", "supportedLanguage"}
    known |= {"defaultDataset", "defaultGraph", "namedGraph", "name", "graph"}
    used = {str(term)[len(SD) :] for triple in described for term in triple if str(term).startswith(SD)}
    assert used == known


def test_its_numbers_are_those_of_the_store(examples_service, described):
    query = "SELECT ?g ?p (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ?p"
    rows = examples_service.get(query).json()["results"]["bindings"]
    counted = {(row["g"]["value"], row["p"]["value"]): int(row["n"]["value"]) for row in rows}
    graphs = {
        graph
        for named in described.subjects(RDF.type, SD.NamedGraph)
        for graph in described.objects(named, SD.graph)
    }
    said = {
        (str(graph), str(described.value(part, VOID.property))): int(described.value(part, VOID.triples))
        for graph in graphs
        for part in described.objects(graph, VOID.propertyPartition)
    }
    assert said == counted
    (whole,) = described.objects(None, SD.defaultGraph)
    (row,) = examples_service.get("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").json()["results"]["bindings"]
    assert int(described.value(whole, VOID.triples)) == int(row["n"]["value"]) == sum(counted.values())


def test_the_limits_are_those_of_the_service(data, start_service):
    settings = {"deadline_seconds": 2.5, "max_result_mb": 3, "memory_mb": 1024, "workers": 1}
    with start_service(data, **settings) as service:
        text = service.get(headers={"Accept": "application/n-triples"}).text
        for name, value in (("queryDeadline", "2.5"), ("resultBytes", 3 << 20), ("queryMemory", 1 << 30)):
            assert f'<https://w3id.org/bioimg-kg/ontology#{name}> "{value}"^^' in text
        header = service.get("ASK {}").headers["x-query-limits"]
    limits = dict(pair.split("=") for pair in header.split(", "))
    assert limits == {
        "query-deadline": "2.5",
        "result-bytes": str(3 << 20),
        "query-memory": str(1 << 30),
        "query-nesting": "100",
        "query-bytes": str(1 << 20),
        "client-seconds": "120.0",
        "client-seconds-per-minute": "60.0",
        "client-queries": "4",
    }


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/turtle", "text/turtle"),
        ("text/html, */*;q=0.1", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html"),
        ("text/turtle, text/html;q=0.9", "text/turtle"),
        ("text/html;q=0.9, application/ld+json", "application/ld+json"),
        ("text/html;q=0, */*", "text/turtle"),
        ("application/n-quads,application/trig;q=0.95,text/html;q=0.2,*/*;q=0.1", "application/n-quads"),
    ],
)
def test_a_page_is_for_those_who_would_rather_have_one(examples_service, accept, expected):
    headers = {} if accept is None else {"Accept": accept}
    response = examples_service.client.get(examples_service.sparql, headers=headers)
    assert response.headers["content-type"].partition(";")[0] == expected
