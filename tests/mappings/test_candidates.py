"""Suggestions for words without a term: sensible, measured, and never in the graph."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.mappings.candidates import Suggester, candidate_set, confidence, suggest_all
from bioimg_kg.mappings.matches import PhenotypeWords
from bioimg_kg.mappings.tokens import meanings, tokens
from bioimg_kg.mappings.vocabulary import TermNames, Vocabulary, read_vocabulary
from bioimg_kg.release import open_release
from bioimg_kg.sssom import RELATED, dump, read
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import BIKG, OBO

REPO = Path(__file__).resolve().parents[2]
CMPO = "http://www.ebi.ac.uk/cmpo/CMPO_"
ONTOLOGY = "https://w3id.org/bioimg-kg/graph/ontology/"
BIG, ROUND, SPLIT = CMPO + "0000140", CMPO + "0000118", CMPO + "0000500"
NUCLEUS, COMPONENT, SIZE = OBO + "GO_0005634", OBO + "GO_0005575", OBO + "PATO_0000586"


@pytest.fixture(scope="module")
def vocabulary():
    names = {
        BIG: TermNames("increased nucleus size phenotype", (), ONTOLOGY + "cmpo", "1"),
        ROUND: TermNames("round cell phenotype", ("spherical cell",), ONTOLOGY + "cmpo", "1"),
        SPLIT: TermNames("split phenotype", (), ONTOLOGY + "cmpo", "1"),
        NUCLEUS: TermNames("nucleus", (), ONTOLOGY + "go"),
        COMPONENT: TermNames("cellular_component", (), ONTOLOGY + "go"),
        SIZE: TermNames("increased size", ("enlarged",), ONTOLOGY + "pato"),
        OBO + "GO_0051301": TermNames("cell division", (), ONTOLOGY + "go"),
    }
    return Vocabulary(names, {NUCLEUS: {COMPONENT}}, {SPLIT: {OBO + "GO_0051301", SIZE}})


def phenotype(words, *terms, study="idr9000", **more):
    me = f"https://w3id.org/bioimg-kg/id/study/{study}"
    return PhenotypeWords(
        iri=f"{me}/screenA/phenotype/{abs(hash(words))}", words=words, terms=terms, study=me, **more
    )


def suggested(vocabulary, asked, *mapped):
    ((_, found),) = suggest_all([asked], vocabulary, mapped)
    return [(candidate.term, candidate.source) for candidate in found]


@pytest.mark.parametrize(
    ("words", "term", "source"),
    [
        ("Big nuclei", BIG, "label"),
        ("spherical cells", ROUND, "synonym"),
        ("round cell phenotype", ROUND, "label"),
        ("ROUNDED  cells", ROUND, "synonym"),
        ("large dividing cells", SPLIT, "definition"),
    ],
)
def test_words_lead_to_the_term(vocabulary, words, term, source):
    assert suggested(vocabulary, phenotype(words))[0] == (term, source)


@pytest.mark.parametrize("words", ["", "   ", "of the", "???", "Addgene 134661", "na"])
def test_words_that_say_nothing_lead_nowhere(vocabulary, words):
    assert suggested(vocabulary, phenotype(words)) == []


def test_a_slip_of_the_pen_is_forgiven(vocabulary):
    assert suggested(vocabulary, phenotype("increased nucleuss size"))[0][0] == BIG


def test_components_are_suggested_only_where_places_are_reported(vocabulary):
    assert (NUCLEUS, "label") in suggested(vocabulary, phenotype("nucleus", localized=True))
    assert NUCLEUS not in dict(suggested(vocabulary, phenotype("nucleus")))


def test_words_of_another_study_count_and_those_of_the_same_do_not(vocabulary):
    other = phenotype("ballooned", SPLIT, study="idr9001")
    assert suggested(vocabulary, phenotype("ballooned"), other) == [(SPLIT, "words of another study")]
    assert suggested(vocabulary, phenotype("ballooned"), phenotype("Ballooned", SPLIT)) == []


def test_only_phenotypes_without_a_term_get_rows_and_no_row_is_a_match(vocabulary):
    given_terms = phenotype("round", ROUND)
    table = candidate_set([given_terms, phenotype("big nuclei")], vocabulary, "2026-11-20", Minter())
    assert {row.subject_label for row in table.rows} == {"big nuclei"}
    assert {row.predicate_id for row in table.rows} == {RELATED}
    assert all(0 < float(row.confidence) < 1 for row in table.rows)
    assert "mapping_justification" in dump(table)


@given(st.text(), st.booleans())
def test_any_words_are_answered_in_a_fixed_order(words, localized):
    finder = Suggester(
        Vocabulary({"x:1": TermNames("round cell", ("ball",)), "x:2": TermNames("cell round")}),
        ["x:1", "x:2"],
    )
    found = finder.suggest(words, context="protein localized" if localized else "")
    assert found == finder.suggest(words, context="protein localized" if localized else "")
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert all(0 < c.score <= 1 for c in found)
    assert all(0 <= confidence(rank, c.score) <= 1 for rank, c in enumerate(found))


def test_the_table_of_words_is_in_order_and_each_word_leads_somewhere():
    text = (REPO / "mappings/phenotype-words.tsv").read_text(encoding="utf-8")
    header, *lines = text.splitlines()
    assert header == "word\tmeaning"
    assert lines == sorted(set(lines))
    assert len(meanings()) == len(lines)
    for line in lines:
        word, meaning = line.split("\t")
        assert word == word.casefold()
        assert tokens(meaning)


def test_definitions_are_read_from_the_graphs(tmp_path):
    import gzip

    (tmp_path / "ontology").mkdir()
    line = f"<{SPLIT}> <{BIKG}definedByPATO> <{SIZE}> <{ONTOLOGY}cmpo-definitions> .\n"
    with gzip.open(tmp_path / "ontology/cmpo-definitions.nq.gz", "wt") as stream:
        stream.write(line)
    assert read_vocabulary(tmp_path, {}).parts == {SPLIT: {SIZE}}


def check_never_asserted(release):
    table = read(release.mappings / "candidates.sssom.tsv")
    pairs = {(table.expand(row.subject_id), table.expand(row.object_id)) for row in table.rows}
    store = open_readonly(release.store)
    for subject, term in pairs:
        assert not store.query(f"ASK {{ <{subject}> ?p <{term}> }}", use_default_graph_as_union=True)
        assert not store.query(
            f"ASK {{ ?node ?a <{subject}> ; ?b <{term}> . FILTER(?a != ?b) }}",
            use_default_graph_as_union=True,
        )
    wanting = store.query(
        f"""SELECT ?p {{ ?p a <{BIKG}StudyPhenotype> FILTER NOT EXISTS {{ ?p <{BIKG}mappedTerm> ?t }} }}""",
        use_default_graph_as_union=True,
    )
    assert {subject for subject, _ in pairs} <= {row[0].value for row in wanting}
    return pairs


def test_no_candidate_of_the_examples_is_in_any_graph(example_release):
    assert check_never_asserted(open_release(example_release))


# ---- the real studies ----


@pytest.mark.corpus
def test_no_candidate_is_in_any_graph(full_release):
    assert len(check_never_asserted(open_release(full_release))) > 200


@pytest.mark.corpus
def test_the_figures_of_the_documentation(full_release):
    """Settings were chosen on the other half of the studies."""
    spec = importlib.util.spec_from_file_location("candidates", REPO / "benchmarks/candidates.py")
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    lines = benchmark.report(open_release(full_release))
    text = " ".join((REPO / "docs/mappings.md").read_text(encoding="utf-8").split())
    for line in lines[1:]:
        if line.startswith("reporting"):
            assert " ".join(line.split()) in text, line
