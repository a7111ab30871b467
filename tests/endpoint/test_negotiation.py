"""Accept headers as clients really send them, captured on the wire."""

import pytest

from bioimg_kg.endpoint.http.failures import NotAcceptable
from bioimg_kg.endpoint.http.negotiation import GRAPHS, HTML, RESULTS, choose, negotiate, parse_accept

SPARQLWRAPPER_JSON = "application/sparql-results+json,application/json,text/javascript,application/javascript"
SPARQLWRAPPER_NEXT = "application/x-sparqlstar-results+json," + SPARQLWRAPPER_JSON
SPARQLWRAPPER_N3 = "application/turtle,text/turtle,text/rdf+n3,application/n-triples,application/n3,text/n3"
RDFLIB_STORE = "application/sparql-results+xml, application/rdf+xml"
RDFLIB_PARSE = (
    "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, "
    "application/n-quads, application/trix, application/trig"
)
COMUNICA_FIRST = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,text/html;q=0.2"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"


@pytest.mark.parametrize(
    ("accept", "names", "offer", "expected"),
    [
        (SPARQLWRAPPER_JSON, ["json", "json"], RESULTS, JSON),
        (SPARQLWRAPPER_NEXT, [], RESULTS, JSON),
        (
            "text/tab-separated-values",
            ["tsv", "text/tab-separated-values"],
            RESULTS,
            "text/tab-separated-values",
        ),
        ("application/turtle,text/turtle", ["turtle"], GRAPHS, "text/turtle"),
        (SPARQLWRAPPER_N3, ["n3"], GRAPHS, "text/turtle"),
        (
            "application/ld+json,application/x-json+ld",
            ["json-ld", "application/ld+json"],
            GRAPHS,
            "application/ld+json",
        ),
        ("*/*", ["json"], GRAPHS, "application/ld+json"),
        (RDFLIB_STORE, [], RESULTS, XML),
        (RDFLIB_STORE, [], GRAPHS, "application/rdf+xml"),
        ("application/sparql-results+json", ["json"], RESULTS, JSON),
        (RDFLIB_PARSE, [], (*GRAPHS, HTML), "application/rdf+xml"),
        (f"{JSON}, {XML}", [], RESULTS, JSON),
        (COMUNICA_FIRST, [], (*GRAPHS, HTML), "application/n-quads"),
        (f"{JSON};q=1.0,{XML};q=0.7", [], RESULTS, JSON),
        ("text/turtle", [], GRAPHS, "text/turtle"),
        (f"{JSON},*/*;q=0.9", [], RESULTS, JSON),
        ("application/n-triples,*/*;q=0.9", [], GRAPHS, "application/n-triples"),
        (None, [], RESULTS, JSON),
        (None, ["csv"], RESULTS, "text/csv"),
        ("", [], GRAPHS, "text/turtle"),
        ("*/*", [], RESULTS, JSON),
        ("*/*", [], GRAPHS, "text/turtle"),
        (BROWSER, [], (*RESULTS, HTML), "text/html"),
        (BROWSER, ["csv"], (*RESULTS, HTML), "text/csv"),
        ("text/csv;q=0.1, */*;q=0", [], RESULTS, "text/csv"),
        ("*/*, application/sparql-results+json;q=0", [], RESULTS, XML),
        ("text/*", [], GRAPHS, "text/turtle"),
        ("image/png, nonsense, ;;;, text/csv;q=0.5", [], RESULTS, "text/csv"),
        ("TEXT/CSV; Q=0.9", [], RESULTS, "text/csv"),
        ("*/*", ["nonsense", "tsv"], RESULTS, "text/tab-separated-values"),
    ],
)
def test_each_client_gets_what_it_reads(accept, names, offer, expected):
    assert negotiate(accept, names, offer).media_type == expected


@pytest.mark.parametrize("accept", ["image/png", "text/turtle", "*/*;q=0", "nonsense"])
def test_nothing_acceptable_is_an_error_with_the_choice(accept):
    assert choose(accept, RESULTS) is None
    with pytest.raises(NotAcceptable, match="text/csv"):
        negotiate(accept, [], RESULTS)


def test_qualities_that_are_no_numbers_leave_the_entry_out():
    assert parse_accept("text/csv;q=nan, text/csv;q=-1, text/csv;q=5")[0].quality == 1.0
