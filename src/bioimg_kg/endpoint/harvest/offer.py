"""What the routes for harvesters share: the catalogue of the current release, and graphs as answers."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from fastapi import HTTPException, Request, Response
from pyoxigraph import RdfFormat, Triple

from bioimg_kg.catalog import dcat, fdp
from bioimg_kg.catalog.examples import SH
from bioimg_kg.catalog.model import Catalogue, Dataset
from bioimg_kg.catalog.reading import read_catalogue
from bioimg_kg.catalog.site import DEFAULT_LICENSE, Site
from bioimg_kg.endpoint.http.asking import asking
from bioimg_kg.endpoint.http.cache import KeptAnswer, Reply, name_of
from bioimg_kg.endpoint.http.encodings import choose_encoding
from bioimg_kg.endpoint.http.negotiation import GRAPHS, HTML, Format, negotiate
from bioimg_kg.endpoint.http.prefixed import graph_bytes
from bioimg_kg.endpoint.http.responses import AnswerResponse, has_already, not_modified
from bioimg_kg.endpoint.releases.known import PerRelease
from bioimg_kg.endpoint.service import Service, address
from bioimg_kg.vocab import PREFIXES

_PREFIXES: Final = {**PREFIXES, **dcat.PREFIXES, **fdp.PREFIXES, "sh": SH}

SOMEWHERE: Final = "http://bioimg-kg-address.invalid"
"""Address in an answer that is kept; it is replaced by one of the same characters, fit for any format."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the service, and where.

    Attributes
    ----------
    url
        Public URL of the service; empty: the address that a request was sent to.
    publisher, license
        Name of who runs it, and licence of the catalogue.
    """

    url: str = ""
    publisher: str = "bioimg_kg"
    license: str = DEFAULT_LICENSE


class Offer:
    """The catalogue of the release that a request is about, read once per release.

    Parameters
    ----------
    service
        The service.
    operator
        Who runs it, and where.
    """

    def __init__(self, service: Service, operator: Operator) -> None:
        self.service = service
        self._operator = operator
        self._current = PerRelease(service, read_catalogue)

    async def catalogue(self) -> Catalogue:
        """Return the catalogue."""
        return (await self._current())[1]

    def site(self, request: Request, catalogue: Catalogue) -> Site:
        """Return the addresses as the client of a request sees them, for a catalogue."""
        return replace(self.address(request), release=catalogue.release)

    def address(self, request: Request) -> Site:
        """Return the addresses as the client of a request sees them."""
        base = self._operator.url.rstrip("/") or origin(address(request))
        before = self.service.kept.before(self.service.release.served)
        return Site(
            base,
            self.service.release().name,
            self._operator.publisher,
            self._operator.license,
            named=asking().pin is not None,
            before=before.release.name if before else "",
        )

    async def _text(
        self, request: Request, make: Callable[[Catalogue, Site], bytes], kind: str
    ) -> tuple[bytes, Literal["hit", "stored"]]:
        """Return a text of the catalogue with the addresses that the client sees, and whether it was kept.

        It is made once for all addresses: the Host header is at the mercy of the client.

        Parameters
        ----------
        request
            The request.
        make
            Makes the text.
        kind
            What tells the text from others of the same path.
        """
        identity, catalogue = await self._current()
        came: Literal["hit", "stored"] = "hit"
        elsewhere = replace(self.site(request, catalogue), base=SOMEWHERE)
        name = _name(identity, elsewhere, request.scope["path"], kind)
        kept = self.service.cache.get(name)
        if kept is None:
            came = "stored"
            payload = await asyncio.to_thread(make, catalogue, elsewhere)
            kept = KeptAnswer(payload, catalogue.folder / "store")
            self.service.cache.put(name, kept)
        return kept.payload.replace(SOMEWHERE.encode(), self.site(request, catalogue).base.encode()), came

    async def graph(
        self,
        request: Request,
        make: Callable[[Catalogue, Site], Iterator[Triple]],
        instead: Callable[[Catalogue, Site], Response] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer with a graph in the format that the client likes best, Turtle if it has no opinion.

        Parameters
        ----------
        request
            The request.
        make
            Makes the graph.
        instead
            Makes what people get, whose browsers like HTML best.
        headers
            More headers.

        Raises
        ------
        NotAcceptable
            The client excludes all formats.
        """
        names = [request.query_params[n] for n in ("format", "output") if n in request.query_params]
        formats = GRAPHS if instead is None else (*GRAPHS, HTML)
        wanted = negotiate(request.headers.get("accept"), names, formats)
        identity, catalogue = await self._current()
        site = self.site(request, catalogue)
        if instead is not None and wanted is HTML:
            return instead(catalogue, site)
        name = _name(identity, site, request.scope["path"], wanted.media_type)
        if has_already(request, name):
            return not_modified(request, name, catalogue.release)
        encoding = request.headers.get("accept-encoding")
        choose_encoding(encoding)

        def serialised(catalogue: Catalogue, site: Site) -> bytes:
            return _serialised(make, catalogue, site, wanted)

        payload, came = await self._text(request, serialised, wanted.media_type)
        answer = KeptAnswer(payload, catalogue.folder / "store")
        return AnswerResponse(Reply(answer, name, came), wanted, encoding, headers)


def _name(identity: str, site: Site, path: str, kind: str) -> str:
    """Return the name of an answer."""
    return name_of(identity, site, path, kind)


def origin(url: str) -> str:
    """Return scheme and host of a URL.

    Examples
    --------
    >>> origin("http://127.0.0.1:8000/study/idr0001")
    'http://127.0.0.1:8000'
    """
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def find_dataset(catalogue: Catalogue, accession: str) -> Dataset:
    """Return a study by its accession, or answer 404."""
    found = next((dataset for dataset in catalogue.datasets if dataset.accession == accession), None)
    if found is None:
        raise HTTPException(404, f"There is no study {accession!r}. The list of all is at /catalog.")
    return found


def _serialised(
    make: Callable[[Catalogue, Site], Iterator[Triple]], catalogue: Catalogue, site: Site, wanted: Format
) -> bytes:
    return serialised(make(catalogue, site), wanted)


def serialised(found: Iterable[Triple], wanted: Format) -> bytes:
    """Return triples in a graph format, each once, in order, with the prefixes that they use."""
    form = RdfFormat.from_media_type(wanted.media_type)
    assert form is not None  # every graph format is one of pyoxigraph
    triples = sorted(set(found), key=str)
    names = "".join(map(str, triples))
    used = {prefix: space for prefix, space in _PREFIXES.items() if f"<{space}" in names}
    return graph_bytes(triples, form, used)
