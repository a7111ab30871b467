"""A library table joined with a processed table."""

import pytest

from bioimg_kg.etl.idr.join import join

LIBRARY = "library.txt"
PROCESSED = "processed.txt"
KEY = "Processed Data Column Link To Library File\t{}\n"


def tables(desk, left, right):
    return desk.sheet(left, "screenA/a-library.txt"), desk.sheet(right, "screenA/a-processed.txt")


def cells(sheet):
    return [[c.coded.text(row) for c in sheet.columns] for row in range(len(sheet))]


def test_every_library_row_stays_and_gets_what_its_key_has(desk):
    sheet = join(
        *tables(desk, "Plate,Well,Gene\nP,A1,g1\nP,A2,g2\nP,A3,\nP,A4,g1\n", "Gene,Score\ng1,5\ng2,6\n"),
        "gene",
    )
    assert [c.heading.text for c in sheet.columns] == ["Plate", "Well", "Gene", "Score"]
    assert [row[2:] for row in cells(sheet)] == [["g1", "5"], ["g2", "6"], ["", ""], ["g1", "5"]]
    assert sheet.calls[0].path.endswith("processed.txt")
    assert sheet.calls[1].tolist() == [2, 3, -1, 2]
    assert desk.issues == []


def test_the_last_row_of_a_key_counts(desk):
    sheet = join(*tables(desk, "Gene,Well\ng1,A1\n", "Gene,Score\ng1,5\ng1,6\n"), "Gene")
    assert cells(sheet) == [["g1", "A1", "6"]]
    assert desk.issues == [("join-repeated", 2, "g1", 1), ("join-repeated", 2, "5", 1)]


def test_rows_without_a_partner_are_reported_cell_by_cell(desk):
    sheet = join(*tables(desk, "Gene,Well\ng1,A1\n", "Gene,Score,Note\ng1,5,\ng9,6,x\n,7,\n"), "Gene")
    assert len(sheet) == 1
    assert desk.issues == [
        ("join-unmatched", 3, "g9", 1),
        ("join-unmatched", 3, "6", 2),
        ("join-unmatched", 3, "x", 1),
    ]
    assert desk.account()["Gene"] == (2, 0, 1, 1)


def test_the_library_says_what_is_in_the_well(desk):
    sheet = join(*tables(desk, "Gene,Symbol\ng1,a\n", "Gene,symbol,Score\ng1,b,5\n"), "Gene")
    assert cells(sheet) == [["g1", "a", "5"]]
    sheet.close()
    assert desk.account()["symbol"] == (1, 0, 0, 1)


@pytest.mark.parametrize(
    ("library", "processed"),
    [
        ("Plate,Well\nP1,A1\nP1,A2\n,A3\n", "Plate_Well,Score\nP1_A2,5\n"),
        ("Plate_Well,x\nP1_A1,1\nP1_A2,2\nP1_A3,3\n", "Plate,Well,Score\nP1,A2,5\n"),
        ("Plate,Well\nP1,A1\nP1,A2\nP1,A3\n", "Plate,Well,Score\nP1,A2,5\n"),
    ],
)
def test_a_key_is_made_of_two_columns(desk, library, processed):
    sheet = join(*tables(desk, library, processed), "Plate_Well")
    assert [row[-1] for row in cells(sheet)] == ["", "5", ""]


def test_a_key_of_two_long_headings(desk):
    library = "Well\tExperimental Condition [RNAi]\nA1\tx\nA2\ty\n"
    processed = "Well_Experimental Condition [RNAi]\tScore\nA2_y\t5\n"
    sheet = join(*tables(desk, library, processed), "Well_Experimental Condition [RNAi]")
    assert [row[-1] for row in cells(sheet)] == ["", "5"]


@pytest.mark.parametrize("key", ["", "Nothing", "Plate_Nothing", "_"])
def test_a_key_that_is_no_column(desk, key):
    with pytest.raises(KeyError):
        join(*tables(desk, "Plate,,Well\nP,z,A1\n", "Plate,,Score\nP,z,5\n"), key)


def test_a_processed_table_without_rows(desk):
    sheet = join(*tables(desk, "Gene,Well\ng1,A1\n", "Gene,Score\n"), "Gene")
    assert (cells(sheet), sheet.calls[1].tolist()) == ([["g1", "A1", ""]], [-1])


PHENOTYPE = "Phenotype Name\tround cells\nPhenotype Term Accession\tCMPO_0000118\n"
WELLS = (
    "Plate\tWell\tsiRNA Identifier\tGene Identifier\nP1\tA01\ts1\tENSG00000129810\nP1\tA2\ts2\t\nP1\tA3\t\t\n"
)


def test_the_whole_way(mini):
    study = mini(
        {LIBRARY: WELLS, PROCESSED: "siRNA Identifier\tPhenotype 1\ns1\tround cells\ns9\tround cells\n"},
        screen=KEY.format("siRNA Identifier") + PHENOTYPE,
    )
    assert study.all("bikg:annotatedWith") == [("screenA/plate/P1/well/A1", "screenA/phenotype/1")]
    assert len(study.of("bikg:Well")) == 3
    assert [i for i in study.issues if i[0] == "join-unmatched"] == [
        ("join-unmatched", 3, "siRNA Identifier", "s9", 1),
        ("join-unmatched", 3, "Phenotype 1", "round cells", 1),
    ]
    (row,) = study.all("prov:wasDerivedFrom", study.of("biolink:GeneToPhenotypicFeatureAssociation")[0])
    assert row == "https://example.org/repo/blob/abc/screenA/idr9999-screenA-processed.txt#row=2"


@pytest.mark.parametrize("stated", ["the columns Plate and siRNA Identifier link them", "siRNA Identifier"])
def test_prose_that_names_a_column_is_enough(mini, stated):
    study = mini(
        {LIBRARY: WELLS, PROCESSED: "siRNA Identifier\tPhenotype 1\ns1\tround cells\n"},
        screen=KEY.format(stated) + PHENOTYPE,
    )
    assert len(study.all("bikg:annotatedWith")) == 1
    assert "join-key-unusable" not in study.codes()


@pytest.mark.parametrize("stated", ["Link to Library file", "", "# leave blank"])
def test_a_key_that_cannot_be_used(mini, stated):
    study = mini(
        {LIBRARY: WELLS, PROCESSED: "siRNA Identifier\tPhenotype 1\ns1\tround cells\n"},
        screen=KEY.format(stated) + PHENOTYPE,
    )
    assert "join-key-unusable" in study.codes()
    assert study.all("bikg:annotatedWith") == []
    assert len(study.of("bikg:Well")) == 3
    unmapped = {label for node, label in study.all("rdfs:label") if "/column/" in node}
    assert "Phenotype 1" in unmapped
