"""What the one writer of quads writes, a strict parser reads back equal."""

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from bioimg_kg.etl import nquads
from bioimg_kg.etl.nquads import GraphFile, iri, literal
from bioimg_kg.identifiers.iris import Minter, encode, is_iri

GRAPH = "https://example.org/graph"
XSD = "http://www.w3.org/2001/XMLSchema#"

characters = st.characters(codec="utf-8")
text = st.text(characters | st.sampled_from("\"\\\n\r\t\b\f\0\x7f\x85\u2028\ufffe\uffff<>{}|^`'%#? "))


def lines(path):
    with gzip.open(path, "rb") as stream:
        return stream.read().decode().split("\n")[:-1]


def quads(path):
    with gzip.open(path, "rb") as stream:
        return set(parse(stream, format=RdfFormat.N_QUADS, lenient=False))


def write(path, triples, graph=GRAPH):
    with GraphFile(path, graph) as out:
        for subject, predicate, token in triples:
            out.add(subject, predicate, token)
    return out.counts.quads


@given(text)
def test_any_text_comes_back_as_a_literal(value):
    line = f"<s:s> <p:p> {literal(value)} <g:g> .\n"
    (quad,) = parse(line.encode(), format=RdfFormat.N_QUADS, lenient=False)
    assert quad.object == Literal(value)
    assert line.count("\n") == 1
    assert line.isprintable() or all(ord(c) > 0x7F for c in line[:-1] if not c.isprintable())


@given(text)
def test_any_text_comes_back_with_its_type(value):
    line = f"<s:s> <p:p> {literal(value, 'token')} <g:g> .\n"
    (quad,) = parse(line.encode(), format=RdfFormat.N_QUADS, lenient=False)
    assert quad.object == Literal(value, datatype=NamedNode(XSD + "token"))


@given(text | st.builds("https://example.org/{}".format, text))
def test_a_text_is_refused_or_comes_back_as_an_iri(value):
    try:
        token = iri(value)
    except ValueError:
        assert not is_iri(value)
        return
    line = f"{token} {token} {token} {token} .\n"
    (quad,) = parse(line.encode(), format=RdfFormat.N_QUADS, lenient=False)
    node = NamedNode(value)
    assert quad == Quad(node, node, node, node)


@given(text)
def test_any_text_becomes_a_part_of_an_iri_and_comes_back(value):
    name = Minter().within("https://example.org/a", value)
    assert is_iri(name)
    assert encode(value).isascii()
    assert "/" not in encode(value)


@pytest.mark.parametrize(
    "value", ["", "a", "/a", "a b:c", "https://example.org/a b", "https://x/<y>", "x:\n"]
)
def test_what_is_no_iri_is_refused(value):
    with pytest.raises(ValueError, match="is not an absolute IRI"):
        iri(value)


subjects = st.integers(0, 5).map("https://example.org/s{}".format)
triples = st.lists(st.tuples(subjects, subjects, st.builds(literal, text) | subjects.map(iri)), max_size=40)


@given(triples)
def test_a_file_is_sorted_unique_and_complete(given_triples):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "g.nq.gz"
        count = write(path, given_triples)
        found = lines(path)
        assert found == sorted(set(found))
        assert count == len(found) == len(set(given_triples))
        expected = {(s, p) for s, p, _ in given_triples}
        assert {(q.subject.value, q.predicate.value) for q in quads(path)} == expected
        assert {q.graph_name.value for q in quads(path)} <= {GRAPH}


@given(triples, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(given_triples, random):
    with tempfile.TemporaryDirectory() as folder:
        one, two = Path(folder) / "one.nq.gz", Path(folder) / "sub" / "other-name.nq.gz"
        write(one, given_triples)
        again = given_triples * 2
        random.shuffle(again)
        write(two, again)
        assert one.read_bytes() == two.read_bytes()


def columns(out, rows):
    half = len(rows) // 2
    out.column([s for s, _ in rows[:half]], "p:p", [o for _, o in rows[:half]])
    out.constant([s for s, _ in rows], "p:q", '"same"')
    out.column([s for s, _ in rows[half:]], "p:p", [o for _, o in rows[half:]])
    for subject, token in rows[:7]:
        out.add(subject[1:-1], "p:r", token)


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_spilling_to_disk_gives_the_same_bytes(tmp_path, monkeypatch, limit):
    rows = [(f"<s:{n % 40}>", literal(f"\u20ac\n\u2028\x85{n % 13}")) for n in range(100)]
    whole, parts = tmp_path / "whole.nq.gz", tmp_path / "parts.nq.gz"
    with GraphFile(whole, GRAPH) as out:
        columns(out, rows)
    monkeypatch.setattr(nquads, "_LINES_IN_MEMORY", limit)
    with GraphFile(parts, GRAPH) as small:
        columns(small, rows)
        assert len(small._runs) > 1
    assert whole.read_bytes() == parts.read_bytes()
    assert out.counts.quads == small.counts.quads == len(lines(whole))
    assert all(run.closed for run in small._runs)


def test_single_quads_are_kept_in_bounded_memory_too(tmp_path, monkeypatch):
    monkeypatch.setattr(nquads, "_LINES_IN_MEMORY", 10)
    with GraphFile(tmp_path / "g.nq.gz", GRAPH) as out:
        for n in range(100):
            out.text("s:s", "p:p", str(n))
            assert len(out._lines) <= 10
    assert out.counts.quads == 100


def test_the_bytes_do_not_tell_when_or_where_they_were_written(tmp_path):
    write(tmp_path / "a.nq.gz", [("s:s", "p:p", '"x"')])
    header = (tmp_path / "a.nq.gz").read_bytes()[:10]
    assert header[:4] == b"\x1f\x8b\x08\x00"
    assert header[4:8] == bytes(4)


def test_an_empty_graph_is_an_empty_file(tmp_path):
    assert write(tmp_path / "g.nq.gz", []) == 0
    assert lines(tmp_path / "g.nq.gz") == []


def test_an_error_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="absolute"), GraphFile(tmp_path / "g.nq.gz", GRAPH) as out:
        out.link("s:s", "p:p", "not an IRI")
    assert list(tmp_path.iterdir()) == []


def test_columns_must_have_one_length(tmp_path):
    with pytest.raises(ValueError, match="zip"), GraphFile(tmp_path / "g.nq.gz", GRAPH) as out:
        out.column(["<s:s>", "<s:t>"], "p:p", ['"x"'])


def test_an_empty_text_is_no_quad(tmp_path):
    with GraphFile(tmp_path / "g.nq.gz", GRAPH) as out:
        out.text("s:s", "p:p", "")
        out.text("s:s", "p:p", "5", "integer")
        out.link("s:s", "p:q", "o:o")
    assert lines(tmp_path / "g.nq.gz") == [
        f'<s:s> <p:p> "5"^^<{XSD}integer> <{GRAPH}> .',
        f"<s:s> <p:q> <o:o> <{GRAPH}> .",
    ]


@given(st.lists(st.text(characters, min_size=1, max_size=3), min_size=2, max_size=4))
def test_different_names_get_different_iris(parts):
    assume(len(set(parts)) == len(parts))
    made = {Minter().within("https://example.org", part) for part in parts}
    assert len(made) == len(parts)
