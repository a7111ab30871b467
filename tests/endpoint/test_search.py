"""Search as it is served: JSON, the page, hostile requests, and its place in the catalogue."""

import asyncio
import contextlib
import http.client
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

API = "/api/v1/search"
HOSTILE = [
    "",
    '"',
    "\0",
    "😀",
    "a' OR 1=1 --",
    "NEAR(",
    "* OR *",
    "(a+)+$",
    "%",
    "\u202e",
    "-",
    "^a",
    "{x} : y",
]


@pytest.fixture
def get(examples_service):
    def ask(path, headers=None, **params):
        address = examples_service.url + path
        return examples_service.client.get(
            address, params=params or None, headers=headers, follow_redirects=True
        )

    return ask


def test_a_gene_is_found_by_an_earlier_name(get):
    answer = get(API, q="PRIC285")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    found = answer.json()
    assert found["release"] == answer.headers["x-dataset-version"]
    (hit, *_) = found["hits"]
    assert (hit["label"], hit["type"], hit["organism"]) == ("HELZ2", "gene", "Homo sapiens")
    assert "recorded as PRIC285 in idr9003" in hit["why"]
    assert get(hit["page"]).status_code == 200


def test_hits_have_both_counts(get):
    (hit, *_) = get(API, q="cell morphology phenotype").json()["hits"]
    assert hit["with_narrower"]["records"] > hit["direct"]["records"] == 0


@pytest.mark.parametrize("text", ["sgo1", "elongated", "HeLa", "idr9004", "s22745", "9606", "CMPO:0000077"])
def test_every_hit_has_a_page(get, text):
    for hit in get(API, q=text, limit=8).json()["hits"]:
        assert get(hit["page"], headers={"Accept": "text/html"}).status_code == 200, hit


def test_pages_follow_each_other(get):
    whole = get(API, q="cell", limit=100).json()
    read, address = [], f"{API}?q=cell&limit=9"
    while address:
        answer = get(address).json()
        read += answer["hits"]
        address = answer["next"]
    assert read[:100] == whole["hits"]
    assert len(read) == whole["total"]


def test_an_answer_is_kept_by_clients_until_the_release_changes(get):
    first = get(API, q="sgo1")
    again = get(API, headers={"If-None-Match": first.headers["etag"]}, q="sgo1")
    assert (again.status_code, again.content) == (304, b"")
    assert get(API, headers={"If-None-Match": first.headers["etag"]}, q="sgo2").status_code == 200


def test_suggestions_are_grouped_by_organism(get):
    found = get("/api/v1/suggest", q="sgo").json()["suggestions"]
    assert {s["organism"] for s in found if s["label"].lower() == "sgo1"} == {
        "Homo sapiens",
        "Schizosaccharomyces pombe",
    }
    assert all(s["page"].startswith("/") for s in found)


def test_conditions_select_records_genes_and_studies(get):
    where = "phenotype:CMPO:0000077 AND NOT study:idr9001"
    for what in ("records", "genes", "studies"):
        answer = get("/api/v1/select", where=where, what=what, limit=3)
        assert answer.status_code == 200
        found = answer.json()
        assert len(found["items"]) == min(3, found["total"]) > 0
        assert get(found["items"][0]["page"]).status_code == 200
    assert get("/api/v1/select", where="gene:").status_code == 400
    assert "elongated cell" in get("/api/v1/select", where="phenotype:elongted").json()["detail"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("path", [API, "/api/v1/suggest", "/search"])
def test_hostile_text_is_answered(get, path, text):
    assert get(path, q=text).status_code == 200


@pytest.mark.parametrize(
    ("path", "params", "words"),
    [
        (API, {"q": "x" * 3000}, "characters"),
        ("/search", {"q": "x" * 3000}, "characters"),
        (API, {"q": "x", "type": "nonsense"}, "no type"),
        (API, {"q": "x", "organism": "unicorn"}, "organism"),
        (API, {"q": "x", "limit": "many"}, "limit"),
        ("/api/v1/select", {}, "where"),
        ("/api/v1/select", {"where": "a:b"}, "no field"),
        ("/api/v1/select", {"where": "gene:TPX2", "what": "all"}, "cannot be selected"),
    ],
)
def test_requests_that_are_wrong_are_explained(get, path, params, words):
    answer = get(path, **params)
    assert answer.status_code == 400
    assert words in answer.text


def test_a_megabyte_is_refused(examples_service):
    port = int(examples_service.url.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with (
        contextlib.closing(connection),
        contextlib.suppress(OSError),
    ):  # it may hang up before it has read all
        connection.request("GET", f"{API}?q={'a' * 1_000_000}")
        assert connection.getresponse().status in {400, 414, 431}
    assert httpx.get(f"{examples_service.url}{API}?q=sgo1").status_code == 200


def test_the_page_shows_why_and_both_counts(get):
    page = get("/search", headers={"Accept": "text/html"}, q="HELZ2")
    assert page.status_code == 200
    assert "recorded as PRIC285 in idr9003" in page.text
    page = get("/search", q="cell morphology").text
    assert "with narrower terms" in page


def test_the_page_helps_when_nothing_is_found(get):
    page = get("/search", q="zzyzx").text
    assert "Nothing is called" in page
    assert 'href="/catalog"' in page
    assert "elongated cell phenotype" in get("/search", q="elongted").text
    assert "&lt;b&gt;" in get("/search", q="<b>zz").text


def test_the_search_is_documented_and_in_the_catalogue(get):
    paths = get("/openapi.json").json()["paths"]
    assert {API, "/api/v1/suggest", "/api/v1/select"} <= paths.keys()
    assert "SearchAnswer" in str(paths[API])
    assert API in get("/.well-known/api-catalog").text
    turtle = get("/fdp/service/search", headers={"Accept": "text/turtle"}).text
    assert "dcat:DataService" in turtle
    assert API in turtle
    assert "/fdp/service/search" in get("/fdp/catalog", headers={"Accept": "text/turtle"}).text


def test_many_lookups_do_not_keep_others_waiting(examples_service):
    """Beside lookups, /health is not much slower: the event loop is not blocked."""
    url = examples_service.url

    def health():
        with httpx.Client() as client:
            times = []
            for _ in range(40):
                started = time.perf_counter()
                assert client.get(f"{url}/health/live").status_code == 200
                times.append(time.perf_counter() - started)
            return statistics.median(times)

    async def crowd():
        async with httpx.AsyncClient() as client:
            answers = [client.get(f"{url}{API}", params={"q": f"elongted {n % 9}"}) for n in range(60)]
            return {answer.status_code for answer in await asyncio.gather(*answers)}

    with ThreadPoolExecutor(1) as other:
        measured = other.submit(health)
        assert asyncio.run(crowd()) == {200}
        assert measured.result() < 1


def test_a_release_without_an_index_says_so(service):
    answer = service.client.get(service.url + API, params={"q": "x"})
    assert answer.status_code == 503
    assert "build the release anew" in answer.text
    assert service.client.get(service.url + "/health").status_code == 200
