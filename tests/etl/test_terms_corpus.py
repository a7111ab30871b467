"""Terms of all real studies: each is in an ontology graph or an issue, and none is obsolete in silence."""

import csv
import gzip
import re
from collections import Counter

import pytest

from bioimg_kg.identifiers.prefixes import compact, expand, records

pytestmark = pytest.mark.corpus

NOT_TERMS = {"ENSEMBL", "INCHIKEY", "NCBIGene", "PUBCHEM.COMPOUND", "RRID", "UniProtKB", "Cellosaurus"}
PHENOTYPE = re.compile(r"(#mappedTerm|#object|#depictsPhenotype|#mayDepictPhenotype|Phenotype)>$")


def triples(release, *folders):
    for folder in folders:
        for path in sorted((release / "quads" / folder).glob("*.nq.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                for line in stream:
                    subject, predicate, rest = line.split(" ", 2)
                    yield subject[1:-1], predicate, rest[: rest.rindex(" <")]


@pytest.fixture(scope="module")
def used(full_release):
    """Return each ontology term that anything points to, with the properties that do; found by its IRI."""
    starts = {str(r["uri_prefix"]) for r in records().values() if r["prefix"] not in NOT_TERMS}
    term = re.compile(f"<((?:{'|'.join(map(re.escape, sorted(starts, key=len, reverse=True)))})[^>]+)>")
    found = {}
    for _, predicate, target in triples(full_release, "study", "reference", "inferred"):
        match = term.fullmatch(target) if "Match>" not in predicate else None
        if match:
            found.setdefault(match[1], set()).add(predicate)
    return found


@pytest.fixture(scope="module")
def ontology(full_release):
    """Return the statements of the ontology graphs by term."""
    found = {}
    for subject, predicate, target in triples(full_release, "ontology"):
        found.setdefault(subject, []).append((predicate, target))
    return found


@pytest.fixture(scope="module")
def issues(full_release):
    with (full_release / "issues.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def labelled(ontology):
    return {term for term, said in ontology.items() if any(p.endswith("#label>") for p, _ in said)}


def test_terms_resolve_or_are_reported(used, ontology, issues, capsys):
    reported = {expand(i["value"]) for i in issues if i["code"] == "term-not-in-ontology"}
    missing = used.keys() - labelled(ontology)
    with capsys.disabled():
        share = 1 - len(missing) / len(used)
        print(  # noqa: T201 - the figure is what one wants to see
            f"\n{len(used)} terms in use: {share:.1%} in an ontology, {len(missing & reported)} reported"
        )
    assert len(used) > 400
    assert len(used.keys() - missing | reported & used.keys()) >= 0.99 * len(used)
    assert sorted(map(compact, missing - reported)) == []
    assert not reported & labelled(ontology)


def test_terms_that_no_ontology_has_are_recognisable(full_release, used, ontology):
    said = list(triples(full_release, "reference"))
    stubs = {s for s, p, o in said if o.endswith("#UnresolvedTerm>")}
    assert stubs == used.keys() - labelled(ontology)
    assert stubs <= {s for s, p, o in said if p.endswith("#label>")}


def test_no_phenotype_is_obsolete_in_silence(used, ontology, issues):
    obsolete = {expand(i["value"]): i["message"] for i in issues if i["code"] == "term-obsolete"}
    statements = {term for term, predicates in used.items() if any(map(PHENOTYPE.search, predicates))}
    assert len(statements) > 150
    for term in used.keys() & ontology.keys():
        said = ontology[term]
        label = next(o for p, o in said if p.endswith("#label>"))
        if label.startswith('"obsolete') or any(p.endswith("#deprecated>") for p, _ in said):
            assert any(p.endswith("#deprecated>") and o.startswith('"true"') for p, o in said), term
            instead = [o[1:-1] for p, o in said if p.endswith(("IAO_0100001>", "#consider>"))]
            assert instead or "nothing to use instead" in obsolete[term], term
            assert term in obsolete
            assert set(instead) <= labelled(ontology)


def test_the_parts_of_every_definition_are_there(full_release, ontology):
    links = [(s, p, o[1:-1]) for s, p, o in triples(full_release, "ontology") if "#definedBy" in p]
    parts = {(p.rpartition("By")[2].rstrip(">"), o) for _, p, o in links}
    assert Counter(name for name, _ in parts) == {"GO": 141, "PATO": 89, "CL": 1, "CHEBI": 3}
    assert {part for _, part in parts} <= labelled(ontology)
    assert {s for s, _, _ in links} <= labelled(ontology)


def test_every_ontology_states_its_release(full_release, ontology):
    graphs = {p.name.removesuffix(".nq.gz") for p in (full_release / "quads/ontology").glob("*.nq.gz")}
    assert {"cmpo", "cmpo-definitions", "fbbi", "go"} <= graphs
    heads = [said for said in ontology.values() if any(o.endswith("owl#Ontology>") for _, o in said)]
    assert len(heads) == len(graphs)
    assert all(any(p.endswith("#versionInfo>") for p, _ in said) for said in heads)
    stated = {s for s, p, _ in triples(full_release, ".") if p.endswith("hasVersion>")}
    assert {s.rpartition("/")[2] for s in stated if "/ontology/" in s} == graphs


def test_cell_lines_of_efo_are_those_of_cellosaurus(ontology):
    lines = {s for s, said in ontology.items() for p, o in said if "/cellosaurus/rdf/cvcl/CVCL_" in o}
    assert len(lines) >= 10
    assert all(compact(line).startswith("EFO:") for line in lines)
