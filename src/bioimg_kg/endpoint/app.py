"""The application: its routes, and the only map from errors to HTTP statuses."""

import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final, NamedTuple

import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from bioimg_kg import __version__
from bioimg_kg.endpoint.harvest.citing import citing_router
from bioimg_kg.endpoint.harvest.downloads import downloads_router
from bioimg_kg.endpoint.harvest.offer import Offer, Operator
from bioimg_kg.endpoint.harvest.routes import harvest_router
from bioimg_kg.endpoint.http.failures import (
    BadRequest,
    NotAcceptable,
    QueryCancelled,
    ReleaseBroken,
    ReleaseGone,
    ResultTooLarge,
    ServiceBusy,
    Throttled,
    UnknownRelease,
    UnsupportedMedia,
    WorkerDied,
)
from bioimg_kg.endpoint.http.logs import write_logs
from bioimg_kg.endpoint.http.metrics import Metrics
from bioimg_kg.endpoint.http.observe import Observer
from bioimg_kg.endpoint.http.responses import problem, wants_html, wants_text
from bioimg_kg.endpoint.images import images_router
from bioimg_kg.endpoint.linked.routes import linked_router
from bioimg_kg.endpoint.operation import operation_router
from bioimg_kg.endpoint.pages.api import api_router
from bioimg_kg.endpoint.pages.assets import assets_router
from bioimg_kg.endpoint.pages.explore import explore_router
from bioimg_kg.endpoint.pages.hints import hints_router
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.endpoint.pages.quality import quality_router
from bioimg_kg.endpoint.pages.routes import pages_router
from bioimg_kg.endpoint.pictures.failures import (
    ImageElsewhere,
    ImageTooLarge,
    ImageUnreadable,
    NoSuchPicture,
)
from bioimg_kg.endpoint.pictures.routes import Gallery, pictures_router
from bioimg_kg.endpoint.pictures.sources import Hosts
from bioimg_kg.endpoint.pictures.studio import Studio
from bioimg_kg.endpoint.releases.compare import Comparisons
from bioimg_kg.endpoint.releases.pin import Versions, pin
from bioimg_kg.endpoint.releases.routes import releases_router
from bioimg_kg.endpoint.search.finder import Finder
from bioimg_kg.endpoint.search.oldlinks import old_links_router
from bioimg_kg.endpoint.search.routes import search_router
from bioimg_kg.endpoint.service import Service
from bioimg_kg.endpoint.settings import Settings
from bioimg_kg.endpoint.sparql.routes import sparql_router
from bioimg_kg.endpoint.views.api import views_router
from bioimg_kg.endpoint.views.viewer import viewer_router
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
    NoSuchPicture: Answer(404, "There is no such picture"),
    ImageUnreadable: Answer(422, "The image cannot be shown", "open it with one of the viewers of its page"),
    ImageTooLarge: Answer(
        403, "The image is too large for a picture", "open it with one of the viewers of its page"
    ),
    ImageElsewhere: Answer(403, "This service does not read images from there", "open its address yourself"),
    ResultTooLarge: Answer(403, "The answer is too large", "add LIMIT, or ask study by study"),
    QueryRefused: Answer(403, "This service does not do that"),
    QueryTimeout: Answer(
        503, "The query took too long", "start from a specific gene, phenotype or study, or add LIMIT"
    ),
    ServiceBusy: Answer(503, "The service is busy", "try again after the time in Retry-After"),
    Throttled: Answer(429, "You have used your share", "try again after the time in Retry-After"),
    QueryCancelled: Answer(409, "The query was cancelled"),
    WorkerDied: Answer(503, "The query was not answered"),
    UnknownRelease: Answer(404, "There is no such release", "see /releases for those that are served"),
    ReleaseGone: Answer(410, "The release is not served any more", "see /releases for those that are"),
    ReleaseBroken: Answer(503, "The release cannot be opened"),
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
    hosts = Hosts(settings.image_hosts.split(), private=settings.image_private)
    studio = Studio(settings.studio_limits)
    service = Service(
        settings.data,
        settings.limits,
        settings.max_result_mb << 20,
        settings.outside,
        cache_bytes=settings.cache_mb << 20,
        share=settings.share,
        earlier=settings.earlier,
    )
    service.public_url = settings.public_url.rstrip("/")
    offer = Offer(service, Operator(settings.public_url, settings.publisher, settings.license))
    comparisons = Comparisons(settings.memory_mb)
    finder = Finder(service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.pools, comparisons:
            yield
        await studio.close()
        finder.close()

    async def named_release(request: Request) -> None:
        pin(service.kept, request)

    app = FastAPI(
        title="bioimg_kg",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        dependencies=[Depends(named_release)],
    )
    metrics = Metrics(service)
    app.add_middleware(Versions, kept=service.kept)
    app.add_middleware(Observer, service=service, metrics=metrics, texts=settings.log_queries)
    app.include_router(sparql_router(service))
    app.include_router(operation_router(service, metrics, settings.metrics_token.get_secret_value()))
    app.include_router(pages_router(service, offer))
    app.include_router(explore_router(service))
    app.include_router(quality_router(service))
    app.include_router(harvest_router(offer))
    app.include_router(citing_router(offer))
    app.include_router(downloads_router(offer))
    app.include_router(releases_router(offer, comparisons))
    app.include_router(images_router(service))
    app.include_router(search_router(finder))
    app.include_router(old_links_router(finder))
    app.include_router(views_router(service))
    app.include_router(viewer_router(service))
    app.include_router(pictures_router(Gallery(service, studio, hosts, settings.image_cache_mb << 20)))
    app.include_router(linked_router(service))
    app.include_router(assets_router())
    app.include_router(hints_router(service))
    app.include_router(api_router())

    _explain_errors(app)
    return app


def _explain_errors(app: FastAPI) -> None:
    app.add_exception_handler(BioimgKgError, _explain)
    app.add_exception_handler(HTTPException, _explain_http)
    app.add_exception_handler(RequestValidationError, _explain_parameters)
    app.add_exception_handler(Exception, _apologise)


def run(settings: Settings) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM), and end with code 0 when all is done.

    The server raises the signal that stopped it once more when it has done its work.
    """
    write_logs(requests=settings.log_requests)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        limit_concurrency=settings.connections,
        timeout_graceful_shutdown=settings.grace_seconds,
        forwarded_allow_ips=settings.trusted_proxies.split(),
        server_header=False,
        log_config=None,  # its lines have URLs and exceptions with what people ask
        log_level="warning",
        access_log=False,
    )


async def _explain(request: Request, error: Exception) -> Response:
    """Tell a client what was wrong, in the form it reads."""
    name, answer = next((c.__name__, STATUS[c]) for c in STATUS if isinstance(error, c))
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    place = (error.line, error.column) if isinstance(error, QuerySyntax) else (None, None)
    headers = {"Retry-After": str(RETRY_SECONDS)} if answer.status == 503 else {}
    if isinstance(error, Throttled):
        headers["Retry-After"] = str(error.retry_after)
    return _tell(request, answer, kind, str(error), place, headers)


async def _explain_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # it is registered for this class
    answer = Answer(error.status_code, HTTPStatus(error.status_code).phrase)
    return _tell(request, answer, "http", str(error.detail), headers=dict(error.headers or {}))


async def _explain_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # it is registered for this class
    wrong = [f"{'.'.join(map(str, entry['loc'][1:]))}: {entry['msg']}" for entry in error.errors()]
    return _tell(request, Answer(400, "A parameter is wrong"), "parameter", "; ".join(wrong))


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
