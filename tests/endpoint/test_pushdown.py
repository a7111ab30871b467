"""Which values are sent along with a call, and that none are where they would change the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimg_kg.endpoint.federation.calls import read_calls
from bioimg_kg.endpoint.federation.pushdown import MAX_ROWS, Answered, find_source, read_values
from bioimg_kg.endpoint.sparql.guard import inspect
from bioimg_kg.errors import QueryError

BODY = "{ ?g o:label ?l }"
CALL = f"SERVICE <x:y> {BODY}"
NAMES = "?g a :Gene ; :name ?n"

SENT = {
    f"{{ {NAMES} {CALL} }}": (("g",), NAMES),
    f"{{ {CALL} {NAMES} }}": (("g",), NAMES),
    f"{{ {NAMES} . {CALL} . ?n :is ?m }}": (("g",), f"{NAMES} . ?n :is ?m"),
    f"{{ {{ {CALL} }} {NAMES} }}": (("g",), NAMES),
    f"{{ {{ {CALL} }} UNION {{ ?a ?b ?c }} {NAMES} }}": (("g",), NAMES),
    f"{{ GRAPH :g {{ {NAMES} {CALL} }} }}": (("g",), f"GRAPH :g {{ {NAMES} }}"),
    f"{{ GRAPH ?x {{ {CALL} }} {NAMES} }}": (("g",), NAMES),
    f"{{ {NAMES} OPTIONAL {{ {CALL} }} }}": (("g",), NAMES),
    f"{{ {NAMES} MINUS {{ {CALL} }} }}": (("g",), NAMES),
    f"{{ {NAMES} OPTIONAL {{ ?n :is ?m }} {CALL} }}": (("g",), NAMES),
    f"{{ {NAMES} FILTER(?n > 'B') {CALL} }}": (("g",), f"{NAMES} . FILTER(?n > 'B')"),
    f"{{ {NAMES} FILTER(?l > 'B') {CALL} }}": (("g",), NAMES),
    f"{{ {NAMES} FILTER(RAND() > 0.5) {CALL} }}": (("g",), NAMES),
    f"{{ {NAMES} FILTER(?n<?m||?l>?n) {CALL} }}": (("g",), NAMES),
    f"{{ {NAMES} FILTER NOT EXISTS {{ ?n :is ?m }} {CALL} }}": (("g",), NAMES),
    f"{{ VALUES ?g {{ :a :b }} {CALL} }}": (("g",), "VALUES ?g { :a :b }"),
    f"{{ {NAMES} {{ SELECT ?k {{ ?k :is ?m }} LIMIT 3 }} {CALL} }}": (("g",), NAMES),
    f"{{ {{ SELECT ?g {{ {NAMES} {CALL} }} LIMIT 3 }} }}": (("g",), NAMES),
    "{ ?g :label ?l . SERVICE <x:y> { ?g o:label ?l OPTIONAL { ?g o:n ?n } } }": (("g", "l"), "?g :label ?l"),
    "{ ?g :is ?n . SERVICE <x:y> { GRAPH o:g { ?g o:label ?l } } }": (("g",), "?g :is ?n"),
    "{ ?g :is ?n . SERVICE <x:y> { { ?g o:a ?l } UNION { ?g o:b ?n } } }": (("g",), "?g :is ?n"),
    "{ ?g :is* ?n ; :has ?k . SERVICE <x:y> { ?k o:is* ?n . ?n a o:K } }": None,
    "{ ?g :is ?n . SERVICE <x:y> { ?n o:is* ?m . ?n a o:K } }": (("n",), "?g :is ?n"),
}  # fmt: skip

NOT_SENT = [
    f"{{ {CALL} }}",
    f"{{ ?other :is ?thing {CALL} }}",
    f"{{ OPTIONAL {{ {NAMES} }} {CALL} }}",
    f"{{ {{ {NAMES} }} UNION {{ ?a ?b ?c }} {CALL} }}",
    f"{{ BIND(:a AS ?g) {CALL} }}",
    f"{{ VALUES ?g {{ :a UNDEF }} {CALL} }}",
    f"{{ OPTIONAL {{ {CALL} }} {NAMES} }}",
    f"{{ {NAMES} OPTIONAL {{ OPTIONAL {{ {CALL} }} }} }}",
    f"{{ {NAMES} {{ SELECT ?g {{ {CALL} }} LIMIT 3 }} }}",
    f"{{ {{ SELECT ?g {{ {NAMES} }} LIMIT 3 }} {CALL} }}",
    f"{{ {NAMES} FILTER EXISTS {{ {CALL} }} }}",
    f"{{ {NAMES} {{| :since ?y |}} {CALL} }}",
    f"{{ {NAMES} SERVICE <x:y> {{ ?h o:label ?l OPTIONAL {{ ?g o:k ?h }} }} }}",
    f"{{ {NAMES} SERVICE <x:y> {{ {{ ?g o:a ?l }} UNION {{ ?h o:b ?l }} }} }}",
    f"{{ {NAMES} SERVICE <x:y> {{ SELECT ?g {{ ?g o:label ?l }} }} }}",
    f"{{ {NAMES} SERVICE <x:y> {{ ?g o:label ?l {{ SELECT ?l {{ ?k ?p ?l }} LIMIT 1 }} }} }}",
    f"{{ {NAMES} SERVICE <x:y> {{ ?g o:label ?l FILTER(RAND() < 0.1) }} }}",
    f"{{ {NAMES} SERVICE <x:y> {{ BIND(?n AS ?m) ?h o:label ?l }} }}",
    f"{{ {NAMES} SERVICE <x:y> {{ ?g o:sub* ?h }} }}",
    f"{{ {NAMES} SERVICE <x:y> {{ ?h o:label ?l MINUS {{ ?g o:bad ?h }} }} }}",
]


@pytest.mark.parametrize("where", [where for where, source in SENT.items() if source is not None])
@pytest.mark.parametrize(
    "head", ["SELECT *", "SELECT (COUNT(?g) AS ?c) FROM :f WHERE", "CONSTRUCT { ?g ?p [] }"]
)
def test_values_come_from_what_is_joined(where, head):
    if head.startswith("CONSTRUCT"):
        head += " WHERE"
    query = read_calls(f"PREFIX : <x:> {head} {where}")
    source = find_source(query, query.calls[0], {})
    assert source is not None
    assert (source.variables, source.pattern) == SENT[where]


@pytest.mark.parametrize("where", [*NOT_SENT, *(where for where, source in SENT.items() if source is None)])
def test_no_values_where_they_could_change_the_answer(where):
    query = read_calls(f"SELECT * {where}")
    assert find_source(query, query.calls[0], {}) is None


def test_an_answered_call_restricts_the_next():
    query = read_calls(f"SELECT * {{ SERVICE <x:z> {{ ?k o:of ?g }} {CALL} }}")
    first, second = query.calls
    block = "VALUES (?k ?g) { (:a :b) }"
    assert find_source(query, second, {}) is None
    source = find_source(query, second, {first.start: Answered(block, frozenset({"k", "g"}))})
    assert (source.variables, source.pattern) == (("g",), block)
    assert find_source(query, second, {first.start: Answered(block, frozenset({"k"}))}) is None


def uri(number):
    return {"type": "uri", "value": f"http://x/{number}"}


STRING = {"type": "literal", "value": 'a "b"\n'}


def test_only_what_has_one_spelling_is_sent():
    number = {"type": "literal", "value": "01", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}
    german = {"type": "literal", "value": "a", "xml:lang": "de"}
    for cell in (number, german):
        values = read_values(["a", "b"], [{"a": uri(1), "b": uri(1)}, {"a": uri(1), "b": cell}])
        assert (values.variables, values.rows) == (("a",), (("<http://x/1>",),))
        assert read_values(["b"], [{"b": cell}]) is None


def test_a_blank_node_is_known_here_alone():
    blank = {"type": "bnode", "value": "b"}
    assert read_values(["a"], [{"a": blank}, {"a": uri(1)}]).rows == (("<http://x/1>",),)
    assert read_values(["a"], [{"a": blank}]).rows == ()
    assert list(read_values(["a"], [{"a": blank}]).chunks()) == []


def test_a_string_is_sent_in_both_spellings_and_counted_once():
    (chunk,) = read_values(["a", "b"], [{"a": uri(1), "b": STRING}]).chunks()
    assert chunk.startswith("{ SELECT DISTINCT ?a ?b { VALUES (?a ?b) {")
    assert chunk.count(r'"a \"b\"\n"') == 2
    assert chunk.count("#string>") == 1


def test_many_values_are_sent_in_parts_and_too_many_not_at_all():
    values = read_values(["a"], [{"a": uri(n)} for n in range(2500)])
    chunks = list(values.chunks())
    assert [chunk.count("<http") for chunk in chunks] == [1000, 1000, 500]
    assert read_values(["a"], [{"a": uri(n)} for n in range(MAX_ROWS + 1)]) is None


WORDS = (
    *(
        "SERVICE",
        "SILENT",
        "<x:y>",
        "?g",
        "a",
        ":p",
        "SELECT",
        "OPTIONAL",
        "FILTER",
        "VALUES",
        "GRAPH",
        "UNION",
    ),
    *("MINUS", "BIND", "LATERAL", "EXISTS", "'s'", "1", "#\n", *"{}()[].;,|*?"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_no_text_is_an_accident(words):
    text = "SELECT * { ?g :p ?n SERVICE <x:y> { ?g :p ?m } " + " ".join(words)
    try:
        inspect(text, may_call=True)
        query = read_calls(text)
    except QueryError:
        return
    for call in query.outer:
        find_source(query, call, {})
