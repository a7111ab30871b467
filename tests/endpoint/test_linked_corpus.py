"""On all real studies: IRIs of every kind answer in three formats with the same statements."""

import random
import re
import statistics
import time
from collections import defaultdict
from itertools import islice

import pytest
from pyoxigraph import NamedNode

from bioimg_kg.endpoint.linked.addresses import link, read_path
from bioimg_kg.endpoint.linked.vocabulary import terms
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import BIKG, BIOLINK, DEFAULT_BASE, OWL, SCHEMA, SSSOM, TYPE

CLASSES = (
    *(f"{BIKG}{name}" for name in ("Study", "Screen", "Experiment", "Plate", "ImageSet", "Well", "Image")),
    *(f"{BIKG}{name}" for name in ("Biosample", "StudyPhenotype", "EvidenceLine", "ChannelSet", "Channel")),
    *(f"{BIKG}{name}" for name in ("Protocol", "SourceColumn", "SiRNA", "SiRNAPool", "OrfClone", "Antibody")),
    *(f"{BIKG}{name}" for name in ("GeneKnockdown", "CompoundTreatment", "ProteinTagging", "Condition")),
    f"{BIOLINK}GeneToPhenotypicFeatureAssociation",
    f"{BIOLINK}ChemicalEntityToDiseaseOrPhenotypicFeatureAssociation",
    f"{BIOLINK}GeneToGeneHomologyAssociation",
    *(f"{BIOLINK}Gene", f"{OWL}Axiom", f"{SCHEMA}Person", f"{SCHEMA}Role", f"{SSSOM}MappingSet"),
)
FORMATS = (("html", "text/html"), ("ttl", "text/turtle"), ("jsonld", "application/ld+json"))
ESCAPED = re.compile("%2F|%23|%26|%20|%C3|%25")


def sample(store):
    """Return 500 IRIs of ours: names that need escapes, graphs, terms, and then some of each class."""
    draw = random.Random(20261120)
    kinds = defaultdict(list)
    for name in CLASSES:
        things = store.quads_for_pattern(None, NamedNode(TYPE), NamedNode(name))
        ours = (q.subject.value for q in islice(things, 100_000) if q.subject.value.startswith(DEFAULT_BASE))
        kinds[name] = sorted(set(ours))
        assert kinds[name], name
    odd = sorted(iri for name in CLASSES for iri in kinds[name] if ESCAPED.search(iri))
    chosen = draw.sample(odd, 60) + draw.sample(sorted(g.value for g in store.named_graphs()), 40)
    chosen += draw.sample(sorted(terms()), 50)
    while len(chosen) < 500:
        for name in CLASSES:
            iri = draw.choice(kinds[name])
            if iri not in chosen or len(kinds[name]) < 20:
                chosen.append(iri)
    return chosen[:500]


def milliseconds(seconds):
    return 1000 * statistics.median(seconds), 1000 * statistics.quantiles(seconds, n=20)[-1]


@pytest.mark.corpus
def test_500_iris_answer_the_same_in_every_format(full_release, tmp_path, start_service, statements):
    store = open_readonly(full_release / "store")
    data = tmp_path / "data"
    data.mkdir()
    (data / "current").symlink_to(full_release)
    seconds, slowest = defaultdict(list), ("", 0.0)
    with start_service(data, deadline_seconds=30) as service:
        for iri in sample(store):
            said = []
            for name, accept in FORMATS:
                address = service.url + link(iri)
                started = time.perf_counter()
                response = service.client.get(address, headers={"Accept": accept}, follow_redirects=True)
                taken = time.perf_counter() - started
                seconds[name].append(taken)
                slowest = max(slowest, (f"{iri} {name}", taken), key=lambda entry: entry[1])
                if response.url.path.startswith(
                    "/study/"
                ):  # a page of its own, which leads to the statements
                    assert f'href="{link(iri)}.html"' in response.text
                    response = service.client.get(f"{address}.html")
                said.append(statements(response, name))
            assert said[0] == said[1] == said[2], iri
            own = {q.triple for q in store.quads_for_pattern(NamedNode(iri), None, None)}
            assert own <= {q.triple for q in said[0]}, iri
    lines = [f"slowest: {slowest[0]} {1000 * slowest[1]:.0f} ms"]
    for name, taken in seconds.items():
        middle, high = milliseconds(taken)
        lines.append(f"{name} with the way there: median {middle:.1f} ms, 95 % below {high:.1f} ms")
    print("\n".join(lines))  # noqa: T201 - shown with pytest -s
    assert {len(taken) for taken in seconds.values()} == {500}


@pytest.mark.corpus
def test_every_iri_of_ours_is_the_one_that_its_address_stands_for(full_release):
    store = open_readonly(full_release / "store")
    seen = 0
    for quad in store.quads_for_pattern(None, NamedNode(TYPE), None):
        iri = quad.subject.value
        if iri.startswith(DEFAULT_BASE) and "#" not in iri:
            path = link(iri)
            assert path.startswith("/"), iri
            assert DEFAULT_BASE + read_path(path.encode()).removeprefix("/") == iri
            seen += 1
    assert seen > 1_000_000
