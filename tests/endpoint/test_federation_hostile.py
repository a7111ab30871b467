"""Queries that want to be sent where they must not go, and endpoints that answer badly, in one service."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx
import pytest

RESULTS = "application/sparql-results+json"
ROW = json.dumps(
    {"head": {"vars": ["x", "hid"]}, "results": {"bindings": [{"x": {"type": "uri", "value": "http://t/1"}}]}}
).encode()


class Upstream:
    """A server that gives the answer it was told last, or none at all."""

    def __init__(self):
        self.answer = None
        self.seen, self.ended = [], []
        self._stop = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self.port = self._server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/sparql"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._stop.is_set():
            with suppress(TimeoutError):
                connection, _ = self._server.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        connection.settimeout(10)
        with connection, suppress(OSError):
            data = b""
            while b"query=" not in data or len(data) < 100:
                data += connection.recv(1 << 20)
            self.seen.append(data)
            if self.answer is not None:
                connection.sendall(self.answer)
                connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
            self.ended.append(time.monotonic())

    def close(self):
        self._stop.set()
        self._thread.join(5)
        self._server.close()


@contextmanager
def listener(answer=None):
    upstream = Upstream()
    upstream.answer = answer
    try:
        yield upstream
    finally:
        upstream.close()


def http(body, content_type=RESULTS, status="200 OK"):
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


@pytest.fixture(scope="module")
def public(data, start_service):
    """A service that may ask two endpoints that nobody can reach here, and none that is private."""
    with start_service(data, federate="http://192.0.2.1/sparql https://allowed.example/sparql") as service:
        yield service


CALLS = [
    "SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o }",
    "SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o }",
    "service silent <http://127.0.0.1:PORT/sparql> { ?s ?p ?o }",
    "SERVICE <http://127.0.0.\\u0031:PORT/> { ?s ?p ?o }",
    "SERVICE <\\u0068ttp://127.0.0.1:PORT/> { ?s ?p ?o }",
    "SERVICE # <http://192.0.2.1/sparql>\n <http://127.0.0.1:PORT/> { ?s ?p ?o }",
    "SERVICE e:sparql { ?s ?p ?o }",
    "SERVICE SILENT e: { ?s ?p ?o }",
    "SERVICE <sparql> { ?s ?p ?o }",
    "SERVICE <//127.0.0.1:PORT/> { ?s ?p ?o }",
    "SERVICE <http://2130706433:PORT/> { ?s ?p ?o }",
    "SERVICE <http://0x7f.0.0.1:PORT/> { ?s ?p ?o }",
    "SERVICE <http://0177.0.0.1:PORT/> { ?s ?p ?o }",
    "SERVICE <http://127.1:PORT/> { ?s ?p ?o }",
    "SERVICE <http://localhost:PORT/> { ?s ?p ?o }",
    "SERVICE <http://[::ffff:127.0.0.1]:PORT/> { ?s ?p ?o }",
    "SERVICE <http://192.0.2.1:80@127.0.0.1:PORT/sparql> { ?s ?p ?o }",
    "SERVICE <http://192.0.2.1/sparql#@127.0.0.1:PORT/> { ?s ?p ?o }",
    "SERVICE <http://192.0.2.1:PORT/sparql> { ?s ?p ?o }",
    "SERVICE <http://192.0.2.1/sparql/../x> { ?s ?p ?o }",
    "SERVICE <https://allowed.example.127.0.0.1.nip.io:PORT/sparql> { ?s ?p ?o }",
    "{ { OPTIONAL { SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o } } } }",
    "{ SELECT * { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } } }",
    "FILTER EXISTS { SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "FILTER(1 = 1 || NOT EXISTS { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } })",
    "SERVICE SILENT <http://192.0.2.1/sparql> { SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o } }",
    "VALUES ?e { <http://127.0.0.1:PORT/> } SERVICE SILENT ?e { ?s ?p ?o }",
    "?s ?p 1SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o }",
    "?s ?p 1 .SERVICE<http://127.0.0.1:PORT/>{ ?s ?p ?o }",
    "SERVICESILENT<http://127.0.0.1:PORT/>{ ?s ?p ?o }",
    "?a ?b ?c FILTER(?c<1#>'''\n) SERVICE <http://127.0.0.1:PORT/> {?s ?p ?o}\n#'''\n",
    "SERVICE <http://192.0.2.1/sparql> { ?s ?p ?o } SERVICE SILENT <http://127.0.0.1:PORT/> { ?s ?p ?o }",
]


@pytest.mark.parametrize("call", CALLS)
def test_no_call_leaves_for_an_endpoint_that_is_not_on_the_list(public, call):
    with listener(http(ROW)) as upstream:
        port = upstream.port
        head = f"BASE <http://127.0.0.1:{port}/> PREFIX e: <http://127.0.0.1:{port}/> "
        answer = public.get(f"{head} SELECT * {{ {call.replace('PORT', str(port))} }}")
        assert answer.status_code == 403, answer.text
        assert "SERVICE" in answer.json()["detail"]
        time.sleep(0.1)
        assert upstream.seen == []


def test_a_refusal_names_what_is_allowed(public):
    answer = public.get("ASK { SERVICE <http://elsewhere.example/> { ?s ?p ?o } }").json()
    assert "<http://elsewhere.example/>" in answer["detail"]
    assert "<http://192.0.2.1/sparql>, <https://allowed.example/sparql>" in answer["detail"]


def test_without_a_list_every_call_is_refused(service):
    answer = service.get("ASK { SERVICE SILENT <http://192.0.2.1/sparql> { ?s ?p ?o } }")
    assert answer.status_code == 403
    assert "not configured" in answer.json()["detail"]


def test_a_listed_name_that_leads_to_this_machine_is_refused_even_when_silent(data, start_service):
    with listener(http(ROW)) as upstream:
        url = f"http://localhost:{upstream.port}/sparql"
        with start_service(data, federate=url) as service:
            for silent in ("", "SILENT"):
                answer = service.get(f"ASK {{ SERVICE {silent} <{url}> {{ ?s ?p ?o }} }}")
                assert (answer.status_code, "leads to" in answer.text) == (403, True)
        assert upstream.seen == []


LIMITS = {"federate_private": 1, "federate_mb": 1, "federate_cache_seconds": 0}


@pytest.fixture(scope="module")
def upstream():
    with listener() as running:
        yield running


@pytest.fixture(scope="module")
def target(data, start_service, upstream):
    """A service that may ask one endpoint."""
    limits = {"federate_seconds": 2, "deadline_seconds": 5, **LIMITS}
    with start_service(data, federate=upstream.url, **limits) as service:
        yield service


@pytest.fixture
def asking(target, upstream):
    """Return what lets the endpoint answer in some way to the pattern of a query."""

    def ask(answer, pattern="SERVICE <E> { ?x <http://t/p> 1 }", shown="*"):
        upstream.answer = answer
        return target.get(f"SELECT {shown} {{ {pattern.replace('<E>', f'<{upstream.url}>')} }}")

    return ask


@pytest.fixture
def slow(data, start_service):
    """Start a service of its own that may ask an endpoint; it never answers, unless told."""

    @contextmanager
    def start(answer=None, **settings):
        with (
            listener(answer) as upstream,
            start_service(data, federate=upstream.url, **{**LIMITS, **settings}) as service,
        ):
            yield service, upstream

    return start


def deep(depth):
    return b'{"head": {"vars": ["x"]}, "results": {"bindings": ' + b"[" * depth + b"]" * depth + b"}}"


def one(cell):
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": cell}]}}).encode()


BAD = {
    "broken JSON": (http(b'{"head": {"vars": ["x"]}, "results": {"bindings": [{'), "not what it says"),
    "nothing": (http(b""), "not what it says"),
    "another JSON": (http(b'{"rows": []}'), "not what it says"),
    "a list": (http(b"[1]"), "not what it says"),
    "rows that are no rows": (http(b'{"results": {"bindings": [1, null, []]}}'), "not what it says"),
    "deep nesting": (http(deep(100_000)), "not what it says"),
    "no UTF-8": (http(b'\xff\xfe{"head": 1}'), "not what it says"),
    "an IRI that ends the block": (
        http(one({"type": "uri", "value": "http://x/> } SERVICE <y> {"})),
        "not what",
    ),
    "a datatype that is none": (http(one({"type": "literal", "value": "1", "datatype": "a b"})), "not what"),
    "a language that is none": (http(one({"type": "literal", "value": "1", "xml:lang": "a b"})), "not what"),
    "an unknown term": (http(one({"type": "triple", "value": {}})), "not what it says"),
    "a truth value": (http(b'{"head": {}, "boolean": true}'), "true or false"),
    "broken XML": (http(b"<sparql><head>", "application/sparql-results+xml"), "not what it says"),
    "an XML bomb": (
        http(
            b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><sparql>&b;</sparql>',
            "application/sparql-results+xml",
        ),
        "not what it says",
    ),
    "a page": (http(b"<html>", "text/html"), "text/html"),
    "an error": (http(b"too busy", "text/plain", "503 Busy"), "answered 503: too busy"),
    "too much": (http(b" " * (2 << 20)), "longer than allowed"),
    "silence": (None, "within 2 s"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_fails_the_query_unless_it_is_silent(asking, target, upstream, name):
    answer, cause = BAD[name]
    pattern = "VALUES ?k { 1 } SERVICE <E> { ?x <http://t/p> 1 }"
    failed = asking(answer, pattern)
    assert failed.status_code == 502, failed.text
    told = failed.json()
    assert told["type"] == "urn:bioimg-kg:problem:remote-error"
    assert f"SERVICE <{upstream.url}>: " in told["detail"]
    assert cause in told["detail"]
    silent = asking(answer, pattern.replace("SERVICE", "SERVICE SILENT")).json()
    assert silent["head"]["vars"] == ["k", "x"]
    assert [set(row) for row in silent["results"]["bindings"]] == [{"k"}]
    assert target.get("ASK {}").json()["boolean"] is True


def test_strings_of_others_stay_strings(asking):
    text = "'\"\\ \n\r\t}) SERVICE <http://127.0.0.1/> { } # \u0000\u2028é😀"
    cell = {"type": "literal", "value": text}
    assert asking(http(one(cell))).json()["results"]["bindings"] == [{"x": cell}]


def test_a_variable_that_was_not_asked_for_is_left_out(asking):
    extra = b'{"k": {"type": "uri", "value": "http://t/2"}, "x"'
    body = one({"type": "uri", "value": "http://t/1"}).replace(b'{"x"', extra)
    answer = asking(http(body), "VALUES ?k { 1 } SERVICE <E> { ?x <http://t/p> 1 }").json()
    assert [row["x"]["value"] for row in answer["results"]["bindings"]] == ["http://t/1"]


def test_a_cut_answer_is_no_answer(asking):
    """Virtuoso says how many rows it sends at most, and sends no more without a word."""
    answer = asking(http(ROW).replace(b"Connection", b"X-SPARQL-MaxRows: 1\r\nConnection"))
    assert (answer.status_code, "no more than 1 rows" in answer.text) == (502, True)


def test_blank_nodes_of_virtuoso_are_read(asking):
    body = one({"type": "bnode", "value": "nodeID://b10000"})
    answer = asking(http(body), shown="(isBlank(?x) AS ?y)").json()
    assert answer["results"]["bindings"][0]["y"]["value"] == "true"


def test_words_that_run_together_send_nothing(target, upstream):
    before = len(upstream.seen)
    query = f"PREFIX e: <{upstream.url}> SELECT * {{ SERVICE SILENTe: {{ ?s ?p ?o }} }}"
    assert target.get(query).status_code == 400
    assert len(upstream.seen) == before


def test_the_whole_time_counts_and_the_request_ends_with_the_query(slow):
    with slow(deadline_seconds=1.5, federate_seconds=20) as (service, upstream):
        started = time.monotonic()
        answer = service.get(f"ASK {{ SERVICE SILENT <{upstream.url}> {{ ?s ?p ?o }} }}")
        assert (answer.status_code, "longer than 1.5 s" in answer.text) == (503, True)
        assert time.monotonic() - started < 3
        time.sleep(0.3)
        assert (len(upstream.seen), len(upstream.ended)) == (1, 1)


def test_the_request_ends_when_the_client_goes(slow):
    with slow(deadline_seconds=20, federate_seconds=20) as (service, upstream):
        with pytest.raises(httpx.ReadTimeout):
            service.get(f"ASK {{ SERVICE <{upstream.url}> {{ ?s ?p ?o }} }}", timeout=1)
        time.sleep(0.5)
        assert (len(upstream.seen), len(upstream.ended)) == (1, 1)


def test_an_evaluation_after_the_answer_has_what_is_left_of_the_time(slow):
    with slow(http(ROW), deadline_seconds=2) as (service, upstream):
        cross = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i ."
        call = f"SERVICE <{upstream.url}> {{ ?x <http://t/p> 1 }}"
        started = time.monotonic()
        answer = service.get(f"SELECT (COUNT(*) AS ?n) {{ {cross} {call} }}")
        assert answer.status_code == 503
        assert time.monotonic() - started < 4
        assert len(upstream.seen) == 1


def test_endpoints_that_hang_hold_no_worker(slow):
    settings = {"workers": 1, "federate_seconds": 3, "deadline_seconds": 5}
    with slow(**settings) as (service, upstream), ThreadPoolExecutor(6) as background:
        query = f"ASK {{ SERVICE <{upstream.url}> {{ ?s ?p ?o }} }}"
        hanging = [background.submit(service.get, f"{query} #{n}") for n in range(6)]
        time.sleep(0.5)
        started = time.monotonic()
        assert service.get("ASK {}").json()["boolean"] is True
        assert time.monotonic() - started < 1
        assert {answer.result().status_code for answer in hanging} <= {502, 503}
        assert len(upstream.seen) > 3
