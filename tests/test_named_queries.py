"""Every named query on the example studies: its whole answer, in two engines, and what it has to say.

``BIOIMG_KG_GOLDEN=1 pytest tests/test_named_queries.py`` writes ``queries/<name>.expected.tsv`` anew: read
the difference before you commit it. Facts that matter are asserted a second time, from the source tables.
"""

import csv
import gzip
import os
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Literal, QueryResultsFormat, RdfFormat, Store

from bioimg_kg.queries import get_query, load_queries
from bioimg_kg.store import build_store, open_readonly

REPO = Path(__file__).resolve().parents[1]
FOLDER = REPO / "queries"
STUDIES = REPO / "examples" / "studies"
NAMES = [query.name for query in load_queries(FOLDER)]

CMPO = "http://www.ebi.ac.uk/cmpo/CMPO_"
ENSEMBL = "http://rdf.ebi.ac.uk/resource/ensembl/"
REFSEQ = "https://identifiers.org/refseq:"
NCBI = "https://www.ncbi.nlm.nih.gov/gene/"
BIKG = "https://w3id.org/bioimg-kg/ontology#"
SGO1 = ENSEMBL + "ENSG00000129810"
ID = "https://w3id.org/bioimg-kg/id/study/"

ELONGATED = {
    (
        "idr9001",
        ENSEMBL,
    ): "SPAC17G8.05 SPAC5D6.05 SPAC664.03 SPCC306.04c SPAC13C5.07 SPAC1556.01c SPAC23H3.05c SPBC21C3.02c",
    (
        "idr9002",
        REFSEQ,
    ): "NM_080651 NM_007192 NM_018685 NM_007174 NM_001664 NM_001791 NM_018890 NM_002473 NM_001456 NM_001101",
    ("idr9003", NCBI): "5436 9070 79805 2519 85441 6830 63916 10603 8337 723790",
}
SLOW_IN_RDFLIB = {
    "gene-cross-references",
    "genes-of-phenotype",
    "genes-sharing-phenotypes",
    "orthologues-with-phenotype",
    "phenotype-hierarchy",
    "phenotypes-of-compound",
    "phenotypes-of-gene-list",
    "phenotypes-of-gene-symbol",
    "studies-compared",
    "studies-of-organism-and-method",
}
"""rdflib reads the whole graph for a path beside a subselect, for minutes: other tests recount these."""
PEAR_SHAPED = {ENSEMBL + gene for gene in ("SPAC11G7.02", "SPAC25H1.05", "SPAC688.11")}


@pytest.fixture(scope="module")
def store(pictured_release):
    return open_readonly(pictured_release / "store")


@pytest.fixture(scope="module")
def other_store(pictured_release, tmp_path_factory):
    """Return a store of the same quads, loaded in another order."""
    folder = tmp_path_factory.mktemp("other") / "store"
    build_store(folder, sorted((pictured_release / "quads").rglob("*.nq.gz"), reverse=True))
    return open_readonly(folder)


@pytest.fixture(scope="module")
def second_engine(pictured_release):
    """Return the same quads in rdflib."""
    dataset = rdflib.Dataset(default_union=True)
    for path in (pictured_release / "quads").rglob("*.nq.gz"):
        dataset.parse(data=gzip.decompress(path.read_bytes()), format="nquads")
    return dataset


def ask(store, name, **values):
    """Return the answer to a named query as dictionaries; what is unbound is None."""
    results = store.query(get_query(name, FOLDER).bind(values), use_default_graph_as_union=True)
    columns = [variable.value for variable in results.variables]
    return [{column: _value(solution[column]) for column in columns} for solution in results]


def _value(term):
    if isinstance(term, Literal):
        return _typed(term.value, term.datatype.value)
    return term and term.value


def _typed(text, datatype):
    kind = datatype.rpartition("#")[2]
    if kind in {"integer", "decimal"}:
        return Decimal(text)
    return text == "true" if kind == "boolean" else text


def _table(store, name):
    results = store.query(get_query(name, FOLDER).bind(), use_default_graph_as_union=True)
    return results.serialize(format=QueryResultsFormat.TSV).decode("utf-8")


def canonical(store, iri):
    """Return the node that stands for the gene of an identifier."""
    (row,) = store.query(
        f"SELECT ?gene {{ <{iri}> <{BIKG}canonicalGene> ?gene }}", use_default_graph_as_union=True
    )
    return row["gene"].value


def _column(rows, name):
    return [row[name] for row in rows]


def _source(study, component, pattern):
    """Return the rows of a source table of an example study."""
    (path,) = STUDIES.glob(f"{study}-*/{component}/*{pattern}*")
    text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode(
        "utf-8-sig"
    )
    return list(csv.DictReader(text.splitlines(), delimiter="," if ".csv" in path.name else "\t"))


# -- every query


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_the_expected_one(store, name):
    table = _table(store, name)
    golden = FOLDER / f"{name}.expected.tsv"
    if os.environ.get("BIOIMG_KG_GOLDEN"):
        golden.write_text(table, encoding="utf-8")
    assert table.count("\n") > 1, "the default parameters give no rows on the examples"
    assert table == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_order_is_total(store, other_store, name):
    assert _table(store, name) == _table(store, name) == _table(other_store, name)


@pytest.mark.parametrize("name", NAMES)
def test_no_row_stands_twice(store, name):
    lines = _table(store, name).splitlines()
    assert len(set(lines)) == len(lines)


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning:rdflib")
@pytest.mark.parametrize("name", sorted(set(NAMES) - SLOW_IN_RDFLIB))
def test_a_second_engine_gives_the_same_answer(store, second_engine, name):
    result = second_engine.query(get_query(name, FOLDER).bind())
    columns = [str(variable) for variable in result.vars]
    there = Counter(tuple(_other_value(term) for term in row) for row in result)
    here = ask(store, name)
    assert columns == list(here[0])
    assert there == Counter(tuple(row.values()) for row in here)


def _other_value(term):
    if isinstance(term, rdflib.Literal):
        return _typed(str(term), str(term.datatype or ""))
    return None if term is None else str(term)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_says_what_it_does(name):
    query = get_query(name, FOLDER)
    assert query.question.endswith("?")
    assert query.description.endswith(".")
    assert query.tags
    assert all(parameter.default and parameter.description for parameter in query.parameters)
    assert re.search(r"^ORDER BY", query.text, re.MULTILINE)
    declared = re.findall(r"^PREFIX (\w+):", query.text, re.MULTILINE)
    body = query.text.partition("SELECT")[2]
    assert all(re.search(rf"(?<![\w?]){prefix}:", body) for prefix in declared)


def test_expected_tables_and_queries_belong_together():
    assert {path.name.removesuffix(".expected.tsv") for path in FOLDER.glob("*.tsv")} == set(NAMES)


def test_the_documentation_lists_every_query_with_its_question_and_rows(store):
    page = (REPO / "docs" / "queries.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"^\| \[`([a-z0-9-]+)`\]\(([^)]+)\) \| ([^|]+) \| ([^|]+) \| ([\d,]+) \|", page, re.MULTILINE
    )
    assert [name for name, *_ in listed] == NAMES
    for name, link, question, parameters, rows in listed:
        query = get_query(name, FOLDER)
        assert link == f"../queries/{name}.rq"
        assert question == query.question
        assert re.findall(r"`(\w+)`", parameters) == [parameter.name for parameter in query.parameters]
        assert int(rows.replace(",", "")) == len(ask(store, name)), name


# -- phenotypes and genes


def test_genes_with_the_elongated_phenotype_are_those_of_the_papers(store):
    rows = ask(store, "genes-with-phenotype")
    for (study, namespace), genes in ELONGATED.items():
        found = [row["gene"] for row in rows if row["study"] == study]
        assert sorted(found) == sorted(canonical(store, namespace + gene) for gene in genes.split()), study
    assert {row["study"] for row in rows} == {study for study, _ in ELONGATED}
    assert set(_column(rows, "role")) == {BIKG + "PerturbationTarget"}
    levels = {(row["study"], row["level"]) for row in rows}
    assert levels == {
        ("idr9001", BIKG + "GeneLevel"),
        ("idr9002", BIKG + "GeneLevel"),
        ("idr9003", BIKG + "MultipleReagents"),
    }


def test_records_of_a_gene_are_counted_in_the_source_tables(store):
    rows = ask(store, "genes-with-phenotype")
    wells = Counter(row["Gene Identifier"] for row in _source("idr9001", "screenA", "library"))
    annotated = Counter(
        row["Gene Identifier"]
        for row in _source("idr9002", "screenA", "annotation")
        if f"{CMPO}0000077".rpartition("/")[2] in row.values()
    )
    found = {row["gene"]: row["records"] for row in rows}
    pombe = ELONGATED["idr9001", ENSEMBL].split()
    assert all(found[canonical(store, ENSEMBL + gene)] == wells[gene] for gene in pombe)
    for gene in ELONGATED["idr9002", REFSEQ].split():
        assert found[canonical(store, REFSEQ + gene)] == annotated[gene]
    pool = [found[canonical(store, NCBI + gene)] for gene in ("8337", "723790")]
    assert pool == [1, 1], "one pool for two genes: one well each, the same"


def test_narrower_terms_add_genes_and_lose_none(store):
    direct, rows = ask(store, "genes-with-phenotype"), ask(store, "genes-with-phenotype-or-narrower")
    assert set(_column(rows, "gene")) - set(_column(direct, "gene")) == PEAR_SHAPED
    assert {row["label"] for row in rows if row["gene"] in PEAR_SHAPED} == {"pear-shaped cell phenotype"}
    shared = [
        {k: v for k, v in row.items() if k != "label"} for row in rows if row["gene"] not in PEAR_SHAPED
    ]
    assert shared == direct


def test_overlapping_terms_do_not_multiply_rows(store):
    once = ask(store, "genes-with-phenotype-or-narrower", term="CMPO:0000005")
    assert ask(store, "genes-with-phenotype-or-narrower", term="CMPO:0000005,CMPO:0000077") == once
    once = ask(store, "images-with-phenotype", term="CMPO:0000005")
    assert ask(store, "images-with-phenotype", term="CMPO:0000005,CMPO:0000077") == once


def test_sgo1_is_found_in_three_studies_one_of_them_without_wells(store):
    rows = ask(store, "phenotypes-of-gene")
    found = {(row["study"], row["label"], row["records"]) for row in rows}
    assert found == {
        ("idr9003", "round cell phenotype", 1),
        ("idr9003", "metaphase arrested phenotype", 1),
        ("idr9004", "mitosis delayed phenotype", 4),
        ("idr9004", "mitosis arrested", 4),
        ("idr9004", "polylobed nuclear phenotype", 2),
        ("idr9004", "graped micronucleus phenotype", 2),
        ("idr9005", "increased rate of protein secretion", 0),
    }
    assert {(row["gene"], row["symbol"]) for row in rows} == {(SGO1, "SGO1")}


@pytest.mark.parametrize("gene", ["ENSG00000129810", "NCBIGene:151648", NCBI + "151648"])
def test_every_identifier_of_a_gene_finds_its_calls_in_all_studies(store, gene):
    assert ask(store, "phenotypes-of-gene", genes=gene) == ask(store, "phenotypes-of-gene")


@pytest.mark.parametrize("name", ["SGOL1", "sgo1", "SGO1"])
def test_today_and_previous_names_find_the_same_human_calls(store, name):
    rows = [row for row in ask(store, "phenotypes-of-gene-symbol", symbol=name) if row["gene"] == SGO1]
    keys = ("gene", "study", "words", "term", "level", "role", "records")
    by_id = ask(store, "phenotypes-of-gene")
    assert sorted(str([row[k] for k in keys]) for row in rows) == sorted(
        str([row[k] for k in keys]) for row in by_id
    )


def test_a_name_in_another_organism_is_another_gene(store):
    rows = ask(store, "phenotypes-of-gene-symbol", symbol="sGoL1, SGO1")
    organisms = {row["gene"]: row["organism"] for row in rows}
    assert organisms == {
        ENSEMBL + "ENSG00000129810": "Homo sapiens",
        ENSEMBL + "SPBP35G2.03c": "Schizosaccharomyces pombe",
    }
    by_id = ask(store, "phenotypes-of-gene")
    assert {
        (r["gene"], r["study"], r["words"], r["term"]) for r in rows if r["organism"] == "Homo sapiens"
    } == {(r["gene"], r["study"], r["words"], r["term"]) for r in by_id}
    (other,) = [row for row in rows if row["gene"].endswith("SPBP35G2.03c")]
    assert (other["study"], other["words"]) == ("idr9001", None)


@pytest.mark.parametrize("symbol", ["SGO", "SGOL11", "no such gene", ".*"])
def test_a_name_must_fit_whole(store, symbol):
    assert ask(store, "phenotypes-of-gene-symbol", symbol=symbol) == []


def test_mouse_car4_has_ten_phenotypes_on_its_images(store):
    rows = ask(store, "phenotypes-of-gene", genes="ENSMUSG00000000805")
    assert len(rows) == len(set(_column(rows, "term"))) == 10
    assert {row["study"] for row in rows} == {"idr9006"}
    table = _source("idr9006", "experimentA", "annotation")
    cells = Counter(
        value
        for row in table
        for key, value in row.items()
        if row["Comment [Gene Symbol]"] == "Car4" and re.fullmatch(r"Phenotype \d+", key) and value
    )
    assert {row["words"]: row["records"] for row in rows} == dict(cells)


def test_studies_of_ca4_say_that_it_was_studied_without_a_call(store):
    rows = {row["study"]: row for row in ask(store, "studies-of-gene")}
    assert rows.keys() == {"idr9004", "idr9006", "idr9008"}
    assert [rows[study]["phenotypes"] for study in sorted(rows)] == [0, 10, 0]
    images = [
        r for r in _source("idr9006", "experimentA", "annotation") if r["Comment [Gene Symbol]"] == "Car4"
    ]
    wells = [r for r in _source("idr9004", "screenA", "annotation") if r["Gene Symbol"] == "CA4"]
    assert (rows["idr9006"]["records"], rows["idr9004"]["records"]) == (len(images), len(wells))


def test_reagents_of_sgo1_agree_on_one_phenotype_of_three(store):
    rows = ask(store, "reagents-of-gene", genes="ENSG00000129810")
    reported = {}
    for row in rows:
        reagent = row["reagent"].rpartition("/")[2]
        reported.setdefault((row["study"], row["words"]), {})[reagent] = row["reported"]
    assert reported == {
        ("idr9003", "round cells, many in metaphase"): {"M-015475-00": "yes"},
        ("idr9004", "delayed or arrested mitosis"): {"s45599": "yes", "s45600": "yes"},
        ("idr9004", "lobed nuclei"): {"s45599": "yes", "s45600": "no"},
        ("idr9004", "nuclei like a bunch of grapes"): {"s45599": "yes", "s45600": "no"},
        ("idr9005", "secretion faster"): {"149109": "yes", "149110": "yes"},
    }
    assert {row["records"] for row in rows if row["study"] == "idr9004"} == {2}


def test_a_call_on_the_gene_is_not_held_for_one_on_a_reagent(store):
    rows = ask(store, "reagents-of-gene", genes="https://identifiers.org/refseq:NM_080651")
    assert rows
    assert {row["reported"] for row in rows} == {"of the gene"}


# -- records


def test_records_per_phenotype_are_those_of_the_records_query(store):
    """A record with two phenotypes of one term counts once, a control not at all."""
    rows = {row["label"]: row for row in ask(store, "samples-per-phenotype")}
    records = {
        row["record"]
        for row in ask(store, "images-with-phenotype")
        if "skittle" not in row["words"]  # narrower than the term
    }
    assert rows["elongated cell phenotype"]["records"] == len(records)
    assert rows["elongated cell phenotype"]["studies"] == 3


def test_two_phenotypes_of_one_term_count_once():
    """In a graph of one well with two such phenotypes, and of a control."""
    store = Store()
    turtle = """
        @prefix bikg: <https://w3id.org/bioimg-kg/ontology#> . @prefix dcterms: <http://purl.org/dc/terms/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix cmpo: <http://www.ebi.ac.uk/cmpo/> .
        @prefix : <http://example.org/> .
        cmpo:CMPO_0000077 rdfs:label "elongated" . :component dcterms:isPartOf :study .
        :one bikg:mappedTerm cmpo:CMPO_0000077 ; dcterms:isPartOf :component .
        :two bikg:mappedTerm cmpo:CMPO_0000077 ; dcterms:isPartOf :component .
        :well bikg:annotatedWith :one , :two .
        :control bikg:annotatedWith :one ; bikg:controlType "positive" .
        """
    store.load(turtle.encode(), format=RdfFormat.TURTLE)
    (row,) = ask(store, "samples-per-phenotype")
    assert (row["records"], row["studies"]) == (1, 1)


def test_images_with_a_phenotype_point_to_their_row(store):
    rows = ask(store, "images-with-phenotype", term="CMPO:0000366")
    library = _source("idr9001", "screenA", "library")
    expected = {
        (row["Plate"], row["Well"], number)
        for number, row in enumerate(library, start=2)
        if ENSEMBL + row["Gene Identifier"] in PEAR_SHAPED
    }
    found = {
        (row["plate"], row["record"].rpartition("/")[2], int(row["source"].rpartition("#row=")[2]))
        for row in rows
    }
    assert found == expected


def test_a_plate_is_listed_in_the_order_of_its_wells(store):
    rows = ask(store, "records-of-plate", plate=ID + "idr9001/screenA/plate/POMBE-EX1")
    names = _column(rows, "name")
    assert names == sorted(names, key=lambda name: (name[0], int(name[1:])))
    table = [row for row in _source("idr9001", "screenA", "library") if row["Plate"] == "POMBE-EX1"]
    assert len(rows) == len(table)
    symbols = {row["Well"]: row["Gene Symbol"] for row in table}
    symbols["B3"] = "med18"  # the study has its name of then, sep11
    assert {row["name"]: row["genes"] or "" for row in rows} == symbols


# -- compounds


def test_doses_of_paclitaxel_are_read_whatever_their_unit(store):
    rows = ask(store, "compounds-and-doses", compound="PUBCHEM.COMPOUND:36314")
    found = {
        (row["component"].rpartition("/")[2], row["dose"]): (
            row["micromolar"],
            row["records"],
            row["phenotypes"],
        )
        for row in rows
    }
    blocked, more = "mitosis blocked at metaphase", "mitosis blocked at metaphase | more polymerised tubulin"
    assert found == {
        ("screenA", "8 nM"): (Decimal("0.008"), 2, blocked),
        ("screenA", "10 nanomolar"): (Decimal("0.01"), 2, blocked),
        ("screenA", "80 nM"): (Decimal("0.08"), 2, more),
        ("screenA", "0.33 micromolar"): (Decimal("0.33"), 2, more),
        ("screenB", "0.3 microMolar"): (Decimal("0.3"), 1, ""),
        ("screenB", "1 microMolar"): (Decimal(1), 1, ""),
        ("screenB", "3 microMolar"): (Decimal(3), 1, ""),
    }


def test_a_dose_by_mass_has_no_micromolar(store):
    rows = {row["dose"]: row["micromolar"] for row in ask(store, "compounds-and-doses")}
    assert rows["2 microgram per milliliter"] is None
    assert rows["10 µM"] == rows["10 micromolar"] == 10


# -- overviews


def test_the_overview_counts_what_the_examples_hold(store):
    rows = {row["accession"]: row for row in ask(store, "study-overview")}
    records = {study: row["records"] for study, row in rows.items()}
    assert records == {
        "idr9001": 32,
        "idr9002": 57,
        "idr9003": 23 + 12,
        "idr9004": 42,
        "idr9005": 0,
        "idr9006": 19,
        "idr9007": 26 + 19,
        "idr9008": 6 + 13,
    }
    assert [study for study, row in rows.items() if row["components"] == 2] == [
        "idr9003",
        "idr9007",
        "idr9008",
    ]
    assert rows["idr9003"]["phenotypes"] - rows["idr9003"]["mapped"] == 1
    assert {row["licence"] for row in rows.values()} == {"https://creativecommons.org/publicdomain/zero/1.0/"}
    compounds = {
        row["Compound PubChem CID"] or row["Compound InChIKey"] or row["Compound Name"]
        for component in ("screenA", "screenB")
        for row in _source("idr9007", component, "annotation")
    } - {""}
    assert rows["idr9007"]["compounds"] == len(compounds)


def test_phenotypes_without_a_term_complete_the_overview(store):
    missing = Counter(row["study"] for row in ask(store, "unmapped-phenotypes") if row["declared"])
    overview = {row["accession"]: row["phenotypes"] - row["mapped"] for row in ask(store, "study-overview")}
    assert missing == {study: count for study, count in overview.items() if count}


def test_mappings_are_those_of_the_table(store, example_release):
    from bioimg_kg.sssom import read

    table = read(example_release / "mappings/study-phenotypes.sssom.tsv")
    expected = sorted(
        (row.subject_label, table.expand(row.predicate_id), table.expand(row.object_id), row.object_label)
        for row in table.rows
        if row.subject_source == "bikgid:study/idr9004"
    )
    rows = ask(store, "mappings-of-study", studies="idr9004")
    assert sorted((row["words"], row["predicate"], row["term"], row["label"]) for row in rows) == expected
    assert len(expected) > 3


def test_counts_roll_up_to_the_broader_term(store):
    rows = {row["label"]: row for row in ask(store, "narrower-phenotypes")}
    elongated = rows["elongated cell phenotype"]
    everything = {row["record"] for row in ask(store, "images-with-phenotype")}
    assert (elongated["terms"], elongated["records"], elongated["studies"]) == (2, len(everything), 3)


def test_columns_kept_in_the_file_are_counted(store):
    rows = [row for row in ask(store, "columns-kept-in-file") if row["name"] == "Mechanism Class"]
    cells = [row["Mechanism Class"] for row in _source("idr9007", "screenB", "annotation")]
    assert [(row["study"], row["kept"]) for row in rows] == [("idr9007", len(list(filter(None, cells))))]


def test_a_statement_has_a_licence_and_a_source(store):
    well = ID + "idr9004/screenA/plate/MIT-EX-1/well/B1"
    (row,) = ask(store, "source-of-statement", thing=well)
    assert row["graph"].endswith("/graph/study/idr9004")
    assert row["licence"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert row["source"] == "https://github.com/bioimg-kg/bioimg-kg"
    assert row["row"].endswith("/idr9004-screenA-annotation.csv.gz#row=2")
    graphs = {row["graph"].partition("/graph/")[2] for row in ask(store, "source-of-statement")}
    assert graphs == {"mappings", "ontology/cmpo", "study/idr9001", "study/idr9002", "study/idr9003"}


@pytest.mark.parametrize("name", NAMES)
def test_a_thing_that_is_not_there_gives_no_rows(store, name):
    parameters = get_query(name, FOLDER).parameters
    if not parameters:
        return
    nothing = {
        p.name: "no such thing" if p.type == "string" else "http://example.org/nothing"
        for p in parameters
        if p.type != "integer"
    }
    assert ask(store, name, **nothing) == []


# -- processes


def test_phenotypes_about_a_process_follow_both_hierarchies(store):
    rows = ask(store, "phenotypes-about-process")
    found = {row["term"].removeprefix(CMPO) for row in rows}
    # mitotic process is defined by GO:0000278, into which the part of mitosis arrested was merged
    assert {"0000194", "0000338", "0000305"} <= found
    assert not {"0000077", "0000363", "0000090"} & found
    own = {(row["term"], row["process"].rpartition("/")[2]) for row in rows if row["term"] == row["defined"]}
    assert own == {
        (CMPO + "0000194", "GO_0000278"),
        (CMPO + "0000202", "GO_0007067"),
        (CMPO + "0000338", "GO_0007067"),
    }
    broader = {row["term"] for row in ask(store, "phenotypes-about-process", process="GO:0009987")}
    assert {row["term"] for row in rows} < broader
    assert CMPO + "0000398" in broader  # protein localization is a cellular process


def test_an_obsolete_process_is_the_one_that_replaces_it(store):
    one, two = (ask(store, "phenotypes-about-process", process=p) for p in ("GO:0007067", "GO:0000278"))
    assert one == two != []


# -- studies, plates, sources


def test_every_cross_reference_of_sgo1_is_that_of_its_two_identifiers(store):
    rows = ask(store, "gene-cross-references", genes="NCBIGene:151648")
    assert rows == ask(store, "gene-cross-references", genes="ENSG00000129810")
    expected = {
        ("core#exactMatch", SGO1),
        ("core#exactMatch", f"{NCBI}151648"),
        ("core#exactMatch", "http://identifiers.org/ncbigene/151648"),
        ("core#exactMatch", "http://purl.uniprot.org/geneid/151648"),
        ("rdf-schema#seeAlso", "http://identifiers.org/ensembl/ENSG00000129810"),
        ("rdf-schema#seeAlso", "http://identifiers.org/hgnc/25088"),
    }
    assert {(row["relation"].rpartition("/")[2], row["identifier"]) for row in rows} == expected


def test_studies_of_an_organism_and_a_method_are_those_that_name_both(store):
    human = ask(store, "studies-of-organism-and-method", method="FBbi:00000246")
    every = ask(store, "studies-of-organism-and-method", organism="NCBITaxon:1", method="FBbi:00000222")
    assert {row["species"] for row in human} == {"Homo sapiens"}
    named = store.query(
        f"""SELECT DISTINCT ?component {{
            ?component <https://schema.org/measurementTechnique> ?method ;
              <http://purl.org/dc/terms/isPartOf> ?study .
            {{ ?study <http://purl.obolibrary.org/obo/RO_0002162> ?taxon }}
            UNION {{ ?component <http://purl.obolibrary.org/obo/RO_0002162> ?taxon }}
            ?study a <{BIKG}Study>
            FILTER(STRENDS(STR(?taxon), "NCBITaxon_9606") && STRENDS(STR(?method), "FBbi_00000246")) }}""",
        use_default_graph_as_union=True,
    )
    assert {row["component"] for row in human} == {row["component"].value for row in named}
    assert {row["study"] for row in human} < {row["study"] for row in every}


def test_controls_of_a_plate_are_the_wells_of_the_source_table(store):
    wells = Counter()
    for row in _source("idr9003", "screenB", "library"):
        if row["Control Type"]:
            wells[row["Plate"], row["Control Type"]] += 1
    found = {
        (row["plateName"], row["control"]): row["records"]
        for row in ask(store, "controls-of-plates", studies="idr9003")
        if "/screenB/" in row["plate"]
    }
    assert len(found) > 1
    assert {plate: sum(n for (p, _), n in found.items() if p == plate) for plate, _ in found} == {
        plate: sum(n for (p, _), n in wells.items() if p == plate) for plate, _ in wells
    }


def test_reagents_that_disagree_are_those_that_reagents_of_gene_shows(store):
    rows = ask(store, "reagents-that-disagree", studies="idr9004")
    for row in rows:
        reagents = [
            r
            for r in ask(store, "reagents-of-gene", genes=row["gene"])
            if (r["study"], r["words"]) == (row["study"], row["words"])
        ]
        silent = sorted(r["reagent"] for r in reagents if r["reported"] == "no")
        assert row["others"] == " ".join(silent)
        assert (row["seen"], row["used"]) == (len(reagents) - len(silent), len(reagents))
    assert len(rows) == 5


def test_every_graph_has_its_sources(store):
    rows = ask(store, "sources-of-graphs")
    graphs = {q.value for q in store.named_graphs()}
    assert {row["graph"] for row in rows} >= graphs, "a graph may also be empty"
    for row in rows:
        if row["name"].startswith("study/"):
            assert row["licence"]
            assert re.fullmatch("[0-9a-f]{64}", row["sha256"])
