"""The release that a request names: ``?release=NAME`` on any address, or a path that has the name in it.

Source of the links between versions: RFC 5829.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, quote

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bioimg_kg.endpoint.http.asking import Pin, Served, asking
from bioimg_kg.endpoint.http.failures import BadRequest
from bioimg_kg.endpoint.releases.kept import KeptReleases
from bioimg_kg.endpoint.sparql.protocol import RELEASE

OF_NO_RELEASE: Final = re.compile(r"/(static|releases|health|metrics|openapi\.json|queries/running)(/|\.|$)")
"""Paths that are about no release, or about all of them."""

OF_THE_CURRENT: Final = re.compile(r"/(fdp|\.well-known|sitemap|robots\.txt)")
"""Paths whose documents have one address, whatever release is current."""

LONGEST_ADDRESS: Final = 1000
"""Characters; a longer address is not repeated in a header, which has to pass through proxies."""

_DOWNLOAD: Final = re.compile("/downloads/")
_VERSIONED: Final = re.compile(r"/releases/[^/]+(/sparql)")
_SAFE: Final = "%/:=&?~+!$,;@()*[]'"


def pin(kept: KeptReleases, request: Request, more: Sequence[str] = ()) -> None:
    """Let a request be about the release that it names, if it names one.

    Parameters
    ----------
    kept
        The releases that are served.
    request
        The request.
    more
        Names that are in its body.

    Raises
    ------
    UnknownRelease, ReleaseGone
        There is no such release.
    BadRequest
        It names two, or its address is about the current release only.
    """
    path = request.scope["path"]
    in_path = request.path_params.get(RELEASE, "")
    if not in_path and OF_NO_RELEASE.match(path):
        return
    names = [in_path, *request.query_params.getlist(RELEASE), *more]
    wanted = sorted({name for name in names if name})
    if not wanted:
        return
    if len(wanted) > 1:
        message = "the request names more than one release: name one"
        raise BadRequest(message)
    if OF_THE_CURRENT.match(path):
        message = f"this address is about the current release only: leave out {RELEASE}=, or see /releases"
        raise BadRequest(message)
    me, found = asking(), kept.find(wanted[0])
    me.pin, me.release = Pin(found, unpinned(request.scope)), found.release.name


def unpinned(scope: Scope) -> str:
    """Return the address of a request without the name of a release."""
    path = _VERSIONED.sub(r"\1", quote(scope["path"], safe="/-._~:@!$&'()*+,;="))
    raw = scope.get("query_string", b"").decode("latin-1")
    rest = "&".join(part for part in raw.split("&") if part and not _names_release(part))
    return quote(f"{path}?{rest}" if rest else path, safe=_SAFE)


def _names_release(part: str) -> bool:
    return any(name.strip() == RELEASE for name, _ in parse_qsl(part, keep_blank_values=True))


def at_release(address: str, one: Served | None) -> str:
    """Return an address here as it is for a release; an address elsewhere stays as it is.

    Examples
    --------
    >>> from pathlib import Path
    >>> from bioimg_kg.release import Release
    >>> one = Served(Release(Path("2026.1"), {}), "")
    >>> at_release("/view?iri=x#a", one), at_release("https://example.org/", one)
    ('/view?iri=x&release=2026.1#a', 'https://example.org/')
    """
    local = address.startswith("/") and not address.startswith("//")
    if (
        one is None
        or not local
        or address.startswith("/downloads/")
        or OF_NO_RELEASE.match(address)
        or OF_THE_CURRENT.match(address)
    ):
        return address
    before, mark, fragment = address.partition("#")
    if any(_names_release(part) for part in before.partition("?")[2].split("&")):
        return address
    sign = "&" if "?" in before else "?"
    return f"{before}{sign}{RELEASE}={quote(one.release.name, safe='-._~')}{mark}{fragment}"


def pinned(address: str) -> str:
    """Return an address for the release that the request names, see :func:`at_release`."""
    found = asking().pin
    return at_release(address, found.served if found else None)


class Versions:
    """The part of the application that tells of each answer which release it is from and what came before.

    Parameters
    ----------
    app
        What answers requests.
    kept
        The releases that are served.
    """

    def __init__(self, app: ASGIApp, kept: KeptReleases) -> None:
        self._app = app
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        me = asking()
        first = self._kept.current

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                headers = MutableHeaders(scope=message)
                one = me.pin.served if me.pin else first
                if me.pin and "location" in headers:
                    headers["Location"] = at_release(headers["Location"], one)
                if me.pin or not OF_NO_RELEASE.match(scope["path"]):
                    headers.setdefault("X-Dataset-Version", quote(one.release.name, safe=" -._~"))
                    known = [headers["Link"]] if "link" in headers else []
                    headers["Link"] = ", ".join([*known, *self._links(scope, one)])
            await send(message)

        await self._app(scope, receive, tell)

    def _links(self, scope: Scope, one: Served) -> list[str]:
        links = ['</releases>; rel="version-history"']
        here = unpinned(scope)
        if len(here) > LONGEST_ADDRESS or scope["path"].startswith("/downloads/"):
            return links
        links.append(f'<{here}>; rel="latest-version"')
        before = self._kept.before(one)
        if before is not None and not OF_THE_CURRENT.match(scope["path"]):
            links.append(f'<{at_release(here, before)}>; rel="predecessor-version"')
        return links
