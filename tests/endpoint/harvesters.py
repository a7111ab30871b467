"""Three clients that know the address of a service and nothing else. Each finds the same, on its own way."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from urllib.robotparser import RobotFileParser

import rdflib
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

LDP = rdflib.Namespace("http://www.w3.org/ns/ldp#")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
SDO = rdflib.Namespace("https://schema.org/")
TURTLE = {"Accept": "text/turtle"}
SPARQL = rdflib.URIRef("https://www.w3.org/TR/sparql11-protocol/")


@dataclass
class Found:
    """Per study its licence and files (address, bytes, checksum), and the SPARQL endpoints."""

    studies: dict = field(default_factory=dict)
    endpoints: set = field(default_factory=set)


def get(client, url, headers=TURTLE):
    response = client.get(url, headers=headers, follow_redirects=True)
    assert response.status_code == 200, f"{url}: {response.text}"
    return response


def _files(graph, study):
    return {
        (
            str(graph.value(file, DCAT.downloadURL)),
            int(graph.value(file, DCAT.byteSize)),
            str(graph.value(graph.value(file, SPDX.checksum), SPDX.checksumValue)),
        )
        for file in graph.objects(study, DCAT.distribution)
    }


def _read(graph):
    found = Found()
    for study in graph.subjects(RDF.type, DCAT.Dataset):
        licence = graph.value(study, DCTERMS.license)
        found.studies[str(study)] = (licence and str(licence), frozenset(_files(graph, study)))
    for service in graph.subjects(DCTERMS.conformsTo, SPARQL):
        found.endpoints |= {str(url) for url in graph.objects(service, DCAT.endpointURL)}
    return found


def by_containers(client, root):
    """Follow ``ldp:contains`` and nothing else, as the harvester of the FDP index does."""
    graph, seen, todo = rdflib.Graph(), set(), [root]
    records = []
    while todo:
        url = todo.pop()
        if url in seen:
            continue
        seen.add(url)
        response = get(client, url)
        assert response.headers["content-type"] == "text/turtle; charset=utf-8"
        record = rdflib.Graph().parse(data=response.content, format="turtle", publicID=str(response.url))
        records.append(record)
        graph += record
        todo += [str(child) for child in record.objects(None, LDP.contains)]
    return _read(graph), records


def by_dcat(client, root):
    """Read the catalogue that the record of it in the FAIR Data Point names."""
    start = rdflib.Graph().parse(data=get(client, root).content, format="turtle")
    (record,) = start.objects(None, rdflib.URIRef("https://w3id.org/fdp/fdp-o#metadataCatalog"))
    page = rdflib.Graph().parse(data=get(client, str(record)).content, format="turtle")
    catalogue = str(page.value(record, FOAF.isPrimaryTopicOf))
    graph = rdflib.Graph().parse(data=get(client, catalogue).content, format="turtle")
    found = _read(graph)
    listed = {str(study) for study in graph.objects(record, DCAT.dataset)}
    assert listed == found.studies.keys()
    return found, graph


def embedded(text):
    """Return the JSON-LD documents of a page as one graph, read without a network."""
    graph = rdflib.Graph()
    for document in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL):
        assert "http" not in str(json.loads(document)["@context"]).replace("https://schema.org/", "").replace(
            "http://purl.org/dc/terms/", ""
        )
        graph.parse(data=document, format="json-ld")
    return graph


def sitemap_urls(client, root):
    """Return the addresses of the sitemap that robots.txt names."""
    robots = RobotFileParser()
    robots.parse(get(client, f"{root}/robots.txt", {}).text.splitlines())
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    todo, pages = list(robots.site_maps()), []
    while todo:
        tree = ET.fromstring(get(client, todo.pop(), {}).content)
        assert all(entry.find(f"{space}lastmod").text for entry in tree)
        urls = [entry.find(f"{space}loc").text for entry in tree]
        if tree.tag == f"{space}sitemapindex":
            todo += urls
        else:
            pages += urls
    assert all(robots.can_fetch("*", url) for url in pages)
    return pages


def by_sitemap(client, root):
    """Read the pages of the sitemap and the JSON-LD in them."""
    found = Found()
    for url in sitemap_urls(client, root):
        graph = embedded(get(client, url, {"Accept": "text/html"}).text)
        for entry in graph.subjects(RDF.type, SDO.EntryPoint):
            found.endpoints.add(str(graph.value(entry, SDO.url)))
        for study in graph.subjects(RDF.type, SDO.Dataset):
            if graph.value(study, SDO.description) is None:
                continue  # the list of all names them only
            licence = graph.value(study, SDO.license)
            files = {
                (
                    str(graph.value(file, SDO.contentUrl)),
                    int(str(graph.value(file, SDO.contentSize)).removesuffix(" B")),
                    str(graph.value(file, SDO.sha256)),
                )
                for file in graph.objects(study, SDO.distribution)
            }
            found.studies[str(study)] = (licence and str(licence), frozenset(files))
    return found
