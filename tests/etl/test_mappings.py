"""The graph of mappings and its tables: complete, nowhere else, and no stronger than the words allow."""

import gzip
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.mappings.matches import match
from bioimg_kg.mappings.vocabulary import TermNames
from bioimg_kg.release import open_release
from bioimg_kg.sssom import CLOSE, EXACT, RELATED, read
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import DEFAULT_BASE, PREFIXES

HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
REPO = Path(__file__).resolve().parents[2]
GRAPH = DEFAULT_BASE + "graph/mappings"


def ask(release, text):
    """Return the rows of a query over the union of all graphs, duplicates kept."""
    store = open_readonly(release.store)
    return [
        tuple(value.value if value else "" for value in row)
        for row in store.query(HEAD + text, use_default_graph_as_union=True)
    ]


@pytest.fixture(scope="module")
def examples(example_release):
    return open_release(example_release)


def check_complete(release):
    """Each mapped term of a study phenotype has one mapping in table and graph, and the reverse."""
    stated = ask(
        release, "SELECT ?phenotype ?term { ?phenotype a bikg:StudyPhenotype ; bikg:mappedTerm ?term }"
    )
    assert len(stated) == len(set(stated)) > 10
    table = read(release.mappings / "study-phenotypes.sssom.tsv")
    rows = [(table.expand(row.subject_id), table.expand(row.object_id)) for row in table.rows]
    assert sorted(rows) == sorted(stated)
    nodes = ask(
        release,
        f"""SELECT ?s ?o ?p ?m {{ GRAPH <{GRAPH}> {{ ?m a owl:Axiom ; owl:annotatedSource ?s ;
          owl:annotatedProperty ?p ; owl:annotatedTarget ?o . ?s ?p ?o }} ?s a bikg:StudyPhenotype }}""",
    )
    assert sorted(nodes) == sorted(
        (*pair, table.expand(row.predicate_id), table.expand(row.record_id))
        for pair, row in zip(rows, table.rows, strict=True)
    )
    assert len({row.record_id for row in table.rows}) == len(rows)


def ontology_names(release):
    """Return label and exact synonyms of every term, folded, from the quads of the ontology graphs."""
    found = {}
    for term, name in ask(
        release,
        f"""SELECT ?term ?name {{ GRAPH ?g {{ ?term rdfs:label|oboInOwl:hasExactSynonym ?name }}
          FILTER(STRSTARTS(STR(?g), "{DEFAULT_BASE}graph/ontology/")) }}""",
    ):
        found.setdefault(term, set()).add(" ".join(name.split()).casefold())
    return found


def check_predicates(release, names):
    """Recompute each predicate from the words alone."""
    table = read(release.mappings / "study-phenotypes.sssom.tsv")
    terms = Counter(row.subject_id for row in table.rows)
    found = Counter()
    for row in table.rows:
        same = " ".join(row.subject_label.split()).casefold() in names.get(table.expand(row.object_id), ())
        assert (row.predicate_id == EXACT) == (same and terms[row.subject_id] == 1), row
        assert row.predicate_id in (EXACT, CLOSE)
        assert bool(row.object_match_field) == same
        assert row.mapping_justification == "semapv:ManualMappingCuration"
        found[row.predicate_id] += 1
    return found


def test_every_mapped_term_has_one_mapping_and_the_reverse(examples):
    check_complete(examples)


def test_the_predicate_follows_from_the_words(examples):
    found = check_predicates(examples, ontology_names(examples))
    assert found[CLOSE] > 20


@pytest.mark.parametrize(
    ("words", "names", "others", "predicate"),
    [
        ("Cell  with projections ", TermNames("cell with projections", (), "x:"), 0, EXACT),
        ("CELL WITH PROJECTIONS", TermNames("y", ("Cell with projections",), "x:"), 0, EXACT),
        ("cell with projections", TermNames("cell with projections"), 0, CLOSE),  # a study's word
        ("round nucleus", TermNames("round nucleus phenotype", (), "x:"), 0, CLOSE),
        ("round nucleus phenotype", TermNames("round nucleus phenotype", (), "x:"), 1, CLOSE),
        ("round nucleus phenotype", None, 0, CLOSE),
        ("", TermNames("", (), "x:"), 0, CLOSE),
    ],
)
def test_words_and_terms(words, names, others, predicate):
    assert match(words, names, others)[0] == predicate


def test_corrections_are_in_the_graph_and_candidates_are_not(examples):
    pair = (PREFIXES["cmpo"] + "CMPO_0005634", PREFIXES["obo"] + "GO_0005634")
    assert pair in ask(examples, "SELECT ?wrong ?right { ?wrong skos:exactMatch ?right }")
    in_graph = set(
        ask(
            examples,
            f"""SELECT ?text ?gene {{ GRAPH <{GRAPH}> {{ ?m a owl:Axiom ; sssom:subject_label ?text ;
              owl:annotatedTarget ?gene ; sssom:subject_type "rdfs literal" }} }}""",
        )
    )
    table = read(examples.mappings / "excel-symbols.sssom.tsv")
    by_predicate = {
        predicate: {
            (r.subject_label, table.expand(r.object_id)) for r in table.rows if r.predicate_id == predicate
        }
        for predicate in (EXACT, RELATED)
    }
    assert in_graph == by_predicate[EXACT]
    assert by_predicate[RELATED]
    assert not in_graph & by_predicate[RELATED]


def test_the_graph_is_one_file_without_blank_nodes_and_no_triple_is_elsewhere(examples):
    def triples(path):
        with gzip.open(path) as stream:
            return {(q.subject, q.predicate, q.object) for q in parse(stream, format=RdfFormat.N_QUADS)}

    here = triples(examples.quads / "mappings.nq.gz")
    assert len(here) == examples.manifest["graphs"]["mappings"]
    assert not any("_:" in str(node) for triple in here for node in triple)
    for path in examples.quads.rglob("*.nq.gz"):
        if path.name != "mappings.nq.gz":
            assert not here & triples(path), path


def test_without_ontologies_no_match_is_exact(examples, tmp_path):
    from bioimg_kg.resources import data_path

    bare = build(BuildOptions(sources=[data_path("examples/studies")], data=tmp_path, name="bare", jobs=1))
    check_complete(bare)
    assert check_predicates(bare, {}) == {CLOSE: len(read(bare.mappings / "study-phenotypes.sssom.tsv").rows)}


def test_two_builds_write_the_same_bytes(tmp_path):
    """Sets have another order in each process: none may reach a file."""
    files = []
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "bioimg_kg.cli", "build", str(REPO / "examples/studies"), "-o"]
        command += [str(tmp_path / seed), "--ontologies", str(REPO / "examples/ontologies"), "--jobs", "1"]
        environment = os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1700000000"}
        subprocess.run(command, env=environment, check=True, capture_output=True)
        release = tmp_path / seed / "current"
        paths = [*release.glob("mappings/*"), release / "quads/mappings.nq.gz"]
        files.append({path.name: path.read_bytes() for path in paths})
    assert len(files[0]) == 5
    assert files[0] == files[1]


@pytest.mark.corpus
def test_all_real_study_phenotypes(full_release):
    release = open_release(full_release)
    check_complete(release)
    found = check_predicates(release, ontology_names(release))
    assert found[EXACT] > 50
    assert found[CLOSE] > 200


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore")  # pronto warns of headers
def test_the_predicate_rule_by_another_reader(full_release, shared):
    """The labels are read with pronto from the files here, not from the release."""
    import pronto

    release = open_release(full_release)
    names = {}
    for path in sorted((shared / "ontologies").glob("*.obo")):
        for term in pronto.Ontology(str(path)).terms():
            texts = [term.name or "", *(s.description for s in term.synonyms if s.scope == "EXACT")]
            names[term.id.replace(":", "_")] = {" ".join(text.split()).casefold() for text in texts}
    table = read(release.mappings / "study-phenotypes.sssom.tsv")
    terms = {table.expand(row.object_id) for row in table.rows}
    check_predicates(release, {iri: names.get(iri.rpartition("/")[2], set()) for iri in terms})
