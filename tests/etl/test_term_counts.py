"""Counts per term: equal to a plain recount from the source tables, and to the same question in SPARQL."""

import csv
import gzip
import random
from pathlib import Path

import pytest

from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import PREFIXES

STUDIES = Path(__file__).resolve().parents[2] / "examples" / "studies"
HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
CMPO = "http://www.ebi.ac.uk/cmpo/CMPO_"
WAYS = {
    "?record": (
        "?record bikg:annotatedWith/bikg:mappedTerm ?used",
        "?record bikg:biosample/(obo:RO_0002162|bikg:cellLine) ?used",
    ),
    "?study": (
        "?phenotype bikg:mappedTerm ?used ; dcterms:isPartOf/dcterms:isPartOf ?study",
        "?record bikg:biosample/(obo:RO_0002162|bikg:cellLine) ?used ; "
        "dcterms:isPartOf/dcterms:isPartOf/dcterms:isPartOf ?study",
    ),
}


def numbers(store, text):
    rows = store.query(HEAD + text, use_default_graph_as_union=True)
    return {row[0].value: int(row[1].value) for row in rows}


def stated(store, name):
    graph = "https://w3id.org/bioimg-kg/graph/inferred/counts"
    return numbers(store, f"SELECT ?term ?n {{ GRAPH <{graph}> {{ ?term bikg:{name} ?n }} }}")


def recounted(store, counted, to_term):
    """Ask for each term anew, by every way from what is counted to a term."""
    union = " UNION ".join(f"{{ {way} }}" for way in WAYS[counted])
    pairs = f"{{ SELECT DISTINCT {counted} ?used {{ {union} }} }}"
    return numbers(
        store, f"SELECT ?term (COUNT(DISTINCT {counted}) AS ?n) {{ {pairs} {to_term} }} GROUP BY ?term"
    )


def check(store):
    itself, at_or_below = "BIND (?used AS ?term)", "?used rdfs:subClassOf* ?term"
    assert stated(store, "recordCount") == recounted(store, "?record", itself)
    assert stated(store, "studyCount") == recounted(store, "?study", itself)
    assert stated(store, "rolledUpRecordCount") == recounted(store, "?record", at_or_below)
    assert stated(store, "rolledUpStudyCount") == recounted(store, "?study", at_or_below)


@pytest.fixture(scope="module")
def store(example_release):
    return open_readonly(example_release / "store")


def test_all_counts_are_those_of_a_recount_in_sparql(store):
    check(store)


def test_a_roll_up_counts_records_not_annotations(store):
    """A record with a term and one narrower, or two narrower ones, counts once."""
    records, rolled = stated(store, "recordCount"), stated(store, "rolledUpRecordCount")
    children = numbers(store, f"SELECT ?t (0 AS ?n) {{ ?t rdfs:subClassOf+ <{CMPO}0000005> }}")
    assert rolled[CMPO + "0000005"] < sum(records.get(term, 0) for term in children)
    assert CMPO + "0000005" not in records


def test_counts_of_a_phenotype_are_those_of_the_source_tables(store):
    """Two studies call "mitosis arrested" in the wells; the term stands in a column of the table."""
    found = 0
    for study in ("idr9004", "idr9007"):
        for path in STUDIES.glob(f"{study}-*/screen*/*annotation.csv*"):
            data = path.read_bytes()
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
            found += sum("CMPO_0000338" in row for row in csv.reader(text.splitlines()))
    assert found > 20
    assert stated(store, "recordCount")[CMPO + "0000338"] == found


@pytest.mark.corpus
def test_counts_of_all_studies_are_those_of_sparql_for_terms_drawn_at_random(full_release):
    """All terms at once would join a million records with all their broader taxa: each is asked alone."""
    store = open_readonly(full_release / "store")
    records, rolled = stated(store, "recordCount"), stated(store, "rolledUpRecordCount")
    studies = stated(store, "rolledUpStudyCount")
    assert records[CMPO + "0000005"] == 1
    assert rolled[CMPO + "0000005"] > 7000
    seen = "?record bikg:annotatedWith ?phenotype . ?phenotype bikg:mappedTerm ?used"
    for term in random.Random(20261120).sample(sorted(t for t in rolled if t.startswith(CMPO)), 60):
        below = f"{{ SELECT DISTINCT ?used {{ ?used rdfs:subClassOf* <{term}> }} }}"
        assert rolled[term] == number(store, f"COUNT(DISTINCT ?record) AS ?n) {{ {below} {seen} }}")
        here = f"COUNT(DISTINCT ?record) AS ?n) {{ {seen} VALUES ?used {{ <{term}> }} }}"
        assert records.get(term, 0) == number(store, here)
        told = "?phenotype bikg:mappedTerm ?used ; dcterms:isPartOf/dcterms:isPartOf ?study"
        assert studies[term] == number(store, f"COUNT(DISTINCT ?study) AS ?n) {{ {below} {told} }}")
    for taxon in ("4896", "4932", "7227", "10090", "9606"):
        term = f"http://purl.obolibrary.org/obo/NCBITaxon_{taxon}"
        of = f"?sample obo:RO_0002162 <{term}> . ?record bikg:biosample ?sample"
        assert records[term] == number(store, f"COUNT(?record) AS ?n) {{ {of} }}")


def number(store, rest):
    (row,) = store.query(f"{HEAD}SELECT ({rest}", use_default_graph_as_union=True)
    return int(row["n"].value)
