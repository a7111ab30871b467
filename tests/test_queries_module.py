"""Named queries are read strictly and values become terms, never text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store

from bioimg_kg.errors import ConfigError
from bioimg_kg.queries import NamedQuery, get_query, load_queries, parse_query

HEADER = "#+ question: What?\n"


def _query(kind, default="-"):
    return parse_query(
        "q", f"{HEADER}#+ param: x {kind} {default} A value\nSELECT ?x {{ VALUES ?x {{ {{{{x}}}} }} }}"
    )


def _bound(query, value):
    return [row["x"] for row in Store().query(query.bind({"x": value}))]


def test_a_file_is_read_with_all_its_parts():
    query = parse_query(
        "genes",
        "#+ question: Which genes?\n#+ description: One\n#+ description: two.\n#+ tags: gene, phenotype\n"
        '#+ param: label string "mitotic delay" The authors\' words\n'
        "#+ param: species term - An organism\n# a comment\nSELECT * { VALUES ?label { {{label}} } "
        "VALUES ?species { {{ species }} } }",
    )
    assert (query.question, query.description) == ("Which genes?", "One two.")
    assert query.tags == ("gene", "phenotype")
    assert [(p.name, p.type, p.default) for p in query.parameters] == [
        ("label", "string", "mitotic delay"),
        ("species", "term", None),
    ]
    bound = query.bind({"species": "NCBITaxon:9606"})
    assert '"mitotic delay"' in bound
    assert "<http://purl.obolibrary.org/obo/NCBITaxon_9606>" in bound


@pytest.mark.parametrize(
    ("kind", "value", "terms"),
    [
        ("term", "CMPO:0000077", [NamedNode("http://www.ebi.ac.uk/cmpo/CMPO_0000077")]),
        ("term", "GO:0007049, PATO:0000001", [NamedNode(f"http://purl.obolibrary.org/obo/{x}") for x in
                                              ("GO_0007049", "PATO_0000001")]),
        ("term", "EFO:0001185", [NamedNode("http://www.ebi.ac.uk/efo/EFO_0001185")]),
        ("term", "<http://example.org/a>", [NamedNode("http://example.org/a")]),
        ("gene", "NCBIGene:1025", [NamedNode("https://www.ncbi.nlm.nih.gov/gene/1025")]),
        ("gene", "ENSG00000123374", [NamedNode("http://rdf.ebi.ac.uk/resource/ensembl/ENSG00000123374")]),
        ("iri", "PUBCHEM.COMPOUND:679", [NamedNode("http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID679")]),
        ("string", 'a, "b, c"', [Literal("a"), Literal("b, c")]),
        ("string", 'it\'s "quoted"', [Literal('it\'s "quoted"')]),
        ("string", ["x, y", "z"], [Literal("x, y"), Literal("z")]),
        ("integer", "-12", [Literal(-12)]),
        ("integer", "+007", [Literal(7)]),
        ("decimal", "0.05", [Literal("0.05", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))]),
        ("decimal", "2", [Literal("2", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))]),
    ],
)  # fmt: skip
def test_values_become_terms_of_their_type(kind, value, terms):
    assert _bound(_query(kind), value) == terms


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("term", "CMPO:77x> } INSERT"),
        ("term", "NOSUCH:1"),
        ("term", "http://x/> } . ?s ?p ?o . {"),
        ("iri", "http://x/a b"),
        ("iri", "plain words"),
        ("gene", "CDK5"),
        ("integer", "1.5"),
        ("integer", "1 } UNION {"),
        ("integer", "٣"),
        ("decimal", "1e5"),
        ("string", "\ud800"),
    ],
)
def test_a_value_of_another_type_is_refused_with_an_example(kind, value):
    with pytest.raises(ConfigError, match=r"parameter 'x': .* write for example"):
        _query(kind).bind({"x": value})


def test_missing_and_unknown_parameters_are_named():
    with pytest.raises(ConfigError, match="needs the parameter 'x'"):
        _query("term").bind()
    with pytest.raises(ConfigError, match=r"no parameter 'y', 'z': it takes x"):
        _query("term").bind({"z": "1", "y": "1"})
    assert "0000077" in _query("term", "CMPO:0000077").bind({"x": " "})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("SELECT * {}", "question"),
        (HEADER + "#+ param: x word y z\nSELECT * {}", "cannot read"),
        (HEADER + "#+ param: x term - A\nSELECT * {}", "every '#\\+ param'"),
        (HEADER + "SELECT * { VALUES ?x { {{x}} } }", "every '#\\+ param'"),
        (HEADER + "#+ colour: red\nSELECT * {}", "unknown header 'colour'"),
    ],
)
def test_a_bad_file_is_an_error_that_names_it(content, message):
    with pytest.raises(ConfigError, match=rf"queries/q\.rq.*{message}"):
        parse_query("q", content)


@given(st.text())
def test_no_string_leaves_its_literal(text):
    query = _query("string")
    try:
        bound = query.bind({"x": [text]})
    except ConfigError:
        return
    expected = [Literal(text.strip())] if text.strip() else None
    if expected:
        assert [row["x"] for row in Store().query(bound)] == expected


@given(st.text(st.sampled_from('ab:/<>{}"\\ \n#?u003E%,'), max_size=20))
def test_no_iri_leaves_its_brackets(text):
    query = _query("iri")
    value = "http://x/" + text
    try:
        bound = query.bind({"x": [value]})
    except ConfigError:
        return
    assert [row["x"].value for row in Store().query(bound)] == [value.strip()]


def test_unknown_names_are_answered_with_the_known_ones(tmp_path):
    (tmp_path / "b.rq").write_text(HEADER + "ASK {}")
    (tmp_path / "a.rq").write_text(HEADER + "ASK {}")
    assert [q.name for q in load_queries(tmp_path)] == ["a", "b"]
    assert isinstance(get_query("b", tmp_path), NamedQuery)
    with pytest.raises(ConfigError, match="no query is named 'c'; there are: a, b"):
        get_query("c", tmp_path)


def test_every_shipped_query_is_sparql_with_its_examples():
    for query in load_queries():
        assert query.description
        Store().query(query.bind({p.name: p.example for p in query.parameters}))
