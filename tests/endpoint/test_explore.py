"""Pages across studies: what is drawn equals the answer of the query, and files can be read by others."""

import csv
import io
import json
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from bioimg_kg.endpoint.views.network import arrange_network
from bioimg_kg.endpoint.views.sampling import arrange_sampling

HTML = {"Accept": "text/html"}
GRAPHML = {"g": "http://graphml.graphdrawing.org/xmlns"}


def _rows(service, query, **values):
    text = service.client.get(f"{service.url}/queries/{query}.csv", params=values).text
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def network_rows(examples_service):
    return [row for row in _rows(examples_service, "figure-2-genes") if row["humanGene"]]


def test_every_phenotype_is_one_dot(examples_service):
    page = examples_service.client.get(examples_service.url + "/explore/sampling", headers=HTML).text
    rows = _rows(examples_service, "samples-per-phenotype")
    titles = re.findall(r"<title>([^<]+: samples [^<]+)</title>", page)
    assert len(rows) == len(titles) > 0
    for row in rows:
        assert f"{row['label']}: samples {int(row['records']):,}, studies {row['studies']}" in titles


def test_higher_is_more_and_larger_is_more_studies():
    rows = [
        {"term": f"http://x/{n}", "label": f"{n}", "records": str(10**n), "studies": str(n + 1), "group": "a"}
        for n in range(4)
    ]
    dots = arrange_sampling(rows).dots
    assert [dot.y for dot in dots] == sorted(dot.y for dot in dots)
    assert [dot.r for dot in dots] == sorted((dot.r for dot in dots), reverse=True)
    assert len({round(b.y - a.y, 3) for a, b in pairwise(dots)}) == 1


def test_a_plot_of_nothing_is_empty():
    assert arrange_sampling([]).dots == []
    assert arrange_network([]).genes == []


def test_every_human_gene_is_one_node_at_its_studies(examples_service, network_rows):
    page = examples_service.client.get(examples_service.url + "/explore/network", headers=HTML).text
    genes = {row["humanGene"] for row in network_rows}
    pairs = {(row["humanGene"], row["study"]) for row in network_rows}
    drawing = page.split("<svg")[1].split("</svg>")[0]
    assert len(genes) == drawing.count("<circle") > 0
    assert len(pairs) == drawing.count("<line")


def test_a_gene_of_two_studies_stands_between_them():
    gene = {"humanGene": "http://x/g", "humanSymbol": "G"}
    network = arrange_network([{"study": "a", **gene}, {"study": "b", **gene}])
    (node,) = network.genes
    middle = (sum(s.x for s in network.studies) / 2, sum(s.y for s in network.studies) / 2)
    assert abs(node.x - middle[0]) < 30
    assert abs(node.y - middle[1]) < 30


def test_graphml_and_cx2_have_the_nodes_and_edges_of_the_answer(examples_service, network_rows):
    service = examples_service
    pairs = {(row["humanGene"], row["study"]) for row in network_rows}
    root = ET.fromstring(service.client.get(service.url + "/explore/network.graphml").content)
    edges = {(e.get("source"), e.get("target")) for e in root.iterfind(".//g:edge", GRAPHML)}
    assert edges == pairs
    aspects = json.loads(service.client.get(service.url + "/explore/network.cx2").content)
    found = {name: value for aspect in aspects for name, value in aspect.items()}
    names = {node["id"]: node["v"]["iri"] for node in found["nodes"]}
    assert {(names[e["s"]], names[e["t"]]) for e in found["edges"]} == pairs
    counted = {entry["name"]: entry["elementCount"] for entry in found["metaData"]}
    assert counted["nodes"] == len(found["nodes"])
    assert counted["edges"] == len(found["edges"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("network?term=CMPO:77", 400),
        ("network?nonsense=1", 400),
        ("network.png", 404),
        ("network.cx2?sources=x", 400),
    ],
)
def test_what_cannot_be_drawn_is_explained(examples_service, path, status):
    assert examples_service.client.get(f"{examples_service.url}/explore/{path}").status_code == status
