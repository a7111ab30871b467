"""Health, metrics, ids and cancelling, on a running service."""

import os
import re
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
TOKEN = {"Authorization": "Bearer a-secret-word"}


@pytest.fixture(scope="module")
def running(data, start_service):
    with start_service(data, workers=1, slow_lane=0, metrics_token="a-secret-word", hold_mb=1) as service:
        yield service


def counts(service):
    return service.client.get(f"{service.url}/queries/running").json()


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def cancel(service, name):
    return service.client.delete(f"{service.url}/queries/{name}").status_code


def numbers(service):
    """All samples by name and labels, as the parser of Prometheus reads them."""
    response = service.client.get(f"{service.url}/metrics", headers=TOKEN)
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "no-store" in response.headers["cache-control"]
    return {
        (
            sample.name.removeprefix("bioimg_kg_"),
            *(sample.labels[name] for name in sorted(sample.labels)),
        ): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_every_query_has_an_id_that_nobody_guesses(running):
    names = [running.get("ASK {}").headers["x-query-id"] for _ in range(5)]
    assert len(set(names)) == 5
    assert all(re.fullmatch(r"[\w-]{22}", name) for name in names)
    assert "x-query-id" in running.get("nonsense").headers
    assert "x-query-id" not in running.client.get(running.url).headers
    exposed = running.get("ASK {}").headers["access-control-expose-headers"]
    assert {"X-Query-Id", "RateLimit"} <= set(exposed.split(", "))


@pytest.mark.parametrize("header", ["queryid", "X-Query-Id"])
def test_a_client_may_name_its_query_if_the_name_is_long(running, header):
    name = "0b5e7c0e-7f3c-4f57-9d0a-6d1f0ad3f7a1"
    assert running.get("ASK {}", headers={header: name}).headers["x-query-id"] == name
    for bad in ("1", "x" * 36, "BRCA2-in-HeLa-cells", "<script>alert(1)</script>"):
        assert running.get("ASK {}", headers={header: bad}).headers["x-query-id"] != bad


def test_a_runaway_query_is_cancelled_by_who_knows_its_id(running, children):
    name, other = str(uuid4()), str(uuid4())
    (before,) = children(running.process.pid)
    with ThreadPoolExecutor(2) as background:
        first = background.submit(running.get, ENDLESS, headers={"queryid": name})
        assert wait_for(lambda: counts(running)["workers"]["busy"] == 1)
        second = background.submit(running.get, ENDLESS, headers={"queryid": other})
        assert wait_for(lambda: counts(running) == {"queries": 2, "waiting": 1, "workers": {
            "busy": 1, "idle": 0, "slow": 0}})  # fmt: skip
        assert cancel(running, str(uuid4())) == 404
        assert cancel(running, other) == 204  # while it waits
        assert second.result().status_code == 409
        begun = time.monotonic()
        assert cancel(running, name) == 204
        response = first.result()
    assert time.monotonic() - begun < 1
    assert response.status_code == 409
    assert response.json()["type"] == "urn:bioimg-kg:problem:query-cancelled"
    assert response.headers["x-query-id"] == name
    assert cancel(running, name) == 404
    assert running.get("ASK { ?s ?p ?o }").json()["boolean"] is True
    assert before not in children(running.process.pid)
    assert wait_for(lambda: counts(running)["queries"] == 0)


def test_an_answer_that_is_being_sent_is_cancelled_too(running):
    received = bytearray()

    def download():
        with httpx.stream("GET", running.sparql, params={"query": HUGE}, timeout=30) as response:
            for piece in response.iter_bytes():
                received.extend(piece)
                if len(received) > 1 << 20:
                    cancel(running, response.headers["x-query-id"])

    with pytest.raises(httpx.RemoteProtocolError):
        download()
    assert len(received) > 1 << 20
    assert running.get("ASK { ?s ?p ?o }").json()["boolean"] is True
    assert wait_for(lambda: counts(running)["queries"] == 0)


def test_a_page_of_another_site_may_cancel(running):
    origin = {"Origin": "https://x.example", "Access-Control-Request-Method": "DELETE"}
    response = running.client.options(f"{running.url}/queries/x", headers=origin)
    assert "DELETE" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-origin"] == "*"


def test_who_counts_them_sees_no_query(running):
    with ThreadPoolExecutor(1) as background:
        name = str(uuid4())
        query = background.submit(running.get, ENDLESS, headers={"queryid": name})
        assert wait_for(lambda: counts(running)["queries"] == 1)
        seen = running.client.get(f"{running.url}/queries/running").text
        assert name not in seen
        assert "SELECT" not in seen
        cancel(running, name)
        query.result()


def test_metrics_are_for_those_who_have_the_token(running, service):
    url = f"{running.url}/metrics"
    assert running.client.get(url).status_code == 401
    assert (
        running.client.get(url, headers={"Authorization": "Bearer x\u00e9".encode("latin-1")}).status_code
        == 401
    )
    assert running.client.get(url, headers={"Authorization": "Bearer"}).status_code == 401
    assert running.client.get(url, headers=TOKEN).status_code == 200
    assert service.client.get(f"{service.url}/metrics", headers=TOKEN).status_code == 404
    assert (
        service.client.get(f"{service.url}/metrics", headers={"Authorization": "Bearer"}).status_code == 404
    )


def test_the_numbers_are_those_of_what_was_asked(running):
    secret = "a literal of a client"
    assert wait_for(lambda: counts(running)["workers"]["idle"] == 1)
    before = numbers(running)
    for _ in range(3):
        running.get(f"SELECT ?counted {{ BIND('{secret}' AS ?counted) }}")
    running.get("nonsense")
    with pytest.raises(httpx.ReadTimeout):
        running.get(ENDLESS, timeout=0.5)
    assert wait_for(lambda: counts(running)["workers"]["idle"] == 1)
    after = numbers(running)
    new = {key: value - before.get(key, 0) for key, value in after.items()}
    assert new["requests_total", "select", "200"] == 3
    assert new["requests_total", "unknown", "400"] == 1
    assert new["requests_total", "select", "499"] == 1
    assert (new["cache_answers_total", "stored"], new["cache_answers_total", "hit"]) >= (1, 2)
    assert new["query_seconds_count", "select"] == 4
    assert 0.02 < new["query_cpu_seconds_total",] < 2
    assert new["worker_events_total", "killed"] == new["worker_events_total", "started"] == 1
    assert after["workers", "idle"] == 1
    assert after["queue_length",] == 0
    assert 20 << 20 < after["worker_memory_bytes",] < 1 << 30
    assert after["cache_bytes",] > 0
    assert after["release_info", "2026.1", "0.1.0"] == 1
    text = running.client.get(f"{running.url}/metrics", headers=TOKEN).text
    assert secret not in text
    assert "SELECT" not in text


def test_methods_and_paths_of_clients_make_no_new_series(running):
    before = set(numbers(running))
    for path in ("x", "y", "queries/z"):
        running.client.request("BREW", f"{running.url}/{path}")
    running.get("ASK { ?s ?p 1 }", headers={"User-Agent": "mine", "X-Forwarded-For": "192.0.2.1"})
    grown = {key[1:3] for key in set(numbers(running)) - before}
    assert grown <= {("none", "404"), ("none", "405"), ("ask", "200")}


def test_live_and_ready_are_told_apart(tmp_path, make_release, start_service, children):
    folder = tmp_path / "data"
    make_release(folder, "1", quads=100)
    with start_service(folder, workers=1) as service:

        def status(path):
            return service.client.get(service.url + path).status_code

        health = service.client.get(f"{service.url}/health").json()
        assert (health["status"], health["release"]) == ("ok", "1")
        assert [status(path) for path in ("/health", "/health/ready", "/health/live")] == [200] * 3
        assert service.client.head(f"{service.url}/health").status_code == 200
        shutil.move(folder / "releases", folder / "lost")
        assert [status(path) for path in ("/health", "/health/ready", "/health/live")] == [503, 503, 200]
        (worker,) = children(service.process.pid)
        os.kill(worker, signal.SIGKILL)
        shutil.move(folder / "lost", folder / "releases")
        assert wait_for(lambda: status("/health") == 200)
        assert wait_for(lambda: children(service.process.pid) not in ([], [worker]))  # nobody asked
        assert service.get("ASK { ?s ?p ?o }").json()["boolean"] is True


def test_age_and_version_stand_in_health(examples_service):
    health = examples_service.client.get(f"{examples_service.url}/health").json()
    assert health["release"] == "examples"
    assert isinstance(health["age_days"], int)
