"""What the pages of genes, phenotypes and compounds ask, against other ways to the same answer."""

from pathlib import Path

import pytest

from bioimg_kg.queries import get_query
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import BIKG

FOLDER = Path(__file__).resolve().parents[1] / "queries"
ENSEMBL = "http://rdf.ebi.ac.uk/resource/ensembl/"
TERMS = ["CMPO:0000077", "CMPO:0000005", "CMPO:0000003"]


@pytest.fixture(scope="module")
def store(example_release):
    return open_readonly(example_release / "store")


def ask(store, name, **values):
    """Return the rows of a named query as text by column; what is unbound is empty."""
    results = store.query(get_query(name, FOLDER).bind(values), use_default_graph_as_union=True)
    columns = [variable.value for variable in results.variables]
    return [{name: row[name].value if row[name] else "" for name in columns} for row in results]


@pytest.mark.parametrize("term", TERMS)
def test_genes_of_a_phenotype_are_those_of_its_calls(store, term):
    """The queries of calls know each call by its words, term and level; a gene is lost in some of them."""
    calls: dict[str, set[tuple[str, ...]]] = {}
    for row in ask(store, "genes-with-phenotype-or-narrower", term=term):
        if row["role"] == BIKG + "PerturbationTarget":
            key = (row["study"], row["component"], row["words"], row["term"], row["level"])
            calls.setdefault(row["gene"], set()).add(key)
    rows = {row["gene"]: row for row in ask(store, "genes-of-phenotype", term=term)}
    derived = {row["gene"] for row in ask(store, "genes-whose-loss-gives-phenotype", term=term)}
    assert rows.keys() == derived
    assert rows
    for gene, row in rows.items():
        studies = {study for study, *_ in calls[gene]}
        assert row["names"].split() == sorted(studies)
        assert int(row["studies"]) == len(studies)
        assert int(row["terms"]) == len({key[3] for key in calls[gene]})
        assert int(row["calls"]) >= len({key[2:] for key in calls[gene]})


@pytest.mark.parametrize("term", TERMS)
def test_the_gene_set_has_the_same_genes_and_human_genes_stand_for_themselves(store, term):
    rows = ask(store, "gene-set-of-phenotype", term=term)
    assert {row["gene"] for row in rows} == {
        row["gene"] for row in ask(store, "genes-of-phenotype", term=term)
    }
    for row in rows:
        if row["organism"].endswith("_9606"):
            assert row["human"] == row["gene"]
        if row["gene"].startswith(ENSEMBL + "ENSG"):
            assert row["ensembl"].startswith("ENSG")


@pytest.mark.parametrize("compound", ["PUBCHEM.COMPOUND:4122", "PUBCHEM.COMPOUND:36314"])
def test_effects_of_a_compound_are_those_seen_at_its_doses(store, compound):
    doses = ask(store, "compounds-and-doses", compound=compound)
    seen = {(row["component"], words) for row in doses for words in row["phenotypes"].split(" | ") if words}
    effects = ask(store, "phenotypes-of-compound", compound=compound)
    assert {(row["component"], row["words"]) for row in effects} == seen
    assert seen
    for row in effects:
        here = [dose for dose in doses if dose["component"] == row["component"]]
        with_it = [dose for dose in here if row["words"] in dose["phenotypes"].split(" | ")]
        assert int(row["of"]) == sum(int(dose["records"]) for dose in here)
        assert 0 < int(row["records"]) <= sum(int(dose["records"]) for dose in with_it)
        amounts = [float(dose["micromolar"]) for dose in with_it if dose["micromolar"]]
        shown = [float(row[name]) for name in ("lowest", "highest") if row[name]]
        assert shown == ([min(amounts), max(amounts)] if amounts else [])


def test_the_matrix_of_a_gene_has_its_calls(store):
    calls = ask(store, "phenotypes-of-gene", genes=ENSEMBL + "ENSG00000129810")
    matrix = ask(store, "phenotype-matrix-of-genes", genes=ENSEMBL + "ENSG00000129810")
    assert {(row["study"], row["term"]) for row in matrix} == {
        (r["study"], r["term"]) for r in calls if r["term"]
    }
    records = {(row["study"], row["term"]): row["records"] for row in calls}
    assert all(row["records"] == records[row["study"], row["term"]] for row in matrix)


def test_orthologues_are_found_from_both_ends(store):
    """CA4 has Car4, with its ten phenotypes, and Car4 has CA4, without any."""
    human, mouse = ENSEMBL + "ENSG00000167434", ENSEMBL + "ENSMUSG00000000805"
    found = ask(store, "orthologues-of-gene", genes=human)
    assert {row["orthologue"] for row in found} == {mouse}
    assert len({row["term"] for row in found}) == 10
    (back,) = ask(store, "orthologues-of-gene", genes=mouse)
    assert (back["orthologue"], back["term"]) == (human, "")


def test_phenotypes_in_samples_are_those_of_their_records(store):
    rows = ask(store, "phenotypes-in-sample", term="NCBITaxon:4896")
    by_term = {row["phenotype"]: row for row in rows}
    elongated = by_term["http://www.ebi.ac.uk/cmpo/CMPO_0000077"]
    records = {
        row["record"]
        for row in ask(store, "images-with-phenotype")
        if row["study"] == "idr9001" and "skittle" not in row["words"]
    }
    assert (int(elongated["records"]), elongated["studies"]) == (len(records), "1")


def test_a_tree_has_all_above_and_below(store):
    rows = ask(store, "tree-of-term", term="CMPO:0000077")
    places = {row["label"]: row["place"] for row in rows}
    assert places["elongated cell phenotype"] == "asked"
    assert places["pear-shaped cell phenotype"] == "narrower"
    assert places["cellular phenotype"] == "broader"
    narrower = ask(store, "narrower-phenotypes", term="CMPO:0000005")
    below = {row["term"]: row for row in ask(store, "tree-of-term", term="CMPO:0000005")}
    for row in narrower:
        assert below[row["narrower"]]["allRecords"] == row["records"]
        assert below[row["narrower"]]["allStudies"] == row["studies"]
