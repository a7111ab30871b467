"""Thousands of broken queries against a running service: each is answered, the service stays as it was."""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from bioimg_kg.endpoint.sparql.tokens import tokens
from bioimg_kg.errors import QuerySyntax
from bioimg_kg.queries import load_queries

CRASHES = [
    "SELECT * " + "{" * 3000 + "}" * 3000,
    "SELECT (" + "(" * 6000 + "1" + ")" * 6000 + " AS ?x) {}",
    "SELECT * { BIND('0123456789' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(30))
    + "}",
]
SPICE = [
    *("{", "}", "(", ")", "[", "]", "<", ">", "|", "/", "*", "+", "?", "^", "!", ".", ";", ",", "''", '"""'),
    *(
        "OPTIONAL {",
        "MINUS {",
        "UNION",
        "GRAPH ?g {",
        "SERVICE <http://127.0.0.1:9/> {",
        "FILTER(",
        "BIND(1 AS",
    ),
    *("VALUES ?x {", "GROUP BY", "HAVING", "ORDER BY", "LIMIT -1", "OFFSET 99999999999", "COUNT(DISTINCT *)"),
    *(
        "\x00",
        "\ufffe",
        "\U0010ffff",
        "\\u0000",
        "<a b>",
        "<\\u0020>",
        "_:b",
        "1e999",
        "'a'@en--ltr",
        "<<",
        ">>",
    ),
    *(
        "DISTINCT",
        "REDUCED",
        "FROM <x:y>",
        "FROM NAMED",
        "EXISTS {",
        "NOT",
        "IN (",
        "rdfs:subClassOf*",
        "a/a*",
    ),
    *(
        "# comment",
        "\n",
        "\r",
        "INSERT DATA {",
        "LOAD <file:///etc/passwd>",
        "BASE <x",
        "PREFIX : <",
        "?s ?p ?o",
    ),
]


SHORT = (
    "SELECT * { ?s ?p ?o } LIMIT 3",
    "ASK { ?s a ?class }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g LIMIT 5",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 3",
)


def mutated(source, seeds):
    """Return a query with some of its tokens moved, doubled, dropped, replaced or nested."""
    text = source.choice(seeds)
    try:
        words = [token.text for token in tokens(text)]
    except QuerySyntax:
        words = text.split()
    for _ in range(source.choice([1, 1, 2, 3, 8])):
        at = source.randrange(len(words) + 1)
        match source.randrange(6):
            case 0:
                del words[at : at + source.randrange(1, 4)]
            case 1:
                words.insert(at, source.choice(SPICE))
            case 2:
                words[at:at] = words[at : at + source.randrange(1, 12)]
            case 3:
                words.insert(at, source.choice(words or [""]))
            case 4:
                depth = source.choice([1, 2, 50, 99, 101, 400])
                kind = source.choice(["{}", "()", "[]"])
                words[at:at] = [kind[0]] * depth
                words[at + depth + 3 : at + depth + 3] = [kind[1]] * depth
            case 5:
                words[at : at + 1] = [source.choice(SPICE), source.choice(SPICE)]
    glue = source.choice([" ", " ", " ", "", "\n"])
    return glue.join(words)


def memory(pid):
    """Return the resident memory of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def attack(service, body):
    """Send bytes as a query; returns the status."""
    headers = {"Content-Type": "application/sparql-query"}
    return service.client.post(service.sparql, content=body, headers=headers, timeout=60).status_code


def bodies(count):
    source = random.Random(20261120)
    # long queries seldom survive a change: as many short ones see to it that some are answered
    long = [query.bind() for query in load_queries()]
    seeds = [*long, *SHORT * (len(long) // len(SHORT))]
    for _ in range(count):
        body = mutated(source, seeds).encode("utf-8", "replace")
        if source.random() < 0.1:
            body = bytearray(body)
            for _ in range(source.randrange(1, 20)):
                body[source.randrange(len(body) or 1) : 0] = bytes([source.randrange(256)])
        yield bytes(body)


def check(service, children, count):
    pid = service.process.pid
    for query in CRASHES:
        attack(service, query.encode())
    for body in bodies(50):  # what is loaded once is loaded now
        attack(service, body)
    before, workers = memory(pid), len(children(pid))
    with ThreadPoolExecutor(4) as clients:
        statuses = list(clients.map(lambda body: attack(service, body), bodies(count)))
    for query in CRASHES:
        assert attack(service, query.encode()) in {403, 503}
    assert set(statuses) <= {200, 400, 403, 406, 415, 503}
    assert statuses.count(200) > count / 100
    assert statuses.count(400) > count / 10
    assert service.get("ASK { ?s ?p ?o }").json()["boolean"] is True
    deadline = time.monotonic() + 20
    while len(children(pid)) != workers and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(children(pid)) == workers
    assert memory(pid) < before + 30
    assert httpx.get(f"{service.url}/health", timeout=10).status_code == 200


@pytest.fixture(scope="module")
def target(example_release, start_service, tmp_path_factory):
    data = tmp_path_factory.mktemp("fuzz") / "data"
    data.mkdir()
    (data / "current").symlink_to(example_release)
    with start_service(data, deadline_seconds=2, memory_mb=1024, max_result_mb=8) as running:
        yield running


def test_some_mutated_queries_leave_the_service_as_it_was(target, children):
    check(target, children, int(os.environ.get("FUZZ", "250")))


@pytest.mark.corpus
def test_many_mutated_queries_leave_the_service_as_it_was(target, children):
    check(target, children, 2000)
