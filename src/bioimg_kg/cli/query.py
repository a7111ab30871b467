"""``bioimg-kg query``: a named query, a file or a text, on a local release or on an endpoint."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimg_kg.errors import ConfigError, QuerySyntax, RemoteError

if TYPE_CHECKING:
    from bioimg_kg.endpoint.http.negotiation import Format
    from bioimg_kg.endpoint.sparql.guard import Scan

ROWS_ON_SCREEN = 1000
"""Rows of a table on a terminal; a pipe gets all."""


class OutputFormat(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    TTL = "ttl"
    NT = "nt"


def query(
    text: Annotated[
        str | None, typer.Argument(help="SPARQL to run, if no --name or --file is given.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="A named query; see `bioimg-kg query --name ?`.")] = None,
    param: Annotated[
        list[str] | None, typer.Option(help="Parameter of the named query, as name=value.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A file with SPARQL; - reads standard input.")] = None,
    data: Annotated[Path, typer.Option(help="Folder with the releases.", envvar="BIOIMG_KG_DATA")] = Path(
        "data"
    ),
    url: Annotated[
        str | None, typer.Option(help="Endpoint to ask instead of a local release.", envvar="BIOIMG_KG_URL")
    ] = None,
    output: Annotated[
        OutputFormat | None,
        typer.Option("--format", help="Default: a table on a terminal, else TSV, or Turtle for graphs."),
    ] = None,
    deadline: Annotated[float, typer.Option(help="Seconds that the query may take.", min=0.1)] = 60.0,
) -> None:
    """Run a query and print its answer.

    Raises
    ------
    ConfigError
        Not exactly one of text, name and file, or a parameter is wrong.
    QueryError
        The query has no answer.
    RemoteError
        The endpoint did not answer.
    """
    from bioimg_kg.endpoint.sparql.guard import inspect

    sparql = _sparql(text, name, param or [], file)
    try:
        scan = inspect(sparql)
        wanted, as_table = _format(output, scan.form)
        answer = (
            _remote(sparql, url, wanted, deadline) if url else _local(sparql, scan, data, wanted, deadline)
        )
    except QuerySyntax as error:
        if error.line is None:
            raise
        message = f"line {error.line}, column {error.column}: {error}"
        raise QuerySyntax(message, error.line, error.column) from error
    if as_table:
        _print_table(answer)
        return
    sys.stdout.buffer.write(answer if answer.endswith(b"\n") else answer + b"\n")
    sys.stdout.buffer.flush()


def _sparql(text: str | None, name: str | None, param: list[str], file: Path | None) -> str:
    """Return the query that the options name."""
    from bioimg_kg.queries import get_query

    if sum(source is not None for source in (text, name, file)) != 1:
        message = "give exactly one of TEXT, --name and --file"
        raise ConfigError(message)
    if param and name is None:
        message = "--param goes with --name; a query of your own has no parameters"
        raise ConfigError(message)
    if name is not None:
        return get_query(name).bind(_values(param))
    if file is None:
        return text or ""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read the query in {file}: {error}"
        raise ConfigError(message) from error


def _values(param: list[str]) -> dict[str, str]:
    values = {}
    for entry in param:
        key, equals, value = entry.partition("=")
        if not equals:
            message = f"--param {entry!r}: write it as name=value"
            raise ConfigError(message)
        values[key.strip()] = value
    return values


def _format(output: OutputFormat | None, form: str | None) -> tuple["Format", bool]:
    """Return the format to ask for, and whether to draw a table of it."""
    from bioimg_kg.endpoint.http.negotiation import GRAPHS, by_name, offered

    formats = offered(form)
    if output is None:
        on_screen = sys.stdout.isatty() and formats is not GRAPHS
        output = (
            OutputFormat.TABLE if on_screen else OutputFormat.TTL if formats is GRAPHS else OutputFormat.TSV
        )
    if output is OutputFormat.TABLE and formats is not GRAPHS:
        return formats[0], True
    found = by_name(output.value, formats)
    if found is None:
        fit = [o.value for o in OutputFormat if by_name(o.value, formats)]
        names = ", ".join(fit if formats is GRAPHS else ["table", *fit])
        message = f"--format {output.value} cannot hold the answer to {form}: use {names}"
        raise ConfigError(message)
    return found, False


def _local(sparql: str, scan: "Scan", data: Path, wanted: "Format", deadline: float) -> bytes:
    """Evaluate in a process of its own, as the service does."""
    import asyncio

    from bioimg_kg.endpoint.workers.frames import Job
    from bioimg_kg.endpoint.workers.pool import Limits, WorkerPool
    from bioimg_kg.release import current_release

    store = current_release(data).store
    limits = Limits(workers=1, deadline_seconds=deadline, memory_mb=8192, hold_mb=4096)
    job = Job(
        query=sparql, media_type=wanted.media_type, union=not scan.has_dataset, max_bytes=limits.hold_mb << 20
    )

    async def run() -> bytes:
        async with WorkerPool(lambda: store, limits) as pool:
            return await (await pool.run(job)).read()

    return asyncio.run(run())


def _remote(sparql: str, url: str, wanted: "Format", deadline: float) -> bytes:
    """Ask an endpoint by the protocol."""
    from urllib.error import HTTPError, URLError
    from urllib.parse import urlencode
    from urllib.request import Request, urlopen

    if not url.startswith(("http://", "https://")):
        message = f"--url {url!r}: an endpoint starts with http:// or https://"
        raise ConfigError(message)
    headers = {"Accept": wanted.media_type, "Content-Type": "application/x-www-form-urlencoded"}
    request = Request(url, urlencode({"query": sparql}).encode(), headers)  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=deadline) as response:  # noqa: S310
            found = response.headers.get_content_type()
            answer: bytes = response.read()
    except HTTPError as error:
        message = f"{url} answered {error.code} {error.reason}: {_detail(error.read())}"
        raise RemoteError(message) from error
    except (URLError, OSError) as error:
        message = f"{url} did not answer: {getattr(error, 'reason', error)}"
        raise RemoteError(message) from error
    if found not in (wanted.media_type, *wanted.aliases):
        message = f"{url} answered in {found}, not in {wanted.media_type}: is it a SPARQL endpoint?"
        raise RemoteError(message)
    return answer


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace")[:500].strip()


def _print_table(answer: bytes) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bioimg_kg.endpoint.pages.tables import read_table

    found = read_table(answer, ROWS_ON_SCREEN)
    console = Console()
    if found.boolean is not None:
        console.print("yes" if found.boolean else "no")
        return
    table = Table()
    for column in found.columns:
        table.add_column(column)
    for row in found.rows:
        table.add_row(*(Text(cell.text if cell else "") for cell in row))
    console.print(table)
    typer.echo(
        f"{found.total} rows" + (f", {len(found.rows)} shown" if found.total > len(found.rows) else ""),
        err=True,
    )
