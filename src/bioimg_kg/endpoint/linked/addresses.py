"""Which address on this service an IRI has, and which thing an address is about.

A thing of ours has the path of its IRI. What is said about it is in documents, which have the path of the
thing and a suffix for the format, or ``?format=`` where a thing of that name exists (``a`` and ``a.ttl``) or
the path ends in a slash. A thing that has its IRI elsewhere is at ``/view?iri=``. A term of the vocabulary is
at ``/ontology/<term>``, as a fragment is never sent to a server.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from bioimg_kg.endpoint.http.negotiation import GRAPHS, HTML, Format, by_name
from bioimg_kg.identifiers.iris import encode, is_iri
from bioimg_kg.vocab import BIKG, DEFAULT_BASE

KINDS: Final = ("id", "graph", "mappings")
"""First segments of the paths of our things, apart from the vocabulary."""

ONTOLOGY: Final = BIKG.removesuffix("#")
DOCUMENTS: Final = (*GRAPHS[:4], HTML)
"""Formats of a document, the default first."""

SUFFIXES: Final = ("html", "ttl", "jsonld", "nt", "rdf", "json")
MAX_IRI: Final = 4000
"""Characters of an IRI; longer ones are in no release."""

_STUDY: Final = re.compile("/id/study/([^/]+)")
_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


class MalformedAddress(ValueError):  # noqa: N818 - becomes 400
    """An address from which no IRI can be read."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that has an IRI, and the address of its documents.

    Attributes
    ----------
    iri
        What it is called in the graph.
    path
        Where it is on this service.
    query
        Rest of the address, for things whose IRI is not ours.
    """

    iri: str
    path: str
    query: str = ""

    @property
    def address(self) -> str:
        """Address of the thing itself, which redirects to one of its documents."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def probe(self, name: str) -> str:
        """Return the IRI that would have the address of a document."""
        return "" if self.query else f"{self.iri}.{name}"

    def document(self, name: str, taken: frozenset[str] = frozenset()) -> str:
        """Return the address of a document.

        Parameters
        ----------
        name
            One of :data:`SUFFIXES`.
        taken
            IRIs of things, whose addresses documents of other things must not have.

        Examples
        --------
        >>> study = Thing("https://w3id.org/bioimg-kg/id/study/idr0012", "/id/study/idr0012")
        >>> study.document("ttl"), study.document("ttl", frozenset({study.iri + ".ttl"}))
        ('/id/study/idr0012.ttl', '/id/study/idr0012?format=ttl')
        """
        if self.probe(name) in taken or self.path.endswith("/"):
            return f"{self.path}?format={name}"
        return f"{self.path}.{name}" + (f"?{self.query}" if self.query else "")


def landing(thing: Thing) -> str | None:
    """Return the page that people get for a thing instead of its statements: that of a study.

    Examples
    --------
    >>> landing(ours("/id/study/idr0012")), landing(ours("/id/study/idr0012/screenA"))
    ('/study/idr0012', None)
    """
    found = _STUDY.fullmatch(thing.path)
    return f"/study/{found[1]}" if found else None


def ours(path: str) -> Thing:
    """Return the thing of ours that has this path.

    Examples
    --------
    >>> ours("/id/study/idr0012").iri
    'https://w3id.org/bioimg-kg/id/study/idr0012'
    """
    return Thing(DEFAULT_BASE + path.removeprefix("/"), path)


def term(name: str) -> Thing:
    """Return the term of the vocabulary that has this name; the vocabulary for no name."""
    return Thing(f"{BIKG}{name}", f"/ontology/{name}") if name else Thing(ONTOLOGY, "/ontology")


def viewed(iri: str) -> Thing:
    """Return a thing by its IRI, wherever that leads.

    Raises
    ------
    MalformedAddress
        It is no absolute IRI.

    Examples
    --------
    >>> viewed("http://www.ebi.ac.uk/cmpo/CMPO_0000077").address
    '/view?iri=http%3A%2F%2Fwww.ebi.ac.uk%2Fcmpo%2FCMPO_0000077'
    >>> viewed("https://w3id.org/bioimg-kg/ontology#Well").address
    '/ontology/Well'
    """
    if len(iri) > MAX_IRI or not is_iri(iri):
        message = f"not an absolute IRI of at most {MAX_IRI:,} characters: {iri[:200]!r}"
        raise MalformedAddress(message)
    place, _, fragment = iri.partition("#")
    if place == ONTOLOGY:
        return term(quote(fragment, safe="-._~"))
    kind = place.removeprefix(DEFAULT_BASE).partition("/")[0]
    if place.startswith(DEFAULT_BASE) and kind in KINDS and not fragment and canonical_path(place) == place:
        return Thing(iri, "/" + place.removeprefix(DEFAULT_BASE))
    return Thing(iri, "/view", f"iri={quote(iri, safe='')}")


def link(iri: str, known: frozenset[str] = frozenset()) -> str | None:
    """Return where a page leads for an IRI: here if it is ours or known here, or else to itself.

    Examples
    --------
    >>> link("https://w3id.org/bioimg-kg/graph/study/idr0012"), link("https://example.org/x")
    ('/graph/study/idr0012', 'https://example.org/x')
    >>> link("urn:uuid:1") is None
    True
    """
    if iri in known or iri == ONTOLOGY or iri.startswith((BIKG, *(f"{DEFAULT_BASE}{k}/" for k in KINDS))):
        place, _, fragment = iri.partition("#")
        if fragment and place.startswith(f"{DEFAULT_BASE}graph/"):
            return "/" + quote(iri.removeprefix(DEFAULT_BASE), safe="/%#=:~")
        return viewed(iri).address if len(iri) <= MAX_IRI else None
    return iri if iri.startswith(("http://", "https://")) else None


def read_path(raw: bytes) -> str:
    """Return the path of a request as IRIs have it, whatever the client has escaped or not.

    Raises
    ------
    MalformedAddress
        An escape is not one, or the bytes are no UTF-8.

    Examples
    --------
    >>> read_path(b"/id/study/x/plate/A%2fb%23(1)")
    '/id/study/x/plate/A%2Fb%23%281%29'
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        message = "the address is not UTF-8"
        raise MalformedAddress(message) from error
    if _ESCAPE.search(text) or len(text) > MAX_IRI:
        message = f"the address has a % that is no escape, or more than {MAX_IRI:,} characters"
        raise MalformedAddress(message)
    return canonical_path(text)


def canonical_path(text: str) -> str:
    """Return a path, or an IRI of ours, with its segments escaped as they are minted."""
    head = DEFAULT_BASE if text.startswith(DEFAULT_BASE) else ""
    try:
        segments = [unquote_to_bytes(part).decode() for part in text.removeprefix(head).split("/")]
    except UnicodeDecodeError as error:
        message = "what the address has escaped is not UTF-8"
        raise MalformedAddress(message) from error
    return head + "/".join(map(encode, segments))


def split_suffix(path: str) -> tuple[str, Format] | None:
    """Return the path of a thing and the format of its document, if this may be the path of one.

    Examples
    --------
    >>> stem, found = split_suffix("/id/study/idr0012.ttl")
    >>> stem, found.media_type
    ('/id/study/idr0012', 'text/turtle')
    >>> split_suffix("/id/study/x/image/a.tif") is None
    True
    """
    stem, _, name = path.rpartition(".")
    found = by_name(name, DOCUMENTS) if name in SUFFIXES and stem and not stem.endswith("/") else None
    return (stem, found) if found else None
