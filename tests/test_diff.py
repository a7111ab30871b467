"""What differs between two releases: counted anew by rdflib, with hostile files, and on real studies."""

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Graph

from bioimg_kg.diff.compare import compare
from bioimg_kg.diff.lines import subjects
from bioimg_kg.diff.report import COLUMNS, document, rows
from bioimg_kg.errors import ConfigError, SourceError
from bioimg_kg.release import open_release


def _read(release):
    """Return the statements of a release by graph, as rdflib reads them."""
    found = {}
    for path in release.quads.rglob("*.nq.gz"):
        name = path.relative_to(release.quads).as_posix().removesuffix(".nq.gz")
        if name != "meta":
            lines = gzip.decompress(path.read_bytes()).splitlines()
            text = b"".join(line.rpartition(b" <")[0] + b" .\n" for line in lines)  # without the graph
            graph = Graph().parse(data=text, format="nt")
            assert len(graph) == len(lines)
            # n3() tells "1" and "01" apart, which compare equal as numbers
            found[name] = {tuple(term.n3() for term in triple) for triple in graph}
    return found


def _by_thing(graphs):
    things = defaultdict(set)
    for name, triples in graphs.items():
        for s, p, o in triples:
            things[s].add((p, o, name))
    return things


def _classes(statements):
    found = {o.strip("<>") for p, o, _ in statements if p == RDF.type.n3()}
    return (found or {""}) if statements else set()


def _recount(old, new):
    """Return what differs, by sets in memory."""
    before, after = _read(old), _read(new)
    graphs = {}
    for name in before.keys() | after.keys():
        b, a = before.get(name, set()), after.get(name, set())
        if a != b:
            graphs[name] = (len(a - b), len(b - a))
    classes = defaultdict(lambda: {"new": 0, "gone": 0, "changed": 0})
    things = {"new": 0, "gone": 0, "changed": 0}
    b, a = _by_thing(before), _by_thing(after)
    for thing in b.keys() | a.keys():
        one, other = b.get(thing, set()), a.get(thing, set())
        if one == other:
            continue
        things["changed" if one and other else "new" if other else "gone"] += 1
        was, is_ = _classes(one), _classes(other)
        for name in was | is_:
            classes[name]["changed" if name in was & is_ else "new" if name in is_ else "gone"] += 1
    return graphs, dict(classes), things


def _check(old, new):
    found = compare(old, new)
    graphs, classes, things = _recount(old, new)
    assert {
        g.name: (g.added, g.removed) for g in found.graphs if g.state != "same" and g.name != "meta"
    } == graphs
    assert {name: asdict(of) for name, of in found.classes.items()} == classes
    assert asdict(found.things) == things
    assert found.added == sum(added for added, _ in graphs.values())
    assert found.removed == sum(removed for _, removed in graphs.values())
    return found


@pytest.fixture(scope="module")
def pair(two_releases):
    return tuple(open_release(two_releases / "releases" / name) for name in ("2026.1", "2026.2"))


@pytest.mark.parametrize("turned", [False, True])
def test_it_is_what_sets_of_statements_say(pair, turned):
    found = _check(*(reversed(pair) if turned else pair))
    states = {g.name: g.state for g in found.graphs}
    assert states["study/idr9006"] == ("new" if turned else "gone")
    assert states["study/idr9001"] == states["study/idr9004"] == states["mappings"] == "changed"
    assert states["study/idr9002"] == "same"
    assert not found.equal


def test_a_changed_description_is_one_changed_study(pair):
    found = compare(*pair)
    (graph,) = (g for g in found.graphs if g.name == "study/idr9001")
    assert (graph.added, graph.removed, asdict(graph.things)) == (1, 1, {"new": 0, "gone": 0, "changed": 1})


def test_a_release_is_equal_to_itself_and_to_another_build_of_the_same(pair, two_releases, tmp_path):
    found = compare(pair[0], pair[0])
    assert found.equal
    assert not found.things
    copy = tmp_path / "copy"
    shutil.copytree(pair[0].path, copy)
    for path in (copy / "quads").rglob("*.nq.gz"):  # other bytes, same lines
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1))
    meta = copy / "quads" / "meta.nq.gz"
    lines = gzip.decompress(meta.read_bytes()).replace(b"2026-11-20T", b"2026-11-21T")
    meta.write_bytes(gzip.compress(lines))
    again = compare(pair[0], open_release(copy))
    assert again.equal
    assert {g.name: g.state for g in again.graphs}["meta"] == "changed"
    assert not again.classes


def test_the_list_of_things_adds_up_to_the_counts(pair):
    things = []
    found = compare(*pair, things.append)
    assert [t.iri for t in things] == sorted({t.iri for t in things})
    states = [t.state for t in things]
    assert {k: states.count(k) for k in ("new", "gone", "changed")} == asdict(found.things)
    assert sum(t.added for t in things) == found.added
    assert sum(t.removed for t in things) == found.removed


def test_the_table_and_the_document_say_the_same(pair):
    found = compare(*pair)
    table = [dict(zip(COLUMNS, row, strict=True)) for row in rows(found)]
    told = document(found)
    json.dumps(told)
    studies = {row["name"]: row["state"] for row in table if row["kind"] == "study"}
    assert studies == {study["study"]: study["state"] for study in told["studies"]}
    assert {r["name"]: int(r["changed"]) for r in table if r["kind"] == "class"} == {
        entry["name"]: entry["changed"] for entry in told["classes"]
    }
    assert told["from"]["name"] == "2026.1"
    assert told["quads"] == {"added": found.added, "removed": found.removed}


_LINES = st.sets(
    st.builds(
        lambda s, p, o: f"<http://x/{s}> <http://p/{p}> {o} <http://g> .\n".encode(),
        st.sampled_from(["a", "a/b", "ab", "a-", "é", "z"]),
        st.sampled_from("pq"),
        st.sampled_from(['"a"', '"a"@en', '"a b"', "<http://x/a>", '"é"']),
    )
)


@given(_LINES, _LINES)
def test_any_two_files_are_compared_like_sets(tmp_path_factory, old, new):
    folder = tmp_path_factory.mktemp("lines")
    paths = []
    for name, lines in (("old", old), ("new", new)):
        paths.append(folder / name)
        ordered = sorted(lines, key=lambda line: line.decode().removesuffix(" <http://g> .\n"))
        paths[-1].write_bytes(gzip.compress(b"".join(ordered)))
    found = {s.iri: (s.before, s.after, s.added, s.removed) for s in subjects(*paths)}
    expected = {}
    for subject in {line.decode().split("> ")[0][1:] for line in old | new}:
        mine = [{li for li in lines if li.startswith(f"<{subject}> ".encode())} for lines in (old, new)]
        expected[subject] = (*map(len, mine), len(mine[1] - mine[0]), len(mine[0] - mine[1]))
    assert found == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(b"<b> <p> <o> <g> .\n<a> <p> <o> <g> .\n"), "not sorted"),
        (gzip.compress(b"_:b <p> <o> <g> .\n"), "not sorted"),
        (gzip.compress(b"<b> <p> <o> <g> .\n" * 100)[:-12], "damaged|not sorted"),
        (b"no gzip", "damaged"),
    ],
    ids=["unsorted", "blank", "cut", "text"],
)
def test_a_file_that_is_not_of_a_build_is_an_error_that_names_it(tmp_path, content, said):
    path = tmp_path / "x.nq.gz"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=said) as caught:
        list(subjects(path, None))
    assert str(path) in str(caught.value)


def test_a_release_without_files_or_store_is_an_error(pair, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(pair[0].path, copy)
    manifest = next((copy / "store").glob("MANIFEST-*"))
    manifest.write_bytes(manifest.read_bytes()[:100])
    with pytest.raises(SourceError, match="cannot be opened"):
        compare(open_release(copy), pair[1])
    shutil.rmtree(copy / "quads")
    with pytest.raises(ConfigError, match="no N-Quads"):
        compare(open_release(copy), pair[1])


def _run(*arguments):
    words = [sys.executable, "-m", "bioimg_kg.cli", "diff", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


def test_the_command_prints_tables_and_ends_with_1_if_something_differs(two_releases):
    done = _run("2026.1", "current", "-d", two_releases)
    assert done.returncode == 1, done.stderr
    table = list(csv.DictReader(io.StringIO(done.stdout), delimiter="\t"))
    assert table[0]["kind"] == "all"
    assert {r["name"] for r in table if r["kind"] == "study"} >= {"idr9001", "idr9004", "idr9006"}
    assert "differ" in done.stderr
    told = json.loads(
        _run("2026.1", two_releases / "releases" / "2026.2", "-d", two_releases, "--json").stdout
    )
    assert told["equal"] is False
    listed = _run("2026.1", "2026.2", "-d", two_releases, "--things").stdout.splitlines()
    assert len(listed) == 1 + sum(told["things"].values())
    parsed = [
        json.loads(line)
        for line in _run("2026.1", "2026.2", "-d", two_releases, "--things", "--json").stdout.splitlines()
    ]
    assert [thing["iri"] for thing in parsed] == [line.split("\t")[1] for line in listed[1:]]


def test_the_command_ends_with_0_if_nothing_differs(two_releases):
    done = _run("2026.2", "current", "-d", two_releases)
    assert (done.returncode, "say the same" in done.stderr) == (0, True)


@pytest.mark.parametrize("name", ["../2026.1", "2026.3", "x" * 300, "ü", "", "."])
def test_a_name_that_is_not_there_lists_those_that_are(two_releases, name):
    done = _run(name, "current", "-d", two_releases)
    assert done.returncode == 2
    assert "there are 2026.1, 2026.2" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.corpus
def test_two_releases_of_real_studies_are_compared_like_sets(shared, tmp_path):
    from bioimg_kg.etl.pipeline import BuildOptions, build

    made = []
    for name, studies in (
        ("one", ("idr0002", "idr0022", "idr0069")),
        ("two", ("idr0002", "idr0069", "idr0080")),
    ):
        options = BuildOptions(
            sources=[shared / "idr"], data=tmp_path, studies=studies, name=name, date="2026-11-20"
        )
        made.append(build(options))
    found = _check(*made)
    states = {g.name: g.state for g in found.graphs}
    assert (states["study/idr0002"], states["study/idr0022"], states["study/idr0080"]) == (
        "same",
        "gone",
        "new",
    )
