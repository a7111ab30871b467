"""Measure the SPARQL endpoint beside ``oxigraph serve-read-only`` and rdflib-endpoint, in one run.

All three serve the same store with the same engine. Each query of the mix is first asked of all of them, and
the answers must be equal. Then clients go through the mix for some seconds, each in an order of its own.

Examples
--------
  python benchmarks/endpoint.py --data data --rdflib /path/to/python-with-rdflib-endpoint --seconds 20
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Final
from urllib.parse import urlencode

from build import find_oxigraph
from pyoxigraph import RdfFormat, parse

from bioimg_kg.queries import load_queries

PREFIXES: Final = """PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>
PREFIX cmpo: <http://www.ebi.ac.uk/cmpo/CMPO_>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
NAMED: Final = (
    *("compounds-and-doses", "genes-with-phenotype", "genes-with-phenotype-or-narrower"),
    *("images-with-phenotype", "narrower-phenotypes", "phenotypes-of-gene", "phenotypes-of-gene-symbol"),
    *("reagents-of-gene", "records-of-plate", "source-of-statement", "studies-of-gene", "study-overview"),
)
CLIENTS: Final = {
    "count all (rdflib len)": "SELECT (count(*) as ?c) WHERE {?s ?p ?o .}",
    "count property (planner)": "SELECT (COUNT(*) AS ?count) WHERE { ?s rdfs:label ?o. }",
    "ask (planner)": "ASK { ?s bikg:mappedTerm cmpo:0000077 }",
    "label lookup": "SELECT ?s ?t { ?s rdfs:label 'KIF11' ; a ?t }",
    "labels of 50 terms": "SELECT ?t ?l { ?t rdfs:subClassOf ?up ; rdfs:label ?l } ORDER BY ?t LIMIT 50",
    "all of one term": "CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s { cmpo:0000077 } ?s ?p ?o }",
    "search in phenotypes": "SELECT ?t ?l { ?t rdfs:subClassOf ?up ; rdfs:label ?l "
    "FILTER(CONTAINS(LCASE(STR(?l)), 'mitotic')) }",
    "images at or below a term": "SELECT ?i { ?i bikg:mayDepictPhenotype/rdfs:subClassOf* cmpo:0000077 }",
}
IMPROVED: Final = ("count all (rdflib len)", "count property (planner)", "images at or below a term")
RUNAWAY: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
_ACCEPT: Final = "application/sparql-results+json, application/n-triples;q=0.9"
_RDFLIB: Final = """
import sys, uvicorn
from rdflib import Dataset
from pyoxigraph import Store
from oxrdflib import OxigraphStore
from rdflib_endpoint import SparqlEndpoint
class Handed(Dataset):
    def query(self, query, *args, **options):  # the endpoint has parsed it already; the store takes text only
        return super().query(getattr(query, "_original_args", [query])[0])
data = Handed(store=OxigraphStore(store=Store.read_only(sys.argv[1])), default_union=True)
uvicorn.run(SparqlEndpoint(graph=data, path="/sparql"), port=int(sys.argv[2]), log_level="error")
"""


def mix() -> dict[str, str]:
    """Return the queries by name: named queries with their defaults, and what clients send."""
    named = {query.name: query.bind() for query in load_queries() if query.name in NAMED}
    return named | {name: PREFIXES + text for name, text in CLIENTS.items()}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: name, port and path of its endpoint."""

    name: str
    port: int
    path: str

    def request(self, query: str) -> bytes:
        """Return the bytes of a request."""
        body = urlencode({"query": query}).encode()
        headers = {
            "Host": f"127.0.0.1:{self.port}",
            "Accept": _ACCEPT,
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
        lines = [f"POST {self.path} HTTP/1.1", *(f"{key}: {value}" for key, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


class Client:
    """A connection that is kept: next to no work per request, since the servers share the machine with it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, query: str) -> tuple[int, str, bytes]:
        """Return status, media type and body of the answer to a query."""
        return await self.send(self._server.request(query))

    async def send(self, request: bytes) -> tuple[int, str, bytes]:
        """Return status, media type and body of the answer to a request."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._server.port, limit=1 << 26)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join([piece async for piece in _chunks(reader)])
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.close()
        return int(head.split(" ", 2)[1]), headers.get("content-type", ""), body

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int(await reader.readuntil(b"\r\n"), 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)


def canonical(media_type: str, body: bytes) -> object:
    """Return an answer in a form that is the same whoever wrote it."""
    if "json" not in media_type:
        form = RdfFormat.from_media_type(media_type)
        return sorted(str(quad) for quad in parse(body, format=form))
    content = json.loads(body)
    if "boolean" in content:
        return content["boolean"]
    rows = []
    for row in content["results"]["bindings"]:
        cells = {}
        for name, cell in row.items():
            datatype = cell.get("datatype", "").removesuffix("http://www.w3.org/2001/XMLSchema#string")
            kind = cell["type"].removeprefix("typed-")
            cells[name] = (kind, cell["value"], datatype, cell.get("xml:lang", ""))
        rows.append(sorted(cells.items()))
    return sorted(rows)


async def compare(servers: Sequence[Server], queries: Mapping[str, str]) -> None:
    """Ask every query of every server, twice for the sake of warmth; the answers must be equal."""
    for name, query in queries.items():
        answers, times = {}, {}
        for server in servers:
            client = Client(server)
            for _ in range(2):
                begin = time.perf_counter()
                status, media_type, body = await client.ask(query)
                times[server.name] = time.perf_counter() - begin
            client.close()
            if status != 200:
                message = f"{server.name} answers {name} with {status}: {body[:300]!r}"
                raise SystemExit(message)
            answers[server.name] = canonical(media_type, body)
        if any(answer != answers[servers[0].name] for answer in answers.values()):
            message = f"the answers to {name} differ"
            raise SystemExit(message)
        taken = " ".join(f"{seconds * 1000:10.1f}" for seconds in times.values())
        print(f"equal  {name:36} ms: {taken}", file=sys.stderr)


@dataclass(slots=True)
class Load:
    """What some clients saw: seconds of each answer, how many were errors, and how long it all took."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.seconds) / self.elapsed

    def percentile(self, percent: int) -> float:
        """Return a percentile in milliseconds.

        Examples
        --------
        >>> Load([0.1, 0.2, 0.3]).percentile(50)
        200.0
        """
        return round(1000 * quantiles(self.seconds, n=100, method="inclusive")[percent - 1], 1)


async def load(
    server: Server, queries: Sequence[str], clients: int, seconds: float, runaways: float = 0.0
) -> Load:
    """Let clients go through the mix for a time; runaway queries are asked in between and not counted."""
    seen = Load()
    begin = time.perf_counter()

    async def client(number: int) -> None:
        order = random.Random(number)  # noqa: S311 - the same order on every run
        connection = Client(server)
        while True:
            for query in order.sample(queries, len(queries)):
                if time.perf_counter() - begin > seconds:
                    connection.close()
                    return
                if order.random() < runaways:
                    await connection.ask(RUNAWAY)
                started = time.perf_counter()
                status, _, _ = await connection.ask(query)
                if status == 200:
                    seen.seconds.append(time.perf_counter() - started)
                else:
                    seen.errors += 1

    tasks = [asyncio.create_task(client(number)) for number in range(clients)]
    done, late = await asyncio.wait(tasks, timeout=seconds + 60)
    for task in late:
        task.cancel()
    for task in done:
        task.result()
    seen.elapsed = time.perf_counter() - begin
    return seen


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    command: Sequence[str], port: int, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the block ends."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=log, stderr=log)
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def serving(options: argparse.Namespace) -> Iterator[list[Server]]:
    """Start all servers; they stay idle while another one is measured."""
    store = str((options.data / "current" / "store").resolve())
    with contextlib.ExitStack() as stack:
        servers = []
        program = "from bioimg_kg.endpoint.app import run, Settings; run(Settings())"
        for name, megabytes in (("bioimg_kg", "0"), ("bioimg_kg, cached", "256")):
            port = free_port()
            settings = {"DATA": str(options.data), "PORT": str(port), "CACHE_MB": megabytes}
            environment = {f"BIOIMG_KG_{key}": value for key, value in settings.items()}
            stack.enter_context(running([sys.executable, "-c", program], port, environment))
            servers.append(Server(name, port, "/sparql"))
        if oxigraph := find_oxigraph():
            port = free_port()
            command = [oxigraph, "serve-read-only", "--location", store, "--union-default-graph"]
            stack.enter_context(running([*command, "--bind", f"127.0.0.1:{port}"], port))
            servers.append(Server("oxigraph serve-read-only", port, "/query"))
        if options.rdflib:
            port = free_port()
            stack.enter_context(running([options.rdflib, "-c", _RDFLIB, store, str(port)], port))
            servers.append(Server("rdflib-endpoint", port, "/sparql"))
        yield servers


async def measure(servers: Sequence[Server], options: argparse.Namespace) -> None:
    """Compare, then print the tables."""
    queries = {name: text for name, text in mix().items() if not (options.plain and name in IMPROVED)}
    await compare(servers, queries)
    texts = list(queries.values())
    print("| server | clients | answers per second | p50 ms | p99 ms | errors | ours, uncached / this |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for clients in options.clients:
        first: Load | None = None
        for server in servers:
            await load(server, texts, clients, options.seconds / 5)
            seen = await load(server, texts, clients, options.seconds)
            first = first or seen
            figures = f"{seen.rate:,.1f} | {seen.percentile(50):,} | {seen.percentile(99):,} | {seen.errors}"
            print(f"| {server.name} | {clients} | {figures} | {first.rate / seen.rate:.2f} |", flush=True)
    if options.runaways:
        print(
            "\n| runaway queries | answers per second | p50 ms | p99 ms | errors |\n|---|---:|---:|---:|---:|"
        )
        for share in (0.0, options.runaways):
            seen = await load(servers[0], texts, max(options.clients), options.runaway_seconds, share)
            figures = f"{seen.rate:,.1f} | {seen.percentile(50):,} | {seen.percentile(99):,} | {seen.errors}"
            print(f"| {share:.0%} | {figures} |", flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--data", type=Path, required=True, help="data folder with a release")
    made.add_argument("--rdflib", help="python that has rdflib-endpoint and oxrdflib installed")
    made.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    made.add_argument("--plain", action="store_true", help="without the queries that we improve")
    made.add_argument("--seconds", type=float, default=20.0, help="length of one measurement")
    made.add_argument("--runaways", type=float, default=0.05, help="share of queries that never end")
    made.add_argument("--runaway-seconds", type=float, default=60.0)
    return made


def main(arguments: Sequence[str]) -> None:
    """Start the servers and measure."""
    options = parser().parse_args(arguments)
    with serving(options) as servers:
        asyncio.run(measure(servers, options))


if __name__ == "__main__":
    main(sys.argv[1:])
