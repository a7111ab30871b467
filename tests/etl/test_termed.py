"""Words with a Term Source block: one name has one accession in a file."""

import pytest

from bioimg_kg.etl.idr.termed import resolve_termed

HUMAN = "http://purl.obolibrary.org/obo/NCBITaxon_9606"
HELA = "http://www.ebi.ac.uk/efo/EFO_0001185"
HEADER = "Characteristics [Organism],Term Source 1 REF,Term Source 1 Accession"


def resolve(desk, *rows, header=HEADER, known=()):
    sheet = desk.sheet("\n".join([header, *rows]) + "\n")
    return [t and (t.label, t.iri) for t in resolve_termed(sheet, sheet.columns[0], dict(known))]


@pytest.mark.parametrize(
    ("source", "accession"),
    [
        ("NCBITaxon", "NCBITaxon_9606"),
        ("NCBITaxon", "9606"),
        ("NCBI Taxon", "NCBITaxon_9606"),
        ("NCBI Taxon", "9606"),
        ("", "NCBITaxon:9606"),
        ("NCBITaxon", "NCBITaxon 9606"),
        ("NCBI Taxon", "NCBI_9606"),
        ("", "http://purl.obolibrary.org/obo/NCBITaxon_9606"),
        ("EFO", "NCBITaxon_9606"),
    ],
)
def test_one_accession_in_many_spellings(desk, source, accession):
    assert resolve(desk, f"Homo sapiens,{source},{accession}") == [("Homo sapiens", HUMAN)]
    assert desk.account()["Term Source 1 Accession"] == (1, 1, 0, 0)
    assert desk.account()["Characteristics [Organism]"] == (1, 1, 0, 0)


def test_the_most_frequent_accession_of_a_name_counts(desk):
    rows = [f"Homo sapiens,NCBITaxon,NCBITaxon_{9606 + n}" for n in range(4)]
    found = resolve(
        desk, *rows, "Homo sapiens,NCBITaxon,NCBITaxon_9606", "Mus musculus,NCBITaxon,NCBITaxon_10090"
    )
    assert dict(found)["Homo sapiens"] == HUMAN
    assert desk.issues == [
        ("accession-minority", 3, "NCBITaxon_9607", 1),
        ("accession-minority", 4, "NCBITaxon_9608", 1),
        ("accession-minority", 5, "NCBITaxon_9609", 1),
    ]
    assert desk.account()["Term Source 1 Accession"] == (6, 3, 3, 0)
    assert desk.account()["Term Source 1 REF"] == (6, 3, 0, 3)
    assert "drag-filled?" in desk.ledger.issues[0].message
    assert {issue.rows for issue in desk.ledger.issues} == {""}


def test_an_issue_names_all_rows_that_it_is_about(desk):
    right, wrong = "HeLa,EFO,EFO_0001185", "HeLa,EFO,EFO_0001186"
    resolve(desk, wrong, *[right] * 4, wrong, wrong)
    (issue,) = desk.ledger.issues
    assert (issue.line, issue.cells, issue.rows) == (2, 3, "2,7-8")


def test_two_names_may_share_an_accession(desk):
    found = resolve(desk, "HeLa,EFO,EFO_0001185", "HeLa Kyoto,EFO,EFO_0001185")
    assert dict(found) == {"HeLa": HELA, "HeLa Kyoto": HELA}
    assert desk.issues == []


def test_a_blank_accession_is_filled_from_the_other_rows(desk):
    assert resolve(desk, "HeLa,,", "HeLa,EFO,EFO_0001185") == [("HeLa", HELA)]
    assert desk.issues == []


def test_a_blank_accession_is_filled_from_the_study_text(desk):
    assert resolve(desk, "hela,,", known={"hela": HELA}) == [("hela", HELA)]


@pytest.mark.parametrize("accession", ["XYZ_1", "none of these", "CMPO_77x", "9606"])
def test_what_is_no_accession_is_reported_and_the_words_stay(desk, accession):
    assert resolve(desk, f"HeLa,,{accession}") == [("HeLa", None)]
    assert desk.issues == [("term-malformed", 2, accession, 1)]
    assert desk.account()["Term Source 1 Accession"] == (1, 0, 1, 0)


def test_words_for_nothing(desk):
    assert resolve(desk, "N/A,EFO,NA", "HeLa,EFO,EFO_0001185") == [("HeLa", HELA), None]
    assert desk.issues == [("null-text", 2, "N/A", 1), ("null-text", 2, "NA", 1)]


def test_an_accession_without_a_name(desk):
    assert resolve(desk, ",EFO,EFO_0001185", "HeLa,EFO,EFO_0001185") == [("HeLa", HELA)]
    assert desk.issues == [("accession-minority", 2, "EFO_0001185", 1)]


def test_a_column_without_a_block(desk):
    header = "Characteristics [Organism],Comment [x],Term Source 1 REF,Term Source 1 Accession"
    assert resolve(desk, "Homo sapiens,x,EFO,EFO_1", header=header) == [("Homo sapiens", None)]
    assert "Term Source 1 Accession" not in desk.account()


def test_a_misprinted_term_is_corrected(desk):
    header = "Characteristics [Cell Cycle Phase],Term Source 1 REF,Term Source 1 Accession"
    found = resolve(desk, "nucleus,CMPO,CMPO_0005634", header=header)
    assert found == [("nucleus", "http://purl.obolibrary.org/obo/GO_0005634")]
    assert desk.issues == [("term-repaired", 2, "CMPO_0005634", 0)]
