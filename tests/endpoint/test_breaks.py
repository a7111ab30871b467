"""An answer that breaks off is an error for each client that people have, and a long one needs no memory."""

import shutil
import subprocess
import urllib.error
import urllib.request
from http.client import IncompleteRead
from pathlib import Path

import httpx
import pytest
import requests

CLIENTS = Path(__file__).resolve().parents[1] / "clients"
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENCODINGS = ["identity", "gzip"]


@pytest.fixture(scope="module")
def breaking(data, start_service):
    """A service that notices only after the first megabyte that an answer is too large."""
    with start_service(data, workers=1, hold_mb=1, max_result_mb=4) as running:
        yield running


@pytest.fixture(scope="module")
def link(breaking):
    return str(httpx.URL(breaking.sparql, params={"query": HUGE}))


def need(program):
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@pytest.mark.parametrize("options", [[], ["--compressed"]])
def test_curl_ends_with_an_error(link, options):
    command = [need("curl"), "--silent", "--show-error", *options, "--output", "/dev/null", link]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 18, done.stderr


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_requests_raises(link, encoding):
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(link, headers={"Accept-Encoding": encoding}, timeout=60)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_httpx_raises(link, encoding):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(link, headers={"Accept-Encoding": encoding}, timeout=60)


def test_urllib_raises(link):
    with urllib.request.urlopen(link, timeout=60) as response, pytest.raises(IncompleteRead):
        response.read()


def test_fetch_of_node_rejects(link):
    command = [need("node"), str(CLIENTS / "fetch.mjs"), link]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (1, "terminated"), done


def test_what_is_held_back_is_an_error_with_a_status(data, start_service):
    with start_service(data, workers=1, max_result_mb=4) as service:
        response = service.get(HUGE)
        assert response.status_code == 403
        assert "larger than 4 MB" in response.json()["message"]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(str(httpx.URL(service.sparql, params={"query": HUGE})))


def test_a_deadline_is_an_error_with_a_status(data, start_service):
    with start_service(data, workers=1, deadline_seconds=0.5) as service:
        for accept, media_type in (
            ("application/sparql-results+json", "application/problem+json"),
            ("text/csv", "text/plain; charset=utf-8"),
            ("text/html", "text/html; charset=utf-8"),
        ):
            response = service.get(HUGE.replace("*", "(COUNT(*) AS ?n)"), headers={"Accept": accept})
            assert response.status_code == 503
            assert response.headers["content-type"] == media_type
            assert int(response.headers["retry-after"]) > 0
            assert "longer than 0.5 s" in response.text


def memory_mb(pid, kind):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1024


@pytest.mark.parametrize(
    ("encoding", "rows", "megabytes"), [("identity", 360_000, 100), ("zstd", 120_000, 30)]
)
def test_a_long_answer_takes_no_memory_of_the_service(data, start_service, encoding, rows, megabytes):
    query = {"query": f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {rows}"}
    with start_service(data, workers=1, deadline_seconds=60) as service:
        service.get("ASK {}")
        before = memory_mb(service.process.pid, "VmHWM")
        received = 0
        with httpx.stream(
            "GET", service.sparql, params=query, headers={"Accept-Encoding": encoding}, timeout=120
        ) as response:
            assert response.status_code == 200
            for piece in response.iter_bytes():
                received += len(piece)
        assert received > megabytes << 20
        assert memory_mb(service.process.pid, "VmHWM") - before < 30
