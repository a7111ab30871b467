"""Logical definitions: the parts of GO, PATO, CL and ChEBI that a term is made of."""

from collections import Counter

import pytest

from bioimg_kg.errors import ConfigError
from bioimg_kg.ontologies.definitions import definition_files, namespace, read_definitions

HEAD = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:obo="http://purl.obolibrary.org/obo/">"""
CMPO, OBO = "http://www.ebi.ac.uk/cmpo/CMPO_", "http://purl.obolibrary.org/obo/"


def some(filler, prop="RO_0000052"):
    inside = f'rdf:resource="{OBO}{filler}"/>' if filler[0] != "<" else f">{filler}</owl:someValuesFrom>"
    return (
        f'<owl:Restriction><owl:onProperty rdf:resource="{OBO}{prop}"/>'
        f"<owl:someValuesFrom {inside}</owl:Restriction>"
    )


def both(*members):
    nodes = (m if m[0] == "<" else f'<rdf:Description rdf:about="{OBO}{m}"/>' for m in members)
    listed = f'<owl:intersectionOf rdf:parseType="Collection">{"".join(nodes)}</owl:intersectionOf>'
    return f"<owl:Class>{listed}</owl:Class>"


def term(number, axiom, expression):
    return f'<owl:Class rdf:about="{CMPO}{number}"><{axiom}>{expression}</{axiom}></owl:Class>'


def definitions(tmp_path, *terms):
    path = tmp_path / "cmpo-edit.owl"
    path.write_text(HEAD + "".join(terms) + "</rdf:RDF>", encoding="utf-8")
    return {
        t.removeprefix(CMPO): {p.removeprefix(OBO) for p in ps}
        for t, ps in read_definitions(path).parts.items()
    }


def test_parts_are_found_however_deep_they_stand(tmp_path):
    deep = some(both("PATO_0000297", some("GO_0000278"), some(both("CL_0000000", some("CHEBI_16991")))))
    found = definitions(tmp_path, term("0000338", "owl:equivalentClass", deep))
    assert found == {"0000338": {"PATO_0000297", "GO_0000278", "CL_0000000", "CHEBI_16991"}}


def test_a_necessary_condition_counts_and_all_axioms_of_a_term_do(tmp_path):
    found = definitions(
        tmp_path,
        term("0000001", "rdfs:subClassOf", some("GO_0044380")),
        term("0000001", "owl:equivalentClass", some("PATO_0000057")),
    )
    assert found == {"0000001": {"GO_0044380", "PATO_0000057"}}


def test_what_is_no_part_of_a_definition_is_left_out(tmp_path):
    parent = (
        f'<owl:Class rdf:about="{CMPO}0000002"><rdfs:subClassOf rdf:resource="{OBO}GO_0000278"/></owl:Class>'
    )
    other = term("0000003", "owl:equivalentClass", some("SO_0000646", prop="GO_0000001"))
    assert definitions(tmp_path, parent, other) == {}


def test_a_file_that_is_no_rdf_is_named(tmp_path):
    path = tmp_path / "cmpo-edit.owl"
    path.write_text("Ontology(<http://example.org/>)", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"cmpo-edit\.owl: cannot be read as RDF/XML"):
        read_definitions(path)


@pytest.mark.corpus
def test_the_parts_of_cmpo(shared):
    (path,) = definition_files(shared / "ontologies")
    read = read_definitions(path)
    assert (read.name, read.header.iri) == ("cmpo-definitions", "http://www.ebi.ac.uk/cmpo/cmpo.owl")
    assert read.header.version_iri == "http://www.ebi.ac.uk/cmpo/1.14/cmpo.owl"
    found = read.parts
    parts = set().union(*found.values())
    assert all(term.startswith(CMPO) for term in found)
    assert Counter(map(namespace, parts)) == {"GO": 141, "PATO": 89, "CHEBI": 3, "CL": 1}
    assert {p.removeprefix(OBO) for p in found[CMPO + "0000338"]} == {"GO_0007067", "PATO_0000297"}
