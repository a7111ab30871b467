"""The files of the current release: a page that lists them, their checksums, and the files."""

import base64
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse

from bioimg_kg.catalog.model import Catalogue, Distribution
from bioimg_kg.catalog.signposting import Link, back_links, catalogue_links, link_header
from bioimg_kg.endpoint.harvest.offer import Offer
from bioimg_kg.endpoint.http.responses import OPEN, has_already
from bioimg_kg.endpoint.pages.html import page

SUMS: Final = "SHA256SUMS"
_NEVER_CHANGES: Final = "public, max-age=31536000, immutable"


def downloads_router(offer: Offer) -> APIRouter:
    """Return the routes below ``/downloads``."""
    router = APIRouter(include_in_schema=False)

    async def listing(request: Request) -> Response:
        catalogue = await offer.catalogue()
        site = offer.site(request, catalogue)
        licences = {d.distributions[0].name: d.license for d in catalogue.datasets if d.distributions}
        response = page("downloads", {"catalogue": catalogue, "site": site, "licences": licences})
        response.headers["Link"] = link_header(catalogue_links(site))
        return response

    async def download(request: Request, path: str = "") -> Response:
        catalogue = await offer.catalogue()  # of the release in the path, see endpoint.releases.pin
        if not path:
            return await listing(request)
        if path == SUMS:
            lines = [f"{d.sha256}  {d.file}\n" for d in catalogue.distributions]
            return PlainTextResponse("".join(lines), headers=OPEN)
        found = next((d for d in catalogue.distributions if d.file == path), None)
        if found is None:
            raise _not_offered(path, catalogue)
        owners = [dataset for dataset in catalogue.datasets if found in dataset.distributions]
        site = offer.site(request, catalogue)
        back = [link for owner in owners for link in back_links(owner, site) if link.relation == "collection"]
        back = back or [Link(site.download(found), "collection", site.at("/catalog"), "text/html")]
        return _file(found, catalogue.folder, request, {"Link": link_header(back)})

    for path, handler in (
        ("/downloads", listing),
        ("/downloads/{release}", download),
        ("/downloads/{release}/{path:path}", download),
    ):
        router.add_api_route(path, handler, methods=["GET", "HEAD"])
    return router


def _file(found: Distribution, folder: Path, request: Request, more: dict[str, str]) -> Response:
    """Send a file or a part of it. It is packed as a whole: the checksum is that of the packed file."""
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    headers = {
        **OPEN,
        **more,
        "Access-Control-Expose-Headers": "Accept-Ranges, Content-Range, ETag, Link, Repr-Digest",
        "ETag": f'"{found.sha256}"',
        "Cache-Control": _NEVER_CHANGES,
        "Repr-Digest": f"sha-256=:{digest}:",
        "Content-Disposition": f'attachment; filename="{found.file.rpartition("/")[2]}"',
        "X-Content-Type-Options": "nosniff",
    }
    if has_already(request, found.sha256):
        return Response(status_code=304, headers=headers)
    return FileResponse(folder / found.location, media_type=found.sent_as, headers=headers)


def _not_offered(path: str, catalogue: Catalogue) -> HTTPException:
    """Say why there is no such file: it is withheld, or unknown."""
    for study in catalogue.withheld:
        if path == f"study/{study.accession}.nq.gz":
            message = f"{study.accession} is not offered as a file: {study.withheld}. Ask /sparql about it."
            return HTTPException(403, message)
    return HTTPException(404, f"There is no file {path!r}: see /downloads.")
