"""Compound columns: which compound, and how much of it."""

import pytest

from bioimg_kg.etl.idr.doses import micromolar

CID = "http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID"
KEY = "IAZDPXIOMUYVGZ-UHFFFAOYSA-N"


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("10", "microMolar", "10"),
        ("10", "uM", "10"),
        ("10", "nM", "0.01"),
        ("10", "nanoMolar", "0.01"),
        ("0.50", "mM", "500"),
        ("1", "M", "1000000"),
        ("10", "\u00b5M", "10"),
        ("10", "\u03bcM", "10"),
        ("10 micromolar", "", "10"),
        ("5.00 micromolar", "", "5"),
        ("0.5mM", "", "500"),
        ("0.5 mM", "nM", "500"),
        ("6,3", "microMolar", "6.3"),
        ("0,0064", "microMolar", "0.0064"),
        ("1e-3", "uM", "0.001"),
        ("0", "uM", "0"),
        ("100", "uM", "100"),
        ("10", "", ""),
        ("10", "%", ""),
        ("20 ng/ml", "", ""),
        ("20", "\u00b5g/ml", ""),
        ("-1", "uM", ""),
        ("1,000.5", "uM", ""),
        ("1.2.3", "uM", ""),
        ("top hit", "uM", ""),
        ("", "uM", ""),
        ("1e99999999999999999999", "uM", ""),
    ],
)
def test_amounts(text, unit, amount):
    assert micromolar(text, unit) == amount


def wells(mini, header, *rows):
    lines = [f"Plate,Well,{header}", *(f"P,A{n},{row}" for n, row in enumerate(rows, start=1))]
    return mini({"annotation.csv": "\n".join(lines) + "\n"}, screen="Screen Type\tcompound screen\n")


def reagents(study):
    return [o for _, o in study.all("bikg:reagent")]


def test_a_compound_is_known_by_its_cid_else_by_its_key_else_by_its_name(mini):
    study = wells(
        mini,
        "Compound Name,Compound PubChem CID,Compound InChIKey",
        f"dmso,679,{KEY}",
        f"DMSO,,{KEY}",
        "aspirin,,",
        ",,",
    )
    assert sorted(reagents(study)) == [
        "cid:CID679",
        f"http://rdf.ncbi.nlm.nih.gov/pubchem/inchikey/{KEY}",
        "reagent/aspirin",
    ]
    facts = study.result.shared.names.compound_facts[CID + "679"]
    assert {text for _, text in facts} == {"679", KEY}
    assert study.result.shared.names.compounds[CID + "679"] == {"dmso": 1}


def test_a_damaged_cid_is_mended_and_reported(mini):
    study = wells(mini, "Compound PubChem CID", "54677972\ufb02", "CID 679", "679.0", "12;13", "abc", "0")
    assert sorted(reagents(study)) == ["cid:CID54677972", "cid:CID679"]
    assert sorted((i[0], i[3], i[4]) for i in study.issues) == [
        ("compound-cid-malformed", "0", 1),
        ("compound-cid-malformed", "12;13", 1),
        ("compound-cid-malformed", "abc", 1),
        ("compound-cid-repaired", "54677972\ufb02", 0),
        ("compound-cid-repaired", "679.0", 0),
        ("compound-cid-repaired", "CID 679", 0),
    ]


def test_a_key_that_is_none_is_reported_and_not_in_the_graph(mini):
    study = wells(mini, "Compound Name,Compound InChIKey,Compound PubChem CID", "a,no key,", "b,no key,679")
    assert [(i[0], i[3], i[4]) for i in study.issues] == [("compound-inchikey-malformed", "no key", 2)]
    assert study.all("bikg:inchiKey") == []
    assert {t for _, t in study.result.shared.names.compound_facts[CID + "679"]} == {"679"}


@pytest.mark.parametrize(
    ("header", "row", "number", "dose"),
    [
        ("Compound Concentration (microMolar)", "1.25", "1.25", "1.25 microMolar"),
        ("Compound Concentration (nanoMolar)", "500", "0.5", "500 nanoMolar"),
        ("Compound Concentration (uM)", '"6,3"', "6.3", "6,3 uM"),
        ("Dose", "10 micromolar", "10", "10 micromolar"),
        ("Experimental Condition [Dose]", "0.5mM", "500", "0.5mM"),
        ("Compound Concentration,Compound Concentration Unit", "3,\u00b5M", "3", "3 \u00b5M"),
        ("Compound Concentration,Compound Concentration Unit", "3,%", None, "3 %"),
    ],
)
def test_the_unit_stands_in_the_heading_the_cell_or_beside_it(mini, header, row, number, dose):
    study = wells(mini, f"Compound PubChem CID,{header}", f"679,{row}")
    assert study.all("bikg:doseAsReported") == [(study.of("bikg:CompoundTreatment")[0], dose)]
    assert [o for _, o in study.all("bikg:concentrationMicromolar")] == ([number] if number else [])


def test_each_dose_is_a_treatment_of_its_own_that_wells_share(mini):
    study = wells(mini, "Compound PubChem CID,Compound Concentration (uM)", "679,1", "679,10", "679,1")
    assert len(study.of("bikg:CompoundTreatment")) == 2
    assert len(study.all("bikg:treatment")) == 3


def test_numbered_compounds_are_treatments_of_their_own(mini):
    study = wells(
        mini,
        "Compound 1 PubChem CID,Compound 1 Concentration (uM),"
        "Compound 2 PubChem CID,Compound 2 Concentration (uM)",
        "679,1,702,2",
    )
    assert len(study.all("bikg:treatment")) == 2
    assert sorted(reagents(study)) == ["cid:CID679", "cid:CID702"]


@pytest.mark.parametrize("word", ["NA", "none", "empty", "untreated", "no compound", "N/A"])
def test_a_word_for_no_compound_is_no_compound(mini, word):
    study = wells(mini, "Compound Name", word)
    assert reagents(study) == []
    assert [(i[0], i[3], i[4]) for i in study.issues] == [("null-text", word, 1)]


def test_facts_of_a_compound_that_is_not_named_are_not_counted_as_mapped(mini):
    study = wells(mini, "Compound Name,Compound SMILES", ",CCO", "spirit,CCO")
    assert study.all("bikg:smiles") == [("reagent/spirit", "CCO")]
    assert study.counts("Compound SMILES") == (2, 1, 0, 1)


def test_a_vehicle_that_is_only_named_is_the_compound_of_that_name(mini):
    study = wells(
        mini,
        "Compound Name,Compound PubChem CID",
        "DMSO,",
        "Dimethyl  sulfoxide,",
        "dmso,679",
        "taxol,",
        "DMSO,",
    )
    assert sorted(reagents(study)) == ["cid:CID679", "reagent/taxol"]
    assert [(i[0], i[3], i[4]) for i in study.issues] == [
        ("compound-name-read", "DMSO", 0),
        ("compound-name-read", "Dimethyl  sulfoxide", 0),
    ]
    names = study.result.shared.names.compounds[CID + "679"]
    assert names.keys() == {"DMSO", "Dimethyl  sulfoxide", "dmso"}
    assert study.counts("Compound Name") == (5, 5, 0, 0)


def test_an_identifier_beats_the_name(mini):
    study = wells(mini, "Compound Name,Compound PubChem CID", "DMSO,702", "DMSO,abc")
    assert sorted(reagents(study)) == ["cid:CID679", "cid:CID702"]
    assert [i[0] for i in study.issues] == ["compound-cid-malformed", "compound-name-read"]
