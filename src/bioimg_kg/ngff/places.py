"""Addresses of OME-Zarr copies and of their pictures: where a field of a plate is, what opens an image."""

import re
import shlex
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from bioimg_kg.resources import table_rows
from bioimg_kg.vocab import DEFAULT_BASE

ENDINGS = (".ome.zarr", ".zarr")
LOCAL = "omezarr/"
"""Below the base of our IRIs: images of local folders."""

_WELL = re.compile(r"([A-Za-z]{1,2})0*([1-9][0-9]*)")


def canonical(url: str) -> str:
    """Return the address of a zarr group in its normal form: escaped, without a slash at its end.

    Examples
    --------
    >>> canonical("https://example.org/idr0054/Tonsil 1.zarr/")
    'https://example.org/idr0054/Tonsil%201.zarr'
    """
    parts = urlsplit(url.strip())
    path = "/".join(quote(unquote(part), safe="-._~") for part in parts.path.split("/"))
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path.rstrip("/"), parts.query, ""))


def moved(url: str) -> str:
    """Return where an image is today whose host has moved; the rules are in ``mappings/``.

    Examples
    --------
    >>> moved("https://uk1s3.embassy.ebi.ac.uk/idr/zarr/v0.4/1.zarr")
    'https://livingobjects.ebi.ac.uk/idr/zarr/v0.4/1.zarr'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=_rules("moved-host").get(parts.netloc, parts.netloc)))


def stated_version(url: str) -> str:
    """Return the version of OME-Zarr that an address says by itself, or an empty text.

    Examples
    --------
    >>> stated_version("https://example.org/idr/zarr/v0.4/1.zarr"), stated_version("https://example.org/a.zarr")
    ('0.4', '')
    """
    match = re.search(r"/v([0-9]+\.[0-9]+)/", url)
    if match:
        return match[1]
    return next((version for part, version in _rules("version").items() if part in url), "")


@cache
def _rules(kind: str) -> dict[str, str]:
    rows = table_rows("mappings/omezarr-places.tsv")
    return {pattern: value for rule, pattern, value in rows if rule == kind}


def image_name(url: str) -> str:
    """Return the name of an image from its address or path.

    Examples
    --------
    >>> image_name("https://example.org/idr0054/Tonsil%201.ome.zarr")
    'Tonsil 1'
    """
    last = unquote(url.rstrip("/").rpartition("/")[2])
    return next((last.removesuffix(end) for end in ENDINGS if last.endswith(end)), last)


def field_template(url: str) -> str:
    """Return the address of the fields of a plate, with ``{row}``, ``{column}`` and ``{field}``."""
    return f"{url}/{{row}}/{{column}}/{{field}}"


def field_address(template: str, well: str, field: int = 0) -> str:
    """Return the address of one field of a well.

    Parameters
    ----------
    template
        From ``bikg:fieldTemplate``.
    well
        Its name, ``B3`` or ``B03``.
    field
        Counted from 0.

    Raises
    ------
    ValueError
        That is no name of a well.

    Examples
    --------
    >>> field_address("https://example.org/P1.zarr/{row}/{column}/{field}", "B03", 1)
    'https://example.org/P1.zarr/B/3/1'
    """
    match = _WELL.fullmatch(well)
    if match is None:
        message = f"not the name of a well: {well!r}"
        raise ValueError(message)
    filled = {"row": match[1].upper(), "column": match[2], "field": str(field)}
    return re.sub(r"\{(row|column|field)\}", lambda found: filled[found[1]], template)


def well_name(path: str) -> str:
    """Return the name of a well from its path in a plate, as records have it.

    Examples
    --------
    >>> well_name("B/03"), well_name("AA/12"), well_name("4/11")
    ('B3', 'AA12', '')
    """
    match = _WELL.fullmatch(path.replace("/", "", 1))
    return f"{match[1].upper()}{match[2]}" if match else ""


def image_path(url: str) -> str:
    """Return the path of a local image below its folder, from its address.

    Examples
    --------
    >>> image_path("https://w3id.org/bioimg-kg/omezarr/idr9008/a%20b.zarr")
    'idr9008/a b.zarr'
    """
    return unquote(url.removeprefix(DEFAULT_BASE + LOCAL))


@dataclass(frozen=True, slots=True)
class Viewer:
    """What opens an image elsewhere.

    Attributes
    ----------
    kind
        ``link`` to a page, or ``command`` for a terminal.
    target
        Address of the page, or the command.
    """

    name: str
    kind: Literal["link", "command"]
    target: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The addresses of the pictures of a representation.

    Attributes
    ----------
    thumbnail
        A small picture (PNG), made by this service.
    plane
        One plane (PNG), made by this service; ``&z=``, ``&t=``, ``&c=`` and ``&size=`` may be added.
    zarr
        The OME-Zarr group itself: what a viewer reads, and what people copy.
    viewers
        What else opens it. These pages are on other servers, which must be able to reach ``zarr``.
    """

    thumbnail: str
    plane: str
    zarr: str
    viewers: tuple[Viewer, ...]


def picture_addresses(
    representation: str,
    content_url: str,
    *,
    template: str = "",
    well: str = "",
    field: int = 0,
    size: int = 0,
    service: str = "",
) -> Pictures:
    """Return the addresses of the pictures of a copy of an image, or of one field of a plate.

    Parameters
    ----------
    representation
        IRI of the ``bikg:ImageRepresentation``, or of its record.
    content_url
        Its ``schema:contentUrl``.
    template, well, field
        For a plate: its ``bikg:fieldTemplate``, the name of the well, and which of its fields.
    size
        Longest edge of the thumbnail in pixels; 0 for that of the service.
    service
        Address of the service, for links that leave it; empty for addresses relative to its root.

    Examples
    --------
    >>> found = picture_addresses("https://w3id.org/bioimg-kg/id/x/ngff/0.5", "https://example.org/a b.zarr")
    >>> found.thumbnail
    '/image/thumbnail?iri=https%3A%2F%2Fw3id.org%2Fbioimg-kg%2Fid%2Fx%2Fngff%2F0.5'
    >>> found.viewers[0].name, found.viewers[0].target
    ('vizarr', 'https://biongff.github.io/vizarr/?source=https%3A%2F%2Fexample.org%2Fa%2520b.zarr')
    >>> found.viewers[-1].target
    'napari --plugin napari-ome-zarr https://example.org/a%20b.zarr'
    """
    place = field_address(template, well, field) if template and well else content_url
    place = canonical(place)
    if place.startswith(DEFAULT_BASE + LOCAL):
        place = f"{service.rstrip('/')}/{place.removeprefix(DEFAULT_BASE)}"
    chosen: dict[str, str | int] = {"iri": representation}
    if template and well:
        chosen |= {"well": well, "field": field}
    root = service.rstrip("/")
    thumbnail = urlencode(chosen | ({"size": size} if size else {}))
    return Pictures(
        thumbnail=f"{root}/image/thumbnail?{thumbnail}",
        plane=f"{root}/image/plane.png?{urlencode(chosen)}",
        zarr=place,
        viewers=open_with(place),
    )


def open_with(url: str) -> tuple[Viewer, ...]:
    """Return what opens the OME-Zarr group at an address; the list is in ``mappings/image-viewers.tsv``."""
    filled = {"quoted": quote(url, safe=""), "shell": shlex.quote(url)}
    found = []
    for name, kind, template in table_rows("mappings/image-viewers.tsv"):
        target = re.sub(r"\{(quoted|shell)\}", lambda m: filled[m[1]], template)
        found.append(Viewer(name, "command" if kind == "command" else "link", target))
    return tuple(found)
