"""Queries that join studies, organisms and the ontology, recounted in plain Python from simpler answers."""

from collections import defaultdict
from pathlib import Path

import pytest
from pyoxigraph import Store

from bioimg_kg.analysis.answers import ask
from bioimg_kg.queries import load_queries
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import PREFIXES

HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
ENSEMBL = "http://rdf.ebi.ac.uk/resource/ensembl/"
HUMAN = "http://purl.obolibrary.org/obo/NCBITaxon_9606"
SGO1 = ENSEMBL + "ENSG00000129810"


@pytest.fixture(scope="module")
def store(example_release):
    return open_readonly(example_release / "store")


def select(store, text):
    """Return the rows of a query as tuples of texts."""
    rows = store.query(HEAD + text, use_default_graph_as_union=True)
    return {tuple(value.value if value else "" for value in row) for row in rows}


@pytest.fixture(scope="module")
def closed(store):
    """Return the terms of each gene with all broader ones, from single triples."""
    above = defaultdict(set)
    for term, broader in select(store, "SELECT ?t ?b { ?t rdfs:subClassOf ?b }"):
        above[term].add(broader)

    def up(term):
        return {term}.union(*(up(broader) for broader in above[term]))

    found = defaultdict(set)
    for gene, term in select(store, "SELECT ?g ?t { ?g bikg:lossOfFunctionPhenotype ?t }"):
        found[gene] |= up(term)
    return found


def test_genes_whose_loss_gives_a_phenotype_are_those_of_the_calls(store):
    shortcut = {(r["gene"], r["term"]) for r in ask(store, "genes-whose-loss-gives-phenotype")}
    calls = ask(store, "genes-with-phenotype-or-narrower")
    assert shortcut == {(r["gene"], r["term"]) for r in calls if r["role"].endswith("#PerturbationTarget")}


def test_shared_phenotypes_are_the_common_part_of_the_sets(store, closed):
    rows = ask(store, "genes-sharing-phenotypes")
    assert len(rows) == min(100, len(closed) - 1)
    for row in rows:
        one, other = closed[SGO1], closed[row["other"]]
        assert int(row["shared"]) == len(one & other)
        assert float(row["jaccard"]) == pytest.approx(len(one & other) / len(one | other), abs=6e-5)
    assert [float(row["jaccard"]) for row in rows] == sorted(
        (float(r["jaccard"]) for r in rows), reverse=True
    )


def test_the_hierarchy_holds_every_step(store, closed):
    rows = ask(store, "phenotype-hierarchy")
    assert {row["term"] for row in rows} == set().union(*closed.values())
    steps = {(row["term"], row["broader"]) for row in rows if row["broader"]}
    assert steps <= select(store, "SELECT ?t ?b { ?t rdfs:subClassOf ?b }")


def test_the_counts_of_a_list_are_those_of_sets(store, closed):
    studied = {
        gene
        for gene, study in select(
            store, "SELECT ?g ?s { ?g bikg:studiedIn ?s ; obo:RO_0002162 obo:NCBITaxon_9606 }"
        )
        if study
        in {
            s
            for (s,) in select(
                store,
                "SELECT ?s { ?c bikg:geneRole bikg:PerturbationTarget ; rdf:object ?o ; "
                "biolink:primary_knowledge_source ?s }",
            )
        }
    }
    genes = [SGO1, *(ENSEMBL + f"ENSG00000{n}" for n in ("088325", "166851", "129691"))]
    listed = studied & set(genes)
    rows = ask(store, "phenotypes-of-gene-list", {"genes": genes})
    assert {row["term"] for row in rows} == set().union(*(closed[gene] for gene in studied))
    for row in rows:
        assert int(row["background"]) == len(studied)
        assert int(row["listed"]) == len(listed) == 4
        assert int(row["withPhenotype"]) == sum(row["term"] in closed[gene] for gene in studied)
        assert int(row["inList"]) == sum(row["term"] in closed[gene] for gene in listed)
        assert len([name for name in row["genes"].split(", ") if name]) == int(row["inList"])


def test_genes_outside_the_organism_are_not_counted(store):
    mouse = ENSEMBL + "ENSMUSG00000000805"
    rows = ask(store, "phenotypes-of-gene-list", {"genes": [SGO1, mouse]})
    assert {row["listed"] for row in rows} == {"1"}


def test_an_orthologue_is_inferred_and_says_so(store):
    car4 = {
        row["term"] for row in ask(store, "phenotypes-of-gene", {"genes": ENSEMBL + "ENSMUSG00000000805"})
    }
    rows = [
        row
        for term in sorted(car4)
        for row in ask(store, "orthologues-with-phenotype", {"term": term})
        if row["symbol"] == "CA4"
    ]
    assert {row["term"] for row in rows} == car4
    assert {(r["viaSymbol"], r["study"], r["support"], r["inferred"]) for r in rows} == {
        ("Car4", "idr9006", "4", "true")
    }
    term = sorted(car4)[0]
    asked = {"term": term, "sources": "5"}
    assert not [row for row in ask(store, "orthologues-with-phenotype", asked) if row["symbol"] == "CA4"]
    mouse = ask(store, "orthologues-with-phenotype", {"term": term, "taxon": "NCBITaxon:10090"})
    assert {(row["symbol"], row["inferred"], row["support"]) for row in mouse} == {("Car4", "false", "")}


def test_tested_genes_are_not_inferred(store):
    rows = ask(store, "orthologues-with-phenotype")
    assert {row["inferred"] for row in rows} == {"false"}
    calls = ask(store, "genes-with-phenotype-or-narrower")
    human = {gene for (gene,) in select(store, f"SELECT ?g {{ ?g obo:RO_0002162 <{HUMAN}> }}")}
    assert {row["gene"] for row in rows} == {row["gene"] for row in calls} & human


def test_two_studies_are_compared_gene_by_gene(store):
    rows = ask(store, "studies-compared")
    calls = {study: defaultdict(set) for study in ("idr9003", "idr9004")}
    text = """SELECT ?study ?gene ?term { ?c rdf:object ?term ; rdf:subject/bikg:canonicalGene ?gene ;
      biolink:primary_knowledge_source/rdfs:label ?study }"""
    for study, gene, term in select(store, text):
        if study in calls:
            calls[study][gene].add(term)
    studied = select(store, "SELECT ?gene ?study { ?gene bikg:studiedIn/rdfs:label ?study }")
    both = {g for g, s in studied if s == "idr9003"} & {g for g, s in studied if s == "idr9004"}
    a, b = ({(g, t) for g in both for t in calls[study][g]} for study in ("idr9003", "idr9004"))
    found = {
        side: {(r["gene"], r["term"]) for r in rows if r["found"] == side}
        for side in ("both", "only a", "only b")
    }
    assert found == {"both": a & b, "only a": a - b, "only b": b - a}
    assert found["only a"]
    assert found["only b"]


def test_figure_2_keeps_genes_without_a_human_gene(store):
    rows = ask(store, "figure-2-genes")
    assert {row["study"] for row in rows} == {"idr9001", "idr9002", "idr9003"}
    assert all(not row["humanGene"] for row in rows if row["study"] == "idr9001")
    assert all(row["humanGene"] and not row["support"] for row in rows if row["study"] != "idr9001")
    helz2 = [row for row in rows if row["humanSymbol"] == "HELZ2"]
    assert [row["geneInStudy"].rpartition("/")[2] for row in helz2] == ["85441"]


def test_a_number_takes_one_value(store):
    from bioimg_kg.errors import ConfigError

    with pytest.raises(ConfigError, match="one value"):
        ask(store, "orthologues-with-phenotype", {"sources": ["3", "4"]})


def test_without_reference_tables_every_query_of_genes_answers(tmp_path):
    from bioimg_kg.etl.pipeline import BuildOptions, build

    examples = Path(__file__).resolve().parents[1] / "examples"
    options = BuildOptions(
        sources=[examples / "studies"], ontologies=examples / "ontologies", data=tmp_path, name="bare", jobs=1
    )
    bare = open_readonly(build(options).store)
    names = {query.name for query in load_queries() if {"gene", "orthologue"} & set(query.tags)}
    # the two studies name their genes by different identifiers; orthologues are in tables only
    names -= {"studies-compared", "orthologues-of-gene"}
    assert len(names) >= 12
    for name in sorted(names):
        assert ask(bare, name), name
    one = ask(bare, "phenotypes-of-gene", {"genes": "NCBIGene:151648"})
    assert {(row["gene"].rpartition("/")[2], row["study"]) for row in one} == {("151648", "idr9003")}


def test_an_empty_store_has_no_phenotypes():
    assert ask(Store(), "phenotypes-of-gene-list") == []
