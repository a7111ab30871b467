"""A small release on disk, services that run on it in their own processes, readers of what they send."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

import bioimg_kg
from bioimg_kg.release import new_release
from bioimg_kg.store import build_store

QUADS = 600
PREFIX = "http://example.org/"


def _make_release(data, name="2026.1", quads=QUADS, label="image"):
    """Write a release with ``quads`` quads in two graphs, one type and one label per image."""
    lines = []
    for number in range(quads // 2):
        graph = f"<{PREFIX}g{number % 2}>"
        lines.append(f"<{PREFIX}i{number}> <{PREFIX}type> <{PREFIX}Image> {graph} .\n")
        lines.append(f'<{PREFIX}i{number}> <{PREFIX}label> "{label} {number}" {graph} .\n')
    with new_release(data, name) as folder:
        source = folder / "all.nq"
        source.write_text("".join(lines))
        build_store(folder / "store", [source])
        counts = {"studies": 2, "components": 3, "records": quads // 2, "quads": quads}
        (folder / "manifest.json").write_text(json.dumps({"name": name, "counts": counts}))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _children(pid):
    """Return the living descendants of a process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            child = int(status.parent.name)
            found += [child, *_children(child)]
    return found


class Service:
    """A running service: base URL, process and a client."""

    def __init__(self, process, port, log):
        self.process = process
        self.log = log
        self.url = f"http://127.0.0.1:{port}"
        self.sparql = f"{self.url}/sparql"
        self.client = httpx.Client(timeout=30)

    def wait_for(self, name):
        """Wait until a release is the current one."""
        for _ in range(200):
            if self.client.get(f"{self.url}/health").json()["release"] == name:
                return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def get(self, query=None, headers=None, timeout=30, **params):
        if query is not None:
            params["query"] = query
        return self.client.get(self.sparql, params=params, headers=headers, timeout=timeout)


@contextmanager
def serve(data, **settings):
    """Run the service on a free port until the block ends."""
    port = free_port()
    package_root = str(Path(bioimg_kg.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": package_root}
    for key, value in {"data": data, "port": port, **settings}.items():
        environment[f"BIOIMG_KG_{key.upper()}"] = str(value)
    command = [sys.executable, "-c", "from bioimg_kg.endpoint.app import run, Settings; run(Settings())"]
    log = data.parent / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    service = Service(process, port, log)
    try:
        for _ in range(200):
            try:
                service.client.get(f"{service.url}/health", timeout=5)
                break
            except httpx.TransportError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
        yield service
    finally:
        service.client.close()
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def make_release():
    return _make_release


@pytest.fixture(scope="session")
def children():
    return _children


@pytest.fixture(scope="session")
def start_service():
    return serve


@pytest.fixture(scope="session", name="free_port")
def _free_port():
    return free_port


@contextmanager
def _oxigraph(turtle):
    """Run a real Oxigraph server on some statements; yields the URL of its endpoint."""
    url = f"http://127.0.0.1:{free_port()}"
    program = str(Path(sys.executable).with_name("oxigraph"))  # also where .venv/bin is not on the path
    command = [program, "serve", "--bind", url.removeprefix("http://")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                try:
                    sent = {"content": turtle, "headers": {"content-type": "text/turtle"}}
                    loaded = httpx.put(f"{url}/store?default", **sent)
                    break
                except httpx.TransportError:
                    assert process.poll() is None
                    time.sleep(0.05)
            assert loaded.status_code in (201, 204), loaded.text
            yield f"{url}/query"
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def oxigraph():
    return _oxigraph


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("endpoint") / "data"
    _make_release(folder)
    return folder


@pytest.fixture(scope="session")
def service(data):
    """A service with the usual limits, shared by the tests that do it no harm."""
    with serve(data, deadline_seconds=10) as running:
        yield running


@pytest.fixture(scope="session")
def examples_service(example_release):
    """A service of the example studies."""
    with serve(example_release.parent.parent, deadline_seconds=10) as running:
        yield running


_VOID = {"meta", "link", "input", "br", "hr", "img"}
_FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "jsonld": RdfFormat.JSON_LD,
    "json": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
}


class LinkedPage(HTMLParser):
    """A page: links, text, the data in it; complains about tags that are not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.ids, self.words, self.scripts = [], [], [], [], []
        self.feed(text)
        assert self.open == []
        self.text = "".join(self.words)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "a":
            self.links.append(values["href"])
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "script" and values.get("src", "").startswith("/static/"):
            assert values.keys() <= {"src", "defer"}  # a file of ours
        elif tag == "script":
            assert values == {"type": "application/ld+json"}
            self.scripts.append("")
        assert not any(name.startswith("on") for name in values)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script" and data.strip():
            self.scripts[-1] += data
        else:
            self.words.append(data)


def _statements(response, name):
    """Return the statements of a document, with blank nodes named for what is said about them."""
    assert response.status_code == 200, (response.url, response.status_code, response.text[:500])
    if name == "html":
        (script,) = LinkedPage(response.text).scripts
        made = Dataset(parse(script, format=RdfFormat.JSON_LD))
    else:
        made = Dataset(parse(response.content, format=_FORMATS[name]))
    made.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return set(made)


@pytest.fixture(scope="session")
def read_page():
    return LinkedPage


@pytest.fixture(scope="session")
def statements():
    return _statements
