"""The IDR paper's gene table of elongated cells and its orthologue figures, against a release of all studies.

Williams et al., Image Data Resource: a bioimage data integration and publication platform,
Nature Methods 14 (2017), https://doi.org/10.1038/nmeth.4326. ``docs/paper.md`` tells what is found here.
"""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import PREFIXES

pytestmark = pytest.mark.corpus

HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
ENSEMBL = "http://rdf.ebi.ac.uk/resource/ensembl/"
DOC = Path(__file__).resolve().parents[1] / "docs/paper.md"
SOURCES = 3
"""Number of databases that must call two genes orthologous."""


@pytest.fixture(scope="module")
def store(full_release):
    return open_readonly(full_release / "store")


@pytest.fixture(scope="module")
def printed(shared):
    """Return the rows of the paper's table by component: gene of the screen, its Ensembl id, human gene."""
    path = shared / "reference/TableOfGenesWithElongatedCellPhenotype.csv"
    rows = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            component = row["Screen ID"].replace("-", " screen")
            human = row["Human Ortholog Ensembl 84"]
            cells = (
                row["Screen GeneID"],
                row["Ensembl GeneID Ensembl 84"],
                human if human != "(null)" else "",
            )
            rows[component].append(cells)
    return rows


@pytest.fixture(scope="module")
def found(store):
    """Return, by component and identifier, the gene whose loss makes cells elongated, and its Ensembl ids."""
    rows = store.query(
        HEAD
        + """SELECT DISTINCT ?component ?id ?gene ?ensembl {
          ?call rdf:object cmpo:CMPO_0000077 ; bikg:geneRole bikg:PerturbationTarget ;
            rdf:subject ?used ; dcterms:isPartOf/rdfs:label ?component .
          ?used schema:identifier ?id ; bikg:canonicalGene ?gene .
          OPTIONAL { ?gene bikg:ensemblId ?ensembl } }""",
        use_default_graph_as_union=True,
    )
    genes = defaultdict(dict)
    for row in rows:
        _, ids = genes[row["component"].value].setdefault(row["id"].value, (row["gene"].value, set()))
        ids |= {row["ensembl"].value} if row["ensembl"] else set()
    return genes


@pytest.fixture(scope="module")
def support(store):
    """Return the number of sources for each pair of orthologues, by the gene that is not human."""
    rows = store.query(
        HEAD
        + """SELECT ?one ?two ?n {
          ?pair a biolink:GeneToGeneHomologyAssociation ; rdf:subject ?one ; rdf:object ?two ;
            biolink:evidence_count ?n }""",
        use_default_graph_as_union=True,
    )
    pairs = defaultdict(dict)
    for row in rows:
        one, two, number = row["one"].value, row["two"].value, int(row["n"].value)
        pairs[one][two.removeprefix(ENSEMBL)] = number
        pairs[two][one.removeprefix(ENSEMBL)] = number
    return pairs


def test_the_table_is_the_one_of_the_paper(printed):
    assert {name: len(rows) for name, rows in printed.items()} == {
        "idr0001 screenA": 51,
        "idr0008 screenB": 66,
        "idr0012 screenA": 89,
    }


def test_every_gene_of_the_table_is_in_our_answer(printed, found):
    missing = [(name, row) for name, rows in printed.items() for row in rows if row[0] not in found[name]]
    assert missing == []


def test_human_identifiers_mean_the_gene_that_the_table_names(printed, found):
    for name in ("idr0008 screenB", "idr0012 screenA"):
        assert [used for used, ensembl, _ in printed[name] if ensembl not in found[name][used][1]] == []


def test_human_orthologues_agree_or_the_difference_is_listed(printed, found, support):
    table = defaultdict(set)
    for used, _, human in printed["idr0001 screenA"]:
        table[used] |= {human} - {""}
    lines = set()
    agree = 0
    for used, expected in table.items():
        sources_of = support[found["idr0001 screenA"][used][0]]
        ours = {human for human, sources in sources_of.items() if sources >= SOURCES}
        agree += len(expected & ours)
        for human in expected - ours:
            n = sources_of.get(human, 0)
            cause = "fewer sources than asked for" if n else "no pair in HCOP"
            lines.add(f"| {used} | {human} | paper | {n} | {cause} |")
        for human in ours - expected:
            lines.add(f"| {used} | {human} | graph | {sources_of[human]} | no pair in Ensembl 84 |")
    listed = [line for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith("| SP")]
    assert sorted(lines) == sorted(listed)
    pairs = sum(map(len, table.values()))
    assert f"{len(table)} genes have {pairs} human" in DOC.read_text(encoding="utf-8")
    assert f"{agree} of the {pairs} are" in DOC.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def samples(store):
    """Return gene, organism, study, the study's day of release, and the records in which it was a target."""
    rows = store.query(
        HEAD
        + """SELECT ?gene ?taxon ?study ?day ?n {
          { SELECT ?gene ?study ?day (COUNT(DISTINCT ?record) AS ?n) {
            GRAPH ?graph { ?study a bikg:Study ; schema:datePublished ?day .
              ?treatment bikg:targetGene ?used . ?record bikg:treatment ?treatment }
            ?used bikg:canonicalGene ?gene } GROUP BY ?gene ?study ?day }
          OPTIONAL { ?gene obo:RO_0002162 ?taxon } }""",
        use_default_graph_as_union=True,
    )
    names = ("gene", "taxon", "study", "day", "n")
    return [tuple(row[name].value if row[name] else "" for name in names) for row in rows]


def groups(samples, support, wanted):
    """Return, per human gene, the records and the studies of the gene itself and of its orthologues."""
    records, studies = Counter(), defaultdict(set)
    for gene, taxon, study, day, number in samples:
        if not wanted(study, day):
            continue
        pairs = support[gene].items()
        humans = (
            {gene}
            if taxon.endswith("NCBITaxon_9606")
            else {ENSEMBL + other if "/" not in other else other for other, n in pairs if n >= SOURCES}
        )
        for human in humans:
            records[human] += int(number)
            studies[human].add(study)
    often = sum(number > 20 for number in records.values())
    wide = sum(len(names) >= 3 for names in studies.values())
    sources = {study for names in studies.values() for study in names}
    return len(sources), len(records), often / len(records), wide / len(records)


@pytest.mark.parametrize("scope", ["studies of the paper", "all studies"])
def test_figures_of_orthologue_groups(samples, support, scope):
    def wanted(study, day):
        return scope == "all studies" or (study[-4:] <= "0032" and day <= "2017-01-18")

    studies, size, often, wide = groups(samples, support, wanted)
    row = f"| {scope}, {studies} with genes | {size:,} | {often:.1%} | {wide:.1%} |"
    assert row in DOC.read_text(encoding="utf-8").replace(" %", "%")
