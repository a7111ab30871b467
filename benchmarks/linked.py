"""Measure documents about things beside ``DESCRIBE`` of ``oxigraph serve-read-only``, in one run.

Both serve the same store. One client with a kept connection asks for the same IRIs of ours, drawn at random,
once to warm up and once with the clock. It asks for the documents, and for the things, where a redirection
comes first. The statements of each ``DESCRIBE`` must be among those of our document.

Examples
--------
  python benchmarks/linked.py --data data --iris 500
"""

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from build import find_oxigraph
from endpoint import Client, Server, free_port, running
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from bioimg_kg.endpoint.linked.addresses import link
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import DEFAULT_BASE, TYPE

FORMATS: Final = (
    ("HTML", "text/html", "html"),
    ("Turtle", "text/turtle", "ttl"),
    ("JSON-LD", "application/ld+json", "jsonld"),
)
_OK: Final = 200
_REDIRECT: Final = 303


def draw(store: Path, count: int) -> list[str]:
    """Return IRIs of things of ours at random, each as likely as the next."""
    kinds = open_readonly(store).quads_for_pattern(None, NamedNode(TYPE), None)
    things = {quad.subject.value for quad in kinds if isinstance(quad.subject, NamedNode)}
    # Parts with a fragment are in the document of the whole.
    ours = sorted(iri for iri in things if iri.startswith(f"{DEFAULT_BASE}id/") and "#" not in iri)
    print(f"{len(ours):,} IRIs of ours, {count} drawn", file=sys.stderr)
    return random.Random(20261120).sample(ours, min(count, len(ours)))  # noqa: S311 - the same on every run


def get(server: Server, address: str, accept: str) -> bytes:
    """Return the bytes of a request for an address."""
    return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept: {accept}\r\n\r\n".encode()


def path(iri: str) -> str:
    """Return where a thing of ours is."""
    found = link(iri)
    assert found is not None
    return found


def describe(server: Server, iri: str, accept: str) -> bytes:
    """Return the bytes of a ``DESCRIBE`` request."""
    return get(server, f"{server.path}?{urlencode({'query': f'DESCRIBE <{iri}>'})}", accept)


async def answer(client: Client, steps: Sequence[bytes]) -> bytes:
    """Return the last body: every step but the last one must redirect."""
    expected = [*(_REDIRECT for _ in steps[1:]), _OK]
    body = b""
    for step, status in zip(steps, expected, strict=True):
        found, _, body = await client.send(step)
        if found != status:
            message = f"{found} instead of {status} for {step!r}: {body[:300]!r}"
            raise SystemExit(message)
    return body


async def measure(server: Server, what: str, questions: Sequence[Sequence[bytes]]) -> None:
    """Ask all questions twice, and print the milliseconds of the second time, to the last byte, as a row."""
    client = Client(server)
    taken: list[float] = []
    for _ in range(2):
        taken.clear()
        for steps in questions:
            started = time.perf_counter()
            await answer(client, steps)
            taken.append(1000 * (time.perf_counter() - started))
    client.close()
    high = statistics.quantiles(taken, n=20)[-1]
    figures = f"{statistics.median(taken):.1f} | {high:.1f} | {max(taken):.1f}"
    print(f"| {server.name} | {what} | {figures} |", flush=True)


async def compare(ours: Server, theirs: Server, iris: Sequence[str]) -> None:
    """Stop unless we say all that the other server says; print how many statements both give."""
    mine, other = Client(ours), Client(theirs)
    sizes: list[tuple[int, int]] = []
    accept = "application/n-triples"
    for iri in iris:
        here = _triples(await answer(mine, [get(ours, f"{path(iri)}?format=nt", accept)]))
        there = _triples(await answer(other, [describe(theirs, iri, accept)]))
        if not there or not there <= here:
            message = f"statements about {iri} are lacking: {list(there - here)[:3]}"
            raise SystemExit(message)
        sizes.append((len(here), len(there)))
    mine.close()
    other.close()
    middle = [statistics.median(counts) for counts in zip(*sizes, strict=True)]
    print(f"median of statements: {middle[0]:g} of ours, {middle[1]:g} of DESCRIBE", file=sys.stderr)


def _triples(body: bytes) -> set[Triple]:
    return {quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)}


@contextlib.contextmanager
def serving(data: Path) -> Iterator[list[Server]]:
    """Start both servers; one is idle while the other is measured. Ours keeps no answers."""
    port, settings = free_port(), {"DATA": str(data), "CACHE_MB": "0"}
    program = "from bioimg_kg.endpoint.app import run, Settings; run(Settings())"
    with contextlib.ExitStack() as stack:
        environment = {f"BIOIMG_KG_{key}": value for key, value in (settings | {"PORT": str(port)}).items()}
        stack.enter_context(running([sys.executable, "-c", program], port, environment))
        servers = [Server("bioimg_kg", port, "/sparql")]
        if oxigraph := find_oxigraph():
            port = free_port()
            command = [oxigraph, "serve-read-only", "--union-default-graph", "--bind", f"127.0.0.1:{port}"]
            store = (data / "current" / "store").resolve()
            stack.enter_context(running([*command, "--location", str(store)], port))
            servers.append(Server("oxigraph serve-read-only", port, "/query"))
        yield servers


async def tables(servers: Sequence[Server], iris: Sequence[str]) -> None:
    """Compare, then print the table."""
    ours, *theirs = servers
    for server in theirs:
        await compare(ours, server, iris)
    print("| server | what | median ms | 95 % below | longest |\n|---|---|---:|---:|---:|")
    for name, accept, suffix in FORMATS:
        documents = {iri: get(ours, f"{path(iri)}?format={suffix}", accept) for iri in iris}
        await measure(ours, f"{name}, the document", [[document] for document in documents.values()])
        steps = [[get(ours, path(iri), accept), document] for iri, document in documents.items()]
        await measure(ours, f"{name}, from the IRI", steps)
        for server in theirs if suffix != "html" else ():
            await measure(server, f"{name}, `DESCRIBE`", [[describe(server, iri, accept)] for iri in iris])


def main(arguments: Sequence[str]) -> None:
    """Draw the IRIs, start the servers and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="data folder with a release")
    parser.add_argument("--iris", type=int, default=500, help="how many IRIs")
    options = parser.parse_args(arguments)
    iris = draw(options.data / "current" / "store", options.iris)
    with serving(options.data) as servers:
        asyncio.run(tables(servers, iris))
    print("load of the machine: " + " ".join(f"{load:.1f}" for load in os.getloadavg()), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
