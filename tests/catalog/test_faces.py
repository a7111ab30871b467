"""Each face of a made-up catalogue: what is unknown is left out, and no text breaks out of its place."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from bioimg_kg.catalog import bioschemas, dcat, fdp, rocrate, signposting
from bioimg_kg.catalog.model import Agent, Catalogue, Dataset, Distribution
from bioimg_kg.catalog.site import Site
from bioimg_kg.catalog.sitemap import addresses, pieces, robots, sitemap, sitemap_index
from bioimg_kg.vocab import DCTERMS, LICENSE

SITE = Site("https://example.org", "2026 1")
FILE = Distribution("study/a 1", 10, "0" * 64)
BARE = Dataset("https://w3id.org/x/id/study/a%201", "a 1", "A title", "A description", distributions=[FILE])
CATALOGUE = Catalogue(Path("/nowhere"), "2026 1", "2026-11-20", datasets=[BARE])


def test_no_licence_is_told_as_that_in_every_face():
    triples = list(dcat.describe_dataset(BARE, CATALOGUE, SITE))
    assert not [t for t in triples if t.predicate == NamedNode(LICENSE)]
    (rights,) = (t.object for t in triples if t.predicate == NamedNode(f"{DCTERMS}rights"))
    assert dcat.NO_LICENCE in {t.object.value for t in triples if t.subject == rights}
    assert "license" not in bioschemas.dataset_document(BARE, CATALOGUE, SITE)
    assert "license" not in {link.relation for link in signposting.links(BARE, SITE)}
    (root,) = (e for e in rocrate.study_crate(BARE, CATALOGUE, SITE)["@graph"] if e["@id"] == SITE.page(BARE))
    assert root["license"] == dcat.NO_LICENCE


def test_what_is_not_known_is_left_out():
    document = bioschemas.dataset_document(BARE, CATALOGUE, SITE)
    assert not {"creator", "citation", "sameAs", "isBasedOn", "datePublished", "about"} & document.keys()
    unknown = Catalogue(Path("/nowhere"), "2026 1")
    for face in (dcat.catalogue_graph, fdp.root_record, fdp.catalogue_record):
        for triple in face(unknown, SITE):
            assert getattr(triple.object, "value", "") != ""
    assert "lastmod" not in sitemap(addresses(unknown, SITE), unknown.issued)


def test_signs_that_mean_something_in_addresses_are_encoded():
    assert SITE.download(FILE) == "https://example.org/downloads/2026%201/study/a%201.nq.gz"
    assert SITE.page(BARE) == "https://example.org/study/a%201"
    assert SITE.agent("A & B") == "https://example.org/fdp#agent=A%20%26%20B"


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--", "]]>&amp;", 'a "quoted" \\ text']
)
def test_json_in_a_page_stays_there_and_means_the_same(text):
    study = Dataset(BARE.iri, "a", text, text, authors=[Agent(text, "https://orcid.org/0")])
    document = bioschemas.dataset_document(study, CATALOGUE, SITE)
    written = bioschemas.embedded(document)
    assert not re.search("[<>&]", written)
    assert json.loads(written) == document


def test_only_people_with_an_orcid_are_linked_as_authors():
    people = [Agent("A", "https://orcid.org/0000-0001-5105-5915"), Agent("B", f"{BARE.iri}/person/2")]
    study = Dataset(BARE.iri, "a", "t", "d", authors=people)
    authors = [link.target for link in signposting.links(study, SITE) if link.relation == "author"]
    assert authors == ["https://orcid.org/0000-0001-5105-5915"]


def test_a_long_sitemap_comes_in_pieces_that_an_index_names():
    pages = [f"https://example.org/{number}" for number in range(120_001)]
    parts = pieces(pages)
    assert [len(part) for part in parts] == [50_000, 50_000, 20_001]
    assert [page for part in parts for page in part] == pages
    index = ET.fromstring(sitemap_index(len(parts), SITE, "2026-11-20").split("\n", 1)[1])
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert index.tag == f"{space}sitemapindex"
    assert [entry.find(f"{space}loc").text for entry in index] == [
        f"https://example.org/sitemap-{number}.xml" for number in (1, 2, 3)
    ]
    assert "Sitemap: https://example.org/sitemap.xml\n" in robots(SITE)
