"""What is written down, and what never is."""

import json
import logging
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bioimg_kg.endpoint.http.logs import JsonLines

SECRET = "BRCA2confidential"
HUGE = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
QUERIES = [
    f"SELECT * {{ ?s ?p '{SECRET}' }}",
    f"SELECT * {{ ?s ?p '{SECRET}'",
    f"SELECT ({SECRET}:x AS ?x) {{}}",
    f"SELECT (<http://{SECRET}/f>(1) AS ?x) {{}}",
    f"SELECT * {{ SERVICE <http://{SECRET}.example/> {{ ?s ?p ?o }} }}",
    f"INSERT DATA {{ <x:a> <x:b> '{SECRET}' }}",
    f"SELECT * {{ BIND('{SECRET}' AS ?x) {HUGE} }}",
    f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != '{SECRET}') }}",
    "SELECT * { BIND('" + SECRET + "' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(30)) + " }",
]  # fmt: skip


def attack(service):
    """Send a secret in every way there is; some answers break off in the middle."""
    client = service.client

    def send(*args, **keywords):
        try:
            client.request(*args, **keywords)
        except httpx.TransportError:
            return

    for query in QUERIES:
        send("GET", service.sparql, params={"query": query})
        send("POST", service.sparql, data={"query": query})
        send("GET", f"{service.url}/", headers={"Referer": f"{service.sparql}?query={SECRET}"})
    direct = {"Content-Type": "application/sparql-query"}
    send("POST", service.sparql, content=QUERIES[1], headers=direct)
    send("POST", service.sparql, content=QUERIES[1], headers={"Content-Type": f"text/{SECRET}"})
    send("GET", service.sparql, params={"query": "ASK {}", "default-graph-uri": SECRET})
    send("GET", f"{service.url}/queries/{SECRET}")
    send("GET", f"{service.url}/queries/search-phenotypes", params={"text": SECRET})
    send("GET", f"{service.url}/{SECRET}/x?y={SECRET}")
    send("GET", f"{service.url}/static/{SECRET}")
    send(SECRET, service.sparql)
    for name in (
        "User-Agent",
        "Accept",
        "Host",
        "If-None-Match",
        "queryid",
        "Cookie",
        "X-Forwarded-For",
        "Origin",
    ):
        send("GET", service.sparql, params={"query": "ASK {}"}, headers={name: SECRET})
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(f"GET /{SECRET} HTTP/{SECRET}\r\n{SECRET}\r\n\r\n".encode())
        raw.recv(1000)


def lines(service):
    return [json.loads(line) for line in service.log.read_text().splitlines()]


LIMITS = {"workers": 1, "hold_mb": 1, "max_result_mb": 2, "deadline_seconds": 0.5, "memory_mb": 1024}


def test_nothing_that_was_asked_is_written_down(data, start_service):
    with start_service(data, **LIMITS) as service:
        attack(service)
        marked = service.get("ASK { 'a' ?marked 'b' }").headers["x-query-id"]
        again = [service.get("ASK { 'a' ?marked 'b' }").headers["x-query-id"] for _ in range(2)]
    text = service.log.read_text()
    assert SECRET.lower() not in text.lower()
    assert "127.0.0.1" not in text
    found = lines(service)
    requests = {line["id"]: line for line in found if line["event"] == "request" and "id" in line}
    first = requests[marked]
    assert {"time", "ms", "cpu_ms", "bytes", "query"} <= first.keys()
    assert (first["method"], first["path"], first["status"]) == ("GET", "/sparql", 200)
    assert [requests[name]["query"] for name in again] == [first["query"]] * 2
    statuses = {line["status"] for line in found if line["event"] == "request"}
    assert {200, 400, 403, 404, 503} <= statuses
    assert any(line.get("broken") for line in found)
    assert any("exception" in line for line in found)  # what broke off is written down, without its words
    assert max(line.get("cpu_ms", 0) for line in found) > 20


def test_texts_are_written_down_for_who_wants_them(data, start_service):
    with start_service(data, log_queries=1, **LIMITS) as service:
        service.get(QUERIES[0])
        service.get(QUERIES[1])
    assert [line["text"] for line in lines(service) if "text" in line] == QUERIES[:2]


def test_requests_need_not_be_written_down(data, start_service):
    with start_service(data, log_requests=0, **LIMITS) as service:
        service.get(QUERIES[0])
    assert lines(service) == []


def test_clients_can_be_told_apart_and_not_found(data, start_service):
    with start_service(data, client_exempt="", workers=1) as service:
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
            service.get("ASK {}", headers={"X-Forwarded-For": address})
    hashes = [line["client"] for line in lines(service) if line.get("form") == "ask"]
    assert hashes[0] == hashes[2] != hashes[1]
    assert "192.0.2" not in service.log.read_text()


def test_lines_of_concurrent_requests_are_whole(data, start_service):
    with start_service(data) as service, ThreadPoolExecutor(8) as background:
        list(background.map(lambda n: service.get(f"ASK {{ ?s ?p {n} }}"), range(100)))
    assert len({line["id"] for line in lines(service) if line.get("form") == "ask"}) == 100


@pytest.mark.parametrize("name", ["uvicorn.error", "asyncio", "elsewhere"])
def test_an_exception_is_written_without_its_words(name):
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError:
        record = logging.LogRecord(
            name, 40, __file__, 7, "It failed: %s\n" + SECRET, (SECRET,), sys.exc_info()
        )
    line = JsonLines().format(record)
    assert SECRET not in line
    content = json.loads(line)
    assert content["exception"] == ["RuntimeError", "ValueError"]
    assert content["places"][-1].startswith("test_logs.py:")


def test_a_setting_that_cannot_be_is_told_without_its_value(data):
    environment = {**os.environ, "BIOIMG_KG_TRUSTED_PROXIES": SECRET}
    command = [sys.executable, "-m", "bioimg_kg.cli", "serve", "--data", str(data), "--port", "18473"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "BIOIMG_KG_TRUSTED_PROXIES" in done.stderr
    assert SECRET not in done.stderr
    assert "Traceback" not in done.stderr
