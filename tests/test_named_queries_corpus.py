"""The named queries on all real studies: published figures come out, and every query answers in time."""

import time
from pathlib import Path

import pytest

from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.queries import get_query, load_queries
from bioimg_kg.store import open_readonly

pytestmark = pytest.mark.corpus

FOLDER = Path(__file__).resolve().parents[1] / "queries"
NAMES = [query.name for query in load_queries(FOLDER)]
PREFIXES = """
PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>
PREFIX cmpo: <http://www.ebi.ac.uk/cmpo/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
SECONDS = 5
PAPER = [f"idr{number:04d}" for number in (*range(1, 14), *range(15, 22), 23, 27, 28, 32)]
"""The studies of Williams et al. 2017, doi:10.1038/nmeth.4326."""


@pytest.fixture(scope="module")
def store(full_release):
    return open_readonly(full_release / "store")


def ask(store, name, **values):
    """Return the answer to a named query as dictionaries of texts."""
    results = store.query(get_query(name, FOLDER).bind(values), use_default_graph_as_union=True)
    columns = [variable.value for variable in results.variables]
    return [{c: solution[c] and solution[c].value for c in columns} for solution in results]


def number(store, text):
    """Return the numbers in the only row of an answer."""
    (row,) = store.query(PREFIXES + text, use_default_graph_as_union=True)
    numbers = [int(value.value) for value in row]
    return numbers[0] if len(numbers) == 1 else tuple(numbers)


@pytest.mark.parametrize("name", NAMES)
def test_every_query_answers_in_time(store, name):
    start = time.process_time()  # whatever else the machine does
    rows = ask(store, name)
    assert time.process_time() - start < SECONDS
    assert rows or name == "pictures-of-thing"  # its copies are listed outside of the studies, see below


def test_pictures_are_found_in_the_lists_of_copies(shared, tmp_path):
    options = BuildOptions(
        sources=[shared / "idr"],
        studies=["idr0062"],
        data=tmp_path,
        omezarr=[shared / "ngff"],
        name="pictured",
        date="2026-11-20",
    )
    rows = ask(open_readonly(build(options).store), "pictures-of-thing")
    lines = [line for path in (shared / "ngff").rglob("*.csv") for line in path.read_text().splitlines()]
    listed = {
        cell.strip('"').rpartition("/")[2]
        for line in lines
        if "idr0062" in line
        for cell in line.split(",")
        if cell.strip('"').startswith("https://")
    }
    assert {row["url"].rpartition("/")[2] for row in rows} == listed


@pytest.mark.parametrize(
    ("component", "genes", "wells"),
    [("idr0001/screenA", 39, 478), ("idr0008/screenB", 72, 366), ("idr0012/screenA", 141, 133)],
)
def test_elongated_cells_have_the_genes_and_wells_of_the_studies(store, component, genes, wells):
    rows = [r for r in ask(store, "genes-with-phenotype") if r["component"].endswith(f"/{component}")]
    assert len({row["gene"] for row in rows}) == genes
    pattern = f"""SELECT (COUNT(DISTINCT ?well) AS ?n) {{
        ?phenotype bikg:mappedTerm cmpo:CMPO_0000077 ; dcterms:isPartOf <{rows[0]["component"]}> .
        ?well bikg:annotatedWith ?phenotype }}"""
    assert number(store, pattern) == wells


def test_five_wells_with_elongated_cells_are_without_a_gene(store):
    """The gene of a sixth well of idr0012 is LOC100131658: not an identifier, so it is kept as a name."""
    text = """SELECT (COUNT(DISTINCT ?well) AS ?n) {
        ?phenotype bikg:mappedTerm cmpo:CMPO_0000077 ; dcterms:isPartOf/rdfs:label "idr0012 screenA" .
        ?well bikg:annotatedWith ?phenotype ; bikg:treatment ?treatment .
        %s }"""
    gene, name = (f"MINUS {{ ?treatment bikg:{x} ?any }}" for x in ("targetGene", "targetName"))
    assert number(store, text % (gene + name)) == 5
    assert number(store, text % gene) == 6


def test_mouse_car4_has_nineteen_phenotypes_on_35_images(store):
    rows = ask(store, "phenotypes-of-gene", genes="ENSMUSG00000000805")
    assert {row["study"] for row in rows} == {"idr0018"}
    assert len({row["term"] for row in rows}) == 19
    text = """SELECT (COUNT(DISTINCT ?image) AS ?n) {
        ?treatment bikg:targetGene <http://rdf.ebi.ac.uk/resource/ensembl/ENSMUSG00000000805> .
        ?image bikg:treatment ?treatment ; bikg:annotatedWith/bikg:mappedTerm ?term }"""
    assert number(store, text) == 35
    (study,) = [r for r in ask(store, "studies-of-gene") if r["gene"].endswith("ENSMUSG00000000805")]
    assert (study["kind"].rpartition("#")[2], study["phenotypes"]) == ("GeneKnockout", "19")


def _of_paper():
    accessions = " ".join(f'"{accession}"' for accession in PAPER)
    return f"VALUES ?accession {{ {accessions} }} ?study a bikg:Study ; rdfs:label ?accession ."


def test_studies_of_the_paper_map_88_percent_of_their_phenotypes(store):
    assert len(PAPER) == 24
    text = """SELECT (COUNT(*) AS ?all) (SUM(?one) AS ?mapped) {
        SELECT ?accession ?label (MAX(IF(BOUND(?term), 1, 0)) AS ?one) {
            %s
            ?phenotype dcterms:isPartOf/dcterms:isPartOf ?study ; bikg:declared true ; skos:prefLabel ?words .
            OPTIONAL { ?phenotype bikg:mappedTerm ?term }
            BIND (LCASE(?words) AS ?label)
        } GROUP BY ?accession ?label }"""
    distinct, mapped = number(store, text % _of_paper())
    assert (distinct, mapped) == (231, 203)
    assert round(100 * mapped / distinct, 1) == 87.9


def test_most_terms_of_the_paper_are_used_by_one_study(store):
    text = """SELECT (COUNT(*) AS ?terms) (SUM(IF(?studies = 1, 1, 0)) AS ?once) {
        SELECT ?term (COUNT(DISTINCT ?study) AS ?studies) {
            %s
            ?phenotype dcterms:isPartOf/dcterms:isPartOf ?study ; bikg:declared true ; bikg:mappedTerm ?term .
        } GROUP BY ?term }"""
    assert number(store, text % _of_paper()) == (159, 137)


def test_the_overview_adds_up_to_the_whole_archive(store):
    rows = ask(store, "study-overview")
    assert len(rows) == 109

    def total(column):
        return sum(int(row[column]) for row in rows)

    assert total("components") == 170
    assert total("records") == 710_909
    assert total("phenotypes") == 523
    assert total("mapped") == 325


def test_every_annotation_is_there_once(store):
    text = (
        "SELECT (COUNT(*) AS ?all) (COUNT(DISTINCT ?record) AS ?n) { ?record bikg:annotatedWith ?phenotype }"
    )
    assert number(store, text) == (73_624, 53_602)


def test_phenotypes_without_a_term_complete_the_overview(store):
    rows = [row for row in ask(store, "unmapped-phenotypes") if row["declared"] == "true"]
    assert len(rows) == 523 - 325


def test_names_find_genes_of_several_organisms(store):
    rows = ask(store, "phenotypes-of-gene-symbol", symbol="SGOL1,SGO1")
    organisms = {row["gene"].rpartition("/")[2]: row["organism"] for row in rows}
    assert organisms == {
        "ENSG00000129810": "Homo sapiens",
        "YOR073W": "Saccharomyces cerevisiae",
        "SPBP35G2.03c": "Schizosaccharomyces pombe",
    }


SGO1 = {
    ("idr0009/screenA", "CMPO_0000246", "0"),  # calls, but no wells
    ("idr0012/screenA", "CMPO_0000118", "1"),
    ("idr0012/screenA", "CMPO_0000305", "1"),
    ("idr0013/screenB", "CMPO_0000202", "8"),
    ("idr0013/screenB", "CMPO_0000338", "8"),
    ("idr0013/screenB", "CMPO_0000357", "4"),
    ("idr0013/screenB", "CMPO_0000156", "4"),
}
"""Component, term and number of wells of human SGO1."""


def _calls(rows):
    found = [
        (row["component"].partition("/study/")[2], row["term"].rpartition("/")[2], row["records"])
        for row in rows
        if row["term"]
    ]
    assert len(set(found)) == len(found)
    return set(found)


@pytest.mark.parametrize("gene", ["ENSG00000129810", "NCBIGene:151648"])
def test_each_identifier_of_sgo1_finds_its_calls_and_no_others(store, gene):
    rows = ask(store, "phenotypes-of-gene", genes=gene)
    assert _calls(rows) == SGO1
    assert len(rows) == len(SGO1)
    assert {(row["gene"].rpartition("/")[2], row["symbol"]) for row in rows} == {("ENSG00000129810", "SGO1")}


@pytest.mark.parametrize("name", ["SGOL1", "SGO1"])
def test_each_name_of_sgo1_finds_its_calls_and_says_the_organism(store, name):
    rows = ask(store, "phenotypes-of-gene-symbol", symbol=name)
    assert _calls([row for row in rows if row["organism"] == "Homo sapiens"]) == SGO1
    others = {row["organism"] for row in rows} - {"Homo sapiens"}
    assert others == (set() if name == "SGOL1" else {"Saccharomyces cerevisiae", "Schizosaccharomyces pombe"})


def test_the_background_is_near_a_count_by_screen(store):
    """The genes of the records of screens that call a phenotype for the loss of a gene are 19,260."""
    (row, *_) = ask(store, "phenotypes-of-gene-list")
    assert 19_260 <= int(row["background"]) < 1.1 * 19_260


def test_records_of_a_phenotype_do_not_depend_on_its_number_of_genes(store):
    """A pool against two genes is one well: the numbers of records do not add up over genes."""
    whole = {row["label"]: int(row["records"]) for row in ask(store, "samples-per-phenotype")}
    by_gene = sum(int(row["records"]) for row in ask(store, "genes-with-phenotype"))
    assert whole["elongated cell phenotype"] < by_gene


def test_a_call_on_a_gene_says_nothing_of_its_reagents(store):
    """The table of idr0002 gives 0 replicates for one siRNA of NAA10 where the gene has the phenotype."""
    rows = [
        row for row in ask(store, "reagents-of-gene", genes="ENSG00000102030") if row["study"] == "idr0002"
    ]
    assert len(rows) == 4
    assert {row["reported"] for row in rows} == {"of the gene"}
