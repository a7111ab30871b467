"""The tables of mapping sets at the addresses that their names suggest: ``/mappings/<name>.sssom.tsv``."""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import HTTPException, Request, Response
from fastapi.responses import FileResponse

from bioimg_kg.endpoint.http.negotiation import RESULTS, by_name, negotiate
from bioimg_kg.endpoint.http.responses import OPEN
from bioimg_kg.endpoint.linked.addresses import DOCUMENTS
from bioimg_kg.endpoint.service import Service

SUFFIX: Final = ".sssom.tsv"
_TABLE: Final = RESULTS[-1]
_OFFER: Final = (_TABLE, *DOCUMENTS)
assert by_name("tsv", RESULTS) is _TABLE


def table_handler(
    service: Service, thing: Callable[[Request], Awaitable[Response]]
) -> Callable[[str, Request], Awaitable[Response]]:
    """Return what answers with the table of a mapping set.

    Some sets have the address of their table as their IRI: who prefers RDF or HTML is told of the set.

    Parameters
    ----------
    service
        Has the release.
    thing
        Answers for the thing at an address.
    """

    async def table(name: str, request: Request) -> Response:
        release = service.release()
        files = {path.name: path for path in (release.offered / "mappings").glob(f"*{SUFFIX}")}
        file = files.get(name + SUFFIX)
        names = request.query_params.getlist("format") + request.query_params.getlist("output")
        if file is None:
            return await thing(request)
        if negotiate(request.headers.get("accept"), names, _OFFER) is not _TABLE:
            try:
                return await thing(request)
            except HTTPException as error:
                if error.status_code != 404:
                    raise
        headers = {**OPEN, "Vary": "Accept", "Cache-Control": "public, no-cache"}
        headers |= {"X-Dataset-Version": release.name, "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, media_type=_TABLE.content_type, headers=headers)

    return table
