"""The libraries that users have, against a running service."""

import httpx
import pandas as pd
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

TEN = "SELECT ?i ?l { ?i <http://example.org/label> ?l } ORDER BY ?l LIMIT 10"
TWO = "DESCRIBE <http://example.org/i1>"


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


def test_rdflib_uses_the_endpoint_as_a_graph(service):
    store = SPARQLStore(service.sparql)
    graph = Graph(store)
    assert len(graph) == 600
    subject = URIRef("http://example.org/i1")
    assert list(graph.objects(subject, URIRef("http://example.org/label"))) == [Literal("image 1")]
    assert len(graph.query(TEN)) == 10
    assert len(graph.query(TWO).graph) == 2


def test_rdflib_reads_the_description_and_calls_the_endpoint_as_a_service(service):
    assert len(Graph().parse(service.sparql)) > 10
    federated = f"SELECT * {{ SERVICE <{service.sparql}> {{ ?i <http://example.org/label> 'image 7' }} }}"
    assert len(Graph().query(federated)) == 1


def test_pandas_reads_a_link(service):
    url = httpx.URL(service.sparql, params={"query": TEN, "format": "csv"})
    assert pd.read_csv(str(url)).shape == (10, 2)
