"""The SPARQL 1.1 protocol: what a request asks, whichever of its forms it comes in.

A query arrives as ``GET ?query=``, as a form in a POST body, or as the body itself. Parameters of the URL
count in all three. Unknown parameters are tolerated: SPARQLWrapper sends ``results=json``, the editor of SIB
``ac=1``.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from bioimg_kg.endpoint.http.failures import BadRequest, UnsupportedMedia
from bioimg_kg.endpoint.sparql.guard import MAX_BYTES, READ_ONLY
from bioimg_kg.errors import QueryRefused
from bioimg_kg.identifiers.iris import is_iri

FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
MAX_BODY: Final = 3 * MAX_BYTES
"""A form may spend three bytes on each byte of its query."""

FORMAT_NAMES: Final = ("format", "output", "results")
"""Parameters that name the format of the answer; SPARQLWrapper sends all three, some of them twice."""

RELEASE: Final = "release"
"""Parameter that names the release to ask, see :mod:`bioimg_kg.endpoint.releases.pin`."""

_UTF8: Final = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ProtocolQuery:
    """What a request asks.

    Attributes
    ----------
    text
        The query, or None if there is none.
    default_graphs, named_graphs
        Dataset of the request, both None if it names no graph.
    formats
        Values of ``format``, ``output`` and ``results``, in order.
    releases
        Values of ``release``.
    """

    text: str | None
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    formats: tuple[str, ...]
    releases: tuple[str, ...] = ()


async def read_query(request: Request) -> ProtocolQuery:
    """Read a request in any of the forms of the protocol.

    Raises
    ------
    BadRequest
        Two queries, text that is not UTF-8, a graph that is no IRI.
    UnsupportedMedia
        A body of no type or of another type than a form or a query.
    QueryRefused
        It is an update, or too long.
    """
    parameters = _parse(_decode(request.scope["query_string"], "the query string", ""), "the query string")
    queries = []
    if request.method in {"POST", "QUERY"}:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            message = "the body is packed (Content-Encoding): send it as it is"
            raise UnsupportedMedia(message)
        body = await _body(request)
        media_type, charset = _content_type(request.headers.get("content-type", ""))
        if media_type == UPDATE:
            raise QueryRefused(READ_ONLY)
        if media_type == DIRECT:
            queries.append(_decode(body, "the body", charset))
        elif media_type == FORM:
            parameters += _form(body, charset)
        else:
            raise UnsupportedMedia(_unsupported(media_type))
    return _interpret(parameters, queries)


def _interpret(parameters: Parameters, queries: list[str]) -> ProtocolQuery:
    names = {name for name, _ in parameters}
    if "update" in names or names & {"using-graph-uri", "using-named-graph-uri"}:
        raise QueryRefused(READ_ONLY)
    queries += [value for name, value in parameters if name == "query"]
    if len(queries) > 1:
        message = f"the request has {len(queries)} queries: send one, either in the URL or in the body"
        raise BadRequest(message)
    default = _graphs(parameters, "default-graph-uri")
    named = _graphs(parameters, "named-graph-uri")
    given = bool(default or named)
    formats = tuple(value for name, value in parameters if name in FORMAT_NAMES)
    releases = tuple(value for name, value in parameters if name == RELEASE)
    text = queries[0] if queries else None
    return ProtocolQuery(text, default if given else None, named if given else None, formats, releases)


def _graphs(parameters: Parameters, wanted: str) -> tuple[str, ...]:
    graphs = tuple(value.strip() for name, value in parameters if name == wanted and value.strip())
    for graph in graphs:
        if not is_iri(graph):
            message = f"{wanted}={graph} is not an absolute IRI"
            raise BadRequest(message)
    return graphs


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            message = f"the body is longer than {MAX_BODY:,} bytes: split the query"
            raise QueryRefused(message)
    return bytes(body)


def _content_type(header: str) -> tuple[str, str]:
    """Return media type and charset in lower case, empty where there is none."""
    media_type, *parameters = (part.strip() for part in header.lower().split(";"))
    found = dict(parameter.partition("=")[::2] for parameter in parameters)
    return media_type, found.get("charset", "").strip("\"' ")


def _form(body: bytes, charset: str) -> Parameters:
    text = _decode(body, "the form", charset)
    parameters = _parse(text, "the form")
    if not any(name in {"query", "update"} for name, _ in parameters) and "{" in text:
        message = (
            "the body looks like a query, but its Content-Type says that it is a form: "
            f"add the header 'Content-Type: {DIRECT}' (curl: -H), or send query=... with --data-urlencode"
        )
        raise BadRequest(message)
    return parameters


def _parse(text: str, place: str) -> Parameters:
    """Read name=value pairs; blanks around names are dropped, as one released client sends them."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        message = f"{place} cannot be read as UTF-8 name=value pairs"
        raise BadRequest(message) from error
    return [(name.strip(), value) for name, value in pairs]


def _decode(body: bytes, place: str, charset: str) -> str:
    message = f"{place} is not UTF-8, the only encoding of SPARQL over HTTP"
    if charset not in _UTF8:
        raise BadRequest(message)
    try:
        return body.decode("utf-8")
    except UnicodeError as error:
        raise BadRequest(message) from error


def _unsupported(media_type: str) -> str:
    found = f"Content-Type {media_type!r}" if media_type else "a body without Content-Type"
    return f"{found}: send {DIRECT} with the query as the body, or {FORM} with query=..."
