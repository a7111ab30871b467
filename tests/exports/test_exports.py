"""The files of a release say what its graph says: recounted from the store, value by value."""

import csv
import gzip
import io
import re

import pandas as pd
import pyarrow.parquet
import pytest
from pyoxigraph import RdfFormat, Store

from bioimg_kg.exports import columns, kgx
from bioimg_kg.exports.curies import curie, prefixes
from bioimg_kg.exports.licences import restriction
from bioimg_kg.exports.model import joined
from bioimg_kg.release import open_release
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import DEFAULT_BASE

RECORD = "VALUES ?record { bikg:Well bikg:Image } ?r a ?record ."  # evidence has treatments too
CC = "https://creativecommons.org/"
PREFIXES = """PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#> PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX schema: <https://schema.org/>
PREFIX obo: <http://purl.obolibrary.org/obo/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


def rows_of(path, delimiter=","):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


@pytest.fixture(scope="module")
def tables(example_release):
    return {t.name: rows_of(example_release / "tables" / f"{t.name}.csv.gz") for t in columns.TABLES}


@pytest.fixture(scope="module")
def ask(example_release):
    store = open_readonly(example_release / "store")

    def rows(query):
        found = store.query(PREFIXES + query, use_default_graph_as_union=True)
        return [tuple(term.value if term else "" for term in row) for row in found]

    return rows


def short(iri):
    return curie(iri, DEFAULT_BASE)


def values(cell):
    return [v.replace("\\|", "|") for v in re.split(r"(?<!\\)\|", cell)] if cell else []


def test_there_is_a_row_for_each_record_and_its_cells_are_those_of_the_graph(tables, ask, example_release):
    table = {row["record"]: row for row in tables["records"]}
    assert len(table) == len(tables["records"]) == open_release(example_release).manifest["counts"]["records"]
    label = "OPTIONAL { ?r rdfs:label ?name }"
    facts = ask(
        "SELECT DISTINCT ?r ?study ?license ?place ?name { ?r a ?kind VALUES ?kind { bikg:Well bikg:Image } "
        f"{label} ?r dcterms:isPartOf ?c . ?c rdfs:label ?place ; dcterms:isPartOf/dcterms:isPartOf ?s . "
        "?s schema:identifier ?study OPTIONAL { ?s schema:license ?license } }"
    )
    assert len(facts) == len(table)
    for record, study, license, place, name in facts:
        row = table[record]
        found = (row["study"], row["license"], row["container"], row["name"])
        assert found == (study, license, place, name)
        assert f"/{row['component']}/" in record
    for column, path in (
        ("phenotypes", "bikg:annotatedWith/skos:prefLabel"),
        ("organisms", "bikg:biosample/obo:RO_0002162"),
        ("phenotype_terms", "bikg:annotatedWith/bikg:mappedTerm"),
        ("control_type", "bikg:controlType"),
        ("quality_control", "bikg:qualityControl"),
        ("channels", "bikg:channelSet/rdfs:label"),
    ):
        there = {
            (r, short(v) if "://" in v else v) for r, v in ask(f"SELECT DISTINCT ?r ?v {{ ?r {path} ?v }}")
        }
        assert {(r, v) for r, row in table.items() for v in values(row[column])} == there != set(), column


def test_what_was_done_to_a_gene_is_kept_apart_from_what_was_seen_of_it(tables, ask):
    kinds = "bikg:GeneKnockdown bikg:GeneDeletion bikg:GeneKnockout bikg:GeneMutation bikg:GeneOverexpression"
    seen = "bikg:ProteinTagging bikg:AntibodyStaining bikg:ProbeHybridization"
    for column, classes in (("perturbed_genes", kinds), ("seen_genes", seen)):
        facts = ask(
            f"SELECT DISTINCT ?r ?g {{ {RECORD} ?r bikg:treatment ?t . ?t a ?k VALUES ?k {{ {classes} }} "
            "?t bikg:targetGene/bikg:canonicalGene ?g }"
        )
        rows = {(row["record"], gene) for row in tables["records"] for gene in values(row[column])}
        assert rows == {(record, short(gene)) for record, gene in facts} != set()


def test_compounds_and_their_doses_stand_in_the_same_order(tables, ask):
    facts = ask(
        f"SELECT DISTINCT ?r ?c ?n {{ {RECORD} ?r bikg:treatment ?t . "
        "?t a bikg:CompoundTreatment ; bikg:reagent ?c OPTIONAL { ?t bikg:concentrationMicromolar ?n } }"
    )
    found = set()
    for row in tables["records"]:
        compounds, doses = values(row["compounds"]), values(row["concentrations_micromolar"])
        assert len(compounds) == len(values(row["compound_names"]))
        doses = doses or [""] * len(compounds)
        found |= {(row["record"], *pair) for pair in zip(compounds, doses, strict=True)}
    assert found == {(record, short(compound), dose) for record, compound, dose in facts} != set()


def test_there_is_a_row_for_each_association(tables, ask):
    facts = ask(
        "SELECT DISTINCT ?a ?s ?o ?level ?words ?study ?ambiguous { ?a rdf:subject ?s ; "
        "bikg:studyPhenotype ?p ; bikg:annotationLevel ?level ; "
        "biolink:primary_knowledge_source/schema:identifier ?study . "
        "?p skos:prefLabel ?words OPTIONAL { ?a rdf:object ?o } "
        "OPTIONAL { ?a bikg:targetAmbiguous ?ambiguous } }"
    )
    table = {row["association"]: row for row in tables["associations"]}
    assert len(table) == len(tables["associations"]) == len(facts) > 100
    for iri, subject, term, level, words, study, ambiguous in facts:
        row = table[iri]
        assert (row["subject"], row["object"]) == (short(subject), short(term) if term else "")
        assert row["annotation_level"] == level.rpartition("#")[2]
        assert (row["phenotype_words"], row["study"]) == (words, study)
        assert row["ambiguous"] == (ambiguous or "false")
    for column, path in (
        ("evidence_lines", "biolink:has_evidence"),
        ("records", "biolink:has_evidence/bikg:observedIn"),
    ):
        counted = dict(
            ask(f"SELECT ?a (COUNT(DISTINCT ?x) AS ?n) {{ ?a rdf:subject ?s ; {path} ?x }} GROUP BY ?a")
        )
        assert {a: row[column] for a, row in table.items() if row[column] != "0"} == counted != {}


def test_tables_over_all_studies_are_those_of_the_derived_statements(tables, ask):
    genes = {row["gene"]: row for row in tables["genes"]}
    assert len(genes) == len(tables["genes"])
    studied = ask(
        "SELECT ?thing ?id { ?thing bikg:studiedIn ?s . ?s schema:identifier ?id "
        "FILTER EXISTS { ?thing bikg:canonicalGene ?thing } }"
    )
    assert {(g, s) for g, row in genes.items() for s in values(row["studies"])} == {
        (short(gene), study) for gene, study in studied
    }
    terms = ask("SELECT ?g ?t { ?g bikg:lossOfFunctionPhenotype ?t }")
    assert (
        {(g, t) for g, row in genes.items() for t in values(row["perturbation_terms"])}
        == {(short(g), short(t)) for g, t in terms}
        != set()
    )
    places = ask("SELECT ?g ?t { ?g bikg:localizationPhenotype ?t }")
    assert (
        {(g, t) for g, row in genes.items() for t in values(row["localization_terms"])}
        == {(short(g), short(t)) for g, t in places}
        != set()
    )
    counted = ask(
        f"SELECT ?g (COUNT(DISTINCT ?r) AS ?n) {{ {RECORD} "
        "?r bikg:treatment/bikg:targetGene/bikg:canonicalGene ?g } GROUP BY ?g"
    )
    assert {g: row["records"] for g, row in genes.items() if row["records"] != "0"} == {
        short(g): n for g, n in counted
    }


def test_phenotypes_and_compounds_are_counted_over_all_studies(tables, ask):
    phenotypes = {row["phenotype"]: row for row in tables["phenotypes"]}
    named = ask(
        "SELECT ?t (COUNT(DISTINCT ?r) AS ?n) { ?r bikg:annotatedWith/bikg:mappedTerm ?t } GROUP BY ?t"
    )
    found = {
        p: row["records"] for p, row in phenotypes.items() if row["kind"] == "term" and row["records"] != "0"
    }
    assert found == {short(term): number for term, number in named} != {}
    words = ask(
        "SELECT ?p ?w { ?p a bikg:StudyPhenotype ; skos:prefLabel ?w MINUS { ?p bikg:mappedTerm ?t } }"
    )
    assert (
        {(p, row["name"]) for p, row in phenotypes.items() if row["kind"] == "words"}
        == {(short(p), w) for p, w in words}
        != set()
    )
    compounds = {row["compound"]: row["records"] for row in tables["compounds"]}
    used = ask(
        "SELECT ?c (COUNT(DISTINCT ?r) AS ?n) { ?t a bikg:CompoundTreatment ; bikg:reagent ?c "
        f"OPTIONAL {{ {RECORD} ?r bikg:treatment ?t }} }} GROUP BY ?c"
    )
    assert compounds == {short(compound): number for compound, number in used} != {}


def test_each_row_says_study_and_licence(tables, example_release):
    stated = {a: s["license"] for a, s in open_release(example_release).manifest["studies"].items()}
    for name in ("records", "associations"):
        assert all(row["license"] == stated[row["study"]] for row in tables[name])
    for name in ("genes", "phenotypes", "compounds"):
        for row in tables[name]:
            studies = values(row["studies"])
            assert studies
            assert values(row["licenses"]) == sorted({stated[study] for study in studies} - {""})


@pytest.mark.parametrize("table", columns.TABLES, ids=lambda t: t.name)
def test_csv_and_parquet_say_the_same(example_release, table):
    folder = example_release / "tables"
    text = pd.read_csv(folder / f"{table.name}.csv.gz", keep_default_na=False, na_values=[""], dtype=str)
    other = pyarrow.parquet.read_table(folder / f"{table.name}.parquet")
    assert other.column_names == list(text.columns) == table.header
    kinds = {"integer": "int64", "boolean": "bool"}
    for column in table.columns:
        assert str(other.schema.field(column.name).type) == kinds.get(column.kind, "string")
        mine = [None if pd.isna(v) else v for v in text[column.name]]
        theirs = other[column.name].to_pylist()
        assert [
            None if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in theirs
        ] == mine


def test_all_graphs_are_in_one_file(example_release):
    store = Store()
    with gzip.open(example_release / "all.nq.gz") as stream:
        store.bulk_load(stream, format=RdfFormat.N_QUADS)
    assert len(store) == open_release(example_release).manifest["counts"]["quads"]
    assert set(store) == set(open_readonly(example_release / "store"))


def test_kgx_keeps_to_its_format(example_release, tables):
    nodes = rows_of(example_release / "kgx" / "nodes.tsv.gz", "\t")
    edges = rows_of(example_release / "kgx" / "edges.tsv.gz", "\t")
    pattern = re.compile(r"[A-Za-z][\w.-]*:[^/ :]+")
    known = prefixes(DEFAULT_BASE)
    ids = [node["id"] for node in nodes]
    assert len(set(ids)) == len(ids)
    for node in nodes:
        assert pattern.fullmatch(node["id"])
        assert node["id"].partition(":")[0] in known
        assert re.fullmatch("biolink:(Gene|Transcript|SmallMolecule|PhenotypicFeature)", node["category"])
        assert node["name"]
    assert {edge["subject"] for edge in edges} | {edge["object"] for edge in edges} == set(ids)
    table = {curie(row["association"], DEFAULT_BASE): row for row in tables["associations"]}
    assert [edge["id"] for edge in edges] == list(table)
    allowed = {"observation"}
    for edge in edges:
        row = table[edge["id"]]
        assert all(pattern.fullmatch(edge[name]) for name in ("id", "subject", "object"))
        assert edge["predicate"] in {"biolink:has_phenotype", "biolink:associated_with"}
        assert edge["subject"] == (row["gene"] or row["subject"])
        assert edge["object"] == (row["object"] or curie(row["phenotype"], DEFAULT_BASE))
        assert edge["knowledge_level"] in allowed
        assert edge["license"] == row["license"]
        assert re.fullmatch("biolink:[A-Za-z]+Association", edge["category"])
    assert list(edges[0]) == list(kgx.EDGES)


def test_the_dictionary_is_that_of_the_code(example_release):
    text = (example_release / "tables" / "dictionary.csv").read_text(encoding="utf-8")
    assert list(csv.reader(io.StringIO(text)))[1:] == columns.dictionary_rows()
    named = {row[4] for row in columns.dictionary_rows()} - {""}
    assert all(iri.startswith(("http://", "https://")) for iri in named)


@pytest.mark.parametrize(
    ("licence", "opened"),
    [
        (f"{CC}licenses/by/4.0/", True),
        (f"{CC}licenses/by-sa/3.0/", True),
        (f"{CC}publicdomain/zero/1.0/", True),
        (f"{CC}publicdomain/mark/1.0/", True),
        ("http://creativecommons.org/licenses/by/2.0/uk/", True),
        (f"{CC}licenses/by-nc/4.0/", False),
        (f"{CC}licenses/by-nd/4.0/", False),
        (f"{CC}licenses/by-nc-nd/4.0/", False),
        (f"{CC}licenses/BY-NC-SA/3.0/", False),
        (f"{CC}licenses/sampling/1.0/", False),
        ("https://example.org/creativecommons.org/licenses/by/4.0/", False),
        ("https://v18.proteinatlas.org/about/licence", False),
        ("", False),
    ],
)
def test_open_is_what_allows_any_use_and_changes(licence, opened):
    assert (restriction(licence) == "") is opened


def test_a_sign_between_values_is_told_from_one_inside():
    assert values(joined(["a", "b|c", "d"])) == ["a", "b|c", "d"]
