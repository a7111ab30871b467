"""Gene columns: which namespace, how many genes, which of them are meant."""

import pytest

from bioimg_kg.etl.idr.bulkmap import read_bulkmap
from bioimg_kg.etl.idr.genes import gene_columns

ENSEMBL = "http://rdf.ebi.ac.uk/resource/ensembl/"
NCBI = "https://www.ncbi.nlm.nih.gov/gene/"


def bulkmap(template, heading="Gene Identifier", symbol="Gene Symbol"):
    return (
        "name: x\nversion: 2\ncolumns:\n- group:\n    namespace: openmicroscopy.org/mapr/gene\n    columns:\n"
        f"    - {{name: '{heading}', clientname: Gene Identifier, include: yes}}\n"
        f"    - {{name: '{symbol}', clientname: Gene Symbol, include: yes}}\n"
        f"    - {{name: '{heading}', clientname: Gene Identifier URL, clientvalue: '{template}'}}\n"
    )


NCBI_PAGE = "https://www.ncbi.nlm.nih.gov/gene/{{ value|urlencode }}"


def targets(desk, text, groups=""):
    (columns,) = gene_columns(desk.sheet(text), read_bulkmap(groups.encode()) if groups else [])
    found = [columns.at(row) for row in range(len(columns.codes()[0]))]
    return [
        ([g.removeprefix(ENSEMBL).removeprefix(NCBI) for g in t.genes], list(t.names), t.ambiguous)
        for t in found
    ]


@pytest.mark.parametrize(
    ("template", "value", "iri"),
    [
        ("http://www.ensembl.org/id/{{ value|urlencode }}", "ENSG00000129810", ENSEMBL + "ENSG00000129810"),
        (NCBI_PAGE, "1025", NCBI + "1025"),
        (
            "https://www.yeastgenome.org/locus/{{ value|urlencode }}/overview",
            "YAR043C-a",
            ENSEMBL + "YAR043C-A",
        ),
        (
            "http://www.pombase.org/spombe/result/{{ value|urlencode }}",
            "SPAC27E2.03c",
            ENSEMBL + "SPAC27E2.03c",
        ),
        ("http://flybase.org/reports/{{ value|urlencode }}", "FBgn0002917", ENSEMBL + "FBgn0002917"),
        (
            "http://www.flybase.org/cgi-bin/uniq.html?field=SYN&db=fbgn&context={{ value|urlencode }}",
            "CG1517",
            "https://w3id.org/bioimg-kg/id/gene/flybase.annotation/CG1517",
        ),
        (
            "https://plants.ensembl.org/Arabidopsis_thaliana/Gene/Summary?g={{ value|urlencode }}",
            "at1g22260",
            ENSEMBL + "AT1G22260",
        ),
        (
            "https://www.ncbi.nlm.nih.gov/nuccore/{{ value|urlencode }}",
            "NM_006738.2",
            "https://identifiers.org/refseq:NM_006738",
        ),
    ],
)
def test_the_link_template_declares_the_namespace(desk, template, value, iri):
    (columns,) = gene_columns(
        desk.sheet(f"Gene Identifier,Gene Symbol\n{value},x\n"), read_bulkmap(bulkmap(template).encode())
    )
    assert columns.at(0).genes == (iri,)
    assert desk.issues == []


def test_digits_alone_are_no_gene(desk):
    """762 may be a gene, a clone, a sequence: only the column can tell."""
    assert targets(desk, "Gene Identifier\n762\n") == [([], [], False)]
    assert desk.issues == [("gene-unresolved", 2, "762", 1)]
    assert desk.account()["Gene Identifier"] == (1, 0, 1, 0)


def test_the_heading_declares_the_namespace(desk):
    assert targets(desk, "Entrez Gene Identifier\n762\n") == [(["762"], [], False)]


def test_the_values_together_declare_the_namespace(desk):
    found = targets(desk, "Gene Identifier\nENSG00000129810\nENSG00000000005\nSGOL1\n")
    assert found == [(["ENSG00000129810"], [], False), (["ENSG00000000005"], [], False), ([], [], False)]
    assert desk.issues == [("gene-unresolved", 4, "SGOL1", 1)]


def test_the_template_beats_the_heading(desk):
    found = targets(
        desk, "Comment [Gene Identifier]\n1025\n", bulkmap(NCBI_PAGE, "Comment [Gene Identifier]")
    )
    assert found == [(["1025"], [], False)]


@pytest.mark.parametrize("separator", [";", "; ", ",", ", ", "/", " / ", "+", "&", " & "])
def test_several_genes_in_a_cell_are_all_meant(desk, separator):
    found = targets(desk, f'Gene Identifier\n"1{separator}22"\n', bulkmap(NCBI_PAGE))
    assert found == [(["1", "22"], [], False)]


def test_one_of_several_genes_is_ambiguous(desk):
    page = "http://www.flybase.org/cgi-bin/uniq.html?{{ value }}"
    ((genes, _, ambiguous),) = targets(desk, "Gene Identifier\nCG18735 OR CG18780\n", bulkmap(page))
    assert [g.rpartition("/")[2] for g in genes] == ["CG18735", "CG18780"]
    assert ambiguous


def test_a_word_with_or_in_it_is_not_a_choice(desk):
    found = targets(desk, "Gene Identifier,Gene Symbol\n1,ORC1\n", bulkmap(NCBI_PAGE))
    assert found == [(["1"], [], False)]


def test_the_good_ones_of_a_mixed_cell_are_kept_and_the_others_named(desk):
    found = targets(desk, "Gene Identifier\n22;DNASE1\n22;22\n", bulkmap(NCBI_PAGE))
    assert found == [(["22"], [], False), (["22"], [], False)]
    assert desk.issues == [("gene-unresolved", 2, "22;DNASE1", 0)]
    assert desk.ledger.issues[0].message == "'DNASE1' is not an identifier of ncbigene: they look like digits"


def test_an_identifier_of_another_namespace_that_is_unmistakable(desk):
    found = targets(desk, "Gene Identifier\nENSG00000129810.14\n", bulkmap(NCBI_PAGE))
    assert found == [(["ENSG00000129810"], [], False)]


@pytest.mark.parametrize("symbol", ["na", "nan", "NA", "None", "null", "Sep-01"])
def test_symbols_that_look_like_nothing_are_symbols(desk, symbol):
    """CG1517 is narrow abdomen, na; CG5842 is nanchung, nan."""
    text = f"Gene Identifier,Gene Symbol\nFBgn0002917,{symbol}\n"
    assert targets(desk, text) == [(["FBgn0002917"], [], False)]
    assert desk.names.genes == {ENSEMBL + "FBgn0002917": {symbol: 1}}
    assert desk.account()["Gene Symbol"] == (1, 1, 0, 0)


@pytest.mark.parametrize("word", ["NA", "n/a", "#N/A", "NaN", "null", "not available"])
def test_words_for_nothing_are_no_identifiers(desk, word):
    found = targets(desk, f"Gene Identifier,Gene Symbol\n{word},\n1,a\n", bulkmap(NCBI_PAGE))
    assert found == [([], [], False), (["1"], [], False)]
    assert desk.issues == [("null-text", 2, word, 1)]


def test_a_symbol_without_an_identifier_is_a_name_and_no_gene(desk):
    found = targets(desk, "Gene Identifier,Gene Symbol\n,scrambled\n", bulkmap(NCBI_PAGE))
    assert found == [([], ["scrambled"], False)]


def test_symbols_are_paired_with_their_genes(desk):
    found = targets(desk, "Gene Identifier,Gene Symbol\n1;22,a;b\n1;22,a;b;c\n", bulkmap(NCBI_PAGE))
    assert found == [(["1", "22"], [], False), (["1", "22"], ["a", "b", "c"], False)]
    assert desk.names.genes == {NCBI + "1": {"a": 1}, NCBI + "22": {"b": 1}}


def test_a_single_identifier_may_contain_a_separator(desk):
    assert targets(desk, "Gene Identifier\nSPAC27E2.03c\n") == [(["SPAC27E2.03c"], [], False)]


def test_columns_are_paired_by_their_number(desk):
    text = "Gene Symbol 2,Gene Identifier 1,Gene Symbol 1,Gene Identifier 2\nb,FBgn0000001,a,FBgn0000002\n"
    first, second = gene_columns(desk.sheet(text), [])
    assert (first.number, second.number) == (1, 2)
    assert desk.names.genes == {ENSEMBL + "FBgn0000001": {"a": 1}, ENSEMBL + "FBgn0000002": {"b": 1}}


def test_a_declaration_of_columns_that_are_not_there(desk):
    groups = read_bulkmap(bulkmap(NCBI_PAGE, "Nowhere", "Never").encode())
    assert (
        gene_columns(desk.sheet("Plate,,Gene Symbol\np,z,a\n"), groups)[0].symbol.heading.text
        == "Gene Symbol"
    )


def test_a_declaration_without_a_symbol_takes_no_blank_heading(desk):
    text = bulkmap(NCBI_PAGE).replace("clientname: Gene Symbol", "clientname: Something")
    (columns,) = gene_columns(desk.sheet("Gene Identifier,\n1,not a symbol\n"), read_bulkmap(text.encode()))
    assert columns.symbol is None


def test_symbols_of_the_processed_table_label_genes_of_the_library(mini):
    study = mini(
        {
            "library.txt": "Plate\tWell\tsiRNA Identifier\tGene Identifier\nP\tA1\ts1\tENSG00000129810\n",
            "processed.txt": "siRNA Identifier\tGene Symbol\ns1\tSGO1\n",
        },
        screen="Processed Data Column Link To Library File\tsiRNA Identifier\n",
    )
    assert study.result.shared.names.genes == {ENSEMBL + "ENSG00000129810": {"SGO1": 1}}


@pytest.mark.parametrize("files", [("annotation.csv",), ("library.txt", "processed.txt")])
def test_genes_without_a_stable_home_are_minted_below_the_base_of_the_build(mini, files):
    rows = "Plate,Well,Gene Identifier\nP,A1,CG1517\n,A2,CG1517\n"
    tables = {files[0]: rows.replace(",", "\t") if files[0].endswith("txt") else rows}
    if len(files) > 1:
        tables[files[1]] = "Plate_Well\tScore\nP_A1\t5\n"
    study = mini(
        tables,
        screen="Processed Data Column Link To Library File\tPlate_Well\n",
        base="https://example.org/kg/",
    )
    assert study.all("bikg:targetGene")[0][1] == "https://example.org/kg/id/gene/flybase.annotation/CG1517"


@pytest.mark.parametrize(
    "text",
    [
        "columns: [",
        "just words",
        "- a list",
        "columns: 5",
        "name: x\n",
        "\x00",
        "columns: {a: b}",
        b"\xff\xfe\xfd",
    ],
)
def test_a_declaration_that_cannot_be_read_is_an_issue(mini, text):
    study = mini({"annotation.csv": "Plate,Well\nP,A1\n", "bulkmap-config.yml": text})
    assert [i[0] for i in study.issues] == ["bulkmap-unreadable"]
    assert study.result.issues[0].file == "screenA/idr9999-screenA-bulkmap-config.yml"
    assert len(study.of("bikg:Well")) == 1


@pytest.mark.parametrize(
    "text",
    ["columns: []", "columns: [5, {group: 7}, {group: {}}, {group: {columns: 3}}, {group: {columns: [1]}}]"],
)
def test_odd_declarations_say_nothing(text):
    assert all(not group.entries for group in read_bulkmap(text.encode()))
