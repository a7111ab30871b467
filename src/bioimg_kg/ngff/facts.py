"""What the metadata of an OME-Zarr image or plate says.

Sources: https://ngff.openmicroscopy.org/0.4/ and https://ngff.openmicroscopy.org/0.5/
"""

from dataclasses import dataclass

DOCUMENTS = ("zarr.json", ".zattrs", ".zgroup", ".zarray")
"""Names of the documents with metadata; all other files are chunks."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a document that is not as the specification has it.

    Attributes
    ----------
    path
        Document, and place in it: ``zarr.json multiscales[0].axes``.
    value
        What stands there.
    message
        What is wrong and what to do.
    """

    path: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as the block ``omero`` describes it; what it does not say is empty or None.

    Attributes
    ----------
    color
        Six hexadecimal digits.
    start, end
        Values that are shown black and in full colour.
    """

    label: str = ""
    color: str = ""
    start: float | None = None
    end: float | None = None
    active: bool = True
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """An image with its resolution levels.

    Attributes
    ----------
    version
        Version of OME-Zarr, empty if none is stated.
    axes
        One letter per axis, slowest first.
    datasets
        Path of each level inside the image, the largest first.
    scale
        Size of a pixel along each axis at the largest level; empty if none is stated.
    units
        Unit along each axis, empty where none is stated.
    channels
        In the order of the axis c; empty if nothing is said of them.
    labels
        Names of its label images.
    default_z, default_t
        The plane to show first.
    shape, pixel_type, chunks, shards
        Of the array of the largest level; empty if it cannot be read.
    """

    version: str = ""
    axes: str = ""
    datasets: tuple[str, ...] = ()
    scale: tuple[float, ...] = ()
    units: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    labels: tuple[str, ...] = ()
    default_z: int | None = None
    default_t: int | None = None
    shape: tuple[int, ...] = ()
    pixel_type: str = ""
    chunks: tuple[int, ...] = ()
    shards: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate.

    Attributes
    ----------
    wells
        Path of each well inside the plate, ``B/03``.
    field_count
        Fields of a well, 0 if not stated.
    acquisitions
        How many.
    """

    version: str = ""
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    wells: tuple[str, ...] = ()
    field_count: int = 0
    acquisitions: int = 0


MICROMETRES = {
    "angstrom": 1e-4,
    "nanometer": 1e-3,
    "micrometer": 1.0,
    "millimeter": 1e3,
    "centimeter": 1e4,
    "meter": 1e6,
}
"""Units of length that have a term in the Units Ontology, in micrometres."""

DPI = (72, 96, 150, 300, 360, 600)
_INCH = 25_400.0


def suspect_size(scale: float, unit: str) -> str:
    """Say why a pixel size is probably not that of a microscope: a printer's resolution became one.

    Examples
    --------
    >>> suspect_size(70.5556, "micrometer")
    '70.5556 micrometer is 25,400 / 360: a default in dots per inch, not a measured size'
    >>> suspect_size(0.325, "micrometer")
    ''
    """
    size = scale * MICROMETRES.get(unit, 0)
    found = next((dpi for dpi in DPI if size and abs(_INCH / size - dpi) < 0.01), None)
    if found is None:
        return ""
    return f"{scale:g} {unit} is 25,400 / {found}: a default in dots per inch, not a measured size"
