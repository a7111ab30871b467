"""The files that pages load: style sheet, scripts and icon, our own and those of others below ``vendor/``.

All are read once, packed once per encoding, and kept by browsers for good: the address of a file changes
with its content (``?v=``) or has the version of its package in it (``vendor/<name>-<version>/``).
"""

import asyncio
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

import brotli
import zstandard
from fastapi import APIRouter, HTTPException, Request, Response

from bioimg_kg.endpoint.http.encodings import IDENTITY, choose_encoding, new_packer
from bioimg_kg.endpoint.http.responses import OPEN

STATIC: Final = Path(__file__).parents[1] / "static"
FOR_GOOD: Final = "public, max-age=31536000, immutable"
_VERSIONED_DEPTH: Final = 3
"""``vendor/<name>-<version>/<file>``"""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file.

    Attributes
    ----------
    name
        Its path below ``/static/``.
    content
        Its bytes.
    digest
        Changes with them.
    """

    name: str
    content: bytes
    digest: str

    @property
    def versioned(self) -> bool:
        """Whether its path never leads to other bytes."""
        return self.name.count("/") + 1 >= _VERSIONED_DEPTH

    @property
    def address(self) -> str:
        """Where a page finds it."""
        path = f"/static/{quote(self.name)}"
        return path if self.versioned else f"{path}?v={self.digest}"

    @property
    def media_type(self) -> str:
        """What it is, for a browser that does not guess."""
        found = mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return f"{found}; charset=utf-8" if found.startswith("text/") else found


@cache
def assets() -> dict[str, Asset]:
    """Return all files by name."""
    found = {}
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            name, content = path.relative_to(STATIC).as_posix(), path.read_bytes()
            found[name] = Asset(name, content, hashlib.sha256(content).hexdigest()[:16])
    return found


def asset_address(name: str) -> str:
    """Return the address of a file; templates call it ``asset``.

    Parameters
    ----------
    name
        Path below ``static/``; that of a package is without its version.

    Examples
    --------
    >>> asset_address("vendor/htmx/htmx.min.js").startswith("/static/vendor/htmx-")
    True
    >>> asset_address("style.css").startswith("/static/style.css?v=")
    True
    """
    known = assets()
    if name not in known:
        folder, _, file = name.rpartition("/")
        name = next(n for n in known if n.startswith(f"{folder}-") and n.endswith(f"/{file}"))
    return known[name].address


@cache
def _packed(name: str, encoding: str) -> bytes:
    """Return a file as it is sent: small, as it is packed once and sent often."""
    content = assets()[name].content
    if encoding == "br":
        small: bytes = brotli.compress(content, quality=9)
        return small
    if encoding == "zstd":
        return zstandard.ZstdCompressor(level=15).compress(content)
    if encoding == IDENTITY:
        return content
    packer = new_packer(encoding)
    return packer.pack(content) + packer.end()


def assets_router() -> APIRouter:
    """Return the routes of the files. Only what was there at the start is ever sent."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/static/{name:path}", methods=["GET", "HEAD"])
    async def asset_file(name: str, request: Request) -> Response:
        found = assets().get(name)
        if found is None:
            raise HTTPException(404, f"There is no file {name!r}.")
        encoding = choose_encoding(request.headers.get("accept-encoding"), len(found.content))
        for_good = found.versioned or request.query_params.get("v") == found.digest
        tag = f'"{found.digest}-{encoding}"'
        headers = {
            **OPEN,
            "Cache-Control": FOR_GOOD if for_good else "public, no-cache",
            "ETag": tag,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        content = await asyncio.to_thread(_packed, name, encoding)
        if encoding != IDENTITY:
            headers["Content-Encoding"] = encoding
        return Response(content, headers=headers, media_type=found.media_type)

    return router
