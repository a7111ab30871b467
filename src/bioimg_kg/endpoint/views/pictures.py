"""Pictures on the page of anything that has OME-Zarr copies: what the rows of ``pictures-of-thing`` say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bioimg_kg.endpoint.linked.identifiers import address_of
from bioimg_kg.endpoint.pages.html import short_licence
from bioimg_kg.endpoint.views.model import Row, Section, Subject, given
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.ngff.places import Pictures, image_name, picture_addresses
from bioimg_kg.vocab import BIKG

SHOWN: Final = 12
"""So many pictures are on a page; the others are in the answer of the query."""

_THING: Final = given("thing")
_NGFF: Final = "https://ngff.openmicroscopy.org/"
_STATUS: Final = {
    "VerifiedPath": "verified: its metadata was read",
    "ListedPath": "listed: it stands in a table",
    "ComputedPath": "computed from the address of its plate: there may be nothing",
}
_UNITS: Final = {
    "UO_0000008": "m",
    "UO_0000015": "cm",
    "UO_0000016": "mm",
    "UO_0000017": "\N{MICRO SIGN}m",
    "UO_0000018": "nm",
    "UO_0000019": "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}",
}


@dataclass(frozen=True, slots=True)
class Shot:
    """A copy of an image, as a page shows it.

    Attributes
    ----------
    record, name, href
        What it is a picture of, its name and the address of its page.
    copy, url
        IRI of the representation, and the address of its OME-Zarr group.
    template, well
        Of a plate that stands in for its well: where its fields are, and the name of the well.
    facts
        What is known of it, as pairs of name and value.
    """

    record: str
    name: str
    href: str
    copy: str
    url: str
    template: str
    well: str
    facts: Sequence[tuple[str, str]]

    def addresses(self, service: str) -> Pictures:
        """Return where its pictures are, and what opens it.

        Parameters
        ----------
        service
            Public address of the service; empty if it has none, then copies here have no address for others.
        """
        found = picture_addresses(
            self.copy, self.url, template=self.template, well=self.well, service=service
        )
        here = picture_addresses(self.copy, self.url, template=self.template, well=self.well)
        viewers = () if found.zarr.startswith("/") else found.viewers
        return Pictures(here.thumbnail, here.plane, found.zarr, viewers)


def arrange_pictures(rows: Sequence[Row]) -> Sequence[Shot]:
    """Return the first copies of an answer to ``pictures-of-thing``, each once.

    Examples
    --------
    >>> (shot,) = arrange_pictures([{"record": "https://example.org/B3", "name": "B3", "copy": "c",
    ...     "unit": "micron", "url": "https://example.org/P1.zarr/B/3/0", "axes": "cx",
    ...     "sizeC": "2", "sizeX": "96", "physicalX": "0.5"}])
    >>> shot.name, shot.facts[:2]
    ('B3', [('Axes and sizes', 'c 2, x 96'), ('Pixel size', 'x 0.5 micron')])
    """
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        found.setdefault((row["record"], row["copy"], row.get("well", "")), row)
    return [shot_of(row) for row in list(found.values())[:SHOWN]]


def pictures_section(values: Callable[[Subject], Mapping[str, str]] = _THING) -> Section:
    """Return the section of pictures of a view; the parameter ``thing`` may be several IRIs with commas."""
    return Section(
        key="pictures",
        title="Pictures",
        query="pictures-of-thing",
        values=values,
        shape="pictures",
        arrange=arrange_pictures,
        rows=SHOWN,
    )


def shot_of(row: Row) -> Shot:
    """Return the copy that a row of ``pictures-of-thing`` is about."""
    name = row.get("name") or compact(row["record"])
    if row["url"].endswith(".zarr") and (group := image_name(row["url"])) not in name and not row.get("well"):
        name = f"{name}: {group}"
    href = address_of(row["record"]) or ""
    template, well = row.get("template", ""), row.get("well", "")
    return Shot(row["record"], name, href, row["copy"], row["url"], template, well, _facts(row))


def _facts(row: Row) -> list[tuple[str, str]]:
    axes = row.get("axes", "")
    sizes = [f"{axis} {int(size):,}" for axis in axes if (size := row.get(f"size{axis.upper()}"))]
    pixel = [f"{axis.lower()} {size}" for axis in "XYZ" if (size := row.get(f"physical{axis}"))]
    unit = _UNITS.get(row.get("unit", "").rpartition("/")[2], row.get("unit", ""))
    version = row.get("version", "")
    told = [
        ("Axes and sizes", ", ".join(sizes) or axes),
        (
            "Pixel size",
            f"{', '.join(pixel)} {unit}".strip() if pixel else "",
        ),
        ("Doubtful", row.get("doubt", "")),
        ("Pixels", row.get("pixelType", "")),
        ("Channels", row.get("channels", "").replace(" | ", ", ")),
        ("OME-Zarr", version.removeprefix(_NGFF).strip("/")),
        ("Address", _STATUS.get(row.get("status", "").removeprefix(BIKG), "")),
        ("Licence of the study", short_licence(row["licence"]) if "licence" in row else "none is stated"),
        ("Licence of the copy", short_licence(row["copyLicence"]) if "copyLicence" in row else ""),
    ]
    return [(name, value) for name, value in told if value]
