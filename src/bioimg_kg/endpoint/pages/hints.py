"""What the query editor suggests: prefixes, classes and properties of the release, examples."""

import asyncio
import json
from typing import Final, Literal

from fastapi import APIRouter, Request, Response
from pyoxigraph import NamedNode

from bioimg_kg import __version__
from bioimg_kg.endpoint.http.cache import KeptAnswer, Reply, name_of
from bioimg_kg.endpoint.http.encodings import choose_encoding
from bioimg_kg.endpoint.http.negotiation import Format
from bioimg_kg.endpoint.http.responses import AnswerResponse, has_already, not_modified
from bioimg_kg.endpoint.service import Service
from bioimg_kg.endpoint.sparql.description import statistics
from bioimg_kg.queries import NamedQuery, load_queries
from bioimg_kg.release import Release
from bioimg_kg.vocab import PREFIXES

JSON: Final = Format("application/json", (), ("json",))
_VOID: Final = PREFIXES["void"]
_LISTS: Final = {"classes": NamedNode(f"{_VOID}class"), "properties": NamedNode(f"{_VOID}property")}


def hints_router(service: Service) -> APIRouter:
    """Return the route of the suggestions."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/sparql/hints.json", methods=["GET", "HEAD"])
    async def hints_file(request: Request) -> Response:
        release = service.release()
        name = name_of(service.release.identity, __version__, "hints")
        if has_already(request, name):
            return not_modified(request, name, release.name)
        encoding = request.headers.get("accept-encoding")
        choose_encoding(encoding)
        came: Literal["hit", "stored"] = "hit"
        kept = service.cache.get(name)
        if kept is None:
            came = "stored"
            payload = await asyncio.to_thread(lambda: json.dumps(hints(release)).encode())
            kept = KeptAnswer(payload, release.store)
            service.cache.put(name, kept)
        return AnswerResponse(Reply(kept, name, came), JSON, encoding)

    return router


def hints(release: Release) -> dict[str, object]:
    """Return prefixes, classes and properties that are in a release, and the text of each named query."""
    known = statistics(release.path)
    lists = {
        kind: sorted({t.object.value for t in known if t.predicate == of and isinstance(t.object, NamedNode)})
        for kind, of in _LISTS.items()
    }
    return {
        "prefixes": PREFIXES,
        **lists,
        "queries": {query.name: example(query) for query in load_queries()},
    }


def example(query: NamedQuery) -> str:
    """Return the text of a named query with the values of its examples."""
    return query.bind({p.name: p.example for p in query.parameters})
