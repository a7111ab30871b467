"""The application: settings, routes, and the only map from errors to HTTP statuses."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.exceptions import HTTPException

from bioimg_kg import __version__
from bioimg_kg.catalog.site import DEFAULT_LICENSE
from bioimg_kg.endpoint.downloads import downloads_router
from bioimg_kg.endpoint.failures import (
    BadRequest,
    NotAcceptable,
    ResultTooLarge,
    ServiceBusy,
    UnsupportedMedia,
    WorkerDied,
)
from bioimg_kg.endpoint.federation.egress import AUDIT, EgressLimits
from bioimg_kg.endpoint.harvest import harvest_router
from bioimg_kg.endpoint.html import STATIC, page
from bioimg_kg.endpoint.images import images_router
from bioimg_kg.endpoint.offer import Offer, Operator
from bioimg_kg.endpoint.pages import pages_router
from bioimg_kg.endpoint.pool import Limits
from bioimg_kg.endpoint.responses import problem, wants_html, wants_text
from bioimg_kg.endpoint.service import Outside, Service
from bioimg_kg.endpoint.sparql import sparql_router
from bioimg_kg.errors import (
    BioimgKgError,
    ConfigError,
    QueryError,
    QueryRefused,
    QuerySyntax,
    QueryTimeout,
    RemoteError,
)


class Answer(NamedTuple):
    """How an error is told to a client: status, title and what to do."""

    status: int
    title: str
    hint: str | None = None


STATUS: Final[dict[type[BioimgKgError], Answer]] = {
    QuerySyntax: Answer(400, "The query is not SPARQL"),
    BadRequest: Answer(400, "The request does not follow the SPARQL protocol"),
    UnsupportedMedia: Answer(415, "The body is of an unknown type"),
    NotAcceptable: Answer(406, "No format is acceptable", "leave out the Accept header, or use format=json"),
    ResultTooLarge: Answer(403, "The answer is too large", "add LIMIT, or ask study by study"),
    QueryRefused: Answer(403, "This service does not do that"),
    QueryTimeout: Answer(
        503, "The query took too long", "start from a specific gene, phenotype or study, or add LIMIT"
    ),
    ServiceBusy: Answer(503, "The service is busy", "try again after the time in Retry-After"),
    WorkerDied: Answer(503, "The query was not answered"),
    QueryError: Answer(400, "The query cannot be evaluated"),
    RemoteError: Answer(
        502, "Another endpoint did not answer", "write SERVICE SILENT to do without it, or ask it directly"
    ),
    ConfigError: Answer(503, "There is nothing to serve"),
    BioimgKgError: Answer(500, "Something went wrong"),
}
"""The first class that an error belongs to decides: subclasses come before their bases."""

RETRY_SECONDS: Final = 10
INTERNAL: Final = "the service has made a mistake; it is logged, and the next query will be answered"


class Settings(BaseSettings):
    """Settings of a service; each can be set in the environment as ``BIOIMG_KG_<NAME>``.

    Attributes
    ----------
    data
        Folder with the releases.
    host, port
        Where to listen.
    workers
        Processes that evaluate queries.
    deadline_seconds
        Longest evaluation of a query.
    queue, wait_seconds
        How many requests may wait for a worker, and how long.
    slow_after_seconds, slow_lane
        A query that has run for so long gives its place to one that waits, and goes on in a lane of so many.
    memory_mb
        Address space of a worker, in MiB.
    max_result_mb
        Longest answer.
    hold_mb
        How much of an answer is kept back until it is sure that it is whole; an error later than that breaks
        the connection. With the default no answer ever breaks off, a smaller value gives earlier first bytes.
    spool_mb
        Room for all answers on their way to clients, in the folder for temporary files.
    cache_mb
        Room for short answers that are kept in memory; 0 keeps none.
    connections
        Connections at a time, beyond which the answer is 503.
    federate
        IRIs of other endpoints that queries may call with SERVICE, with blanks between them.
    federate_private
        These endpoints may be on this machine or in a private network.
    federate_seconds, federate_mb
        Longest request to another endpoint; all answers that one query gets from others.
    federate_concurrency
        Requests at a time to one endpoint.
    federate_cache_mb, federate_cache_seconds
        How many answers of others are kept, and how long.
    federate_push
        Send the values that are known here along, so that others need not send everything.
    public_url
        Address of the service in links and catalogues; empty for the one that a request was sent to.
    publisher, license
        Who runs the service, and the licence of its catalogue. Each study states its own.
    """

    model_config = SettingsConfigDict(env_prefix="BIOIMG_KG_", frozen=True)

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=2, ge=1)
    deadline_seconds: float = Field(default=30.0, gt=0)
    queue: int = Field(default=64, ge=1)
    wait_seconds: float = Field(default=10.0, gt=0)
    slow_after_seconds: float = Field(default=1.0, gt=0)
    slow_lane: int = Field(default=3, ge=0)
    memory_mb: int = Field(default=2048, ge=0)
    max_result_mb: int = Field(default=256, ge=1)
    hold_mb: int = Field(default=256, ge=0)
    spool_mb: int = Field(default=4096, ge=1)
    cache_mb: int = Field(default=64, ge=0)
    connections: int = Field(default=500, ge=1)
    federate: str = ""
    federate_private: bool = False
    federate_seconds: float = Field(default=20.0, gt=0)
    federate_mb: int = Field(default=50, ge=1)
    federate_concurrency: int = Field(default=4, ge=1)
    federate_cache_mb: int = Field(default=64, ge=0)
    federate_cache_seconds: float = Field(default=300.0, ge=0)
    federate_push: bool = True
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/<>\"{}|\\^`?#@]+/?)?$")
    publisher: str = Field(default="bioimg_kg", min_length=1)
    license: str = Field(default=DEFAULT_LICENSE, pattern=r"^https?://[^\s<>\"{}|\\^`]+$")

    @property
    def limits(self) -> Limits:
        """What the worker processes may spend."""
        return Limits(
            workers=self.workers,
            deadline_seconds=self.deadline_seconds,
            queue=self.queue,
            wait_seconds=self.wait_seconds,
            slow_after_seconds=self.slow_after_seconds,
            slow_lane=self.slow_lane,
            memory_mb=self.memory_mb,
            hold_mb=self.hold_mb,
            spool_mb=self.spool_mb,
        )

    @property
    def outside(self) -> Outside:
        """What queries may ask of other endpoints."""
        limits = EgressLimits(
            seconds=self.federate_seconds,
            max_bytes=self.federate_mb << 20,
            concurrency=self.federate_concurrency,
            cache_bytes=self.federate_cache_mb << 20,
            cache_seconds=self.federate_cache_seconds,
            private=self.federate_private,
        )
        return Outside(tuple(self.federate.split()), limits, self.federate_push)


def create_app(settings: Settings) -> FastAPI:
    """Return the application for a data folder.

    Parameters
    ----------
    settings
        Where the data is, and the limits.

    Raises
    ------
    ReleaseNotFound
        There is no release in the data folder.
    ConfigError
        An endpoint to federate with has no valid address.
    """
    service = Service(
        settings.data,
        settings.limits,
        settings.max_result_mb << 20,
        settings.outside,
        cache_bytes=settings.cache_mb << 20,
    )
    offer = Offer(service, Operator(settings.public_url, settings.publisher, settings.license))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.pool:
            yield

    app = FastAPI(title="bioimg_kg", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.include_router(sparql_router(service))
    app.include_router(pages_router(service, offer))
    app.include_router(harvest_router(offer))
    app.include_router(downloads_router(offer))
    app.include_router(images_router(service))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/health")
    async def health() -> JSONResponse:
        content = {"status": "ok", "release": service.release().name, "version": __version__}
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    app.add_exception_handler(BioimgKgError, _explain)
    app.add_exception_handler(HTTPException, _explain_http)
    app.add_exception_handler(Exception, _apologise)
    return app


def run(settings: Settings) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM)."""
    if settings.federate:
        _write_audit()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        limit_concurrency=settings.connections,
        timeout_graceful_shutdown=3,
        server_header=False,
        log_level="warning",
    )


def _write_audit() -> None:
    """Let the lines about requests to other endpoints appear on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    AUDIT.addHandler(handler)
    AUDIT.setLevel(logging.INFO)
    AUDIT.propagate = False


async def _explain(request: Request, error: Exception) -> Response:
    """Tell a client what was wrong, in the form it reads."""
    name, answer = next((c.__name__, STATUS[c]) for c in STATUS if isinstance(error, c))
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    place = (error.line, error.column) if isinstance(error, QuerySyntax) else (None, None)
    headers = {"Retry-After": str(RETRY_SECONDS)} if answer.status == 503 else {}
    return _tell(request, answer, kind, str(error), place, headers)


async def _explain_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # it is registered for this class
    answer = Answer(error.status_code, HTTPStatus(error.status_code).phrase)
    return _tell(request, answer, "http", str(error.detail), headers=dict(error.headers or {}))


async def _apologise(request: Request, _: Exception) -> Response:
    return _tell(request, Answer(500, "The service failed"), "internal", INTERNAL)


def _tell(
    request: Request,
    answer: Answer,
    kind: str,
    detail: str,
    place: tuple[int | None, int | None] = (None, None),
    headers: dict[str, str] | None = None,
) -> Response:
    line, column = place
    if wants_html(request):
        content: dict[str, object] = {"title": answer.title, "detail": detail, "hint": answer.hint}
        content |= {"place": place, "query": request.query_params.get("query")}
        response = page("error", content, answer.status)
        response.headers.update(headers or {})
        return response
    return problem(
        answer.status,
        kind,
        answer.title,
        detail,
        line=line,
        column=column,
        hint=answer.hint,
        headers=headers,
        as_text=wants_text(request),
    )
