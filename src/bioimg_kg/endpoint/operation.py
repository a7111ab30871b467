"""The routes of those who run the service, and of those who want their query stopped."""

import hmac
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bioimg_kg import __version__
from bioimg_kg.endpoint.http.metrics import Metrics, age_seconds
from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.service import Service

_FRESH: Final = {"Cache-Control": "no-store"}


def operation_router(service: Service, metrics: Metrics, token: str) -> APIRouter:
    """Return the routes of health, metrics and running queries.

    Parameters
    ----------
    service
        What evaluates queries.
    metrics
        What was counted.
    token
        Who knows it may read the metrics; if it is empty, nobody may.
    """
    router = APIRouter()

    @router.get("/health")
    @router.head("/health", include_in_schema=False)
    @router.get("/health/ready", include_in_schema=False)
    @router.head("/health/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        """Tell whether a query would be evaluated now."""
        release, pool = service.release(), service.pool
        well = bool(pool.pids) and release.store.is_dir()
        age = age_seconds(release)
        content: dict[str, object] = {
            "status": "ok" if well else "not ready",
            "release": release.name,
            "version": __version__,
        }
        if (refused := service.release.refused) is not None:
            content["refused"] = refused.name
        content |= {} if age is None else {"age_days": int(age // 86_400)}
        return JSONResponse(content, 200 if well else 503, headers=_FRESH)

    @router.get("/health/live", include_in_schema=False)
    @router.head("/health/live", include_in_schema=False)
    async def live() -> JSONResponse:
        """Tell that requests are answered at all."""
        return JSONResponse({"status": "ok", "version": __version__}, headers=_FRESH)

    @router.get("/metrics", include_in_schema=False)
    async def numbers(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not token:
            raise HTTPException(404, "There are no metrics: BIOIMG_KG_METRICS_TOKEN is not set.")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "The metrics need a token.", headers={"WWW-Authenticate": "Bearer"})
        return Response(metrics.text(), headers=_FRESH, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    @router.get("/queries/running")
    async def running() -> JSONResponse:
        """Tell how much is going on, and nothing of what it is."""
        pool = service.pool
        content = {"queries": len(service.queries), "waiting": pool.waiting, "workers": pool.workers}
        return JSONResponse(content, headers={**OPEN, **_FRESH})

    @router.delete("/queries/{query_id}", status_code=204)
    async def cancel(query_id: str) -> Response:
        """Stop a query; only who sent it knows its id."""
        if not service.queries.cancel(query_id):
            raise HTTPException(404, "No query with this id is being evaluated: it may have ended.")
        return Response(status_code=204, headers={**OPEN, **_FRESH})

    router.add_api_route("/queries/{query_id}", _options, methods=["OPTIONS"], include_in_schema=False)
    return router


async def _options(request: Request) -> Response:
    """Let pages of other sites cancel their queries."""
    allowed = "GET, HEAD, DELETE, OPTIONS"
    told = {"Allow": allowed, "Access-Control-Allow-Methods": allowed, "Access-Control-Max-Age": "86400"}
    told["Access-Control-Allow-Headers"] = request.headers.get("access-control-request-headers", "Accept")
    return Response(status_code=204, headers={**OPEN, **told})
