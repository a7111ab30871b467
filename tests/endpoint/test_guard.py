"""The guard finds what must not reach the parser, and nothing else."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimg_kg.endpoint.sparql.guard import inspect
from bioimg_kg.endpoint.sparql.tokens import tokens
from bioimg_kg.errors import QueryRefused, QuerySyntax

SERVICE_CALLS = [
    "SELECT * { SERVICE <http://127.0.0.1/x> {?s ?p ?o} }",
    "SELECT * { service <http://127.0.0.1/x> {?s ?p ?o} }",
    "SELECT * { SeRvIcE SILENT <http://127.0.0.1/x> {?s ?p ?o} }",
    "SELECT * { SERVICESILENT<http://127.0.0.1/x>{?s ?p ?o} }",
    "PREFIX : <http://127.0.0.1/> SELECT * { SERVICE:x {?s ?p ?o} }",
    "PREFIX ex: <http://127.0.0.1/> SELECT * { SERVICEex:x {?s ?p ?o} }",
    "PREFIX ex: <http://127.0.0.1/> SELECT * { SERVICE SILENTex:x {?s ?p ?o} }",
    "PREFIX : <http://127.0.0.1/> PREFIX service: <http://x/> SELECT * { SERVICE:x {?s ?p ?o} }",
    "BASE <http://127.0.0.1/> SELECT * { SERVICE <x> {?s ?p ?o} }",
    "SELECT * { ?a ?b 1SERVICE <http://127.0.0.1/> {?s ?p ?o} }",
    "SELECT * { ?a ?b 1.SERVICE <http://127.0.0.1/> {?s ?p ?o} }",
    "SELECT * { ?a ?b trueSERVICE <http://127.0.0.1/> {?s ?p ?o} }",
    "SELECT * { ?a ?b ?c.SERVICE ?c {?s ?p ?o} }",
    "SELECT * { SERVICE # a comment <\n <http://127.0.0.1/> {?s ?p ?o} }",
    "SELECT * { ?a ?b ?c #\rSERVICE <http://127.0.0.1/> {?s ?p ?o}\n }",
    "SELECT * { SERVICE <http://127.0.0.\\u0031/> {?s ?p ?o} }",
    "ASK { FILTER EXISTS { SERVICE <http://127.0.0.1/> {?s ?p ?o} } }",
    "SELECT * { ?a ?b ?c FILTER(?c<3) SERVICE <http://127.0.0.1/> {?s ?p ?o} }",
    "SELECT * { ?a ?b ?c FILTER(?c<?d&&?d>?c) SERVICE <http://127.0.0.1/> {?s ?p ?o} }",
    "SELECT * { ?a ?b ?c FILTER(?c<?x)SERVICE<http://127.0.0.1/>{?s ?p ?o} }",
    "SELECT * { ?a ?b ?c FILTER(?c<1#>'''\n) SERVICE <http://127.0.0.1/> {?s ?p ?o}\n#'''\n }",
    "SELECT * { ?a ?b ?c FILTER(?c<'>'&&1<2) SERVICE <http://127.0.0.1/> {?s ?p ?o #'\n} }",
    "PREFIX ex: <http://x/> SELECT * { ?a ?b ex:.SERVICE <http://127.0.0.1/> {?s ?p ?o} }",
]

HARMLESS = [
    "SELECT * { ?s ?p 'SERVICE' }",
    'SELECT * { ?s ?p """a "SERVICE" <http://x> { """ }',
    "SELECT * { ?s ?p '''it''s SERVICE''' }",
    "SELECT * { ?s ?p 'it\\'s SERVICE <http://x> {' }",
    "SELECT * { ?s <http://x/SERVICE> ?SERVICE, $service, _:SERVICE, 'x'@en-service }",
    "SELECT * { ?s ?p ?o } # SERVICE <http://x> {?s ?p ?o}",
    "#SERVICE <http://x> {}\nASK {}",
    "PREFIX ex: <http://x/> SELECT * { ?s ex:service ?o ; ex:SERVICE [] . }",
    "PREFIX service: <http://x/> SELECT * { ?s service:name ?o }",
    "PREFIX service: <http://x/> SELECT * { GRAPH service:g { ?s ?p ?o } }",
    "PREFIX ex: <http://x/> SELECT * { ?s ex:a\\-SERVICE ?o }",
    "SELECT * { VALUES (?a ?b) { (<http://x#a> <http://x#SERVICE>) (<http://x#a> <http://x#b>) } }",
    "SELECT * { ?a ?b ?c FILTER(?c < 3 && 'SERVICE' > 'x') }",
]


@pytest.mark.parametrize("query", SERVICE_CALLS)
def test_every_service_call_is_refused(query):
    with pytest.raises(QueryRefused, match="federation to an allow-list"):
        inspect(query)


@pytest.mark.parametrize("query", HARMLESS)
def test_the_word_service_elsewhere_is_no_call(query):
    assert inspect(query).form in {"SELECT", "ASK"}


@pytest.mark.parametrize(
    ("query", "form", "dataset"),
    [
        ("SELECT*{?s ?p ?o}", "SELECT", False),
        ("selectdistinct?s{?s ?p ?o}", "SELECT", False),
        ("ASKFROM<http://g>{}", "ASK", True),
        ("SELECT * FROM NAMED <http://g> {}", "SELECT", True),
        ("SELECT*FROM<http://g>{}", "SELECT", True),
        ("PREFIX from: <http://x/> SELECT (from:f(1) AS ?x) {}", "SELECT", False),
        ("PREFIX from: <http://x/> DESCRIBE from:x", "DESCRIBE", False),
        ("PREFIX ex: <http://x/> DESCRIBE ex:x FROMex:g", "DESCRIBE", True),
        ("SELECT * { ?s ?p 'FROM' }", "SELECT", False),
        ("BASE <http://x/>\nPREFIX select: <y>#ASK\nCONSTRUCT WHERE {}", "CONSTRUCT", False),
        ("VERSION '1.2' ASK {}", "ASK", False),
        ("PREFIXex:<http://x/>ASK{}", "ASK", False),
        ("", None, False),
        ("nonsense", None, False),
        ("{ SELECT", None, False),
    ],
)
def test_form_and_dataset(query, form, dataset):
    scan = inspect(query)
    assert (scan.form, scan.has_dataset) == (form, dataset)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a> <b> <c> }",
        "PREFIX ex: <http://x/> delete where { ?s ?p ?o }",
        "WITH <g> DELETE { ?s ?p ?o } WHERE {}",
        "#x\nCLEAR ALL",
        "LOAD <http://127.0.0.1/>",
        "DROP GRAPH <g>",
    ],
)
def test_updates_are_refused(update):
    with pytest.raises(QueryRefused, match="read-only"):
        inspect(update)


@pytest.mark.parametrize("bracket", ["{", "(", "["])
def test_deep_nesting_is_refused_with_its_place(bracket):
    with pytest.raises(QueryRefused, match="nested deeper than 100"):
        inspect("SELECT * " + bracket * 5000)


def test_length_is_limited_in_bytes():
    with pytest.raises(QueryRefused, match="longer than"):
        inspect("ASK { ?s ?p '" + "é" * 60 + "' }", max_bytes=100)


def test_an_open_long_quote_is_an_error_with_its_place():
    with pytest.raises(QuerySyntax) as caught:
        inspect('ASK {\n ?s ?p """never closed }')
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_the_time_of_a_scan_is_in_proportion_to_the_text():
    for piece in ("'", "<a", "?x ", ";", "\\'''", "<x#> ", "(?x<#'>", "a.", "ex:a.", "'\\''"):
        text = "ASK { " + piece * (150_000 // len(piece))
        started = time.monotonic()
        with suppress(QueryRefused, QuerySyntax):
            inspect(text)
        assert time.monotonic() - started < 5, piece


_nesting = st.recursive(
    st.sampled_from(["?s ?p ?o", "<http://x/{[(>", "'{{{'", '"""}}(("""', "# {{(\n", "1 < 2", "ex:a\\("]),
    lambda inner: st.tuples(st.sampled_from(["{}", "()", "[]"]), st.lists(inner, max_size=3)).map(
        lambda pair: pair[0][0] + " " + " ".join(pair[1]) + " " + pair[0][1]
    ),
)


def _naive_depth(text):
    for hidden in ("<http://x/{[(>", "'{{{'", '"""}}(("""', "# {{(\n", "ex:a\\("):
        text = text.replace(hidden, " ")
    depth = deepest = 0
    for char in text:
        depth += (char in "{[(") - (char in "}])")
        deepest = max(deepest, depth)
    return deepest


@given(_nesting)
def test_depth_counts_only_real_brackets(body):
    body = body.replace("<http://x/{[(>", "<http://x/[(>")
    assert inspect("ASK " + body).depth == _naive_depth(body.replace("<http://x/[(>", " "))


_hidden = st.one_of(
    st.text(st.characters(exclude_characters="\"'\\\r\n", codec="utf-8")).map(
        lambda t: f"'{t}SERVICE <x> {{'"
    ),
    st.text(st.characters(exclude_characters='"\\', codec="utf-8")).map(lambda t: f'"""{t}SERVICE {{"""'),
    st.text(st.sampled_from("abc:/#?&=;()é'")).map(lambda t: f"<http://x/{t}SERVICE>"),
    st.text(st.characters(exclude_characters="\r\n", codec="utf-8")).map(lambda t: f"1 #{t}SERVICE <x> {{\n"),
    st.sampled_from(["?service", "$SERVICE", "_:service", "'x'@service", "ex:service", "ex:a.service"]),
)


@given(st.lists(_hidden, min_size=1, max_size=5))
def test_the_word_in_strings_iris_comments_and_names_is_no_alarm(objects):
    assert inspect("PREFIX ex: <http://x/>\nASK { ?s ?p " + " , ".join(objects) + " }").form == "ASK"


@given(st.text(st.sampled_from("{}()[]<>'\"\\#\n ?:.aSERVIC@_1-é"), max_size=60))
def test_tokens_cover_every_text_without_an_accident(text):
    try:
        found = list(tokens(text))
    except QuerySyntax:
        return
    assert all(text.startswith(t.text, t.start) for t in found)
