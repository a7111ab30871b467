"""Gene symbols that a spreadsheet has turned into dates."""

import csv
import gzip
import re
from collections import defaultdict

import pytest

from bioimg_kg.etl.idr.bulkmap import read_bulkmap
from bioimg_kg.etl.idr.genes import gene_columns
from bioimg_kg.identifiers.excel import ORGANISMS, as_date, mend_symbol, organism, symbols
from bioimg_kg.sssom import EXACT, RELATED
from bioimg_kg.vocab import OBO

HUMAN, MOUSE, FLY, YEAST = (OBO + f"NCBITaxon_{n}" for n in ("9606", "10090", "7227", "4932"))


def names(desk, text, *organisms):
    (columns,) = gene_columns(desk.sheet(text), read_bulkmap(b"columns: []"), set(organisms))
    return [list(columns.at(row).names) for row in range(len(columns.codes()[0]))]


@pytest.mark.parametrize("text", ["6-Sep", "06-Sep", "Sep-06", "2021-09-06", "2021-09-06 00:00:00"])
def test_every_form_of_a_date_is_seen(text):
    assert as_date(text) == "6-Sep"


@pytest.mark.parametrize(
    "text",
    ["Oct-4", "SEP6", "sep-06", "31-Sep", "Sep-00", "0-Mar", "2021-13-01", "6-Septin", "1-Marx", "", "٦-Sep"],
)
def test_what_is_no_date_is_left_alone(text):
    assert as_date(text) == ""
    assert mend_symbol(text, {HUMAN}) == mend_symbol("TPX2", {HUMAN})


@pytest.mark.parametrize(
    ("text", "organisms", "symbol"),
    [
        ("6-Sep", {HUMAN}, "SEPTIN6"),
        ("6-Sep", {MOUSE}, "Septin6"),
        ("1-Sep", {FLY}, "Septin1"),
        ("1-Oct", {YEAST}, "OCT1"),
        ("1-Mar", {HUMAN}, None),  # MARCHF1 or MTARC1
        ("2-Mar", {HUMAN}, None),
        ("6-Sep", {HUMAN, MOUSE}, None),
        ("6-Sep", set(), None),
        ("6-Sep", {OBO + "NCBITaxon_3702"}, None),
        ("1-Nov", {HUMAN}, None),  # an alias only
        ("25-Dec", {HUMAN}, None),
    ],
)
def test_one_gene_of_the_organism_is_meant_or_none(text, organisms, symbol):
    found = mend_symbol(text, organisms)
    assert found.iri == symbol
    assert bool(found.problem) == (symbol is None)
    assert bool(found.repair) == (symbol is not None)


def test_a_symbol_beside_no_identifier_is_mended_and_reported(desk):
    table = "Gene Symbol\nSep-06\nTPX2\n1-Mar\n6-Sep;AURKA\n"
    assert names(desk, table, HUMAN) == [["SEPTIN6"], ["TPX2"], ["1-Mar"], ["SEPTIN6", "AURKA"]]
    assert sorted(desk.issues, key=lambda issue: issue[1]) == [
        ("gene-symbol-repaired", 2, "Sep-06", 0),
        ("gene-symbol-damaged", 4, "1-Mar", 0),
        ("gene-symbol-repaired", 5, "6-Sep;AURKA", 0),
    ]
    assert desk.account()["Gene Symbol"] == (4, 4, 0, 0)


def test_without_an_organism_nothing_is_mended(desk):
    assert names(desk, "Gene Symbol\nSep-06\n") == [["Sep-06"]]
    assert [code for code, *_ in desk.issues] == ["gene-symbol-damaged"]


def test_a_mended_symbol_labels_the_gene_beside_it(desk):
    (columns,) = gene_columns(desk.sheet("Entrez Gene Identifier,Gene Symbol\n23157,Sep-06\n"), [], {HUMAN})
    assert columns.at(0).names == ()
    (gene,) = columns.at(0).genes
    assert dict(desk.names.genes[gene]) == {"SEPTIN6": 1}


def test_the_table_has_one_gene_or_candidates_per_organism():
    for day, rows in symbols().items():
        assert as_date(day) == day
        by_organism = defaultdict(list)
        for row in rows:
            assert row.object_id.partition(":")[0] in ORGANISMS
            by_organism[organism(row)].append(row.predicate_id)
        for predicates in by_organism.values():
            assert predicates == [EXACT] or set(predicates) == {RELATED}


@pytest.mark.corpus
def test_the_table_is_what_the_nomenclature_committee_says(shared):
    """Every human gene whose name becomes a date is in the table; it is exact if it is the only one."""
    month = {
        "MAR": "Mar",
        "MARC": "Mar",
        "MARCH": "Mar",
        "SEP": "Sep",
        "SEPT": "Sep",
        "DEC": "Dec",
        "OCT": "Oct",
    }
    found, official = defaultdict(set), set()
    with gzip.open(shared / "reference/hgnc.tsv.gz", "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = [row["symbol"], *row["previous_symbols"].split("|"), *row["alias_symbols"].split("|")]
            for position, word in enumerate(words):
                match = re.fullmatch(r"([A-Z]+)-?(\d{1,2})", word.upper())
                if row["status"] == "Approved" and match and match[1] in month:
                    day = f"{int(match[2])}-{month[match[1]]}"
                    if as_date(day):
                        found[day].add((row["hgnc_id"], row["symbol"]))
                        if position <= len(row["previous_symbols"].split("|")):
                            official.add((day, row["hgnc_id"]))
    assert len(found) > 30
    for day, genes in found.items():
        rows = [row for row in symbols()[day] if row.object_id.startswith("HGNC:")]
        assert {(row.object_id, row.object_label) for row in rows} == genes
        (gene, _), *others = genes
        assert (rows[0].predicate_id == EXACT) == (not others and (day, gene) in official), day


@pytest.mark.corpus
def test_mended_symbols_agree_with_the_identifiers_beside_them(shared):
    """The library of idr0012 has dates beside numbers of NCBI Gene: what is mended is that gene."""
    known = {}
    with gzip.open(shared / "reference/hgnc.tsv.gz", "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            known[row["ncbi_gene_id"]] = row["symbol"]
    path = next((shared / "idr").glob("idr0012-*")) / "screenA/idr0012-screenA-library.txt"
    checked = 0
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            mended = mend_symbol(row["Gene Symbol"], {HUMAN}).iri
            if mended and row["Gene Identifier"] in known:
                assert mended == known[row["Gene Identifier"]]
                checked += 1
    assert checked >= 5
