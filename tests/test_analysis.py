"""Similarity and enrichment against hand-worked cases and against independent calculations."""

import json
import math
import subprocess
import sys
from collections import defaultdict
from itertools import product

import pytest
from scipy.stats import fisher_exact

from bioimg_kg.analysis.answers import ask
from bioimg_kg.analysis.enrichment import enriched_phenotypes, p_values
from bioimg_kg.analysis.genelist import find_genes, read_taxon
from bioimg_kg.analysis.similarity import PhenotypeSpace
from bioimg_kg.errors import ConfigError
from bioimg_kg.store import open_readonly

ENSEMBL = "http://rdf.ebi.ac.uk/resource/ensembl/"
HUMAN = "http://purl.obolibrary.org/obo/NCBITaxon_9606"
SGO1 = ENSEMBL + "ENSG00000129810"


@pytest.fixture(scope="module")
def store(example_release):
    return open_readonly(example_release / "store")


@pytest.fixture(scope="module")
def real(full_release):
    return open_readonly(full_release / "store")


def _pair(gene, term):
    return {"gene": gene, "symbol": gene, "organism": "", "term": term}


def _below(term, broader):
    return {"term": term, "label": term, "broader": broader}


def test_similarity_of_a_small_case_worked_by_hand():
    """Root over shape and size; long below shape. Of 8 genes 4 have shape, 2 of them long; 4 have size."""
    hierarchy = [_below("root", ""), _below("shape", "root"), _below("size", "root"), _below("long", "shape")]
    pairs = [
        _pair("a", "long"),
        _pair("b", "shape"),
        _pair("b", "size"),
        _pair("c", "long"),
        _pair("d", "shape"),
    ]
    pairs += [_pair(gene, "size") for gene in "efg"] + [_pair("h", "root")]
    space = PhenotypeSpace(pairs, hierarchy)
    assert dict(zip(space.terms, space.information, strict=True)) == pytest.approx(
        {"root": 0, "shape": math.log(2), "size": math.log(2), "long": math.log(4)}
    )
    found = {one.gene: one for one in space.like("a")}
    # a: long, shape. b: shape, size. Shared ln 2; all ln 4 + ln 2 + ln 2 = 4 ln 2.
    assert found["b"].simgic == pytest.approx(1 / 4)
    assert found["b"].shared == ("shape",)
    # long with shape or size of b: best ln 2. Of b: shape with long ln 2, size with long 0, so ln 2 / 2.
    assert found["b"].resnik == pytest.approx((math.log(2) + math.log(2) / 2) / 2)
    assert (found["c"].simgic, found["c"].resnik) == pytest.approx((1, math.log(4)))
    assert (found["e"].simgic, found["h"].simgic) == (0, 0)
    assert [one.gene for one in space.like("a")] == ["c", "d", "b", "e", "f", "g", "h"]
    assert space.like("a", 2) == space.like("a")[:2]


def _independent(store):
    """Return closed terms per gene and information content, with sets and the rows of the queries."""
    above = defaultdict(set)
    for row in ask(store, "phenotype-hierarchy"):
        above[row["term"]] |= {row["broader"]} - {""}

    def up(term):
        return {term}.union(*(up(broader) for broader in above[term]))

    direct = defaultdict(set)
    for row in ask(store, "gene-phenotype-matrix"):
        direct[row["gene"]].add(row["term"])
    closed = {gene: set().union(*map(up, terms)) for gene, terms in direct.items()}
    genes = defaultdict(int)
    for terms in closed.values():
        for term in terms:
            genes[term] += 1
    return direct, closed, {term: -math.log(n / len(closed)) for term, n in genes.items()}, up


def _check_similarity(store, number):
    direct, closed, content, up = _independent(store)
    rows = PhenotypeSpace.of(store).like(SGO1)
    assert len(rows) == len(closed) - 1
    assert [row.simgic for row in rows] == sorted((row.simgic for row in rows), reverse=True)
    for row in rows[:: max(1, len(rows) // number)]:
        shared, either = closed[SGO1] & closed[row.gene], closed[SGO1] | closed[row.gene]
        assert row.simgic == pytest.approx(
            sum(content[t] for t in shared) / sum(content[t] for t in either), abs=1e-9
        )
        best = {
            (a, b): max((content[t] for t in up(a) & up(b)), default=0)
            for a, b in product(direct[SGO1], direct[row.gene])
        }
        ours = [max(best[a, b] for b in direct[row.gene]) for a in direct[SGO1]]
        theirs = [max(best[a, b] for a in direct[SGO1]) for b in direct[row.gene]]
        average = (sum(ours) / len(ours) + sum(theirs) / len(theirs)) / 2
        assert row.resnik == pytest.approx(average, abs=1e-9)


def test_similarity_is_that_of_an_independent_calculation(store):
    _check_similarity(store, 20)


@pytest.mark.corpus
def test_similarity_on_real_studies(real):
    _check_similarity(real, 50)


def test_a_gene_without_phenotype_has_no_like(store):
    with pytest.raises(ConfigError, match="no study reports"):
        PhenotypeSpace.of(store).like("http://example.org/none")


def test_p_values_of_a_case_worked_by_hand():
    """Two of three genes drawn from ten, of which four have it: (6 * 6 + 4) / 120."""
    p, q = p_values([2, 1, 0], 3, [4, 1, 2], 10)
    assert p == pytest.approx([40 / 120, 3 / 10, 1])
    assert q == pytest.approx([0.5, 0.5, 1])


def _check_enrichment(store, names):
    found = find_genes(store, names, HUMAN)
    rows = enriched_phenotypes(store, found, HUMAN)
    assert rows
    for row in rows:
        k, n, total, everything = row.hits, row.listed, row.annotated, row.background
        table = [[k, n - k], [total - k, everything - total - n + k]]
        assert row.p == pytest.approx(fisher_exact(table, alternative="greater").pvalue, rel=1e-6)
        assert row.fold == pytest.approx(k * everything / (n * total))
        assert row.q >= row.p
    tests = len(ask(store, "phenotypes-of-gene-list", {"genes": [gene.iri for gene in found.genes]}))
    ranked = [
        row.p for row in rows
    ]  # Benjamini and Hochberg by their definition: the rest of the tests has p = 1
    for i, row in enumerate(rows):
        expected = min(1, *(p * tests / (j + 1) for j, p in enumerate(ranked) if j >= i))
        assert row.q == pytest.approx(expected, rel=1e-6)
    return rows


def test_enrichment_is_fishers_test(store):
    rows = _check_enrichment(store, ["SGO1", "PLK1", "TPX2", "ASH2L"])
    assert ranked_by_p(rows)


def ranked_by_p(rows):
    return [row.p for row in rows] == sorted(row.p for row in rows)


@pytest.mark.corpus
def test_enrichment_on_real_studies(real):
    rows = _check_enrichment(real, ["SGOL1", "PLK1", "TPX2", "KIF11", "BIRC5", "A2M", "ASH2L"])
    assert rows[0].q < 0.001
    assert "PLK1" in rows[0].genes


def test_a_list_is_resolved_and_nothing_is_dropped(store):
    names = ["SGOL1", "151648", "NCBIGene:9070", " plk1 ", "", "NOSUCH", "CA4", "SGOL1"]
    found = find_genes(store, names, HUMAN)
    assert [(gene.symbol, gene.asked) for gene in found.genes] == [
        ("SGO1", "SGOL1"),
        ("ASH2L", "NCBIGene:9070"),
        ("PLK1", "plk1"),
        ("CA4", "CA4"),
    ]
    assert (found.unknown, found.repeated, found.ambiguous) == (["NOSUCH"], ["151648"], [])


def test_a_name_in_two_organisms_needs_one(store):
    with pytest.raises(ConfigError, match=r"'SGO1' is a gene of several .*NCBITaxon:4896.*--taxon"):
        find_genes(store, ["SGO1"])
    (pombe,) = find_genes(store, ["SGO1"], read_taxon("4896")).genes
    assert pombe.iri == ENSEMBL + "SPBP35G2.03c"
    with pytest.raises(ConfigError, match="genes are of several organisms"):
        find_genes(store, ["ASH2L", "Car4"])
    with pytest.raises(ConfigError, match="no genes are given"):
        find_genes(store, [" "])
    with pytest.raises(ConfigError, match="is not an organism"):
        read_taxon("CMPO:0000077")


def run(*arguments):
    words = [sys.executable, "-m", "bioimg_kg.cli", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def data(example_release):
    return example_release.parents[1]


def test_enrich_reports_what_it_leaves_out(data, tmp_path):
    (tmp_path / "genes.txt").write_text("SGOL1\nPLK1\n\nNOSUCH\n")
    command = ("enrich", "TPX2", "--file", tmp_path / "genes.txt", "--taxon", "9606", "--data", data)
    done = run(*command)
    assert (done.returncode, done.stderr) == (0, "unknown: NOSUCH\n")
    assert done.stdout.startswith("term\tlabel\tin_list\t")
    machine = json.loads(run(*command, "--format", "json").stdout)
    assert machine["unknown"] == ["NOSUCH"]
    assert len(machine["results"]) == len(done.stdout.splitlines()) - 1
    assert "TPX2" in run(*command, "--format", "table").stdout


def test_similar_lists_genes(data):
    done = run("similar", "SGOL1", "--limit", "3", "--data", data)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4)
    best = done.stdout.splitlines()[1].split("\t")
    assert 0 < float(best[3]) <= 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["similar", "SGO1"], "several organisms"),
        (["similar", "NOSUCH"], "no gene 'NOSUCH'"),
        (["similar", "SGO1", "--taxon", "4896"], "no study reports"),
        (["enrich"], "no genes are given"),
        (["enrich", "NOSUCH"], "none of the genes"),
        (["enrich", "--file", "/no/such/file"], "cannot read the genes"),
        (["enrich", "SGO1", "--taxon", "human"], "NCBITaxon"),
    ],
)
def test_mistakes_are_explained(data, arguments, said):
    done = run(*arguments, "--data", data)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
