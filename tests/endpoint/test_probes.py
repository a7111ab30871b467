"""What editors and language models ask an endpoint about itself: the queries of the SIB SPARQL editor.

Its check page gives up on each after five seconds; it names no graph.

Source: https://github.com/sib-swiss/sparql-editor, the page "SPARQL Endpoint Metadata Check"
"""

import time

import pytest

from bioimg_kg.catalog.examples import FEDERATES, examples
from bioimg_kg.vocab import PREFIXES

SECONDS = 5
PROBES = {
    "prefixes": """PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT DISTINCT ?prefix ?namespace
        WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix""",
    "examples": """PREFIX sh: <http://www.w3.org/ns/shacl#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        SELECT DISTINCT ?sq ?comment ?query WHERE {
          ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ;
            sh:select|sh:ask|sh:construct|sh:describe ?query .
        } ORDER BY ?sq""",
    "classes": """PREFIX void: <http://rdfs.org/ns/void#>
        PREFIX void-ext: <http://ldf.fi/void-ext#>
        SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype WHERE {
          {
            ?cp void:class ?subjectClass ; void:propertyPartition ?pp .
            ?pp void:property ?prop .
            OPTIONAL {
              { ?pp void:classPartition [ void:class ?objectClass ] }
              UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] } }
          } UNION {
            ?ls void:subjectsTarget [ void:class ?subjectClass ] ; void:linkPredicate ?prop ;
              void:objectsTarget [ void:class ?objectClass ] . } }""",
}


def rows(service, name):
    start = time.monotonic()
    answer = service.get(PROBES[name], headers={"Accept": "application/sparql-results+json"}, timeout=SECONDS)
    seconds = time.monotonic() - start
    assert answer.status_code == 200, answer.text
    assert seconds < SECONDS, name
    found = answer.json()["results"]["bindings"]
    assert found, name
    return [{column: value["value"] for column, value in row.items()} for row in found]


def check(service):
    prefixes = {row["prefix"]: row["namespace"] for row in rows(service, "prefixes")}
    assert prefixes.items() >= PREFIXES.items()
    shown = {row["sq"].rpartition("/")[2]: row for row in rows(service, "examples")}
    assert shown.keys() == {query.name for query in examples()}
    assert all("{{" not in row["query"] and row["comment"] for row in shown.values())
    classes = rows(service, "classes")
    used = {(row["subjectClass"], row["prop"]) for row in classes}
    query = """SELECT DISTINCT ?c ?p { GRAPH ?g { ?s a ?c } GRAPH ?h { ?s ?p ?o }
        FILTER(!STRENDS(STR(?g), "/graph/meta") && !STRENDS(STR(?h), "/graph/meta")) }"""
    counted = service.get(query, timeout=90).json()["results"]["bindings"]
    assert used == {(row["c"]["value"], row["p"]["value"]) for row in counted}


def test_the_probes_of_an_editor_find_prefixes_examples_and_classes(examples_service):
    check(examples_service)


@pytest.mark.corpus
def test_the_probes_of_an_editor_are_answered_in_time_on_all_studies(full_release, start_service):
    with start_service(full_release.parents[1], deadline_seconds=60) as service:
        check(service)


def test_an_example_in_the_store_says_which_endpoints_it_asks(examples_service):
    query = f"SELECT ?example ?other {{ ?example <{FEDERATES}> ?other }}"
    found = {
        (row["example"]["value"].rpartition("/")[2], row["other"]["value"])
        for row in examples_service.get(query).json()["results"]["bindings"]
    }
    assert found == {
        ("proteins-of-phenotype", "https://sparql.uniprot.org/sparql"),
        ("expression-of-phenotype", "https://www.bgee.org/sparql/"),
        ("compounds-in-wikidata", "https://query.wikidata.org/sparql"),
    }
