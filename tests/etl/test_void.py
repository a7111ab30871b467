"""The statistics of a release are what a query counts."""

import gzip
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import rdflib

from bioimg_kg.etl.tally import Tally
from bioimg_kg.identifiers.spaces import known_spaces
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import DEFAULT_BASE, VOID

ROOT = Path(__file__).resolve().parents[2]
WHOLE = f"{DEFAULT_BASE}graph/"
OURS = f"{DEFAULT_BASE}id/"
LINKSETS = f"""PREFIX void: <{VOID}>
SELECT ?space ?p ?n ?all {{ ?l a void:Linkset ; void:subjectsTarget <{WHOLE}> ; void:triples ?all ;
    void:objectsTarget ?other ; void:linkPredicate ?p ; void:propertyPartition ?part .
  ?other a void:Dataset ; void:uriSpace ?space . ?part void:property ?p ; void:triples ?n }}"""
USES = """
SELECT ?g ?p (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
{ GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ?p"""
MEMBERS = "SELECT ?g ?c (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?g { ?s a ?c } } GROUP BY ?g ?c"


@pytest.fixture(scope="module")
def store(example_release):
    return open_readonly(example_release / "store")


@pytest.fixture(scope="module")
def said(store):
    """What graph/meta says, as (graph, kind, term) to statistic to number."""
    query = f"""PREFIX void: <{VOID}>
    SELECT ?g ?kind ?term ?statistic ?n {{ GRAPH <{WHOLE}meta> {{
        VALUES (?link ?kind) {{ (void:classPartition void:class) (void:propertyPartition void:property) }}
        ?g a void:Dataset ; ?link ?part . ?part ?kind ?term ; ?statistic ?n .
        FILTER(isLiteral(?n)) }} }}"""
    found = defaultdict(dict)
    for row in store.query(query):
        kind, statistic = (row[k].value.removeprefix(VOID) for k in ("kind", "statistic"))
        found[row["g"].value, kind, row["term"].value][statistic] = int(row["n"].value)
    return found


def numbers(store, query, graph="g"):
    rows = store.query(query, use_default_graph_as_union=graph is None)
    return [[int(term.value) if term.value.isdigit() else term.value for term in row] for row in rows]


def test_every_graph_says_how_its_properties_are_used(store, said):
    counted = {}
    for graph, name, triples, subjects, objects in numbers(store, USES):
        counted[graph, "property", name] = {
            "triples": triples,
            "distinctSubjects": subjects,
            **({} if graph == f"{WHOLE}meta" else {"distinctObjects": objects}),
        }
    assert len(counted) > 200
    assert {k: v for k, v in said.items() if k[1] == "property" and k[0] != WHOLE} == counted


def test_every_graph_says_of_what_classes_it_has_things(store, said):
    counted = {(g, "class", c): {"entities": n} for g, c, n in numbers(store, MEMBERS)}
    assert len(counted) > 50
    assert {k: v for k, v in said.items() if k[1] == "class" and k[0] != WHOLE} == counted


def test_the_whole_is_the_default_graph(store, said):
    query = USES.replace("GRAPH ?g", "").replace("?g", "")
    rows = numbers(store, query, None)
    assert {key[2]: s["triples"] for key, s in said.items() if key[:2] == (WHOLE, "property")} == {
        name: triples for name, triples, *_ in rows
    }
    exact = 0
    for name, _, subjects, objects in rows:
        statistics = said[WHOLE, "property", name]
        exact += "distinctSubjects" in statistics
        assert statistics.get("distinctSubjects", subjects) == subjects
        assert statistics.get("distinctObjects", objects) == objects
    assert exact > 20
    members = numbers(store, MEMBERS.replace("GRAPH ?g", "").replace("?g", ""), None)
    assert {key[2]: s["entities"] for key, s in said.items() if key[:2] == (WHOLE, "class")} == {
        name: n for name, n in members
    }


def test_graphs_have_their_sizes(store):
    query = f"SELECT ?g ?n {{ GRAPH <{WHOLE}meta> {{ ?g <{VOID}triples> ?n ; a <{VOID}Dataset> }} }}"
    sizes = {g: n for g, n in numbers(store, query) if n}  # the store has no empty graphs
    counted = dict(numbers(store, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"))
    assert sizes.pop(WHOLE) == sum(counted.values()) == len(store)
    assert sizes == counted


def test_a_tally_may_come_in_pieces():
    lines = [f"<s{n // 3}> <p{n % 3 // 2}> {'<c>' if n % 2 else '_:x'}" for n in range(12)]
    whole, pieces = Tally(), Tally()
    whole.add(lines)
    for line in lines:
        pieces.add([line])
    assert whole.counts() == pieces.counts()
    assert whole.counts().subjects == 4


def test_every_class_says_which_properties_its_things_have(store):
    counted = """SELECT ?c ?p (COUNT(*) AS ?n) { GRAPH ?g { ?s a ?c } GRAPH ?h { ?s ?p ?o }
        FILTER(!STRENDS(STR(?g), "/graph/meta") && !STRENDS(STR(?h), "/graph/meta")) } GROUP BY ?c ?p"""
    said = f"""PREFIX void: <{VOID}> SELECT ?c ?p ?n {{ <{WHOLE}> void:classPartition ?of .
        ?of void:class ?c ; void:propertyPartition ?part . ?part void:property ?p ; void:triples ?n }}"""
    found = numbers(store, said, graph=None)
    assert len(found) > 200
    assert sorted(found) == sorted(numbers(store, counted))


def stated_links(store):
    """Return the numbers that graph/meta states, by space and property; they add up to those of linksets."""
    found, totals = {}, {}
    for space, predicate, number, total in numbers(store, LINKSETS, graph=None):
        assert (space, predicate) not in found
        found[space, predicate] = number
        totals[space] = total
    for space, total in totals.items():
        assert total == sum(n for (of, _), n in found.items() if of == space)
    return found


def test_linksets_say_what_our_things_link_to(example_release, store):
    stated = stated_links(store)
    spaces = sorted({space for space, _ in stated}, key=len, reverse=True)
    counted, others = Counter(), set()
    for path in sorted((example_release / "quads").rglob("*.nq.gz")):
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        triples = "".join(f"{line.rsplit(' ', 2)[0]} .\n" for line in lines)
        for subject, predicate, value in rdflib.Graph().parse(data=triples, format="nt"):
            if subject.startswith(OURS) and isinstance(value, rdflib.URIRef):
                space = next((space for space in spaces if value.startswith(space)), "")
                counted[space, str(predicate)] += 1
                if not space and not value.startswith(DEFAULT_BASE):
                    others.add(str(value))
    assert {key: n for key, n in counted.items() if key[0]} == stated
    assert {
        "http://www.ebi.ac.uk/cmpo/CMPO_",
        "http://rdf.ebi.ac.uk/resource/ensembl/",
        "http://purl.obolibrary.org/obo/NCBITaxon_",
        "http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID",
        "https://www.ncbi.nlm.nih.gov/gene/",
        "https://pubmed.ncbi.nlm.nih.gov/",
        "https://doi.org/",
    } <= set(spaces)
    table = json.loads((ROOT / "mappings" / "prefixes.json").read_text(encoding="utf-8"))
    known = [record["uri_prefix"] for record in table]
    known += ["http://purl.obolibrary.org/", "https://identifiers.org/", "http://identifiers.org/"]
    assert others
    assert not [iri for iri in others if iri.startswith(tuple(known))]


def test_no_space_ends_in_a_digit():
    """A tally cuts digits off, so a space such as ``.../v2`` would never be found."""
    assert not [space for space in known_spaces() if space[-1].isdigit()]


def test_linksets_have_names_and_are_no_named_graphs(store):
    query = f"""PREFIX void: <{VOID}> SELECT ?space ?name {{ ?l a void:Linkset ; void:objectsTarget ?other .
        ?other void:uriSpace ?space ; <http://www.w3.org/2000/01/rdf-schema#label> ?name }}"""
    names = dict(numbers(store, query, graph=None))
    assert names["http://www.ebi.ac.uk/cmpo/CMPO_"] == "CMPO"
    assert names["http://identifiers.org/hgnc/"] == "hgnc"
    assert all(names.values())
    subsets = f"ASK {{ ?l a <{VOID}Linkset> . ?whole <{VOID}subset> ?l }}"
    assert not store.query(subsets, use_default_graph_as_union=True)


def test_only_links_of_our_things_to_those_of_others_are_counted():
    tally = Tally("https://kg.example/")
    tally.add(
        [
            "<https://doi.org/10.1/2> <p> <https://orcid.org/0000-0002-1825-0097>",
            "<https://kg.example/graph/meta> <p> <https://orcid.org/0000-0002-1825-0097>",
            '<https://kg.example/id/a> <p> "https://orcid.org/0000-0002-1825-0097"',
            "<https://kg.example/id/a> <p> <https://kg.example/id/b>",
            "<https://kg.example/id/a> <p> <https://orcid.org/0000-0002-1825-0097>",
            "<https://kg.example/id/a> <p> <https://orcid.org/0000-0002-1825-009X>",
        ]
    )
    tally.add(["<https://kg.example/id/a> <q> <https://example.org/page>"])
    tally.add(["<https://kg.example/id/a> <r> <http://www.ebi.ac.uk/cmpo/CMPO_0000077>"])
    assert tally.counts().links == {
        "https://orcid.org/": {"p": 2},
        "http://www.ebi.ac.uk/cmpo/CMPO_": {"r": 1},
    }


@pytest.mark.corpus
def test_linksets_of_the_whole_corpus_are_what_a_query_counts(full_release):
    store = open_readonly(full_release / "store")
    stated = stated_links(store)
    spaces = sorted({space for space, _ in stated}, key=len, reverse=True)
    counted = Counter()
    predicates = {predicate for _, predicate in stated}
    for predicate in predicates:
        query = f"""SELECT ?o (COUNT(*) AS ?n) {{ ?s <{predicate}> ?o
            FILTER(isIRI(?o) && STRSTARTS(STR(?s), "{OURS}")) }} GROUP BY ?o"""
        for row in store.query(query, use_default_graph_as_union=True):
            if space := next((space for space in spaces if row["o"].value.startswith(space)), ""):
                counted[space, predicate] += int(row["n"].value)
    assert counted == stated
    assert len(stated) > 20
