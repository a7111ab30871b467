"""Derived statements: each has a reason, and each reason its statement."""

import pytest
from pyoxigraph import NamedNode

from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import BIKG, PREFIXES

HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
ROLES = {
    "lossOfFunctionPhenotype": "PerturbationTarget",
    "overexpressionPhenotype": "OverexpressionTarget",
    "localizationPhenotype": "LocalizedProduct",
}


def ask(store, text):
    return {
        tuple(value.value for value in row)
        for row in store.query(HEAD + text, use_default_graph_as_union=True)
    }


@pytest.fixture(scope="module")
def store(example_release):
    return open_readonly(example_release / "store")


def check_shortcuts(store):
    for shortcut, role in ROLES.items():
        derived = ask(store, f"SELECT ?gene ?term {{ ?gene bikg:{shortcut} ?term }}")
        reasons = ask(
            store,
            f"""SELECT ?gene ?term {{
              ?call bikg:geneRole bikg:{role} ; rdf:object ?term ; rdf:subject/bikg:canonicalGene ?gene
              MINUS {{ ?call bikg:targetAmbiguous true }} }}""",
        )
        assert derived == reasons
    seen = ask(store, "SELECT ?record ?term { ?record bikg:annotatedWith/bikg:mappedTerm ?term }")
    shown = ask(store, "SELECT ?record ?term { ?record bikg:depictsPhenotype ?term }")
    maybe = ask(store, "SELECT ?record ?term { ?record bikg:mayDepictPhenotype ?term }")
    assert shown | maybe == seen
    return shown, maybe


def test_every_shortcut_has_a_reason_and_every_reason_its_shortcut(store):
    shown, maybe = check_shortcuts(store)
    assert shown
    assert maybe
    genes = ask(
        store, "SELECT ?gene { ?gene bikg:lossOfFunctionPhenotype <http://www.ebi.ac.uk/cmpo/CMPO_0000077> }"
    )
    ensembl = "http://rdf.ebi.ac.uk/resource/ensembl/"
    assert (ensembl + "ENSG00000129691",) in genes  # NCBI Gene 9070 in its study
    assert (ensembl + "ENSG00000164758",) in genes  # NM_080651 in its study
    assert genes == ask(
        store,
        """SELECT ?gene { ?call rdf:object cmpo:CMPO_0000077 ; rdf:subject/bikg:canonicalGene ?gene ;
          bikg:geneRole bikg:PerturbationTarget }""",
    )


def test_shortcuts_stand_in_a_graph_of_their_own(store):
    predicates = [*ROLES, "depictsPhenotype", "mayDepictPhenotype", "studiedIn", "inducesPhenotype"]
    for predicate in predicates:
        graphs = {
            q.graph_name.value for q in store.quads_for_pattern(None, NamedNode(BIKG + predicate), None, None)
        }
        assert graphs <= {"https://w3id.org/bioimg-kg/graph/inferred/shortcuts"}


@pytest.mark.corpus
def test_one_gene_under_its_names_and_no_false_loss_on_real_studies(shared, tmp_path):
    studies = ["idr0003", "idr0006", "idr0009", "idr0012", "idr0013", "idr0021", "idr0023", "idr0033"]
    options = BuildOptions(
        sources=[shared / "idr"], data=tmp_path, studies=studies, reference=shared / "reference", name="r"
    )
    real = open_readonly(build(options).store)
    check_shortcuts(real)
    sgo1 = "http://rdf.ebi.ac.uk/resource/ensembl/ENSG00000129810"
    for name in ("SGOL1", "SGO1"):
        found = ask(
            real,
            f"""SELECT DISTINCT ?study ?term {{
              ?any rdfs:label|skos:altLabel "{name}" ; bikg:canonicalGene <{sgo1}> .
              ?used bikg:canonicalGene <{sgo1}> .
              ?call rdf:subject ?used ; rdf:object ?term ; dcterms:isPartOf/rdfs:label ?study }}""",
        )
        numbers = {(study, term.rpartition("_")[2].lstrip("0")) for study, term in found}
        assert numbers == {
            ("idr0009 screenA", "246"),
            *(("idr0012 screenA", n) for n in ("118", "305")),
            *(("idr0013 screenB", n) for n in ("202", "338", "357", "156")),
        }
    for study in ("idr0003", "idr0006", "idr0021", "idr0023", "idr0033"):
        calls = ask(
            real,
            f"""SELECT DISTINCT ?role {{
              ?call bikg:geneRole ?role ; rdf:object ?term ; dcterms:isPartOf/rdfs:label ?label
              FILTER(STRSTARTS(?label, "{study}")) }}""",
        )
        assert calls
        assert (BIKG + "PerturbationTarget",) not in calls
