"""The header grammar: every heading has one role."""

import pytest

from bioimg_kg.etl.idr.header import FILE_ONLY, parse_header


@pytest.mark.parametrize(
    ("text", "role", "number", "name"),
    [
        ("Plate", "key-plate", 0, ""),
        ("Well", "key-well", 0, ""),
        ("Dataset Name", "key-dataset", 0, ""),
        ("Image Name", "key-image", 0, ""),
        ("Well Number", FILE_ONLY, 0, ""),
        ("Plate_Well", FILE_ONLY, 0, ""),
        ("Characteristics [Organism]", "characteristic", 0, "organism"),
        ("Characteristics[Organism 2]", "characteristic", 2, "organism"),
        ("Characterisics [Growth Condition]", "characteristic", 0, "growth condition"),
        ("Characteristics [ Cell  Line ]", "characteristic", 0, "cell line"),
        ("Experimental Condition [Dose]", "compound-dose", 0, ""),
        ("Experimental Condition [Compound]", "compound-name", 0, ""),
        ("Experimental Condition [Temperature]", "condition", 0, "temperature"),
        ("Gene Identifier", "gene-id", 0, ""),
        ("Comment [Gene Identifier 2]", "gene-id", 2, ""),
        ("Comment [Gene Identifier] 2", "gene-id", 2, ""),
        ("Gene Symbol 3", "gene-symbol", 3, ""),
        ("Original Gene Target", FILE_ONLY, 0, ""),
        ("siRNA Pool Identifier", "sirna-pool", 0, ""),
        ("Sense Sequence", "sense-sequence", 0, ""),
        ("Antisense Sequence", "antisense-sequence", 0, ""),
        ("Phenotype 12", "phenotype", 12, ""),
        ("Phenotype", "phenotype", 0, ""),
        ("Phenotype 2 Term Accession b", "phenotype-term-accession", 2, ""),
        ("Phenotype Term 2 Name", "phenotype-term-name", 2, ""),
        ("Has Phenotype", "has-phenotype", 0, ""),
        ("Phenoptye Annotation Level", "annotation-level", 0, ""),
        ("control type", "control-type", 0, ""),
        ("Control Comments", FILE_ONLY, 0, ""),
        ("Compound 2 PubChem CID", "compound-cid", 2, ""),
        ("Phenotypes of note", FILE_ONLY, 0, ""),
        ("", FILE_ONLY, 0, ""),
    ],
)
def test_role(text, role, number, name):
    (heading,) = parse_header([text])
    assert (heading.role, heading.number, heading.name) == (role, number, name)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Compound Concentration (microMolar)", "microMolar"),
        ("Compound 1 Concentration (uM)", "uM"),
        ("Concentration(nM)", "nM"),
        ("Dose", ""),
    ],
)
def test_unit_of_a_dose(text, unit):
    (heading,) = parse_header([text])
    assert (heading.role, heading.unit) == ("compound-dose", unit)


def test_term_source_columns_belong_to_the_column_before_them():
    headings = parse_header(
        [
            "Term Source 9 REF",
            "Characteristics [Organism]",
            "Term Source 7 REF",
            "Term Source 7 Accession",
            "Image Name",
            "Characteristics [Cell Line]",
            "Term Source REF",
            "Term Source Accession",
            "Comments",
            "Term Source 1",
        ]
    )
    assert [h.qualifies for h in headings] == [-1, -1, 1, 1, -1, -1, 5, 5, -1, 8]
    assert headings[0].role == FILE_ONLY
    assert [h.role for h in headings[2:4]] == ["term-source", "term-accession"]
