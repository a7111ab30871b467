"""Releases as clients see them: listed, asked by name, compared; one that is broken is not served."""

import gzip
import json
import re
import shutil
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from pyoxigraph import RdfFormat, parse

from bioimg_kg.release import make_current

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
DCAT = "http://www.w3.org/ns/dcat#"
ATOM = "{http://www.w3.org/2005/Atom}"


def counted(response):
    assert response.status_code == 200, response.text
    return int(response.json()["results"]["bindings"][0]["n"]["value"])


def links(response):
    return dict(
        reversed(found) for found in re.findall(r'<([^>]*)>; rel="([\w-]+)"', response.headers["link"])
    )


@pytest.fixture(scope="module")
def history(tmp_path_factory, make_release):
    """Five releases of 100, 200, ... quads."""
    folder = tmp_path_factory.mktemp("history") / "data"
    for number in range(1, 6):
        make_release(folder, f"2026.{number}", quads=100 * number, label=f"image{number}")
    return folder


@pytest.fixture(scope="module")
def past(history, start_service):
    with start_service(history, workers=1, earlier_idle_seconds=2) as service:
        yield service


@pytest.fixture(scope="module")
def two(two_releases, start_service):
    with start_service(two_releases, workers=1) as service:
        yield service


def test_the_list_has_what_is_kept_and_says_which_is_current(past):
    told = past.client.get(f"{past.url}/releases").json()
    assert told["current"] == "2026.5"
    assert [r["name"] for r in told["releases"]] == ["2026.5", "2026.4", "2026.3", "2026.2"]
    assert [r["quads"] for r in told["releases"]] == [500, 400, 300, 200]
    assert [r["current"] for r in told["releases"]] == [True, False, False, False]
    assert told["releases"][0]["predecessor"] == f"{past.url}/releases/2026.4"
    assert "predecessor" not in told["releases"][-1]
    for release in told["releases"]:
        assert counted(past.client.get(release["sparql"], params={"query": COUNT})) == release["quads"]


def test_the_page_the_graph_and_the_feed_list_the_same(past, read_page):
    page = read_page(past.client.get(f"{past.url}/releases", headers={"Accept": "text/html"}).text)
    names = ["2026.5", "2026.4", "2026.3", "2026.2"]
    assert [link for link in page.links if link.startswith("/releases/")] == [f"/releases/{n}" for n in names]
    turtle = past.client.get(f"{past.url}/releases", headers={"Accept": "text/turtle"})
    graph = {
        (t.subject.value, t.predicate.value, t.object.value)
        for t in parse(turtle.content, format=RdfFormat.TURTLE)
    }
    me, base = f"{past.url}/fdp/catalog", f"{past.url}/releases/"
    assert {o for s, p, o in graph if p == f"{DCAT}hasVersion" and s == me} == {base + n for n in names}
    assert (me, f"{DCAT}hasCurrentVersion", f"{base}2026.5") in graph
    for later, earlier in pairwise(names):
        assert (base + later, f"{DCAT}previousVersion", base + earlier) in graph
        assert (base + later, "http://www.w3.org/ns/prov#wasRevisionOf", base + earlier) in graph
        assert (base + later, f"{DCAT}version", later) in graph
    feed = past.client.get(f"{past.url}/releases.atom")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    entries = ET.fromstring(feed.text).findall(f"{ATOM}entry")
    assert [entry.find(f"{ATOM}id").text for entry in entries] == [base + n for n in names]


def test_one_release_is_described_with_the_links_to_others(past, read_page):
    address = f"{past.url}/releases/2026.3"
    told = past.client.get(address)
    assert (told.json()["name"], told.json()["current"]) == ("2026.3", False)
    assert links(told)["predecessor-version"] == f"{past.url}/releases/2026.2"
    assert links(told)["latest-version"] == f"{past.url}/releases/2026.5"
    assert told.headers["x-dataset-version"] == "2026.3"
    page = read_page(past.client.get(address, headers={"Accept": "text/html"}).text)
    for link in page.links:
        if link.startswith("/releases/"):
            response = past.client.get(past.url + link, headers={"Accept": "text/html"})
            assert response.status_code == (503 if "diff" in link else 200), link  # no files to compare


@pytest.mark.parametrize("name", ["2026.2", "2026.4", "2026.5"])
@pytest.mark.parametrize("way", ["get", "form", "form-url", "direct", "path", "path-post"])
def test_a_query_is_answered_by_the_release_that_it_names(past, name, way):
    client, path = past.client, f"{past.url}/releases/{name}/sparql"
    direct = {"content": COUNT, "headers": {"Content-Type": "application/sparql-query"}}
    response = {
        "get": lambda: past.get(COUNT, release=name),
        "form": lambda: client.post(past.sparql, data={"query": COUNT, "release": name}),
        "form-url": lambda: client.post(past.sparql, params={"release": name}, data={"query": COUNT}),
        "direct": lambda: client.post(past.sparql, params={"release": name}, **direct),
        "path": lambda: client.get(path, params={"query": COUNT}),
        "path-post": lambda: client.post(path, **direct),
    }[way]()
    assert counted(response) == 100 * int(name[-1])
    assert response.headers["x-dataset-version"] == name


def test_versions_are_linked_from_answers(past):
    pinned, latest = past.get(COUNT, release="2026.4"), past.get(COUNT)
    assert links(latest)["predecessor-version"].endswith("&release=2026.4")
    assert links(latest)["latest-version"] == links(pinned)["latest-version"]
    assert "release" not in links(pinned)["latest-version"]
    for response, number in ((pinned, 3), (latest, 4)):
        before = past.client.get(past.url + links(response)["predecessor-version"])
        assert counted(before) == 100 * number
        assert counted(past.client.get(past.url + links(response)["latest-version"])) == 500
    by_path = past.client.get(f"{past.url}/releases/2026.2/sparql", params={"query": COUNT})
    assert "predecessor-version" not in links(by_path)
    assert links(by_path)["latest-version"].startswith("/sparql?")


def test_a_long_address_is_not_repeated(past):
    response = past.get(COUNT + " # " + "x" * 2000)
    assert counted(response) == 500
    assert response.headers["link"] == '</releases>; rel="version-history"'


def test_kept_answers_of_releases_are_not_mixed_up(past):
    tags = {}
    for _ in range(2):
        for name in ("2026.2", "2026.3", None):
            response = past.get(COUNT, **({"release": name} if name else {}))
            tags.setdefault(name, set()).add(response.headers["etag"])
            assert counted(response) == 100 * int(name[-1] if name else 5)
    assert all(len(found) == 1 for found in tags.values())
    assert len(set.union(*tags.values())) == 3
    (tag,) = tags["2026.2"]
    assert past.get(COUNT, {"If-None-Match": tag}, release="2026.2").status_code == 304
    assert past.get(COUNT, {"If-None-Match": tag}, release="2026.3").status_code == 200


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("2026.1", 410),
        *((name, 404) for name in ("2026.9", "../2026.1", "2026.1/..", "x" * 5000, "ü", "\u202e", "current")),
        *((name, 404) for name in (".", "..", "%2e%2e", "2026.5\x00", "a\r\nSet-Cookie: x", "*", "2026.?")),
    ],
)
def test_a_release_that_is_not_served_is_explained(past, name, status):
    for response in (
        past.get(COUNT, release=name),
        past.client.post(past.sparql, data={"query": COUNT, "release": name}),
        past.client.get(f"{past.url}/queries", params={"release": name}),
        past.client.get(f"{past.url}/id/study/x", params={"release": name}),
    ):
        assert response.status_code == status, response.text
        assert "2026.5, 2026.4, 2026.3, 2026.2" in response.json()["detail"]
        assert len(response.text) < 2000
        assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        *("/releases/2026.9", "/releases/%2e%2e", "/releases/..%2f..", "/releases/2026.5%2f..%2f2026.1"),
        *("/releases/" + "x" * 5000, "/releases/%ff%fe", "/releases/%00", "/releases/2026.5/diff/%2e%2e"),
        *("/releases/x/sparql", "/releases/x/diff/2026.5", "/releases/x/y", "/downloads/2026.9/SHA256SUMS"),
    ],
)
def test_a_path_with_no_release_is_not_found(past, path):
    assert past.client.get(past.url + path, params={"query": COUNT}).status_code == 404


def test_two_names_are_refused_and_an_empty_one_is_none(past):
    both = past.client.get(
        past.sparql, params=[("query", COUNT), ("release", "2026.2"), ("release", "2026.3")]
    )
    assert both.status_code == 400
    form = past.client.post(
        past.sparql, params={"release": "2026.2"}, data={"query": COUNT, "release": "2026.3"}
    )
    assert form.status_code == 400
    path = past.client.get(f"{past.url}/releases/2026.2/sparql", params={"query": COUNT, "release": "2026.3"})
    assert path.status_code == 400
    assert counted(past.get(COUNT, release="")) == 500
    assert past.client.get(f"{past.url}/fdp", params={"release": "2026.2"}).status_code == 400


def test_the_worker_of_an_earlier_release_ends_when_nobody_asks(past, children):
    text = COUNT + f" # {time.time()}"
    assert counted(past.get(text.replace("?n", "?n"), release="2026.3")) == 300
    past.get("SELECT * { ?s ?p ?o } LIMIT 7", release="2026.3")
    limit = time.monotonic() + 15
    while len(children(past.process.pid)) > 1 and time.monotonic() < limit:
        time.sleep(0.1)
    assert len(children(past.process.pid)) == 1
    assert past.get("SELECT * { ?s ?p ?o } LIMIT 8", release="2026.3").status_code == 200


def test_slow_queries_of_earlier_releases_do_not_hold_up_the_current_one(history, start_service, children):
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n2 ?o }"
    with (
        start_service(history, workers=1, deadline_seconds=4, cache_mb=0) as service,
        ThreadPoolExecutor(8) as pool,
    ):
        names = ["2026.2", "2026.3", "2026.4"] * 2
        asked = [pool.submit(service.get, slow, release=name) for name in names]
        time.sleep(1)
        for number in range(5):
            begun = time.monotonic()
            assert counted(service.get(f"{COUNT} # {number}")) == 500
            assert time.monotonic() - begun < 2
        assert len(children(service.process.pid)) <= 1 + 2
        assert {future.result().status_code for future in asked} == {503}
        assert counted(service.get(COUNT, release="2026.2")) == 200


def test_pages_and_documents_stay_in_the_release_that_was_named(two, read_page):
    client, name = two.client, "2026.1"
    for path in (
        "/study/idr9006",
        "/id/study/idr9006",
        "/queries/study-overview",
        "/view?iri=http://www.ebi.ac.uk/cmpo/CMPO_0000077",
    ):
        response = client.get(
            two.url + path,
            params={"release": name} if "?" not in path else None,
            headers={"Accept": "text/html"},
            follow_redirects=True,
        )
        if "?" in path:
            response = client.get(
                f"{two.url}{path}&release={name}", headers={"Accept": "text/html"}, follow_redirects=True
            )
        assert response.status_code == 200, path
        assert response.headers["x-dataset-version"] == name
        page = read_page(response.text)
        local = [link for link in page.links if link.startswith("/")]
        inside = [
            link
            for link in local
            if link.split("/")[1].split("?")[0] in {"id", "study", "queries", "sparql", "view", "graph"}
        ]
        assert inside
        unpinned = [link for link in inside if "release=2026.1" not in link]
        assert len(unpinned) <= 1  # the way to the same in the current release
        assert "Release 2026.1" in page.text
    assert client.get(f"{two.url}/study/idr9006").status_code == 404
    assert client.get(f"{two.url}/id/study/idr9006").status_code == 404
    redirect = client.get(f"{two.url}/id/study/idr9006", params={"release": name})
    assert (redirect.status_code, redirect.headers["location"]) == (
        303,
        "/id/study/idr9006.ttl?release=2026.1",
    )
    catalogue = client.get(f"{two.url}/catalog", params={"release": name, "format": "nt"}).text
    assert (
        f"<{two.url}/releases/2026.1> <{DCAT}dataset> <https://w3id.org/bioimg-kg/id/study/idr9006>"
        in catalogue
    )
    assert "2026.2" not in catalogue


def test_a_page_with_a_form_asks_the_same_release_again(two):
    page = two.client.get(two.sparql, params={"release": "2026.1"}, headers={"Accept": "text/html"}).text
    assert 'action="/sparql" class="editor"><input type="hidden" name="release" value="2026.1">' in page
    table = two.client.get(f"{two.url}/queries/study-overview.csv", params={"release": "2026.1"})
    assert "idr9006" in table.text
    assert "idr9006" not in two.client.get(f"{two.url}/queries/study-overview.csv").text


def test_descriptions_name_the_release_and_the_one_before(two):
    before, now = f"{two.url}/releases/2026.1", f"{two.url}/releases/2026.2"
    for path in ("/sparql", "/.well-known/void", "/catalog"):
        text = two.client.get(two.url + path, params={"format": "nt"}).text
        assert f"<{DCAT}hasCurrentVersion> <{now}>" in text, path
        assert f"<http://www.w3.org/ns/prov#wasRevisionOf> <{before}>" in text, path
    pinned = two.client.get(two.sparql, params={"format": "nt", "release": "2026.1"}).text
    assert f"<http://www.w3.org/ns/sparql-service-description#endpoint> <{before}/sparql>" in pinned
    assert "endpoint.invalid" not in pinned
    assert two.client.get(f"{two.url}/releases/2026.1/sparql", params={"format": "nt"}).text == pinned


def test_files_of_earlier_releases_stay_where_they_were(two):
    sums = two.client.get(f"{two.url}/downloads/2026.1/SHA256SUMS")
    assert "study/idr9006.nq.gz" in sums.text
    file = two.client.get(f"{two.url}/downloads/2026.1/study/idr9006.nq.gz")
    assert gzip.decompress(file.content).endswith(b" .\n")
    assert two.client.get(f"{two.url}/downloads/2026.2/study/idr9006.nq.gz").status_code == 404


def test_the_difference_is_that_of_the_command(two, two_releases, read_page):
    from bioimg_kg.diff.compare import compare
    from bioimg_kg.diff.report import COLUMNS, document, rows
    from bioimg_kg.release import open_release

    found = compare(*(open_release(two_releases / "releases" / name) for name in ("2026.1", "2026.2")))
    address = f"{two.url}/releases/2026.1/diff/2026.2"
    told = two.client.get(address)
    assert told.json() == json.loads(json.dumps(document(found)))
    again = two.client.get(address, headers={"If-None-Match": told.headers["etag"]})
    assert again.status_code == 304
    tsv = two.client.get(address, params={"format": "tsv"}).text.splitlines()
    assert [line.split("\t") for line in tsv] == [list(COLUMNS), *rows(found)]
    page = read_page(two.client.get(address, headers={"Accept": "text/html"}).text)
    for study in ("idr9001", "idr9004", "idr9006"):
        assert study in page.text
    assert two.client.get(f"{two.url}/releases/2026.2/diff/2026.2").json()["equal"] is True


def _damage(store, how):
    files = sorted(store.iterdir(), key=lambda path: path.stat().st_size)
    if how == "tables":
        for path in store.glob("*.sst"):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif how == "manifest":
        for path in store.glob("MANIFEST-*"):
            path.write_bytes(path.read_bytes()[:100])
    elif how == "empty":
        shutil.rmtree(store)
    elif how == "current":
        (store / "CURRENT").write_text("MANIFEST-9")
    assert files


@pytest.mark.parametrize("how", ["tables", "manifest", "empty", "current", "json", "fewer"])
def test_a_release_that_cannot_be_opened_leaves_the_old_one_served(
    tmp_path, make_release, start_service, children, how
):
    data = tmp_path / "data"
    make_release(data, "good", quads=100)
    make_release(data, "other", quads=200)
    make_current(data, "good")
    broken = data / "releases" / "other"
    if how in {"json", "fewer"}:
        text = (broken / "manifest.json").read_text()
        (broken / "manifest.json").write_text("{" if how == "json" else text.replace("200", "300"))
    else:
        _damage(broken / "store", how)
    with start_service(data, workers=2) as service:
        workers = set(children(service.process.pid))
        make_current(data, "other")
        limit = time.monotonic() + 3
        number = 0
        while time.monotonic() < limit:
            number += 1
            response = service.get(f"{COUNT} # {number}")
            assert (counted(response), response.headers["x-dataset-version"]) == (100, "good")
        health = service.client.get(f"{service.url}/health")
        assert (health.status_code, health.json()["release"], health.json()["refused"]) == (
            200,
            "good",
            "other",
        )
        assert [r["name"] for r in service.client.get(f"{service.url}/releases").json()["releases"]] == [
            "good"
        ]
        assert workers <= set(children(service.process.pid))
        make_release(data, "third", quads=300)
        service.wait_for("third")
        assert counted(service.get(COUNT)) == 300
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    errors = [line for line in lines if line["event"] == "error" and line["logger"] == "bioimg_kg.releases"]
    assert 1 <= len(errors) <= 2  # once by the watch, and once by the list if its manifest is no JSON
    assert errors[0]["release"] == "other"
