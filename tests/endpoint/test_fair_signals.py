"""What assessors of FAIR data look for on the page of a study, one test for each metric of F-UJI v0.8.

Nothing but the page is read at first, and then what it links to, as an assessor does.
"""

import httpx
import pytest
from rdflib import DCAT, DCTERMS, PROV, RDF, SDO, Graph, URIRef
from tests.endpoint import harvesters

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

PUBLIC = URIRef("http://publications.europa.eu/resource/authority/access-right/PUBLIC")
OME = URIRef("http://www.openmicroscopy.org/Schemas/OME/2016-06")
PERSISTENT = "https://w3id.org/"
STUDY = "idr9004"


class Seen:
    """A page with what is in it and what its headers link to."""

    def __init__(self, service):
        self.base = service.url
        self.client = service.client
        self.page = service.client.get(f"{service.url}/study/{STUDY}", headers={"Accept": "text/html"})
        self.embedded = harvesters.embedded(self.page.text)
        (self.iri,) = self.embedded.subjects(RDF.type, SDO.Dataset)
        links = httpx.Response(200, headers={"Link": self.page.headers["link"]})
        self.header = links.headers["link"]
        self.turtle = next(
            part.split(">")[0].lstrip(" <")
            for part in self.header.split(", ")
            if 'rel="describedby"' in part and "text/turtle" in part
        )
        self.record = Graph().parse(data=service.client.get(self.turtle).text, format="turtle")

    def one(self, graph, predicate):
        return graph.value(self.iri, predicate)

    def downloads(self):
        return [
            distribution
            for distribution in self.embedded.objects(self.iri, SDO.distribution)
            if self.embedded.value(distribution, SDO.contentUrl)
        ]


@pytest.fixture(scope="module")
def seen(examples_service):
    return Seen(examples_service)


def test_f1_01md_the_identifier_is_an_iri_and_the_same_everywhere(seen):
    assert str(seen.one(seen.embedded, SDO.identifier)) == str(seen.iri)
    assert f'<{seen.iri}>; rel="cite-as"' in seen.header
    assert (seen.iri, RDF.type, DCAT.Dataset) in seen.record


def test_f1_02md_the_identifier_is_persistent_and_leads_to_the_page(seen):
    assert str(seen.iri).startswith(PERSISTENT)
    here = str(seen.iri).replace("https://w3id.org/bioimg-kg", seen.base)
    led = seen.client.get(here, headers={"Accept": "text/html"}, follow_redirects=True)
    assert [response.status_code for response in led.history] == [303]
    assert led.url == seen.page.url


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SDO.name, DCTERMS.title),
        (SDO.identifier, DCTERMS.identifier),
        (SDO.datePublished, DCTERMS.issued),
        (SDO.publisher, DCTERMS.publisher),
        (SDO.description, DCTERMS.description),
        (SDO.keywords, DCAT.keyword),
    ],
)
def test_f2_01m_core_metadata_is_in_the_page_and_in_the_record(seen, ours, theirs):
    assert str(seen.one(seen.embedded, ours) or "")
    assert str(seen.one(seen.record, theirs) or "")


def test_f2_01m_who_made_it_is_in_the_page(examples_service):
    client, url = examples_service.client, examples_service.url
    pages = [page for page in harvesters.sitemap_urls(client, url) if "/study/" in page]
    graphs = [harvesters.embedded(client.get(page).text) for page in pages]
    named = [g for g in graphs if g.value(next(g.subjects(RDF.type, SDO.Dataset)), SDO.creator)]
    assert len(pages) == len(named) > 0


def test_f3_01m_the_page_links_to_the_data(seen):
    addresses = {str(seen.embedded.value(d, SDO.contentUrl)) for d in seen.downloads()}
    assert addresses
    for address in addresses:
        assert f'<{address}>; rel="item"' in seen.header
    assert any(seen.record.objects(None, DCAT.downloadURL)) or any(
        seen.record.objects(None, DCAT.distribution)
    )


def test_f4_01m_search_engines_find_metadata_inside_the_page(seen):
    assert '<script type="application/ld+json">' in seen.page.text
    assert '"@vocab": "https://schema.org/"' in seen.page.text  # no context that has to be fetched
    assert len(seen.embedded) > 20


def test_a1_01m_the_access_level_is_stated(seen):
    assert seen.one(seen.record, DCTERMS.accessRights) == PUBLIC
    assert seen.one(seen.embedded, SDO.isAccessibleForFree).toPython() is True


def test_a1_02md_a1_1_a1_2_page_and_data_answer_over_http(seen):
    assert seen.page.status_code == 200
    for distribution in seen.downloads():
        address = str(seen.embedded.value(distribution, SDO.contentUrl))
        assert address.startswith(("http://", "https://"))
        assert seen.client.head(address).status_code == 200


def test_i1_01m_the_metadata_is_rdf_in_the_page_by_link_and_from_sparql(seen):
    assert len(seen.record) > 20
    accept = {"Accept": "application/rdf+xml"}
    answer = seen.client.get(
        f"{seen.base}/sparql", params={"query": f"DESCRIBE <{seen.iri}>"}, headers=accept
    )
    assert answer.headers["content-type"].startswith("application/rdf+xml")
    assert len(Graph().parse(data=answer.text, format="xml")) > 10


def test_i2_01m_vocabularies_of_the_field_are_used(seen):
    names = " ".join(str(node) for triple in (*seen.embedded, *seen.record) for node in triple)
    for space in ("https://bioschemas.org/profiles/", "http://purl.obolibrary.org/obo/", str(PROV)):
        assert space in names, space


def test_i3_01m_related_things_are_linked_as_iris(seen):
    related = [
        *seen.embedded.objects(seen.iri, SDO.citation),
        *seen.embedded.objects(seen.iri, SDO.isBasedOn),
    ]
    assert len(related) > 1
    assert all(isinstance(thing, URIRef) for thing in related)
    assert isinstance(seen.one(seen.record, PROV.wasDerivedFrom), URIRef)


def test_r1_01m_type_size_and_format_of_the_data_are_stated(seen):
    assert (seen.iri, RDF.type, SDO.Dataset) in seen.embedded
    for distribution in seen.downloads():
        size = int(str(seen.embedded.value(distribution, SDO.contentSize)).split()[0])
        address = str(seen.embedded.value(distribution, SDO.contentUrl))
        assert int(seen.client.head(address).headers["content-length"]) == size
        assert seen.embedded.value(distribution, SDO.encodingFormat)


def test_r1_1_the_licence_is_one_of_spdx(seen):
    licence = str(seen.one(seen.embedded, SDO.license))
    assert licence.startswith("https://creativecommons.org/")
    assert str(seen.one(seen.record, DCTERMS.license)) == licence
    assert f'<{licence}>; rel="license"' in seen.header


def test_r1_2_provenance_is_in_the_record(seen):
    assert seen.one(seen.record, PROV.wasDerivedFrom)
    assert seen.one(seen.record, DCTERMS.issued)


def test_r1_3_01m_the_record_conforms_to_a_standard_of_the_community(seen):
    assert OME in set(seen.record.objects(seen.iri, DCTERMS.conformsTo))


def test_r1_3_02d_metadata_comes_in_an_open_text_format(seen):
    answers = [seen.client.get(seen.turtle)]
    answers.append(seen.client.get(f"{seen.base}/study/{STUDY}/ro-crate-metadata.json"))
    kinds = {answer.headers["content-type"].partition(";")[0] for answer in answers}
    assert kinds == {"text/turtle", "application/ld+json"}
