"""The routes for programs as a page, made from their OpenAPI description."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from bioimg_kg.endpoint.harvest.offer import origin
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.endpoint.service import address

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """A route with one of its methods.

    Attributes
    ----------
    id
        Its anchor on the page.
    method, path
        What is sent.
    summary, description
        What it is for.
    parameters
        As OpenAPI has them.
    answers
        Status and meaning of its answers.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Mapping[str, Any], ...]
    answers: tuple[tuple[str, str], ...]

    @property
    def tried(self) -> bool:
        """Whether a link can send it: nothing needs to be filled in."""
        return self.method == "GET" and not any(p.get("required") for p in self.parameters)

    def command(self, base: str) -> str:
        """Return a command that sends it to a service, with the names of what is needed for their values."""
        needed = [p["name"] for p in self.parameters if p.get("required") and p["in"] == "query"]
        method = {"GET": "curl -G" if needed else "curl"}.get(self.method, f"curl -X {self.method}")
        return " ".join(
            [method, f"'{base}{self.path}'", *(f"--data-urlencode '{n}={n.upper()}'" for n in needed)]
        )


def api_router() -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/docs", methods=["GET", "HEAD"])
    async def docs(request: Request) -> Response:
        described = request.app.openapi()
        content = {"info": described["info"], "operations": list(operations(described))}
        return page("api", {**content, "base": origin(address(request))})

    return router


def operations(described: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield the operations of an OpenAPI description.

    Examples
    --------
    >>> found = {"get": {"summary": "Health", "responses": {"200": {"description": "fine"}}}}
    >>> [(o.method, o.path, o.tried) for o in operations({"paths": {"/health": found}})]
    [('GET', '/health', True)]
    """
    for path, methods in described["paths"].items():
        for method in _METHODS:
            if method in methods:
                told = methods[method]
                yield Operation(
                    id=re.sub(r"\W+", "-", f"{method}{path}").strip("-"),
                    method=method.upper(),
                    path=path,
                    summary=told.get("summary", ""),
                    description=told.get("description", ""),
                    parameters=tuple(told.get("parameters", ())),
                    answers=tuple((status, r["description"]) for status, r in told["responses"].items()),
                )
