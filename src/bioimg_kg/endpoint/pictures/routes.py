"""The routes of pictures: a thumbnail and a plane of the copy of an image, a well or a plate."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from bioimg_kg.endpoint.http.asking import asking
from bioimg_kg.endpoint.http.bounded import Bounded
from bioimg_kg.endpoint.http.cache import name_of
from bioimg_kg.endpoint.http.failures import BadRequest
from bioimg_kg.endpoint.http.negotiation import RESULTS
from bioimg_kg.endpoint.http.responses import OPEN, has_already
from bioimg_kg.endpoint.pictures.failures import ImageElsewhere, NoSuchPicture
from bioimg_kg.endpoint.pictures.sources import Folder, Hosts, Source
from bioimg_kg.endpoint.pictures.studio import Print, Studio
from bioimg_kg.endpoint.pictures.wanted import MOST_CHANNELS, Wanted
from bioimg_kg.endpoint.service import Service, unless_gone
from bioimg_kg.identifiers.iris import is_iri
from bioimg_kg.ngff.places import LOCAL, image_path
from bioimg_kg.vocab import DEFAULT_BASE

THUMBNAIL: Final = 256
PLANE: Final = 1024
LARGEST: Final = 2048
"""Longest edge of a picture, in pixels."""

_LONGEST_IRI: Final = 4000
_ANSWER: Final = 1 << 20
_WELL: Final = re.compile(r"[A-Za-z]{1,2}[0-9]{1,2}")

_COPIES: Final = """
PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>
PREFIX schema: <https://schema.org/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?url ?status ?well {
  { <%s> a bikg:ImageRepresentation BIND(<%s> AS ?copy) }
  UNION { <%s> bikg:representation ?copy }
  UNION { <%s> a bikg:Well ; rdfs:label ?well ; dcterms:isPartOf ?plate .
          ?plate a bikg:Plate ; bikg:representation ?copy }
  ?copy schema:contentUrl ?url ; bikg:pathStatus ?status .
} ORDER BY ?well ?status ?url LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class _Copy:
    url: str
    status: str
    well: str

    def rank(self) -> tuple[bool, bool, bool, str]:
        """Order copies: local ones first, of the record itself, with metadata that was read."""
        here = self.url.startswith(DEFAULT_BASE + LOCAL)
        return not here, bool(self.well), not self.status.endswith("VerifiedPath"), self.url


class Gallery:
    """Answers requests for pictures.

    Parameters
    ----------
    service
        Knows which copies there are.
    studio
        Makes the pictures.
    hosts
        From where images may be read, beside local folders.
    cache_bytes
        Room for pictures that are kept.
    """

    def __init__(self, service: Service, studio: Studio, hosts: Hosts, cache_bytes: int) -> None:
        self._service = service
        self._studio = studio
        self._hosts = hosts
        service.refuses_image = self.refuses
        self._kept: Bounded[str, Print] = Bounded(cache_bytes)

    async def answer(self, request: Request, size: int) -> Response:
        """Return the picture that a request asks for.

        Raises
        ------
        BadRequest
            A parameter is not what it must be.
        QueryError, RemoteError
            There is no picture.
        """
        iri, wanted = read_request(request, size)
        identity = self._service.release.identity
        name = name_of(identity, "picture", iri, wanted)
        headers = {**OPEN, "ETag": f'W/"{name}"', "Cache-Control": "public, no-cache"}
        headers |= {"X-Dataset-Version": self._service.release().name, "X-Content-Type-Options": "nosniff"}
        if has_already(request, name):
            return Response(status_code=304, headers=headers)
        made = self._kept.get(name)
        if made is None:
            made = await unless_gone(request, self._make(iri, wanted))
            if identity == self._service.release.identity:
                self._kept.put(name, made, len(made.png))
        headers |= {"X-Picture-Shows": made.said, "Content-Length": str(len(made.png))}
        content = b"" if request.method == "HEAD" else made.png
        return Response(content, headers=headers, media_type="image/png")

    def refuses(self, url: str) -> str:
        """Return why no picture of the image at an address is made here; nothing if one is."""
        try:
            self._source(url)
        except (NoSuchPicture, ImageElsewhere) as error:
            return str(error)
        return ""

    async def _make(self, iri: str, wanted: Wanted) -> Print:
        copy = await self._find(iri)
        if copy.well and not wanted.well:
            wanted = replace(wanted, well=copy.well)
        source = self._source(copy.url)
        me = asking()
        leave = await self._service.clients.enter(me.client)
        try:
            return await self._studio.make(source, wanted)
        finally:
            self._service.charge(me)
            leave()

    async def _find(self, iri: str) -> _Copy:
        text = _COPIES % ((iri,) * 4)
        scan = await self._service.scan(text)
        answer = await self._service.answer(text, scan, RESULTS[0], _ANSWER)
        rows: list[dict[str, Any]] = json.loads(await answer.read())["results"]["bindings"]
        copies = [
            _Copy(*(row.get(key, {}).get("value", "") for key in ("url", "status", "well"))) for row in rows
        ]
        if not copies:
            message = f"the release has no OME-Zarr copy of <{iri}>"
            raise NoSuchPicture(message)
        return min(copies, key=_Copy.rank)

    def _source(self, url: str) -> Source:
        if not url.startswith(DEFAULT_BASE + LOCAL):
            return self._hosts.find(url)
        group = image_path(url)
        folder = next((top for top in local_folders(self._service) if Folder(top, group).is_there()), None)
        if folder is None:
            message = "the folder of this image is not on this machine"
            raise NoSuchPicture(message)
        return Folder(folder, group)


def local_folders(service: Service) -> list[Path]:
    """Return the folders of images that the build of the current release was given."""
    said = service.release().manifest.get("omezarr") or []
    return [Path(folder) for folder in ([said] if isinstance(said, str) else said)]


def read_request(request: Request, size: int) -> tuple[str, Wanted]:
    """Read the parameters of a request: the IRI, and what is to be shown of it.

    Raises
    ------
    BadRequest
        One of them is not what it must be; the message names it.
    """
    given = request.query_params
    iri = given.get("iri", "")
    if len(iri) > _LONGEST_IRI or not is_iri(iri) or any(char in iri for char in '<>"{}|^`\\'):
        message = "iri: give the IRI of an image, a well, a plate or an image representation"
        raise BadRequest(message)
    well = given.get("well", "")
    if well and not _WELL.fullmatch(well):
        message = f"well: not the name of a well, such as B3: {well[:40]!r}"
        raise BadRequest(message)
    numbers = ",".join(part for part in given.getlist("c") if part)  # a form sends one for each
    channels = tuple(_number("c", part, 10_000) for part in numbers.split(",")) if numbers else ()
    if len(channels) > MOST_CHANNELS or len(set(channels)) < len(channels):
        message = f"c: at most {MOST_CHANNELS} different channels, with commas between them"
        raise BadRequest(message)
    edge = _number("size", given["size"], LARGEST) if given.get("size") else size
    if not edge:
        message = f"size: a number of pixels from 1 to {LARGEST}"
        raise BadRequest(message)
    z, t = (_number(key, given[key], 1 << 31) if given.get(key) else None for key in "zt")
    return iri, Wanted(
        size=edge,
        z=z,
        t=t,
        channels=channels,
        well=well,
        field=_number("field", given["field"], 10_000) if given.get("field") else 0,
    )


def _number(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most):
        message = f"{name}: not a whole number from 0 to {most:,}: {text[:40]!r}"
        raise BadRequest(message)
    return int(text)


def pictures_router(gallery: Gallery) -> APIRouter:
    """Return the routes of pictures."""
    router = APIRouter()

    @router.get("/image/thumbnail", response_class=Response)
    @router.head("/image/thumbnail", include_in_schema=False)
    async def thumbnail(request: Request) -> Response:
        """Return a small picture (PNG) of the copy of an image, a well or a plate (``iri``)."""
        return await gallery.answer(request, THUMBNAIL)

    @router.get("/image/plane.png", response_class=Response)
    @router.head("/image/plane.png", include_in_schema=False)
    async def plane(request: Request) -> Response:
        """Return one plane (PNG): ``iri``, and ``z``, ``t``, ``c`` (several with commas), ``size``."""
        return await gallery.answer(request, PLANE)

    return router
