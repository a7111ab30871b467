"""The examples that ask another endpoint, each against a real engine in its place: never the network."""

import pytest

from bioimg_kg.catalog.examples import examples
from bioimg_kg.queries import load_queries
from bioimg_kg.resources import data_path

HEAD = """
@prefix up: <http://purl.uniprot.org/core/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix geneid: <http://purl.uniprot.org/geneid/> .
@prefix uniprot: <http://purl.uniprot.org/uniprot/> .
@prefix lscr: <http://purl.org/lscr#> .
@prefix orth: <http://purl.org/net/orth#> .
@prefix genex: <http://purl.org/genex#> .
@prefix ensembl: <http://rdf.ebi.ac.uk/resource/ensembl/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
"""
ENSEMBL = "http://rdf.ebi.ac.uk/resource/ensembl/"
CASES = {
    "proteins-of-phenotype": (
        "https://sparql.uniprot.org/sparql",
        """uniprot:P61586 a up:Protein ; up:mnemonic "RHOA_HUMAN" ; rdfs:seeAlso geneid:387 .
        uniprot:P00352 a up:Protein ; up:mnemonic "AL1A1_HUMAN" ; rdfs:seeAlso geneid:216 .""",
        {("RHOA", "http://purl.uniprot.org/uniprot/P61586", "RHOA_HUMAN")},
        ("symbol", "protein", "mnemonic"),
    ),
    "expression-of-phenotype": (
        "https://www.bgee.org/sparql/",
        """[] a orth:Gene ; lscr:xrefEnsemblGene ensembl:ENSG00000067560 ;
          genex:isExpressedIn obo:UBERON_0000955 .
        [] a orth:Gene ; lscr:xrefEnsemblGene ensembl:ENSG00000165092 ;
          genex:isExpressedIn obo:UBERON_0000955 .
        obo:UBERON_0000955 rdfs:label "brain" .""",
        {(f"{ENSEMBL}ENSG00000067560", "RHOA", "brain")},
        ("gene", "symbol", "name"),
    ),
    "compounds-in-wikidata": (
        "https://query.wikidata.org/sparql",
        """wd:Q1 wdt:P235 "KYRVNWMVYQXFEU-UHFFFAOYSA-N" . wd:Q2 wdt:P235 "AAAAAAAAAAAAAA-UHFFFAOYSA-N" .""",
        {("http://www.wikidata.org/entity/Q1",)},
        ("item",),
    ),
}
"""Name of the query: the endpoint, what stands in for it, and values of some columns of the answer."""
QUERIES = {query.name: query for query in load_queries(data_path("queries/federated"))}


def test_every_federated_query_has_a_case_and_no_other_query_asks_elsewhere():
    assert QUERIES.keys() == CASES.keys()
    assert not [query.name for query in load_queries() if "SERVICE" in query.text]
    assert {query.name for query in examples()} == {query.name for query in load_queries()} | QUERIES.keys()
    assert len(examples()) >= 30


def _answer(name, data, start_service, oxigraph, **settings):
    endpoint, turtle, expected, columns = CASES[name]
    with (
        oxigraph(HEAD + turtle) as other,
        start_service(data, federate=other, federate_private=True, **settings) as service,
    ):
        text = QUERIES[name].bind()
        assert f"SERVICE <{endpoint}>" in text
        answer = service.get(text.replace(endpoint, other))
    assert answer.status_code == 200, answer.text
    rows = answer.json()["results"]["bindings"]
    return {tuple(row[column]["value"] for column in columns) for row in rows}, expected


@pytest.mark.parametrize("name", CASES)
def test_a_federated_example_answers(example_release, start_service, oxigraph, name):
    found, expected = _answer(name, example_release.parent.parent, start_service, oxigraph)
    assert found == expected


@pytest.mark.corpus
@pytest.mark.parametrize("name", CASES)
def test_a_federated_example_answers_on_all_studies(full_release, start_service, oxigraph, name):
    found, expected = _answer(name, full_release.parents[1], start_service, oxigraph)
    assert found == expected


@pytest.mark.parametrize("name", CASES)
def test_an_endpoint_that_is_not_on_the_list_is_refused_not_asked(examples_service, name):
    answer = examples_service.get(QUERIES[name].bind())
    assert answer.status_code == 403, answer.text
    assert answer.json()["detail"].startswith("SERVICE ")
