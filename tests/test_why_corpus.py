"""Statements of the real release, back to the rows, which are read again here with the csv module alone."""

import csv
import gzip
import io
import random
import re
import zipfile
from collections import defaultdict
from functools import cache

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from bioimg_kg.release import open_release
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import MAPPED_TERM
from bioimg_kg.why import Graph, Repairs, explain, walk

pytestmark = pytest.mark.corpus
SEED, SAMPLED = 20261120, 300
ENDS = {"row", "file", "ontology", "reference", "build"}
COMMIT = re.compile(r"[0-9a-f]{40}")


@pytest.fixture(scope="module")
def release(full_release):
    return open_release(full_release)


@pytest.fixture(scope="module")
def graph(release):
    return Graph(open_readonly(release.store))


@pytest.fixture(scope="module")
def repairs(release):
    return Repairs.read(release.issues)


@pytest.fixture(scope="module")
def sampled(release):
    """Some statements of each predicate in each kind of graph, drawn from all."""
    draw = random.Random(SEED)
    kept, counted = defaultdict(list), defaultdict(int)
    for path in sorted(release.quads.rglob("*.nq.gz")):
        folder = path.relative_to(release.quads).parts[0]
        kind = folder if folder in ("study", "ontology") else path.name
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                stratum = kind, line.split(" ", 2)[1]
                counted[stratum] += 1
                if len(kept[stratum]) < 3:
                    kept[stratum].append(line)
                elif draw.random() < 3 / counted[stratum]:
                    kept[stratum][draw.randrange(3)] = line
    chosen = [lines.pop(0) for _, lines in sorted(kept.items())]
    rest = [line for _, lines in sorted(kept.items()) for line in lines]
    chosen += draw.sample(rest, max(0, SAMPLED - len(chosen)))
    return list(parse("".join(chosen).encode(), format=RdfFormat.N_QUADS))


@cache
def rows_of(path):
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            (name,) = (n for n in archive.namelist() if "MACOSX" not in n and not n.endswith("/"))
            data = archive.read(name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if path.name.endswith("-study.txt"):
        return [line.split("\t") for line in text.split("\n")]
    csv.field_size_limit(1 << 24)
    head = text.partition("\n")[0]
    return list(csv.reader(io.StringIO(text), delimiter="\t" if head.count("\t") > head.count(",") else ","))


def cells_of(shared, step):
    """Return the cells of a row, or of a range of rows, in the way a person compares them."""
    facts = dict(step.facts)
    study = facts["graph"].removeprefix("study/")
    (folder,) = (shared / "idr").glob(f"{study}-*")
    first, _, last = facts["row"].partition("-")
    found = rows_of(folder / facts["file"])[int(first) - 1 : int(last or first)]
    assert len(found) == int(last or first) - int(first) + 1, step.iri
    return {plain(cell) for row in found for cell in row} - {""}


def plain(text):
    text = re.sub(r"\s+", " ", text.strip().strip('"')).casefold()
    return re.sub(r"^([a-z]+)0+(\d)", r"\1\2", text)


def inside(word, cells):
    return any(plain(word) in cell for cell in cells)


def local(iri):
    return re.split(r"[/#:]", iri)[-1]


def words_of(graph, node):
    """Return what a row may call a thing: its labels and the ends of what it points to."""
    found = set()
    for quad in graph.store.quads_for_pattern(node, None, None, None):
        if isinstance(quad.object, Literal):
            found.add(quad.object.value)
        elif "wasDerivedFrom" not in quad.predicate.value and "type" not in quad.predicate.value:
            found.add(local(quad.object.value))
            found.add(graph.label(quad.object))
    return {word for word in found if len(word) > 1}


def check_row(graph, shared, thing, step):
    """Compare a row with the thing that is said to come from it."""
    cells = cells_of(shared, step)
    node = NamedNode(thing.iri)
    if thing.kind == "association":
        facts = dict(thing.facts)
        assert inside(facts["study's words"], cells), (step.iri, facts)
        name = re.sub(r"^.*?:| \(.*$", "", facts["subject"])
        labels = {name, re.sub(r"^[^(]*\(|\)$", "", facts["subject"])}
        known = {
            q.object.value for q in graph.store.quads_for_pattern(subject(graph, node), None, None, None)
        }
        assert any(inside(word, cells) for word in labels | {k for k in known if "//" not in k}), (
            step.iri,
            facts,
        )
    elif re.search(r"/(well|image)/[^/]+$", thing.iri):
        container = next(iter(graph.links(node, "http://purl.org/dc/terms/isPartOf")))
        labels = graph.label(node), graph.label(container)
        joined = graph.links(node, "https://w3id.org/bioimg-kg/ontology#joinedRow")
        if step.iri not in {j.value for j in joined}:
            assert all(inside(label, cells) for label in labels), (step.iri, labels)
        return
    elif dict(step.facts)["row"].isdecimal():
        numbers = {re.sub(r"\D", "", word).lstrip("0") for word in words_of(graph, node)} - {""}
        found = any(inside(w, cells) for w in words_of(graph, node)) or any(
            n in re.sub(r"\D", "", cell) for n in numbers for cell in cells
        )
        assert found, (step.iri, thing.iri)


def subject(graph, node):
    return graph.links(node, "http://www.w3.org/1999/02/22-rdf-syntax-ns#subject")[0]


def rows_with_things(step):
    for below in step.steps:
        if below.kind == "row" and step.kind in ("thing", "association"):
            yield step, below
        yield from rows_with_things(below)


def test_statements_of_every_kind_lead_to_a_row_or_to_what_stands_for_one(graph, repairs, sampled, shared):
    assert len(sampled) >= SAMPLED
    with_rows = 0
    for quad in sampled:
        answer = explain(graph, repairs, quad.subject, quad.predicate, quad.object, limit=3)
        steps = list(walk(answer))
        gaps = [step.text for step in steps if step.kind == "gap"]
        assert not gaps, (quad, gaps)
        assert ENDS & {step.kind for step in steps}, quad
        for step in steps:
            if step.kind == "row":
                facts = dict(step.facts)
                assert COMMIT.fullmatch(facts["commit"]), step
                assert facts["commit"] in step.iri
                assert len(facts["sha256"]) == 64
        pairs = list(rows_with_things(answer))
        with_rows += bool(pairs)
        for thing, step in pairs:
            check_row(graph, shared, thing, step)
    assert with_rows >= SAMPLED / 2


@pytest.mark.parametrize(
    "name", ["qualityNote", "senseSequence", "cellLineName", "targetName", "factorValue"]
)
def test_a_value_that_is_kept_as_it_stands_is_in_the_row_that_it_comes_from(graph, repairs, shared, name):
    predicate = NamedNode(f"https://w3id.org/bioimg-kg/ontology#{name}")
    found = sorted(graph.store.quads_for_pattern(None, predicate, None, None), key=str)
    assert len(found) >= 20
    for quad in random.Random(SEED).sample(found, 20):
        answer = explain(graph, repairs, quad.subject, quad.predicate, quad.object, limit=50)
        things = [thing for thing in walk(answer) if any(step.kind == "row" for step in thing.steps)]
        assert things
        rows = [[cells_of(shared, s) for s in thing.steps if s.kind == "row"] for thing in things]
        held = [inside(quad.object.value, set().union(*cells)) for cells in rows]
        # a reagent stands in many rows, and not all give its sequence
        assert any(held) if name == "senseSequence" else all(held), quad


def test_corrected_phenotypes_show_the_correction(graph, repairs):
    nucleus = NamedNode("http://purl.obolibrary.org/obo/GO_0005634")
    issues = [r for found in repairs.by_file.values() for r in found if r.value == "CMPO_0005634"]
    assert len(issues) >= 10
    lines = {(r.file, r.rows[0][0]) for r in issues if r.code == "term-repaired"}
    shown = set()
    for quad in graph.store.quads_for_pattern(None, NamedNode(MAPPED_TERM), nucleus, None):
        answer = explain(graph, repairs, quad.subject, quad.predicate, quad.object)
        for row in walk(answer):
            for below in row.steps if row.kind == "row" else ():
                if below.kind == "repair" and "CMPO_0005634" in below.text:
                    assert "corrections.sssom.tsv" in below.text
                    facts = dict(row.facts)
                    shown.add((facts["file"], int(facts["row"])))
    assert shown == lines


def test_a_damaged_compound_number_shows_its_repair(graph, repairs):
    found = [
        (study, repair)
        for (study, _), list_ in repairs.by_file.items()
        for repair in list_
        if repair.code == "compound-cid-repaired"
    ]
    assert found
    for _, repair in found:
        number = repair.message.rpartition(" ")[2]
        compound = NamedNode(f"http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID{number}")
        answer = explain(
            graph, repairs, compound, NamedNode("https://w3id.org/bioimg-kg/ontology#pubchemCid"), limit=1000
        )
        texts = [step.text for step in walk(answer) if step.kind == "repair"]
        assert any(repair.message in text for text in texts), repair
