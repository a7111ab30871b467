"""Names lead to things, each with its reason and two counts; conditions select what SPARQL selects."""

import csv
import random
import re
import sqlite3
import time
from collections import defaultdict

import pytest

from bioimg_kg.errors import ConfigError, QueryError, QueryTimeout
from bioimg_kg.search.conditions import select
from bioimg_kg.search.lookup import LONGEST, Search
from bioimg_kg.search.spelling import distance
from bioimg_kg.store import open_readonly

PREFIXES = """
PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>
PREFIX cmpo: <http://www.ebi.ac.uk/cmpo/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX obo: <http://purl.obolibrary.org/obo/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
HOSTILE = [
    "",
    " \t\n",
    '"',
    '""" OR 1=1 --',
    "'; DROP TABLE name; --",
    "NEAR(a b, 2)",
    "key:x",
    "a* OR b^ NOT {c d}",
    "\0",
    "a\0b",
    "%_%",
    "(" * 150,
    "(a+)+$",
    "😀",
    "e\u0301" * 60,
    "\ud800",
    "\u202etxt",
    "-" * LONGEST,
    "a " * 99,
    "ab" * 99,
]


@pytest.fixture(scope="module")
def index(example_release):
    search = Search(example_release / "search.sqlite", seconds=10)
    yield search
    search.close()


@pytest.fixture(scope="module")
def store(example_release):
    return open_readonly(example_release / "store")


def first(index, text, **options):
    hit, *_ = index.find(text, **options).hits
    return hit


def numbers(store, text):
    (row,) = store.query(PREFIXES + text, use_default_graph_as_union=True)
    return tuple(int(value.value) for value in row)


def counted(store, iri, path="rdfs:subClassOf*"):
    """Return the records and studies of a phenotype term, asked of the graph."""
    return numbers(
        store,
        f"""SELECT (COUNT(DISTINCT ?record) AS ?records) (COUNT(DISTINCT ?study) AS ?studies) WHERE {{
        {{ SELECT DISTINCT ?term WHERE {{ ?term {path} <{iri}> }} }}
        ?phenotype bikg:mappedTerm ?term ; dcterms:isPartOf/dcterms:isPartOf ?study .
        OPTIONAL {{ ?record bikg:annotatedWith ?phenotype }} }}""",
    )


def test_todays_name_and_the_recorded_one_find_a_gene_and_say_so(index):
    for text in ("HELZ2", "helz2", "PRIC285"):
        hit = first(index, text)
        assert (hit.type, hit.label, hit.match) == ("gene", "HELZ2", "exact")
        assert "recorded as PRIC285 in idr9003" in hit.why


def test_one_name_in_several_organisms_is_offered_apart(index):
    found = index.find("sgo1")
    assert {hit.organism for hit in found.hits} >= {"Homo sapiens", "Schizosaccharomyces pombe"}
    assert {hit.match for hit in found.hits[:2]} == {"exact"}
    (human,) = index.find("sgo1", organism="NCBITaxon:9606").hits
    assert (human.organism, human.why) == ("Homo sapiens", "label; " + human.why.partition("; ")[2])
    assert "recorded as SGOL1" in human.why


@pytest.mark.parametrize("text", ["elongted", "elongatde cell", "elongaeted"])
def test_a_slip_of_spelling_is_forgiven(index, text):
    found = index.find(text)
    assert found.spelling.startswith("elongated")
    assert found.hits[0].label == "elongated cell phenotype"
    assert "spelt differently" in found.hits[0].why


@pytest.mark.parametrize(
    ("text", "kind", "label"),
    [
        ("ENSG00000088325", "gene", "TPX2"),
        ("85441", "gene", "HELZ2"),
        ("NCBIGene:85441", "gene", "HELZ2"),
        ("s22745", "reagent", "s22745"),
        ("CMPO:0000077", "phenotype", "elongated cell phenotype"),
        ("CMPO_0000077", "phenotype", "elongated cell phenotype"),
        ("http://www.ebi.ac.uk/cmpo/CMPO_0000077", "phenotype", "elongated cell phenotype"),
        ("idr9004", "study", "idr9004"),
        ("9606", "organism", "Homo sapiens"),
        ("HeLa", "cell-line", "HeLa"),
    ],
)
def test_identifiers_find_their_thing(index, text, kind, label):
    hit = first(index, text)
    assert (hit.type, hit.label, hit.match) == (kind, label, "exact")


def test_papers_compounds_and_people_are_found(index, example_release):
    with sqlite3.connect(example_release / "search.sqlite") as connection:
        rows = connection.execute(
            "SELECT n.text, t.iri FROM name n JOIN thing t ON t.id = n.thing"
            " WHERE t.type IN ('study', 'compound')"
        ).fetchall()
    connection.close()
    assert any(text.startswith("10.") for text, _ in rows)
    assert any(len(text) == 27 and text[14] == "-" for text, _ in rows), "an InChIKey"
    for text, iri in rows:
        assert iri in {hit.iri for hit in index.find(text[:LONGEST], limit=100).hits}, text


def test_broader_terms_have_what_narrower_ones_have(index, store):
    hit = first(index, "cell morphology phenotype")
    assert hit.iri.endswith("CMPO_0000005")
    assert (hit.direct.records, hit.direct.studies) == counted(store, hit.iri, "rdfs:nothing?")
    assert (hit.whole.records, hit.whole.studies) == counted(store, hit.iri)
    assert hit.whole.records > hit.direct.records


def test_counts_of_all_terms_are_those_of_the_graph(example_release, store):
    check_counts(example_release, store, 40)


def check_counts(release, store, number):
    connection = sqlite3.connect(release / "search.sqlite")
    terms = connection.execute(
        "SELECT iri, records, studies, genes, all_records, all_studies, all_genes FROM thing"
        " WHERE type = 'phenotype' ORDER BY iri"
    ).fetchall()
    connection.close()
    chosen = random.Random(7).sample(terms, min(number, len(terms)))
    assert any(row[4] for row in chosen)
    for iri, records, studies, genes, *whole in chosen:
        below = f"{{ SELECT DISTINCT ?term WHERE {{ ?term rdfs:subClassOf* <{iri}> }} }}"
        for pattern, expected in ((f"VALUES ?term {{ <{iri}> }}", (records, studies, genes)), (below, whole)):
            seen = numbers(
                store,
                f"""SELECT (COUNT(DISTINCT ?record) AS ?r) WHERE {{ {pattern}
                ?phenotype bikg:mappedTerm ?term . ?record bikg:annotatedWith ?phenotype }}""",
            )
            called = numbers(
                store,
                f"""SELECT (COUNT(DISTINCT ?gene) AS ?g) WHERE {{ {pattern}
                ?call rdf:object ?term ; rdf:subject/bikg:canonicalGene ?gene
                FILTER NOT EXISTS {{ ?call bikg:targetAmbiguous true }} }}""",
            )
            assert (seen[0], called[0]) == (expected[0], expected[2]), iri


def test_records_of_a_gene_are_those_of_the_graph(index, store):
    hit = first(index, "TPX2")
    text = f"""SELECT (COUNT(DISTINCT ?record) AS ?n) WHERE {{
        ?record bikg:treatment/bikg:targetGene/bikg:canonicalGene <{hit.iri}> ; dcterms:isPartOf ?plate }}"""
    assert numbers(store, text) == (hit.direct.records,)


def test_better_matches_come_first(index):
    hits = index.find("cell", limit=1000).hits
    order = ["exact", "prefix", "word", "substring", "spelling"]
    ranks = [order.index(hit.match) for hit in hits]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 1
    for rank in set(ranks):
        counts = [hit.whole.records for hit, r in zip(hits, ranks, strict=True) if r == rank]
        assert counts == sorted(counts, reverse=True)


def test_pages_of_hits_add_up(index):
    whole = [hit.iri for hit in index.find("cell", limit=1000).hits]
    parts = [hit.iri for n in range(0, len(whole), 7) for hit in index.find("cell", limit=7, offset=n).hits]
    assert parts == whole
    assert sum(index.find("cell").types.values()) == len(whole)
    assert {hit.type for hit in index.find("cell", type="study").hits} == {"study"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_answered(index, text):
    found = index.find(text)
    assert found.total >= len(found.hits)


def test_what_cannot_be_asked_is_explained(index):
    for options in ({"type": "nonsense"}, {"organism": "unicorn"}):
        with pytest.raises(QueryError, match=next(iter(options.values()))):
            index.find("cell", **options)
    with pytest.raises(QueryError, match="characters"):
        index.find("a" * 1_000_000)


def test_a_lookup_ends_when_its_time_is_over(example_release):
    search = Search(example_release / "search.sqlite", seconds=0.2)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n"
    started = time.monotonic()
    with pytest.raises(QueryTimeout, match="more specific"), search.timed() as connection:
        connection.execute(endless)
    assert time.monotonic() - started < 10
    assert search.find("sgo1").total
    search.close()


def test_a_release_without_an_index_says_what_to_do(tmp_path):
    for content in (None, b"", b"no database" * 100):
        if content is not None:
            (tmp_path / "search.sqlite").write_bytes(content)
        with pytest.raises(ConfigError, match="build the release anew"):
            Search(tmp_path / "search.sqlite")


def test_the_index_cannot_be_written_to(index):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        index.connection().execute("DELETE FROM name")


RECORDS = "SELECT (COUNT(DISTINCT ?r) AS ?n) WHERE {{ {} }}"
RECORD = "?r dcterms:isPartOf ?plate ;"
DOSE = "bikg:treatment/bikg:concentrationMicromolar ?dose"
ELONGATED = "?r bikg:annotatedWith/bikg:mappedTerm ?t . ?t rdfs:subClassOf* cmpo:CMPO_0000077"
IN_9001 = "?r dcterms:isPartOf/dcterms:isPartOf/dcterms:isPartOf/rdfs:label 'idr9001'"


@pytest.mark.parametrize(
    ("where", "pattern"),
    [
        ("phenotype:CMPO:0000077", ELONGATED),
        ('phenotype:"elongated cell phenotype" AND study:idr9001', f"{ELONGATED} . {IN_9001}"),
        ("phenotype:CMPO:0000077 AND NOT study:idr9001", f"{ELONGATED} MINUS {{ {IN_9001} }}"),
        ("phenotype:CMPO:0000077 OR study:idr9001", f"{{ {ELONGATED} }} UNION {{ {IN_9001} }}"),
        (
            "(study:idr9001 OR study:idr9003) AND phenotype:CMPO:0000077 AND NOT study:idr9003",
            f"{ELONGATED} . {IN_9001}",
        ),
        ("gene:TPX2", f"{RECORD} bikg:treatment/bikg:targetGene/bikg:canonicalGene/rdfs:label 'TPX2'"),
        ("dose:..1uM", f"{RECORD} {DOSE} FILTER(?dose <= 1)"),
        ("dose:1000nM..1mM", f"{RECORD} {DOSE} FILTER(?dose >= 1 && ?dose <= 1000)"),
        ("organism:NCBITaxon:9606", f"{RECORD} bikg:biosample/obo:RO_0002162 obo:NCBITaxon_9606"),
    ],
)
def test_conditions_select_the_records_that_sparql_selects(index, store, where, pattern):
    found = select(index, "records", where, limit=10_000)
    assert (found.total,) == numbers(store, RECORDS.format(pattern))
    assert found.total == len({item.iri for item in found.items}) == sum(found.studies.values()) > 0


def test_narrower_terms_can_be_left_out(index):
    broad = select(index, "records", "phenotype:CMPO:0000005")
    alone = select(index, "records", "phenotype:CMPO:0000005", narrower=False)
    assert broad.total > alone.total == 0


def test_genes_and_studies_are_selected(index, store):
    genes = select(index, "genes", "phenotype:CMPO:0000077 AND NOT study:idr9003")
    text = """SELECT (COUNT(DISTINCT ?gene) AS ?n) WHERE { ?t rdfs:subClassOf* cmpo:CMPO_0000077 .
        ?call rdf:object ?t ; rdf:subject/bikg:canonicalGene ?gene ;
              dcterms:isPartOf/dcterms:isPartOf/rdfs:label ?study
        FILTER(?study != 'idr9003') FILTER NOT EXISTS { ?call bikg:targetAmbiguous true } }"""
    assert (genes.total,) == numbers(store, text)
    studies = select(index, "studies", "organism:human AND phenotype:CMPO:0000077")
    assert [item.label for item in studies.items] == list(studies.studies)
    assert "idr9001" not in studies.studies


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", "the end"),
        ("phenotype", "cannot read"),
        ("gene:TPX2 gene:TPX2", "did not expect"),
        ("gene:TPX2 AND", "the end"),
        ("(gene:TPX2", "the end"),
        ("colour:red", "no field"),
        ("gene:TPX2; DROP TABLE name", "cannot read|called"),
        ("dose:much", "no dose"),
        ("dose:1..2", "no dose"),
        ("phenotype:elongted", "elongated cell"),
        ("study:idr0000", "no study"),
        ("NOT " * 50 + "gene:TPX2", "more than 10"),
        (" OR ".join(["gene:TPX2"] * 21), "more than 20"),
        ("(" * 3000, "characters"),
    ],
)
def test_conditions_that_cannot_be_read_are_explained(index, where, message):
    with pytest.raises(QueryError, match=message):
        select(index, "records", where)


def test_distance_is_symmetric_and_bounded():
    words = ["elongated", "elongted", "round", "ruond", "", "cell", "cells"]
    for one in words:
        for other in words:
            assert distance(one, other, 2) == distance(other, one, 2) <= 3
            assert (distance(one, other, 2) == 0) == (one == other)


@pytest.fixture(scope="module")
def full_index(full_release):
    search = Search(full_release / "search.sqlite", seconds=10)
    yield search
    search.close()


@pytest.mark.corpus
def test_two_hundred_terms_of_all_studies_have_the_counts_of_the_graph(full_release):
    check_counts(full_release, open_readonly(full_release / "store"), 200)


@pytest.mark.corpus
def test_names_in_all_studies_lead_where_they_should(full_index):
    hit = first(full_index, "HELZ2")
    assert (hit.label, hit.organism) == ("HELZ2", "Homo sapiens")
    assert "recorded as PRIC285 in idr0012" in hit.why
    assert [h.organism for h in full_index.find("sgo1", type="gene", limit=3).hits] == [
        "Homo sapiens",
        "Saccharomyces cerevisiae",
        "Schizosaccharomyces pombe",
    ]
    assert first(full_index, "elongted").iri.endswith("CMPO_0000077")
    for text, kind, label in (
        ("AEQDJSLRWYMAQI-UHFFFAOYSA-N", "compound", "TETRAHYDROPALMATINE"),
        ("ENSG00000130589", "gene", "HELZ2"),
        ("85441", "gene", "HELZ2"),
        ("10.1038/msb.2010.25", "study", "idr0012"),
        ("20531400", "study", "idr0012"),
        ("M-019109-00", "reagent", "M-019109-00"),
    ):
        hit = first(full_index, text)
        assert (hit.type, hit.label, hit.match) == (kind, label, "exact")


def closure(obo, top):
    """Return the terms at or below a term, read from the lines of a file."""
    below = defaultdict(set)
    for stanza in obo.read_text(encoding="utf-8").split("[Term]"):
        (name,) = re.findall(r"^id: (\S+)", stanza, re.MULTILINE)[:1] or ("",)
        for parent in re.findall(r"^is_a: (\S+)", stanza, re.MULTILINE):
            below[parent].add(name)
    found, rest = set(), [top]
    while rest:
        term = rest.pop()
        found.add(term.replace(":", "_"))
        rest += below[term]
    return found


def mapped(study):
    """Return which terms the text of a study gives for each phenotype of each component."""
    found, names, here = {}, [], None
    for line in study.read_text(encoding="utf-8", errors="replace").splitlines():
        key, *values = [cell.strip().strip('"') for cell in line.split("\t")]
        if re.fullmatch(r"(Screen|Experiment) Number", key):
            here = found[chr(64 + int(re.sub(r"\D", "", values[0])))] = defaultdict(set)
        elif key == "Phenotype Name":
            names = values
        elif key.startswith("Phenotype Term Accession") and here is not None:
            for name, term in zip(names, values, strict=False):
                if name and term:
                    here[name].add(term.replace(":", "_"))
    return found


def recounted(table, terms, wanted):
    """Count the records of a table with a phenotype of these terms."""
    seen = set()
    with table.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            words = {
                v.strip() for k, v in row.items() if k and re.fullmatch(r"Phenotype \d+", k.strip()) and v
            }
            if any(terms.get(word, set()) & wanted for word in words):
                place = row.get("Plate") or row.get("Dataset Name")
                seen.add((place, row.get("Well") or row.get("Image Name")))
    return len(seen)


@pytest.mark.corpus
@pytest.mark.parametrize("narrower", [True, False])
def test_counts_are_those_of_the_tables_of_the_studies(full_index, shared, narrower):
    """Where all that a study says stands in its annotation tables and its text."""
    (obo,) = list(shared.glob("ontologies/**/cmpo.obo"))[:1]
    wanted = closure(obo, "CMPO:0000005") if narrower else {"CMPO_0000005"}
    condition = "phenotype:CMPO:0000005"
    found = select(full_index, "records", condition, narrower=narrower, limit=0)
    hit = first(full_index, "cell morphology phenotype")
    assert found.total == (hit.whole if narrower else hit.direct).records
    compared = {}
    for text in sorted(shared.glob("idr/**/idr*-study.txt")):
        accession, components = text.name[:7], mapped(text)
        tables = {t.name.partition("-annotation")[0][-1]: t for t in text.parent.rglob("*-annotation.csv")}
        if components and all(components.values()) and components.keys() == tables.keys():
            compared[accession] = sum(recounted(tables[c], terms, wanted) for c, terms in components.items())
    assert len(compared) > 3
    indexed = {accession: found.studies.get(accession, 0) for accession in compared}
    assert compared == indexed
    assert sum(map(bool, compared.values())) >= (3 if narrower else 1)
