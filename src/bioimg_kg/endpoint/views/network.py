"""The genes of a phenotype and the studies that saw it: Figure 2 of the IDR paper (doi:10.1038/nmeth.4326).

The figure adds links between genes from STRING, which is not part of a release: here genes hang together
by the studies.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from bioimg_kg.endpoint.linked.identifiers import named
from bioimg_kg.endpoint.views.model import Row

SIZE: Final = 900
"""Width and height of the drawing."""

_HUBS: Final = SIZE * 0.31
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
_APART: Final = 11.5


@dataclass(frozen=True, slots=True)
class Node:
    """A gene or a study.

    Attributes
    ----------
    id, label, href
        IRI or accession, what is shown, and where it leads.
    x, y
        Place.
    studies
        Numbers of the studies that a gene is from; empty for a study.
    title
        What is known of it, in one line.
    """

    id: str
    label: str
    href: str
    x: float
    y: float
    studies: tuple[int, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """Genes and studies with their places.

    Attributes
    ----------
    studies, genes
        The nodes.
    edges
        Gene and study.
    """

    studies: Sequence[Node]
    genes: Sequence[Node]
    edges: Sequence[tuple[Node, Node]]


def arrange_network(rows: Sequence[Row]) -> Network:
    """Return the network of the rows of ``figure-2-genes``.

    Studies stand on a circle, a gene stands at its study or between its studies. Nothing is random: the same
    rows give the same drawing.

    Examples
    --------
    >>> gene = {"humanGene": "http://rdf.ebi.ac.uk/resource/ensembl/ENSG00000129810", "humanSymbol": "SGO1"}
    >>> made = arrange_network([{"study": "idr0001", **gene}, {"study": "idr0012", **gene}])
    >>> [node.label for node in made.studies], made.genes[0].studies, len(made.edges)
    (['idr0001', 'idr0012'], (0, 1), 2)
    """
    genes: dict[str, tuple[str, set[str]]] = {}
    for row in rows:
        if "humanGene" in row:
            genes.setdefault(row["humanGene"], (row.get("humanSymbol", ""), set()))[1].add(row["study"])
    accessions = sorted({study for _, studies in genes.values() for study in studies})
    studies = [_study(number, name, len(accessions)) for number, name in enumerate(accessions)]
    by_place: dict[tuple[int, ...], list[str]] = {}
    for iri, (_, found) in sorted(genes.items(), key=lambda item: (item[1][0], item[0])):
        by_place.setdefault(tuple(sorted(accessions.index(study) for study in found)), []).append(iri)
    nodes = []
    for place, members in by_place.items():
        hub_x = sum(studies[number].x for number in place) / len(place)
        hub_y = sum(studies[number].y for number in place) / len(place)
        for number, iri in enumerate(members, start=3):  # the innermost places are for the study's name
            radius, angle = _APART * math.sqrt(number), number * _GOLDEN
            x, y = hub_x + radius * math.cos(angle), hub_y + radius * math.sin(angle)
            title = f"{genes[iri][0]}: {', '.join(accessions[n] for n in place)}"
            nodes.append(Node(iri, genes[iri][0], named(iri) or "", round(x, 1), round(y, 1), place, title))
    edges = [(node, studies[number]) for node in nodes for number in node.studies]
    return Network(studies, nodes, edges)


def _study(number: int, name: str, of: int) -> Node:
    angle = 2 * math.pi * number / max(of, 1) - math.pi / 2
    radius = _HUBS if of > 1 else 0
    x, y = SIZE / 2 + radius * math.cos(angle), SIZE / 2 + radius * math.sin(angle)
    return Node(name, name, f"/study/{name}", round(x, 1), round(y, 1), title=name)


def graphml(network: Network) -> bytes:
    """Return a network as GraphML.

    Source: http://graphml.graphdrawing.org/specification.html
    """
    root = ET.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    for key, kind in (("label", "string"), ("kind", "string"), ("x", "double"), ("y", "double")):
        ET.SubElement(root, "key", {"id": key, "for": "node", "attr.name": key, "attr.type": kind})
    graph = ET.SubElement(root, "graph", edgedefault="undirected")
    for kind, nodes in (("study", network.studies), ("gene", network.genes)):
        for node in nodes:
            element = ET.SubElement(graph, "node", id=node.id)
            for key, value in (("label", node.label), ("kind", kind), ("x", node.x), ("y", node.y)):
                ET.SubElement(element, "data", key=key).text = str(value)
    for gene, study in network.edges:
        ET.SubElement(graph, "edge", source=gene.id, target=study.id)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def cx2(network: Network) -> bytes:
    """Return a network as CX2, the format of Cytoscape.

    Source: https://cytoscape.org/cx/cx2/specification/cytoscape-exchange-format-specification-(version-2)/
    """
    nodes = [("study", node) for node in network.studies] + [("gene", node) for node in network.genes]
    numbers = {node.id: number for number, (_, node) in enumerate(nodes)}
    made = [
        {
            "id": numbers[node.id],
            "x": node.x,
            "y": node.y,
            "v": {"name": node.label, "iri": node.id, "kind": kind},
        }
        for kind, node in nodes
    ]
    edges = [
        {"id": number, "s": numbers[gene.id], "t": numbers[study.id], "v": {"interaction": "seen in"}}
        for number, (gene, study) in enumerate(network.edges)
    ]
    text = {"d": "string"}
    aspects: list[object] = [
        {"CXVersion": "2.0", "hasFragments": False},
        {
            "metaData": [
                {"name": "attributeDeclarations", "elementCount": 1},
                {"name": "nodes", "elementCount": len(made)},
                {"name": "edges", "elementCount": len(edges)},
            ]
        },
        {
            "attributeDeclarations": [
                {"nodes": {"name": text, "iri": text, "kind": text}, "edges": {"interaction": text}}
            ]
        },
        {"nodes": made},
        {"edges": edges},
        {"status": [{"success": True}]},
    ]
    return json.dumps(aspects).encode()
