"""Reads the attributes of OME-Zarr groups, versions 0.1 to 0.5, from JSON that may hold anything.

What is wrong is told as a :class:`~bioimg_kg.ngff.facts.Problem`; all else is read. Nothing here raises.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from bioimg_kg.ngff.facts import Channel, Image, Plate, Problem

KNOWN_VERSIONS: Final = ("0.1", "0.2", "0.3", "0.4", "0.5")
MOST: Final = 100_000
"""Entries of a list that are read."""

_LARGEST: Final = 1e300
_OLD_AXES: Final = "tczyx"
_OTHER_AXES: Final = "abdefghijklmnopqrsuvw"
_MOST_AXES: Final = 16
_COLOR: Final = re.compile(r"#?([0-9A-Fa-f]{6})")
_EXCERPT: Final = 120

T = TypeVar("T")


@dataclass(slots=True)
class Reader:
    """Takes values out of one document and remembers what was wrong.

    Parameters
    ----------
    document
        Name of the document.

    Examples
    --------
    >>> reader = Reader("zarr.json")
    >>> reader.get({"a": 1}, "a", str, "")
    ''
    >>> reader.problems
    [Problem(path='zarr.json a', value='1', message='not a text')]
    """

    document: str
    problems: list[Problem] = field(default_factory=list)

    def report(self, place: str, value: object, message: str) -> None:
        """Note that something is wrong."""
        self.problems.append(Problem(f"{self.document} {place}".strip(), excerpt(value), message))

    def get(self, block: Mapping[str, Any], key: str, kind: type[T], default: T, place: str = "") -> T:
        """Return a value of a block; the default if it is missing, and also if it is of another type."""
        value = block.get(key)
        if value is None:
            return default
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        self.report(f"{place}.{key}".lstrip("."), value, f"not {_NAMES.get(kind, 'what is expected')}")
        return default

    def blocks(self, block: Mapping[str, Any], key: str, place: str = "") -> list[Mapping[str, Any]]:
        """Return the objects of a list; what is none is told and left out."""
        found = []
        for index, entry in enumerate(self.get(block, key, list, [], place)[:MOST]):
            if isinstance(entry, Mapping):
                found.append(entry)
            else:
                self.report(f"{place}.{key}[{index}]".lstrip("."), entry, "not an object")
        return found


_NAMES: Final = {str: "a text", list: "a list", dict: "an object", int: "a whole number"}


def excerpt(value: object) -> str:
    """Return a value as text, not too long."""
    try:
        text = repr(value) if not isinstance(value, str) else value
    except (RecursionError, ValueError):
        text = type(value).__name__
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 3] + "..."


def ome(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what OME-Zarr says in the attributes of a group: below ``ome`` since 0.5."""
    inner = attributes.get("ome")
    return inner if isinstance(inner, Mapping) else attributes


def kind_of(attributes: Mapping[str, Any]) -> str:
    """Return what a group is: ``plate``, ``well``, ``series`` (of bioformats2raw), ``image`` or nothing.

    Examples
    --------
    >>> kind_of({"ome": {"version": "0.5", "plate": {}}}), kind_of({"bioformats2raw.layout": 3}), kind_of({})
    ('plate', 'series', '')
    """
    said = ome(attributes)
    names = (("plate", "plate"), ("well", "well"), ("multiscales", "image"))
    found = next((kind for key, kind in names if key in said), "")
    return found or ("series" if "bioformats2raw.layout" in said else "")


def read_image(attributes: Mapping[str, Any], reader: Reader) -> Image:
    """Read the attributes of an image; the facts of its arrays are not in them.

    Examples
    --------
    >>> level = {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [0.5, 0.5]}]}
    >>> axes = [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
    >>> block = {"version": "0.4", "axes": axes, "datasets": [level]}
    >>> image = read_image({"multiscales": [block]}, Reader(""))
    >>> image.version, image.axes, image.scale, image.units[0]
    ('0.4', 'yx', (0.5, 0.5), 'micrometer')
    """
    said = ome(attributes)
    found = reader.blocks(said, "multiscales")
    if not found:
        reader.report("multiscales", said.get("multiscales"), "no image in it; write the image again")
        return Image(version=_version(said, {}, reader))
    first, place = found[0], "multiscales[0]"
    version = _version(said, first, reader)
    axes, units = _axes(first, version, reader)
    datasets = reader.blocks(first, "datasets", place)
    paths = [reader.get(d, "path", str, "", f"{place}.datasets[{i}]") for i, d in enumerate(datasets)]
    if not paths or "" in paths:
        reader.report(f"{place}.datasets", first.get("datasets"), "a level without a path")
    scale = _scale(first, datasets, len(axes), reader)
    omero = reader.get(said, "omero", dict, {})
    shown = reader.get(omero, "rdefs", dict, {}, "omero")
    defaults = [shown.get(key) for key in ("defaultZ", "defaultT")]
    z, t = (n if isinstance(n, int) and not isinstance(n, bool) and n >= 0 else None for n in defaults)
    return Image(
        version=version,
        axes=axes,
        datasets=tuple(path for path in paths if path),
        scale=scale,
        units=units,
        channels=tuple(
            _channel(c, f"omero.channels[{i}]", reader)
            for i, c in enumerate(reader.blocks(omero, "channels", "omero"))
        ),
        default_z=z,
        default_t=t,
    )


def _version(said: Mapping[str, Any], inner: Mapping[str, Any], reader: Reader) -> str:
    for block in (said, inner):
        value = block.get("version")
        if isinstance(value, str | float) and not isinstance(value, bool):
            return str(value)
        if value is not None:
            reader.report("version", value, "not a version; write it as a text, such as 0.5")
    return ""


def _axes(block: Mapping[str, Any], version: str, reader: Reader) -> tuple[str, tuple[str, ...]]:
    """Read the axes: five without a name before 0.3, names in 0.3, then objects with type and unit."""
    said = block.get("axes")
    if said is None and version in {"", "0.1", "0.2"}:
        return _OLD_AXES, ("",) * 5
    names: list[str] = []
    units: list[str] = []
    for index, entry in enumerate(reader.get(block, "axes", list, [], "multiscales[0]")[:_MOST_AXES]):
        place = f"multiscales[0].axes[{index}]"
        name, unit = entry if isinstance(entry, str) else "", ""
        if isinstance(entry, Mapping):
            name = reader.get(entry, "name", str, "", place)
            unit = reader.get(entry, "unit", str, "", place)
        letter = name.lower()
        if not re.fullmatch("[a-z]", letter) or letter in names:
            reader.report(
                place, entry, "an axis needs a name of one letter of its own; it gets another letter"
            )
            letter = next(free for free in _OTHER_AXES if free not in names)
        names.append(letter)
        units.append(unit)
    if not {"y", "x"} <= set(names):
        reader.report("multiscales[0].axes", said, "an image has at least the axes y and x")
        return "", ()
    return "".join(names), tuple(units)


def _scale(
    block: Mapping[str, Any], datasets: Sequence[Mapping[str, Any]], axes: int, reader: Reader
) -> tuple[float, ...]:
    """Return the size of a pixel of the first level: its own scale times that of all levels."""
    if not datasets:
        return ()
    total: list[float] | None = None
    key = "coordinateTransformations"
    for owner, place in ((datasets[0], "multiscales[0].datasets[0]"), (block, "multiscales[0]")):
        for entry in reader.blocks(owner, key, place):
            if entry.get("type") != "scale":
                continue
            values = entry.get("scale")
            good = isinstance(values, list) and len(values) == axes and all(map(_is_size, values))
            if not good:
                message = f"not {axes} numbers above zero, one for each axis; the pixel size is left out"
                reader.report(f"{place}.{key}", values, message)
                return ()
            total = [a * float(b) for a, b in zip(total or [1.0] * axes, values or (), strict=True)]
    return tuple(total or ())


def _is_size(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _LARGEST


def _channel(block: Mapping[str, Any], place: str, reader: Reader) -> Channel:
    window = reader.get(block, "window", dict, {}, place)
    color = reader.get(block, "color", str, "", place)
    match = _COLOR.fullmatch(color)
    if color and not match:
        reader.report(f"{place}.color", color, "not six hexadecimal digits; the colour is left out")
    start, end = (_number(window, key, f"{place}.window", reader) for key in ("start", "end"))
    if start is not None and end is not None and end < start:
        reader.report(f"{place}.window", window, "its end is before its start; the window is left out")
        start = end = None
    label = block.get("label")
    return Channel(
        label=str(label) if isinstance(label, str | int | float) else "",
        color=match[1].upper() if match else "",
        start=start,
        end=end,
        active=block.get("active") is not False,
        inverted=block.get("inverted") is True,
    )


def _number(block: Mapping[str, Any], key: str, place: str, reader: Reader) -> float | None:
    value = block.get(key)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:
        return float(value)  # a comparison with a number too large for float, or with none, is false
    reader.report(f"{place}.{key}", value, "not a number; it is left out")
    return None


def read_labels(attributes: Mapping[str, Any], reader: Reader) -> tuple[str, ...]:
    """Return the names of label images from the attributes of the group ``labels``."""
    return tuple(_names(ome(attributes), "labels", reader))


def read_series(attributes: Mapping[str, Any], reader: Reader) -> tuple[str, ...]:
    """Return the images of a bioformats2raw layout from the attributes of its group ``OME``."""
    return tuple(_names(ome(attributes), "series", reader))


def _names(block: Mapping[str, Any], key: str, reader: Reader) -> list[str]:
    said = reader.get(block, key, list, [])[:MOST]
    for index, name in enumerate(said):
        if not isinstance(name, str) or not is_inside(name):
            reader.report(f"{key}[{index}]", name, "not the name of a group in here; it is left out")
    return [name for name in said if isinstance(name, str) and is_inside(name)]


def is_inside(path: str) -> bool:
    """Say whether a path leads to a place below the group that names it.

    Examples
    --------
    >>> is_inside("B/03/0"), is_inside("../other"), is_inside("/etc"), is_inside("a//b")
    (True, False, False, False)
    """
    parts = path.split("/")
    return not any(part in {"", ".", ".."} or "\\" in part or "\0" in part for part in parts)


def read_plate(attributes: Mapping[str, Any], reader: Reader) -> Plate:
    """Read the attributes of a plate."""
    said = ome(attributes)
    plate = reader.get(said, "plate", dict, {})
    wells = []
    for index, well in enumerate(reader.blocks(plate, "wells", "plate")):
        path = reader.get(well, "path", str, "", f"plate.wells[{index}]")
        if len(path.split("/")) == 2 and is_inside(path):
            wells.append(path)
        else:
            reader.report(f"plate.wells[{index}].path", path, "not row/column; the well is left out")
    rows, columns = (
        [
            reader.get(b, "name", str, "", f"plate.{key}[{i}]")
            for i, b in enumerate(reader.blocks(plate, key, "plate"))
        ]
        for key in ("rows", "columns")
    )
    for place in wells:
        row, column = place.split("/")
        if (rows and row not in rows) or (columns and column not in columns):
            reader.report("plate.wells", place, "its row or column is not in the lists of the plate")
    return Plate(
        version=_version(said, plate, reader),
        rows=tuple(filter(None, rows)),
        columns=tuple(filter(None, columns)),
        wells=tuple(dict.fromkeys(wells)),
        field_count=max(0, reader.get(plate, "field_count", int, 0, "plate")),
        acquisitions=len(reader.blocks(plate, "acquisitions", "plate")),
    )


def read_well(attributes: Mapping[str, Any], reader: Reader) -> tuple[str, ...]:
    """Return the paths of the fields of a well."""
    well = reader.get(ome(attributes), "well", dict, {})
    paths = [
        reader.get(image, "path", str, "", f"well.images[{i}]")
        for i, image in enumerate(reader.blocks(well, "images", "well"))
    ]
    for index, path in enumerate(paths):
        if not is_inside(path):
            reader.report(
                f"well.images[{index}].path", path, "not the name of a group in here; it is left out"
            )
    return tuple(path for path in paths if is_inside(path))
