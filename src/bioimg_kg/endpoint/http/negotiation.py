"""Which format an answer is written in: the table of formats, the Accept header and the ``format`` parameter.

Rules, each of them asked for by a client that is in use:

* ``format=`` (or ``output=``, ``results=``) goes before the Accept header: it is in links, and in scripts
  that cannot set headers. SPARQLWrapper sets both, and means the same by them.
* A type that is not known is skipped, the others still count. Nothing left is an error, not a default.
* SELECT and ASK offer result formats, CONSTRUCT and DESCRIBE graph formats; a header that lists both kinds
  (rdflib sends the same one for all queries) gets the one that fits.

Sources: RFC 9110 section 12.5.1; SPARQL 1.1 Protocol section 2.1.6; the media types are those of
the SPARQL 1.1 Query Results formats and of RDF 1.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bioimg_kg.endpoint.http.failures import NotAcceptable


@dataclass(frozen=True, slots=True)
class Format:
    """A format that answers are written in.

    Attributes
    ----------
    media_type
        Its registered name.
    aliases
        Other media types that clients use for it and are given back (``application/json``), in lower case.
    names
        Values of the ``format`` parameter.
    charset
        Whether the type needs ``charset=utf-8`` to be read right.
    """

    media_type: str
    aliases: tuple[str, ...]
    names: tuple[str, ...]
    charset: bool = False

    @property
    def content_type(self) -> str:
        """The Content-Type header."""
        return f"{self.media_type}; charset=utf-8" if self.charset else self.media_type


RESULTS: Final = (
    Format("application/sparql-results+json", ("application/json",), ("json", "srj", "sparql-json")),
    Format("application/sparql-results+xml", ("application/xml", "text/xml"), ("xml", "srx")),
    Format("text/csv", (), ("csv",), charset=True),
    Format("text/tab-separated-values", ("text/tsv",), ("tsv",), charset=True),
)
"""Formats of SELECT and ASK, the default first."""

GRAPHS: Final = (
    Format("text/turtle", ("application/x-turtle",), ("turtle", "ttl"), charset=True),
    Format("application/n-triples", ("text/plain",), ("n-triples", "ntriples", "nt"), charset=True),
    Format("application/ld+json", ("application/json",), ("json-ld", "jsonld", "json")),
    Format("application/rdf+xml", ("application/xml", "text/xml"), ("rdf+xml", "rdfxml", "rdf", "xml")),
    Format("application/n-quads", (), ("n-quads", "nquads", "nq"), charset=True),
    Format("application/trig", (), ("trig",), charset=True),
)
"""Formats of CONSTRUCT and DESCRIBE, the default first."""

HTML: Final = Format("text/html", ("application/xhtml+xml",), ("html",), charset=True)
"""Pages; on offer only where there is a page."""


@dataclass(frozen=True, slots=True)
class Range:
    """One entry of an Accept header."""

    media_type: str
    quality: float


def offered(form: str | None) -> tuple[Format, ...]:
    """Return the formats for a query form; an unknown form will be a syntax error in any of them."""
    return GRAPHS if form in {"CONSTRUCT", "DESCRIBE"} else RESULTS


def parse_accept(header: str) -> list[Range]:
    """Read an Accept header; entries that cannot be read are left out.

    Examples
    --------
    >>> parse_accept("text/html;q=0.2, */*;level=1, nonsense, text/csv;q=no")
    [Range(media_type='text/html', quality=0.2), Range(media_type='*/*', quality=1.0)]
    """
    ranges = []
    for entry in header.lower().split(","):
        media_type, *parameters = (part.strip() for part in entry.split(";"))
        if media_type.count("/") != 1:
            continue
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                quality = _quality(value)
        if quality >= 0:
            ranges.append(Range(media_type, min(quality, 1.0)))
    return ranges


def choose(accept: str | None, offer: Iterable[Format]) -> Format | None:
    """Choose a format.

    Parameters
    ----------
    accept
        Accept header, None if there is none.
    offer
        Formats, best first.

    Returns
    -------
    Format or None
        The one with the highest quality; of equals the one the client lists first, or offered first where
        the client has only wildcards. None if the client excludes all of them.

    Examples
    --------
    >>> choose("text/csv;q=0.5, application/json", RESULTS).media_type
    'application/sparql-results+json'
    >>> choose("text/*, text/csv;q=0", RESULTS).media_type
    'text/tab-separated-values'
    >>> choose("image/png", RESULTS) is None
    True
    """
    formats = tuple(offer)
    if accept is None or not accept.strip():
        return formats[0]
    ranges = parse_accept(accept)
    ranked = []
    for place, entry in enumerate(formats):
        quality, specific, order = _rank(entry, ranges)
        if quality > 0:
            ranked.append((-quality, -specific, order, place))
    return formats[min(ranked)[-1]] if ranked else None


def negotiate(accept: str | None, names: Iterable[str], offer: Iterable[Format]) -> Format:
    """Choose a format by header and ``format`` parameters.

    Parameters
    ----------
    accept
        Accept header, None if there is none.
    names
        Values of the ``format`` and ``output`` parameters: names or media types; unknown ones are skipped.
    offer
        Formats, best first.

    Raises
    ------
    NotAcceptable
        The client excludes all of them; the message lists them.

    Examples
    --------
    >>> negotiate("*/*", ["csv"], RESULTS).media_type
    'text/csv'
    """
    formats = tuple(offer)
    named = next((entry for name in names if (entry := by_name(name, formats))), None)
    chosen = named or choose(accept, formats)
    if chosen is None:
        types = ", ".join(entry.media_type for entry in formats)
        message = f"no answer in the format that the Accept header asks for: choose one of {types}"
        raise NotAcceptable(message)
    return chosen


def by_name(name: str, offer: Iterable[Format]) -> Format | None:
    """Return the format with this short name or media type.

    Examples
    --------
    >>> by_name("TTL", GRAPHS).media_type
    'text/turtle'
    """
    wanted = name.strip().lower()
    return next((f for f in offer if wanted in (*f.names, f.media_type, *f.aliases)), None)


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return -1.0
    return value if value >= 0 else -1.0  # also leaves out "nan"


def _rank(entry: Format, ranges: list[Range]) -> tuple[float, int, int]:
    """Return quality, whether the type itself is listed (2), its group (1) or all types (0), and where."""
    best = (0.0, -1, 0)
    for order, wanted in enumerate(ranges):
        if wanted.media_type == entry.media_type:
            specific = 3
        elif wanted.media_type in entry.aliases:
            specific = 2
        elif wanted.media_type == entry.media_type.split("/")[0] + "/*":
            specific = 1
        elif wanted.media_type == "*/*":
            specific = 0
        else:
            continue
        if specific > best[1]:
            best = (wanted.quality, specific, order)
    return best[0], min(best[1], 2) if best[1] >= 0 else 0, best[2]
