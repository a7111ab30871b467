"""Around every request: it gets a name and a client, and is counted and written down when it has ended."""

import time
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bioimg_kg.endpoint.http.asking import ASKING, Asking, choose_id
from bioimg_kg.endpoint.http.logs import REQUESTS, hashed
from bioimg_kg.endpoint.http.metrics import Metrics
from bioimg_kg.endpoint.service import Service

METHODS: Final = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS", "PUT", "PATCH", "DELETE"})
GONE: Final = 499
"""Status in log and metrics of a request whose client did not wait for the answer, as nginx has it."""


class Observer:
    """The outermost part of the application.

    Parameters
    ----------
    app
        What answers requests.
    service
        What evaluates queries.
    metrics
        Counts.
    texts
        The texts of queries are written down.
    """

    def __init__(self, app: ASGIApp, service: Service, metrics: Metrics, *, texts: bool = False) -> None:
        self._app = app
        self._service = service
        self._metrics = metrics
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and see what becomes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        own = headers.get("queryid") or headers.get("x-query-id", "")
        host = (scope.get("client") or ("",))[0]
        me = Asking(choose_id(own), self._service.clients.key(host), self._service.release().name)
        status, sent, whole = 500, 0, False
        started = time.perf_counter()

        async def tell(message: Message) -> None:
            nonlocal status, sent, whole
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(me, MutableHeaders(scope=message), time.perf_counter() - started)
            else:
                sent += len(message.get("body", b""))
                whole = not message.get("more_body", False)
            await send(message)

        token = ASKING.set(me)
        try:
            await self._app(scope, receive, tell)
        finally:
            ASKING.reset(token)
            self._service.charge(me)
            seen = GONE if me.gone else status
            seconds = time.perf_counter() - started
            self._metrics.request(me, seen, seconds)
            if REQUESTS.isEnabledFor(20):
                REQUESTS.info(self._line(scope, me, seen, seconds, sent, whole=whole))

    def _add_headers(self, me: Asking, headers: MutableHeaders, seconds: float) -> None:
        if me.form == "none":
            return
        self._service.charge(me)
        headers["X-Query-Id"] = me.id
        headers["Server-Timing"] = f"total;dur={seconds * 1000:.1f}, cpu;dur={me.cpu * 1000:.1f}"
        for name, value in self._service.clients.headers(me.client).items():
            headers[name] = value

    def _line(
        self, scope: Scope, me: Asking, status: int, seconds: float, sent: int, *, whole: bool
    ) -> dict[str, object]:
        line: dict[str, object] = {
            "id": me.id if me.form != "none" else None,
            "client": hashed(me.client, 4) if me.client else None,
            "method": scope["method"] if scope["method"] in METHODS else "other",
            "path": getattr(scope.get("route"), "path", None),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "bytes": sent,
            "broken": True if not whole and status < 400 else None,
        }
        if me.text is not None:
            line |= {"form": me.form, "query": hashed(me.text), "cpu_ms": round(me.cpu * 1000, 1)}
            line |= {"cache": me.cache or None, "text": me.text if self._texts else None}
        return {name: value for name, value in line.items() if value is not None}
