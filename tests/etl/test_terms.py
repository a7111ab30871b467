"""Terms in the graph: unresolved and obsolete ones, definitions, and the names of one thing elsewhere."""

import gzip
from collections import Counter

import pytest
from pyoxigraph import RdfFormat, parse

from bioimg_kg.etl.graph.ontology import write_ontologies
from bioimg_kg.etl.graph.reference import write_reference
from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.graph.taxa import taxa_of, write_taxa
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.prefixes import expand
from bioimg_kg.vocab import CAS_NUMBER, INCHI_KEY, PREFIXES, PUBCHEM_CID

GO = """format-version: 1.4
data-version: releases/2026-01-01
remark: licence: CC BY 4.0
ontology: go

[Term]
id: GO:0000278
name: mitotic cell cycle

[Term]
id: GO:0007067
name: obsolete mitosis
is_obsolete: true
replaced_by: GO:0000278

[Term]
id: GO:0044428
name: obsolete nuclear part
is_obsolete: true
consider: GO:0000278

[Term]
id: GO:0006928
name: obsolete movement
is_obsolete: true
"""
EDIT = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">
  <owl:Ontology rdf:about="http://www.ebi.ac.uk/cmpo/cmpo.owl">
    <owl:versionIRI rdf:resource="http://www.ebi.ac.uk/cmpo/1.14/cmpo.owl"/></owl:Ontology>
  <owl:Class rdf:about="http://www.ebi.ac.uk/cmpo/CMPO_0000338"><owl:equivalentClass><owl:Class>
    <owl:intersectionOf rdf:parseType="Collection">
      <rdf:Description rdf:about="http://purl.obolibrary.org/obo/GO_0007067"/>
      <rdf:Description rdf:about="http://purl.obolibrary.org/obo/PATO_0000297"/>
    </owl:intersectionOf></owl:Class></owl:equivalentClass></owl:Class>
</rdf:RDF>"""
KEY = "IAZDPXIOMUYVGZ-UHFFFAOYSA-N"
CID, BY_KEY = (
    "http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID",
    "http://rdf.ncbi.nlm.nih.gov/pubchem/inchikey/",
)


@pytest.fixture
def known(tmp_path):
    """Return what is known of terms that two studies use."""
    folder = tmp_path / "obo"
    folder.mkdir()
    (folder / "go.obo").write_text(GO, encoding="utf-8")
    (folder / "cmpo-edit.owl").write_text(EDIT, encoding="utf-8")
    used = {
        expand(curie): studies
        for curie, studies in (
            ("GO:0007067", ["idr0001", "idr0002"]),
            ("GO:0044428", ["idr0001"]),
            ("GO:0006928", ["idr0001"]),
            ("GO:0000278", ["idr0001"]),
            ("NCIT:C17014", ["idr0002"]),
        )
    }
    return write_ontologies(folder, used, [], tmp_path, Minter())


def short(term):
    """Write an IRI with the prefixes of queries, a literal as its text."""
    for prefix, iri in sorted(PREFIXES.items(), key=lambda item: -len(item[1])):
        if term.value.startswith(iri):
            return f"{prefix}:{term.value.removeprefix(iri)}"
    return term.value


def graph(folder, name):
    with gzip.open(folder / f"{name}.nq.gz") as stream:
        quads = list(parse(stream, format=RdfFormat.N_QUADS))
    return {(short(q.subject), short(q.predicate), short(q.object)) for q in quads}


def test_terms_that_studies_should_not_use_are_issues_that_say_what_to_do(known):
    found = {(i.code, i.value): i.message for i in known.issues}
    assert found == {
        (
            "term-obsolete",
            "GO:0007067",
        ): "obsolete: use GO:0000278 mitotic cell cycle (used by idr0001, idr0002)",
        ("term-obsolete", "GO:0044428"): "obsolete: consider GO:0000278 mitotic cell cycle (used by idr0001)",
        (
            "term-obsolete",
            "GO:0006928",
        ): "obsolete, and its ontology names nothing to use instead: choose a term (used by idr0001)",
        (
            "term-not-in-ontology",
            "NCIT:C17014",
        ): "no file of --ontologies has this term (used by idr0002): add its ontology, or correct the term",
        (
            "term-not-in-ontology",
            "PATO:0000297",
        ): "a definition of cmpo names this term and no file of --ontologies has it: add its ontology",
    }


def test_an_ontology_graph_says_release_and_licence(known, tmp_path):
    found = {(p, o) for s, p, o in graph(tmp_path, "ontology/go") if s == "obo:go.owl"}
    assert found == {
        ("rdf:type", "owl:Ontology"),
        ("owl:versionInfo", "2026-01-01"),
        ("owl:versionIRI", "obo:go/releases/2026-01-01/go.owl"),
        ("dcterms:license", "https://creativecommons.org/licenses/by/4.0/"),
        ("rdfs:comment", "licence: CC BY 4.0"),
    }
    facts = {g.name: (g.version, g.license) for g in known.graphs}
    assert facts == {
        "ontology/go": ("2026-01-01", "https://creativecommons.org/licenses/by/4.0/"),
        "ontology/cmpo-definitions": ("1.14", ""),
    }


def test_obsolete_terms_are_flagged_and_point_to_others(known, tmp_path):
    found = graph(tmp_path, "ontology/go")
    assert {s for s, p, o in found if p == "owl:deprecated" and o == "true"} == {
        "obo:GO_0007067",
        "obo:GO_0044428",
        "obo:GO_0006928",
    }
    assert ("obo:GO_0007067", "obo:IAO_0100001", "obo:GO_0000278") in found
    assert ("obo:GO_0044428", "oboInOwl:consider", "obo:GO_0000278") in found


def test_definitions_are_a_graph_of_their_own(known, tmp_path):
    me = "https://w3id.org/bioimg-kg/graph/ontology/cmpo-definitions"
    assert graph(tmp_path, "ontology/cmpo-definitions") == {
        (me, "rdf:type", "owl:Ontology"),
        (me, "owl:versionInfo", "1.14"),
        (me, "dcterms:source", "cmpo:1.14/cmpo.owl"),
        ("cmpo:CMPO_0000338", "bikg:definedByGO", "obo:GO_0007067"),
        ("cmpo:CMPO_0000338", "bikg:definedByPATO", "obo:PATO_0000297"),
    }


def test_a_term_that_no_ontology_has_is_recognisable(tmp_path):
    shared = Shared()
    shared.names.terms = {
        expand("NCIT:C17014"): Counter({"prophase": 1, "Prophase": 2}),
        expand("GO:0000278"): Counter({"mitosis": 1}),
        expand("GO:0000001"): Counter({"no label in its ontology": 1}),
    }
    write_reference(
        shared, {expand("GO:0000278"): "mitotic cell cycle", expand("GO:0000001"): ""}, tmp_path, Minter()
    )
    assert graph(tmp_path, "reference/terms") == {
        ("obo:NCIT_C17014", "rdf:type", "bikg:UnresolvedTerm"),
        ("obo:NCIT_C17014", "rdfs:label", "Prophase"),
        ("obo:NCIT_C17014", "skos:altLabel", "prophase"),
        ("obo:GO_0000001", "rdfs:label", "no label in its ontology"),
    }


# -- one thing, several names


def test_organisms_have_the_iris_of_others_and_strains_their_species(tmp_path):
    taxa = taxa_of([expand("NCBITaxon:4932"), expand("NCBITaxon:9606"), expand("GBIF:4277175")])
    write_taxa(taxa, tmp_path, Minter())
    found = graph(tmp_path, "reference/taxa")
    assert {(p, o) for s, p, o in found if s == "obo:NCBITaxon_9606"} == {
        ("bikg:taxonId", "9606"),
        ("skos:exactMatch", "http://purl.uniprot.org/taxonomy/9606"),
        ("skos:exactMatch", "http://identifiers.org/taxonomy/9606"),
    }
    assert ("obo:NCBITaxon_559292", "skos:broadMatch", "obo:NCBITaxon_4932") in found
    assert {s for s, _, _ in found} == {"obo:NCBITaxon_9606", "obo:NCBITaxon_4932", "obo:NCBITaxon_559292"}


def compounds(tmp_path, **facts):
    shared = Shared()
    for iri, texts in facts.items():
        shared.names.compound_facts[(CID + iri[1:]) if iri[0] == "c" else BY_KEY + iri.replace("_", "-")] = (
            texts
        )
    issues = write_reference(shared, {}, tmp_path, Minter())[1]
    return graph(tmp_path, "reference/compounds"), [(i.code, i.value) for i in issues]


def test_a_compound_has_a_page_and_the_iri_of_identifiers_org(tmp_path):
    found, _ = compounds(tmp_path, c679={(PUBCHEM_CID, "679")})
    assert ("cid:CID679", "schema:url", "https://pubchem.ncbi.nlm.nih.gov/compound/679") in found
    assert ("cid:CID679", "skos:exactMatch", "http://identifiers.org/pubchem.compound/679") in found


def test_a_compound_known_by_its_key_is_the_one_with_a_number(tmp_path):
    facts = {KEY.replace("-", "_"): {(INCHI_KEY, KEY)}, "c679": {(INCHI_KEY, KEY), (CAS_NUMBER, "67-68-5")}}
    found, issues = compounds(tmp_path, **facts)
    assert (BY_KEY + KEY, "skos:exactMatch", "cid:CID679") in found
    assert not [o for s, p, o in found if s == "cid:CID679" and p == "skos:exactMatch" and KEY in o]
    assert issues == []


def test_a_key_of_two_compounds_joins_with_neither_and_is_an_issue(tmp_path):
    facts = {KEY.replace("-", "_"): {(INCHI_KEY, KEY)}, "c1": {(INCHI_KEY, KEY)}, "c2": {(INCHI_KEY, KEY)}}
    found, issues = compounds(tmp_path, **facts)
    assert not [o for s, p, o in found if s == BY_KEY + KEY and p == "skos:exactMatch"]
    assert issues == [("compound-inchikey-ambiguous", f"INCHIKEY:{KEY}")]


def test_a_paper_and_a_licence_have_the_iris_of_others(mini):
    study = "Study PubMed ID\t20531400\nStudy PMC ID\tPMC2913390\nStudy DOI\thttps://doi.org/10.1038/msb.2010.25\n"
    shared = mini(study=study).result.shared
    paper = "https://pubmed.ncbi.nlm.nih.gov/20531400/"
    found = {(p.rpartition("/")[2], o) for s, p, o in shared.triples["publications"] if s == paper}
    assert found >= {
        ("core#exactMatch", "<http://rdf.ncbi.nlm.nih.gov/pubmed/20531400>"),
        ("sameAs", "<https://doi.org/10.1038/msb.2010.25>"),
        ("rdf-schema#seeAlso", "<https://www.ncbi.nlm.nih.gov/pmc/articles/PMC2913390/>"),
    }
    assert {o for _, _, o in shared.triples["licences"]} == {"<https://spdx.org/licenses/CC0-1.0>"}


def test_an_example_build_has_these_names(example_release):
    found = graph(example_release / "quads", "ontology/cmpo-definitions")
    assert ("cmpo:CMPO_0000194", "bikg:definedByGO", "obo:GO_0000278") in found
    meta = graph(example_release / "quads", "meta")
    versions = {s.rpartition("/")[2]: o for s, p, o in meta if p == "dcterms:hasVersion"}
    assert versions["cmpo"] == "bioimg_kg example excerpt"
    assert graph(example_release / "quads", "reference/terms") == set()
