"""Every IRI leads to a page and to data, whatever is in its name, and all of them say the same."""

import json
import random

import httpx
import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, Store
from rdflib.compare import isomorphic

from bioimg_kg.endpoint.linked.addresses import link
from bioimg_kg.endpoint.linked.describe import look_up
from bioimg_kg.endpoint.linked.vocabulary import terms
from bioimg_kg.endpoint.workers.frames import Look
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.release import new_release
from bioimg_kg.store import build_store, open_readonly
from bioimg_kg.vocab import DCTERMS, DEFAULT_BASE

MINTER = Minter()
SCREEN = MINTER.component("idr9999", "screenA")
NAMES = (
    *("P 1", "A#1", "R&D", "50% <b>", "a/b", "größe", "漢字", "a+b", "x?y", "a:b", "(1)", "'", '"', "..."),
    *("image.ttl", "image.html", "image.json", "v1.2.tif", ".ttl", "%20", "\\", "a;b=c", "~", "\U0001f52c"),
)
EVIL = "</script><script>alert(1)</script><!-- & \u2028"
SUFFIXES = ("html", "ttl", "nt", "jsonld", "json", "rdf")
RDFLIB = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}


def literal(text):
    return json.dumps(text, ensure_ascii=False)


@pytest.fixture(scope="module")
def odd(tmp_path_factory, start_service):
    """A service with things of odd names, one with many links and one with an evil label."""
    data = tmp_path_factory.mktemp("odd") / "data"
    graph = f"<{MINTER.graph('study', 'idr9999')}>"
    lines = [f"<{SCREEN}> <http://www.w3.org/2000/01/rdf-schema#label> {literal(EVIL)} {graph} .\n"]
    for name in NAMES:
        plate = MINTER.within(SCREEN, "plate", name)
        lines.append(f"<{plate}> <http://purl.org/dc/terms/isPartOf> <{SCREEN}> {graph} .\n")
        lines.append(f"<{plate}> <http://www.w3.org/2000/01/rdf-schema#label> {literal(name)} {graph} .\n")
    for number in range(1500):
        lines.append(f"<{SCREEN}/w{number}> <http://example.org/p> <http://example.org/hüb> {graph} .\n")
    lines.append(f"<{SCREEN}/file> <http://example.org/p> <http://example.org/q#row=1> {graph} .\n")
    lines += [
        f"<{SCREEN}/{name}> <http://example.org/p> {literal(name)} {graph} .\n" for name in ("d", "d.ttl")
    ]
    with new_release(data, "2026.1") as folder:
        (folder / "all.nq").write_text("".join(lines), encoding="utf-8")
        build_store(folder / "store", [folder / "all.nq"])
        (folder / "manifest.json").write_text('{"name": "2026.1"}')
    with start_service(data) as running:
        yield running


def get(service, address, accept=None, **options):
    return httpx.get(
        service.url + address, headers={"Accept": accept} if accept else {}, timeout=30, **options
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_name_goes_to_the_documents_and_back_whatever_is_in_it(odd, name, read_page, statements):
    iri = MINTER.within(SCREEN, "plate", name)
    path = "/" + iri.removeprefix(DEFAULT_BASE)
    assert link(iri) == path
    first = get(odd, path)
    assert first.status_code == 303
    assert first.headers["location"] == f"{path}.ttl"
    said = {}
    for suffix in SUFFIXES:
        response = get(odd, f"{path}.{suffix}")
        said[suffix] = statements(response, suffix)
        assert any(quad.subject == NamedNode(iri) and quad.object.value == name for quad in said[suffix])
    assert all(one == said["ttl"] for one in said.values())
    assert name in read_page(get(odd, path, "text/html", follow_redirects=True).text).text


def test_a_statement_of_a_thing_about_itself_is_shown_once():
    store = Store()
    store.load(b"<http://a> <http://p> <http://a> .", format=RdfFormat.N_QUADS)
    assert len(look_up(store, Look(document="http://a")).quads) == 1


def test_less_or_more_escapes_lead_to_the_same_thing(odd):
    path = "/" + MINTER.within(SCREEN, "plate", "größe").removeprefix(DEFAULT_BASE)
    for other in (path.lower().replace("screena", "screenA"), path.replace("plate", "%70late")):
        assert get(odd, other).headers["location"] == f"{path}.ttl"
    path = "/" + MINTER.within(SCREEN, "plate", "(1)").removeprefix(DEFAULT_BASE)
    assert get(odd, path.replace("%281%29", "(1)")).headers["location"] == f"{path}.ttl"


def test_a_thing_whose_name_is_that_of_a_document_goes_first(odd, read_page, statements):
    path = "/" + f"{SCREEN}/d".removeprefix(DEFAULT_BASE)
    assert get(odd, path).headers["location"] == f"{path}?format=ttl"
    assert get(odd, path, "text/html").headers["location"] == f"{path}.html"
    assert get(odd, f"{path}.ttl").headers["location"] == f"{path}.ttl.ttl"
    assert statements(get(odd, f"{path}?format=ttl"), "ttl") == statements(get(odd, f"{path}.nt"), "nt")
    page = read_page(get(odd, f"{path}.html").text)
    assert f"{path}?format=ttl" in page.links
    assert statements(get(odd, f"{path}.ttl.ttl"), "ttl") != statements(get(odd, f"{path}.nt"), "nt")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/id/study/nothing", 404),
        ("/id/study/nothing.ttl", 404),
        ("/id/", 404),
        ("/graph/", 404),
        ("/ontology/Nothing", 404),
        ("/ontology.exe", 404),
        ("/mappings/x", 404),
        ("/id/study/%zz", 400),
        ("/id/study/%ff", 400),
        ("/id/study/%00%0d%0a", 404),
        ("/id/" + "a" * 5000, 400),
        ("/view", 400),
        ("/view?iri=", 400),
        ("/view?iri=nonsense", 400),
        ("/view?iri=http://x/%3E%20%7B%7D", 400),
        ("/view?iri=http://example.org/unknown", 404),
        ("/view.html?iri=http://example.org/unknown", 404),
        ("/gene/NOTAGENE", 400),
        ("/gene/NOPREFIX:1", 400),
        ("/phenotype/CMPO:77", 400),
        ("/phenotype/CMPO:0000077", 404),
        ("/compound/", 400),
        ("/taxon/9606", 404),
    ],
)
def test_what_is_not_there_is_404_and_what_cannot_be_is_400(odd, path, status, read_page):
    response = get(odd, path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    page = get(odd, path, "text/html")
    assert page.status_code == status
    assert read_page(page.text).text


def test_random_addresses_are_never_a_mistake_of_the_service(odd):
    draw = random.Random(7)
    pieces = [
        "id",
        "study",
        "view",
        "ontology",
        "Well",
        "graph",
        "/",
        "//",
        "%",
        "%2",
        "%2F",
        "%00",
        "..",
        ".ttl",
    ]
    pieces += [
        ".html",
        "?",
        "?format=ttl",
        "?iri=",
        "http:",
        "#",
        "&",
        "a",
        "%C3",
        "%c3%a9",
        "*",
        "gene",
        ":",
        "+",
    ]
    for _ in range(300):
        path = "/" + "".join(draw.choices(pieces, k=draw.randint(1, 8)))
        path = path.partition("#")[0]
        request = httpx.Request("GET", odd.url)
        request.url = httpx.URL(odd.url).copy_with(raw_path=path.encode())
        status = odd.client.send(request).status_code
        assert status in {200, 303, 307, 400, 404}, (path, status)


def test_a_label_cannot_break_out_of_the_page(odd, read_page, statements):
    path = "/" + SCREEN.removeprefix(DEFAULT_BASE)
    response = get(odd, f"{path}.html")
    page = read_page(response.text)
    assert len(page.scripts) == 1
    assert EVIL in page.text
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert statements(response, "html") == statements(get(odd, f"{path}.ttl"), "ttl")


def test_of_many_links_the_first_are_shown_and_all_are_one_query_away(odd, read_page, statements):
    path = link("http://example.org/hüb", frozenset({"http://example.org/hüb"}))
    response = get(odd, path, "text/html", follow_redirects=True)
    page = read_page(response.text)
    assert "20 of 1,000 or more" in page.text
    (query,) = [href for href in page.links if href.startswith("/sparql?query=SELECT")]
    rows = get(odd, query.replace("format=html", "format=csv")).text.splitlines()
    assert len(rows) == 1501
    inbound = [q for q in statements(response, "html") if q.object.value == "http://example.org/hüb"]
    assert len(inbound) == 20
    assert "http://example.org/h%C3%BCb" in response.headers["link"]


def test_headers_of_a_document_and_of_the_way_to_it(odd):
    path = "/" + SCREEN.removeprefix(DEFAULT_BASE)
    for method in ("GET", "HEAD"):
        first = httpx.request(method, odd.url + path)
        assert first.status_code == 303
        assert first.headers["vary"].startswith("Accept")
        document = httpx.request(method, f"{odd.url}{path}.jsonld")
        assert document.headers["content-type"] == "application/ld+json"
        assert bool(document.content) == (method == "GET")
        for response in (first, document):
            assert response.headers["access-control-allow-origin"] == "*"
            assert response.headers["x-dataset-version"] == "2026.1"
            assert response.headers["cache-control"] == "public, no-cache"
            assert f'<{SCREEN}>; rel="canonical"' in response.headers["link"]
            assert f'<{path}.html>; rel="alternate"; type="text/html"' in response.headers["link"]
    tag = document.headers["etag"]
    again = httpx.get(f"{odd.url}{path}.jsonld", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert httpx.get(f"{odd.url}{path}.ttl", headers={"If-None-Match": tag}).status_code == 200
    assert httpx.options(odd.url + path).headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert httpx.post(odd.url + path).status_code == 405
    assert get(odd, path, "image/png").status_code == 406


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("*/*", "ttl"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("application/ld+json", "jsonld"),
        ("application/json", "jsonld"),
        ("application/rdf+xml, text/turtle;q=0.5", "rdf"),
        ("application/n-triples", "nt"),
    ],
)
def test_the_format_is_chosen_by_the_accept_header(odd, accept, suffix):
    path = "/" + SCREEN.removeprefix(DEFAULT_BASE)
    assert get(odd, path, accept).headers["location"] == f"{path}.{suffix}"


def test_every_iri_of_the_examples_answers_with_the_same_statements(
    examples_service, example_release, statements
):
    store = open_readonly(example_release / "store")
    iris = {q.subject.value for q in store} | {g.value for g in store.named_graphs()}
    minted = sorted(iri for iri in iris if iri.startswith(DEFAULT_BASE) and "#" not in iri)
    chosen = random.Random(5).sample(minted, 40) + sorted(g.value for g in store.named_graphs())
    for iri in chosen:
        path = "/" + iri.removeprefix(DEFAULT_BASE)
        said = [
            statements(get(examples_service, path, accept, follow_redirects=True), name)
            for name, accept in (
                ("html", "text/html"),
                ("ttl", "text/turtle"),
                ("jsonld", "application/ld+json"),
            )
        ]
        assert said[0] == said[1] == said[2]
        own = {q.triple for q in store.quads_for_pattern(NamedNode(iri), None, None)}
        assert own <= {q.triple for q in said[0]}


def test_links_of_a_page_lead_to_pages(examples_service, read_page):
    seen, waiting = set(), ["/id/study/idr9001", "/ontology/Well"]
    while waiting and len(seen) < 60:
        path = waiting.pop(0)
        if path in seen or path.startswith("/sparql"):
            continue
        seen.add(path)
        response = get(examples_service, path, "text/html", follow_redirects=True)
        assert response.status_code == 200, path
        if response.headers["content-type"].startswith("text/html"):
            waiting += [link for link in read_page(response.text).links if link.startswith("/")]
    assert len(seen) == 60


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib uses it itself
@pytest.mark.parametrize("suffix", [*RDFLIB])
def test_another_library_reads_the_same_graph(examples_service, suffix):
    for path in ("/ontology", "/ontology/annotationLevel", "/id/study/idr9001"):
        one, other = (
            rdflib.Graph().parse(data=get(examples_service, f"{path}.{name}").text, format=RDFLIB[name])
            for name in ("nt", suffix)
        )
        assert len(one) > 5
        assert isomorphic(one, other)


def test_the_vocabulary_is_one_page_with_its_terms_and_a_page_for_each(
    examples_service, read_page, statements
):
    page = read_page(get(examples_service, "/ontology", "text/html", follow_redirects=True).text)
    names = {iri.partition("#")[2] for iri in terms()}
    assert names <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    for name in sorted(names):
        response = get(examples_service, f"/ontology/{name}", follow_redirects=True)
        said = {
            (q.subject.value, q.predicate.value)
            for q in statements(response, "ttl")
            if hasattr(q.subject, "value")
        }
        assert (f"{DEFAULT_BASE}ontology#{name}", "http://www.w3.org/2000/01/rdf-schema#label") in said
    assert get(examples_service, "/ontology/0.1.0").headers["location"] == "/ontology.ttl"


def test_things_of_others_have_a_view_by_iri_and_by_identifier(examples_service, read_page, statements):
    phenotype = "http://www.ebi.ac.uk/cmpo/CMPO_0000077"
    address = link(phenotype, frozenset({phenotype}))
    for path in (address, "/phenotype/CMPO:0000077", "/phenotype/CMPO_0000077", "/term/CMPO:0000077"):
        response = get(examples_service, path, "text/html", follow_redirects=True)
        assert any(q.subject == NamedNode(phenotype) for q in statements(response, "html"))
    assert phenotype in read_page(response.text).links
    assert (
        get(examples_service, f"/view?iri={DEFAULT_BASE}id/study/idr9001").headers["location"]
        == "/id/study/idr9001.ttl"
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of signposting
def test_documents_of_our_things_are_read_by_signposting_without_complaint(examples_service):
    from signposting import find_signposting_html, find_signposting_http

    client, url = examples_service.client, examples_service.url
    query = f"""SELECT ?type (SAMPLE(?s) AS ?thing) {{ ?s a ?type
        FILTER(STRSTARTS(STR(?s), "{DEFAULT_BASE}id/")) FILTER(STRSTARTS(STR(?type), "https://"))
        }} GROUP BY ?type"""
    answer = examples_service.get(query, format="json").json()["results"]["bindings"]
    things = {row["type"]["value"]: row["thing"]["value"] for row in answer}
    assert len(things) >= 8
    for kind, iri in things.items():
        path = "/" + iri.removeprefix(DEFAULT_BASE)
        for suffix in ("html", "ttl"):
            found = find_signposting_http(f"{url}{path}.{suffix}")
            assert found.citeAs.target == iri
            assert kind in {str(target.target) for target in found.types}
            data = client.get(f"{url}{path}.nt").text
            licences = {t.object.value for t in parse_nt(data) if t.predicate.value == f"{DCTERMS}license"}
            assert {str(link.target) for link in [found.license] if link} == (
                licences if len(licences) == 1 else set()
            )
            study = path.split("/")[3] if path.startswith("/id/study/") else None
            collection = found.collection and str(found.collection.target)
            assert collection == (f"{url}/study/{study}" if study else None)
            for sign in filter(None, (*found.describedBy, found.collection)):
                response = client.get(str(sign.target), headers={"Accept": "text/html"})
                assert response.status_code == 200
                assert response.headers["content-type"].partition(";")[0] == str(sign.type)
            types = {str(sign.type) for sign in found.describedBy}
            crate = {"application/ld+json"} if path == f"/id/study/{study}" else set()
            assert len(types) == 4 if suffix == "html" else types == crate
            if suffix == "html":
                assert "https://schema.org/AboutPage" in {str(target.target) for target in found.types}
                assert find_signposting_html(f"{url}{path}.html").citeAs.target == iri
            else:
                assert (
                    f'<{path}.html>; rel="describes"; type="text/html"'
                    in client.get(f"{url}{path}.ttl").headers["link"]
                )


def test_things_of_others_are_not_ours_to_cite(examples_service):
    response = get(
        examples_service,
        link("http://www.ebi.ac.uk/cmpo/CMPO_0000077", frozenset({"http://www.ebi.ac.uk/cmpo/CMPO_0000077"})),
        "text/turtle",
        follow_redirects=True,
    )
    assert response.status_code == 200
    assert "cite-as" not in response.headers["link"]


def parse_nt(text):
    store = Store()
    store.load(text.encode(), format=RdfFormat.N_TRIPLES)
    return list(store)


def test_the_tables_of_mapping_sets_have_addresses(examples_service, example_release):
    client, url = examples_service.client, examples_service.url
    files = sorted((example_release / "mappings").glob("*.sssom.tsv"))
    assert len(files) == 4
    for file in files:
        for accept in ("*/*", "text/tab-separated-values", "text/turtle;q=0.1, text/*"):
            response = client.get(f"{url}/mappings/{file.name}", headers={"Accept": accept})
            assert response.status_code == 200
            assert response.content == file.read_bytes()
            assert response.headers["content-type"] == "text/tab-separated-values; charset=utf-8"
        assert client.head(f"{url}/mappings/{file.name}").headers["content-length"] == str(
            file.stat().st_size
        )
        assert (
            client.get(f"{url}/mappings/{file.name}?format=tsv", headers={"Accept": "text/html"}).content
            == file.read_bytes()
        )
    graph = examples_service.get("SELECT ?s { ?s a <https://w3id.org/sssom/MappingSet> }", format="csv").text
    for iri in graph.split()[1:]:
        for accept, suffix in (
            ("text/turtle", "ttl"),
            ("application/ld+json", "jsonld"),
            ("text/html", "html"),
        ):
            response = get(examples_service, "/" + iri.removeprefix(DEFAULT_BASE), accept)
            assert (response.status_code, response.headers["location"].rpartition(".")[2]) == (303, suffix)
    for name in ("nothing", "..%2Fmanifest", "..", "%2e%2e/mappings/corrections", "corrections%00"):
        assert client.get(f"{url}/mappings/{name}.sssom.tsv").status_code in (400, 404), name
    assert (
        client.get(f"{url}/mappings/corrections.sssom.tsv", headers={"Accept": "image/png"}).status_code
        == 406
    )
