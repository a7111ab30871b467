"""serve and query as commands: what they print where, and how they end."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import typer

import bioimg_kg
from bioimg_kg.cli.query import query
from bioimg_kg.cli.serve import serve
from bioimg_kg.errors import BioimgKgError

TEN = "SELECT ?i ?l { ?i <http://example.org/label> ?l } ORDER BY ?l LIMIT 10"
RUN = """
import sys, typer
from bioimg_kg.cli.{0} import {0}
from bioimg_kg.errors import BioimgKgError
app = typer.Typer()
app.command()({0})
try:
    app(standalone_mode=False)
except BioimgKgError as error:
    print('error:', error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def run(capfdbinary, monkeypatch):
    """Run a command in this process: its exit code, what it prints and what it says."""

    def call(command, *arguments, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        app = typer.Typer()
        app.command()({"query": query, "serve": serve}[command])
        code, said = 0, ""
        try:
            app(list(map(str, arguments)), standalone_mode=False)
        except BioimgKgError as error:
            code, said = error.exit_code, str(error)
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode() + said

    return call


def start(command, *arguments, **rest):
    environment = {**os.environ, "PYTHONPATH": str(Path(bioimg_kg.__file__).parent.parent)}
    program = [sys.executable, "-c", RUN.format(command), *map(str, arguments)]
    return subprocess.Popen(program, env=environment, stdout=-1, stderr=-1, text=True, **rest)


def test_query_prints_tsv_to_a_pipe_and_nothing_else(run, data):
    code, out, err = run("query", TEN, "--data", data)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "?i\t?l"
    assert len(out.splitlines()) == 11


@pytest.mark.parametrize(
    ("output", "text", "start_of_answer"),
    [
        ("csv", TEN, "i,l"),
        ("json", TEN, '{"head"'),
        ("table", TEN, "┏"),
        ("table", "ASK { ?s ?p ?o }", "yes"),
        ("ttl", "DESCRIBE <http://example.org/i1>", "@prefix"),
        ("nt", "DESCRIBE <http://example.org/i1>", "<http://example.org/i1>"),
    ],
)
def test_query_writes_every_format(run, data, output, text, start_of_answer):
    code, out, _ = run("query", text, "--data", data, "--format", output)
    assert code == 0
    assert out.startswith(start_of_answer)


def test_query_asks_an_endpoint_as_it_asks_a_release(run, data, service, tmp_path):
    file = tmp_path / "ten.rq"
    file.write_text(TEN)
    local = run("query", "--file", file, "--data", data)
    assert local == run("query", "--file", file, "--url", service.sparql)
    assert local == run("query", "--file", "-", "--url", service.sparql, stdin=TEN)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["SELECT * { ?s ?p"], 2, "line 1, column 17"),
        (["CLEAR ALL"], 2, "read-only"),
        ([], 2, "exactly one of"),
        (["ASK {}", "--name", "x"], 2, "exactly one of"),
        (["--name", "no-such-query"], 2, "no query is named"),
        (["--file", "/no/such/file"], 2, "cannot read the query"),
        (["ASK {}", "--param", "a=b"], 2, "goes with --name"),
        (["ASK {}", "--format", "ttl"], 2, "use table, csv, tsv, json"),
        (["ASK {}", "--data", "/no/such/folder"], 2, "bioimg-kg build"),
        (["ASK {}", "--url", "http://127.0.0.1:9/sparql"], 4, "did not answer"),
        (["ASK {}", "--url", "file:///etc/passwd"], 2, "starts with http"),
        (
            ["SELECT (COUNT(*) AS ?n) { ?a ?b ?c. ?d ?e ?f. ?g ?h ?i }", "--deadline", "0.3"],
            4,
            "longer than 0.3 s",
        ),
    ],
)
def test_query_ends_with_the_code_of_the_mistake_and_a_remedy(run, data, arguments, code, message):
    if not {"--data", "--url"} & set(arguments):
        arguments = [*arguments, "--data", data]
    found, out, err = run("query", *arguments)
    assert (found, out) == (code, "")
    assert message in err


def test_an_error_of_an_endpoint_is_passed_on(run, service):
    code, _, err = run("query", "SELECT (<http://x/f>(1) AS ?x) {}", "--url", service.sparql)
    assert code == 4
    assert "400" in err
    assert "custom function" in err
    assert run("query", "ASK {}", "--url", service.url + "/health")[0] == 4


def test_serve_prints_its_addresses_and_ends_at_a_signal(run, data):
    process = start("serve", "--data", data, "--port", "18471", "--workers", "1")
    try:
        for _ in range(200):
            try:
                answer = httpx.get("http://127.0.0.1:18471/sparql", params={"query": TEN})
                break
            except httpx.TransportError:
                time.sleep(0.05)
        assert json.loads(answer.content)["head"]["vars"] == ["i", "l"]
        code, _, err = run("serve", "--data", data, "--port", "18471")
        assert code == 2
        assert "choose another --port" in err
    finally:
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert out == ""
    assert "http://127.0.0.1:18471/sparql" in err
    assert "Traceback" not in err


def test_serve_needs_a_release(run, tmp_path):
    code, _, err = run("serve", "--data", tmp_path)
    assert code == 2
    assert "bioimg-kg build" in err


def test_serve_says_what_is_no_endpoint_to_federate_with(run, data):
    code, _, err = run("serve", "--data", data, "--federate", "http://user:secret@example.org/sparql")
    assert code == 2
    assert "cannot be federated with: it has a user name" in err
    assert "serving" not in err


def test_serve_lists_the_endpoints_that_queries_may_call(data, free_port):
    port = free_port()
    urls = ("HTTPS://One.example:443/sparql", "http://two.example/sparql")
    options = [part for url in urls for part in ("--federate", url)]
    process = start("serve", "--data", data, "--port", port, "--workers", "1", *options)
    try:
        for _ in range(200):
            try:
                query = {"query": "ASK { SERVICE <http://x/> {} }"}
                answer = httpx.get(f"http://127.0.0.1:{port}/sparql", params=query)
                break
            except httpx.TransportError:
                time.sleep(0.05)
    finally:
        process.terminate()
        _, err = process.communicate(timeout=20)
    assert "<http://two.example/sparql>, <https://one.example/sparql>" in answer.json()["detail"]
    assert "  SERVICE  https://one.example/sparql\n" in err


@pytest.mark.parametrize("command", ["serve", "query"])
def test_help_is_quick_to_import(command):
    heavy = "{'fastapi', 'uvicorn', 'pyoxigraph', 'pydantic'}"
    check = f"import sys, bioimg_kg.cli.{command}; sys.exit(len({heavy} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(Path(bioimg_kg.__file__).parent.parent)}
    assert subprocess.run([sys.executable, "-c", check], env=environment, check=False).returncode == 0


def test_query_needs_nothing_of_the_server(data):
    block = "import sys; sys.modules.update(dict.fromkeys(['fastapi', 'uvicorn', 'jinja2', 'starlette']));"
    program = f"{block} import pathlib; from bioimg_kg.cli.query import query;"
    program += f"query('ASK {{}}', data=pathlib.Path({str(data)!r}))"
    environment = {**os.environ, "PYTHONPATH": str(Path(bioimg_kg.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert done.stdout == b"true\n", done.stderr
