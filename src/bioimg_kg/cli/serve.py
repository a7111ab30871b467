"""``bioimg-kg serve``: the SPARQL endpoint and its pages on this machine."""

import socket
from pathlib import Path
from typing import Annotated

import typer

from bioimg_kg.errors import ConfigError

KeepReleases = Annotated[
    int,
    typer.Option(
        help="Earlier releases that are served beside the current one.",
        min=0,
        envvar="BIOIMG_KG_KEEP_RELEASES",
    ),
]
FederatePrivate = Annotated[
    bool,
    typer.Option(
        "--federate-private",
        help="Such endpoints may be on this machine or in a private network.",
        envvar="BIOIMG_KG_FEDERATE_PRIVATE",
    ),
]


def serve(
    data: Annotated[
        Path, typer.Option(help="Folder with the releases.", envvar="BIOIMG_KG_DATA", show_default=True)
    ] = Path("data"),
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for all.", envvar="BIOIMG_KG_HOST")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on.", min=1, max=65535, envvar="BIOIMG_KG_PORT")
    ] = 8000,
    workers: Annotated[
        int, typer.Option(help="Queries that run at once, a process each.", min=1, envvar="BIOIMG_KG_WORKERS")
    ] = 2,
    deadline: Annotated[
        float,
        typer.Option(help="Seconds that a query may take.", min=0.1, envvar="BIOIMG_KG_DEADLINE_SECONDS"),
    ] = 30.0,
    keep_releases: KeepReleases = 3,
    federate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Another SPARQL endpoint that queries may call with SERVICE; may be repeated.",
            envvar="BIOIMG_KG_FEDERATE",
        ),
    ] = None,
    federate_private: FederatePrivate = False,
) -> None:
    """Serve the current release: SPARQL, pages and health, until Ctrl-C.

    Other limits are set in the environment: BIOIMG_KG_QUEUE, BIOIMG_KG_MEMORY_MB, BIOIMG_KG_MAX_RESULT_MB,
    BIOIMG_KG_CLIENT_SECONDS and others, see docs/operation.md.

    Raises
    ------
    ConfigError
        There is no release in the folder, the port is taken, a --federate is no address of an endpoint, or a
        setting in the environment cannot be what it is.
    """
    from bioimg_kg.endpoint.app import run
    from bioimg_kg.endpoint.federation.allowlist import AllowList
    from bioimg_kg.endpoint.settings import read_settings
    from bioimg_kg.release import current_release

    release = current_release(data)
    allowed = AllowList(federate or ())
    _check_port(host, port)
    settings = read_settings(
        data=data,
        host=host,
        port=port,
        workers=workers,
        deadline_seconds=deadline,
        keep_releases=keep_releases,
        federate=" ".join(allowed.iris),
        federate_private=federate_private,
    )
    shown = f"[{host}]" if ":" in host else host
    base = f"http://{'localhost' if host in {'0.0.0.0', '::'} else shown}:{port}"  # noqa: S104 - compared only
    typer.echo(f"serving release {release.name} from {data}; Ctrl-C stops", err=True)
    for name, path in (("home", "/"), ("SPARQL", "/sparql"), ("queries", "/queries")):
        typer.echo(f"  {name:8} {base}{path}", err=True)
    for iri in allowed.iris:
        typer.echo(f"  SERVICE  {iri}", err=True)
    run(settings)


def _check_port(host: str, port: int) -> None:
    """Find out before anything is started whether the address can be listened on."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        message = f"cannot listen on {host}:{port} ({error.strerror}): choose another --port or --host"
        raise ConfigError(message) from error
