"""Harvesters find every study, its licence, its files and the endpoint, whichever way they come."""

import hashlib
import importlib.util
import random
import re
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SH

from bioimg_kg.catalog import dcat
from bioimg_kg.catalog.examples import FEDERATES
from bioimg_kg.catalog.examples import examples as show
from bioimg_kg.endpoint.app import Settings
from bioimg_kg.release import open_release

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("harvesters", HERE / "harvesters.py")
harvesters = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(harvesters)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pyshacl, rdflib and signposting
SDO = harvesters.SDO
LINKSET = "application/linkset+json"
FDP_O = rdflib.Namespace("https://w3id.org/fdp/fdp-o#")


def expected(release, url):
    """What there is, from the files alone."""
    manifest = release.manifest
    found = {}
    for accession, study in manifest["studies"].items():
        path = release.quads / "study" / f"{accession}.nq.gz"
        content = path.read_bytes()
        address = f"{url}/downloads/{release.name}/study/{accession}.nq.gz"
        file = (address, len(content), hashlib.sha256(content).hexdigest())
        licence = study["license"] or None
        found[f"https://w3id.org/bioimg-kg/id/study/{accession}"] = (licence, frozenset([file]))
    return found


def test_three_harvesters_find_the_same_and_it_is_what_there_is(examples_service, example_release):
    client, url = examples_service.client, examples_service.url
    contained, _ = harvesters.by_containers(client, url)
    listed, _ = harvesters.by_dcat(client, url)
    shown = harvesters.by_sitemap(client, url)
    there = expected(open_release(example_release), url)
    assert contained.studies == listed.studies == shown.studies == there
    assert len(there) == 8
    assert contained.endpoints == listed.endpoints == shown.endpoints == {f"{url}/sparql"}
    for _, files in there.values():
        for address, size, digest in files:
            content = client.get(address).content
            assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest)


@pytest.fixture(scope="module")
def catalogue(examples_service):
    return harvesters.by_dcat(examples_service.client, examples_service.url)[1]


@pytest.fixture(scope="module")
def records(examples_service):
    return harvesters.by_containers(examples_service.client, examples_service.url)[1]


def _violations(graph, shapes):
    import pyshacl

    _, report, _ = pyshacl.validate(graph, shacl_graph=str(HERE / shapes), inference="none")
    paths = {str(node).rpartition("#")[2] for node in report.objects(None, SH.resultPath)}
    choices = report.subjects(SH.sourceConstraintComponent, SH.OrConstraintComponent)
    return {path.rpartition("/")[2] for path in paths} | {"or" for _ in choices}


def _without(graph, *lost):
    broken = rdflib.Graph()
    for triple in graph:
        if triple[1] not in lost:
            broken.add(triple)
    return broken


def test_the_catalogue_keeps_to_dcat_ap_and_its_shapes_can_fail(catalogue):
    assert _violations(catalogue, "dcat-shapes.ttl") == set()
    spdx = harvesters.SPDX
    broken = _without(
        catalogue,
        *(DCTERMS.title, DCTERMS.publisher, DCTERMS.license, DCAT.accessURL, DCAT.endpointURL),
        *(FOAF.name, spdx.checksumValue),
    )
    lost = {"title", "publisher", "license", "accessURL", "endpointURL", "name", "checksumValue", "or"}
    assert _violations(broken, "dcat-shapes.ttl") == lost


def test_every_record_keeps_to_the_fdp_shapes_and_they_can_fail(records):
    kinds = set()
    for record in records:
        assert _violations(record, "fdp-shapes.ttl") == set()
        kinds |= set(record.objects(None, RDF.type))
    assert {FDP_O.FAIRDataPoint, DCAT.Catalog, DCAT.Dataset, DCAT.Distribution, DCAT.DataService} <= kinds
    whole = rdflib.Graph()
    for record in records:
        whole += record
    ldp = harvesters.LDP
    lost = (
        FDP_O.metadataIdentifier,
        FDP_O.conformsToFdpSpec,
        rdflib.URIRef(f"{DCAT}version"),
        DCAT.theme,
        ldp.membershipResource,
    )
    broken = _without(whole, *lost)
    names = {"metadataIdentifier", "conformsToFdpSpec", "version", "theme", "membershipResource"}
    assert _violations(broken, "fdp-shapes.ttl") == names


def test_a_container_holds_documents_about_its_members(records):
    for record in records:
        for document, topic in record.subject_objects(FOAF.primaryTopic):
            assert (document, RDF.type, DCAT.CatalogRecord) in record
            assert (topic, RDF.type, DCAT.Dataset) in record
            assert "/id/study/" in str(topic)


def test_every_address_of_the_sitemap_answers_and_every_study_is_in_it(examples_service, example_release):
    client, url = examples_service.client, examples_service.url
    pages = harvesters.sitemap_urls(client, url)
    assert len(set(pages)) == len(pages)
    for page in pages:
        response = client.get(page, headers={"Accept": "text/html"})
        assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    studies = open_release(example_release).manifest["studies"]
    assert {f"{url}/study/{accession}" for accession in studies} <= set(pages)


def test_the_page_of_a_study_leads_to_all_that_is_said_of_it(examples_service):
    client, url = examples_service.client, examples_service.url
    accept = {"Accept": "text/html"}
    page = client.get(f"{url}/id/study/idr9004", headers=accept, follow_redirects=True)
    assert str(page.url) == f"{url}/study/idr9004"
    assert 'href="/id/study/idr9004.html"' in page.text
    assert client.get(f"{url}/id/study/idr9004.html").status_code == 200


def test_the_links_of_a_study_are_read_by_signposting_without_complaint(examples_service):
    from signposting.linkset import find_signposting_linkset
    from signposting.resolver import find_signposting_http

    client, url = examples_service.client, examples_service.url
    for page in harvesters.sitemap_urls(client, url):
        if "/study/" not in page:
            continue
        found = find_signposting_http(page)
        graph = harvesters.embedded(client.get(page).text)
        (study,) = [s for s in graph.subjects(RDF.type, harvesters.SDO.Dataset)]
        assert found.citeAs.target == str(study)
        assert {str(t.target) for t in found.types} == {
            "https://schema.org/AboutPage",
            "https://schema.org/Dataset",
        }
        licence = graph.value(study, harvesters.SDO.license)
        assert (found.license and str(found.license.target)) == (licence and str(licence))
        kinds = sorted(f"{link.type} {sorted(map(str, link.profiles))}" for link in found.describedBy)
        crate = "application/ld+json ['https://w3id.org/ro/crate']"
        assert kinds == [crate, "application/ld+json []", "text/turtle []"]
        for link in (*found.describedBy, *found.items):
            response = client.get(str(link.target))
            assert response.headers["content-type"].partition(";")[0] == str(link.type)
            assert f"<{page}>; rel=" in response.headers["link"]
        (linkset,) = found.linksets
        assert str(linkset.type) == LINKSET
        whole = find_signposting_linkset(str(linkset.target))
        described = whole.for_context(page)
        assert described.citeAs.target == found.citeAs.target
        assert {link.target for link in described.items} == {link.target for link in found.items} != set()


def test_the_list_of_apis_has_what_it_says(examples_service):
    client, url = examples_service.client, examples_service.url
    response = client.get(f"{url}/.well-known/api-catalog")
    assert response.headers["content-type"] == LINKSET
    listed = {entry.pop("anchor"): entry for entry in response.json()["linkset"]}
    assert {link["href"] for link in listed[f"{url}/.well-known/api-catalog"]["item"]} == {
        f"{url}/sparql",
        f"{url}/fdp",
        f"{url}/api/v1/search",
    }
    for entry in listed.values():
        for link in (link for links in entry.values() for link in links):
            answer = client.get(link["href"], headers={"Accept": link.get("type", "*/*")})
            assert answer.status_code == 200, link
            if "type" in link:
                assert answer.headers["content-type"].partition(";")[0] == link["type"]
    home = client.get(url, headers={"Accept": "text/html"})
    assert f'<{url}/.well-known/api-catalog>; rel="api-catalog"' in home.headers["link"]


def test_void_has_the_statistics_the_endpoint_and_the_files(examples_service):
    client, url = examples_service.client, examples_service.url
    graph = rdflib.Graph().parse(data=client.get(f"{url}/.well-known/void").content, format="turtle")
    void = rdflib.VOID
    (description,) = graph.subjects(RDF.type, void.DatasetDescription)
    whole = graph.value(description, FOAF.primaryTopic)
    assert graph.value(whole, void.sparqlEndpoint) == rdflib.URIRef(f"{url}/sparql")
    (row,) = examples_service.get("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").json()["results"]["bindings"]
    assert int(graph.value(whole, void.triples)) == int(row["n"]["value"])
    dumps = set(graph.objects(whole, void.dataDump))
    assert len(dumps) == len(set(graph.objects(whole, void.subset))) + 1 > 8  # and all graphs as one file
    for part in graph.objects(whole, void.subset):
        assert graph.value(part, void.dataDump) in dumps
        empty = int(graph.value(part, void.triples)) == 0
        assert empty or graph.value(part, void.propertyPartition) is not None
    space = str(graph.value(whole, void.uriSpace))
    examples = list(graph.objects(whole, void.exampleResource))
    assert examples
    for example in examples:
        assert str(example).startswith(space)
        assert examples_service.get(f"ASK {{ <{example}> ?p ?o }}").json()["boolean"]


@pytest.mark.parametrize(
    "path",
    [
        "/fdp",
        "/fdp/catalog",
        "/fdp/service/sparql",
        "/catalog",
        "/.well-known/void",
        "/.well-known/sparql-examples",
    ],
)
def test_a_face_has_six_forms_and_an_etag(examples_service, path):
    client, url = examples_service.client, examples_service.url + path
    plain = client.get(url)
    assert plain.headers["content-type"] == "text/turtle; charset=utf-8"
    graph = rdflib.Graph().parse(data=plain.content, format="turtle")
    for accept, form in (
        ("application/ld+json", "json-ld"),
        ("application/rdf+xml", "xml"),
        ("application/n-triples", "nt"),
    ):
        response = client.get(url, headers={"Accept": accept})
        assert response.headers["content-type"].partition(";")[0] == accept
        assert set(rdflib.Graph().parse(data=response.content, format=form)) == set(graph)
    again = client.get(url, headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(url, headers={"Accept": "image/png"}).status_code == 406
    assert client.head(url).headers["etag"].partition("-")[0] == plain.headers["etag"].partition("-")[0]


def test_people_are_led_to_pages(examples_service):
    client, url = examples_service.client, examples_service.url
    html = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    graph = rdflib.Graph().parse(data=client.get(f"{url}/catalog").content, format="turtle")
    study = next(graph.subjects(RDF.type, DCAT.Dataset))
    page = str(graph.value(study, DCAT.landingPage))
    response = client.get(page.replace("/study/", "/fdp/dataset/"), headers=html)
    assert (response.status_code, response.headers["location"]) == (303, page)
    for path, place in (("/fdp", "/catalog"), ("/fdp/catalog", "/catalog")):
        response = client.get(url + path, headers=html)
        assert (response.status_code, response.headers["location"]) == (303, url + place)
        assert response.headers["vary"] == "Accept"


def test_what_is_not_there_is_404(examples_service):
    client, url = examples_service.client, examples_service.url
    for path in (
        *(
            "/study/idr9999",
            "/study/idr9999/linkset",
            "/fdp/dataset/idr9999",
            "/fdp/distribution/study/idr9999",
        ),
        *("/sitemap-0.xml", "/sitemap-9.xml", "/fdp/nothing", "/study/%00", "/study/%3Cscript%3E"),
    ):
        response = client.get(url + path)
        assert response.status_code == 404, path
        assert response.headers["content-type"] == "application/problem+json"


def test_a_host_that_is_none_gets_into_no_address(examples_service):
    client, url = examples_service.client, examples_service.url
    for host in ('evil"><script>', "a b", "<x>", "e|vil", "{x}"):
        for path in ("/catalog?format=html", "/fdp", "/sitemap.xml", "/robots.txt"):
            response = client.get(url + path, headers={"Host": host})
            assert host not in response.text
            assert response.status_code == 400 or "http://localhost/" in response.text


@pytest.mark.parametrize("path", ["/catalog", "/fdp", "/.well-known/void", "/.well-known/sparql-examples"])
def test_any_number_of_hosts_costs_one_making(examples_service, path):
    client, url = examples_service.client, examples_service.url + path
    plain = {"Accept": "application/n-triples"}
    own = client.get(url, headers=plain)
    names = {own.headers["etag"]}
    for number in range(200):
        host = f"{random.Random(number).randbytes(8).hex()}.example.org:{8000 + number}"
        answer = client.get(url, headers={**plain, "Host": host})
        assert answer.headers["cache-status"] == "bioimg-kg; hit"
        assert answer.text == own.text.replace(examples_service.url, f"http://{host}")
        names.add(answer.headers["etag"])
    assert len(names) == 201, "an answer with another address is another one"


def test_a_public_address_is_used_everywhere(example_release, start_service):
    public = "https://kg.example.org"
    settings = {
        "public_url": f"{public}/",
        "publisher": "An Institute & Sons",
        "license": "https://example.org/l",
    }
    with start_service(example_release.parent.parent, **settings) as service:
        graph = rdflib.Graph().parse(
            data=service.client.get(f"{service.url}/catalog").content, format="turtle"
        )
        text = service.client.get(f"{service.url}/sitemap.xml").text
    assert service.url not in text
    assert f"<loc>{public}/catalog</loc>" in text
    assert not [term for triple in graph for term in triple if service.url in str(term)]
    (me,) = graph.subjects(RDF.type, DCAT.Catalog)
    assert str(graph.value(graph.value(me, DCTERMS.publisher), FOAF.name)) == "An Institute & Sons"
    assert str(graph.value(me, DCTERMS.license)) == "https://example.org/l"


@pytest.mark.parametrize(
    "url", ["example.org", "ftp://example.org", "https://a b", "https://a/?x", "https://a/b"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="public_url"):
        Settings(public_url=url)


def test_a_release_without_studies_has_pages_too(service):
    client, url = service.client, service.url
    for path in (
        "/",
        "/catalog?format=html",
        "/downloads",
        "/fdp",
        "/catalog",
        "/.well-known/void",
        "/sitemap.xml",
    ):
        assert client.get(url + path).status_code == 200, path


def _entities(crate):
    """Return the entities of a crate by their identifiers, after what its specification demands of it."""
    assert crate["@context"] == "https://w3id.org/ro/crate/1.2/context"
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])
    descriptor = entities["ro-crate-metadata.json"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    root = entities[descriptor["about"]["@id"]]
    assert root["@type"] == "Dataset"
    for name in ("name", "description", "datePublished", "license"):
        assert root[name], name
    values = [value for entity in entities.values() for key, value in entity.items() if key in FOLLOWED]
    links = [link for value in values for link in (value if isinstance(value, list) else [value])]
    assert links
    assert {link["@id"] for link in links if isinstance(link, dict)} <= entities.keys()
    return entities, root


FOLLOWED = {"about", "author", "citation", "hasPart", "license", "publisher"}


def test_the_crate_of_a_study_has_its_files_and_names_all_that_it_refers_to(
    examples_service, example_release
):
    client, url = examples_service.client, examples_service.url
    for study, (licence, files) in expected(open_release(example_release), url).items():
        address = f"{url}/study/{study.rpartition('/')[2]}/ro-crate-metadata.json"
        entities, root = _entities(client.get(address).json())
        assert root["identifier"] == study
        assert root["license"] == ({"@id": licence} if licence else dcat.NO_LICENCE)
        found = {
            (entity["@id"], int(entity["contentSize"]), entity["sha256"])
            for entity in entities.values()
            if entity["@type"] == "File"
        }
        assert found == files


def test_the_crate_of_the_release_has_every_file_and_every_study(examples_service, example_release):
    client, url = examples_service.client, examples_service.url
    entities, root = _entities(client.get(f"{url}/catalog/ro-crate-metadata.json").json())
    release = open_release(example_release)
    files = {e["name"]: e["sha256"] for e in entities.values() if e["@type"] == "File"}
    assert files.keys() == {file["path"] for file in release.manifest["files"]}
    stored = {file["path"]: release.path / file["stored"] for file in release.manifest["files"]}
    for name, digest in files.items():
        assert hashlib.sha256(stored[name].read_bytes()).hexdigest() == digest
    parts = [entities[part["@id"]] for part in root["hasPart"]]
    studies = {part["identifier"] for part in parts if part["@type"] == "Dataset"}
    assert studies == expected(release, url).keys()
    for part in parts:
        if part["@type"] == "Dataset":
            assert client.get(part["subjectOf"]["@id"]).status_code == 200


@pytest.fixture(scope="module")
def pictured_service(pictured_release, start_service):
    with start_service(pictured_release.parents[1], deadline_seconds=10) as service:
        yield service


def test_the_examples_are_the_named_queries_and_they_run(pictured_service):
    client, url = pictured_service.client, pictured_service.url
    address = f"{url}/.well-known/sparql-examples"
    graph = rdflib.Graph().parse(data=client.get(address).content, format="turtle")
    examples = set(graph.subjects(RDF.type, SH.SPARQLExecutable))
    assert {str(example) for example in examples} == {f"{address}#{query.name}" for query in show()}
    prefixes = {
        str(graph.value(part, SH.prefix)): str(graph.value(part, SH.namespace))
        for part in graph.objects(None, SH.declare)
    }
    for example in examples:
        (text,) = (t for form in (SH.select, SH.construct, SH.ask) for t in graph.objects(example, form))
        assert graph.value(example, SDO.target) == rdflib.URIRef(f"{url}/sparql")
        if others := re.findall("SERVICE <(.*?)>", text):  # test_federated_examples.py runs these
            assert set(map(str, graph.objects(example, rdflib.URIRef(FEDERATES)))) == set(others)
            continue
        assert "{{" not in text
        for prefix, namespace in re.findall(r"PREFIX (\w*): <(.*?)>", text):
            assert prefixes[prefix] == namespace
        answer = client.post(
            f"{url}/sparql", data={"query": str(text)}, headers={"Accept": "text/csv, text/turtle"}
        )
        assert answer.status_code == 200, example
        assert len(answer.text.splitlines()) > 1, example


@pytest.mark.corpus
def test_harvesters_find_every_real_study_and_every_page_of_the_sitemap_answers(full_release, start_service):
    release = open_release(full_release)
    with start_service(full_release.parent.parent, deadline_seconds=60) as service:
        client, url = service.client, service.url
        contained, records = harvesters.by_containers(client, url)
        listed, graph = harvesters.by_dcat(client, url)
        shown = harvesters.by_sitemap(client, url)
        there = expected(release, url)
        assert contained.studies == listed.studies == shown.studies == there
        assert contained.endpoints == listed.endpoints == shown.endpoints == {f"{url}/sparql"}
        assert len(there) == release.manifest["counts"]["studies"]
        pages = harvesters.sitemap_urls(client, url)
        assert {f"{url}/study/{accession}" for accession in release.manifest["studies"]} <= set(pages)
        for page in pages:
            response = client.get(page, headers={"Accept": "text/html"})
            kind = response.headers["content-type"]
            assert (response.status_code, kind) == (200, "text/html; charset=utf-8"), page
    assert _violations(graph, "dcat-shapes.ttl") == set()
    for record in records[::25]:
        assert _violations(record, "fdp-shapes.ttl") == set()
