"""One plane of an OME-Zarr image as a PNG: which plane, of which level. Runs in its own process."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from PIL import Image as Pillow

from bioimg_kg.endpoint.pictures.levels import Level, choose_level, open_level
from bioimg_kg.endpoint.pictures.paint import compose, looks, reduce
from bioimg_kg.endpoint.pictures.selection import Absent, Broken, Files, Refused, select_image
from bioimg_kg.endpoint.pictures.wanted import Wanted
from bioimg_kg.ngff.attributes import Reader, read_image
from bioimg_kg.ngff.facts import Image

SHOWN_CHANNELS: Final = 6
"""Channels that are shown at once if the request names none."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, and what it shows."""

    png: bytes
    said: str


def render(files: Files, wanted: Wanted, most_bytes: int) -> Picture:
    """Return the picture of a plane.

    Parameters
    ----------
    files
        The OME-Zarr group.
    wanted
        What is to be shown.
    most_bytes
        How many bytes of chunks may be unpacked.

    Raises
    ------
    Refused
        There is no such picture, or it cannot be made.
    """
    path, attributes = select_image(files, wanted)
    image = read_image(attributes, Reader(path))
    if not image.axes:
        message = "the axes of the image cannot be told from its metadata"
        raise Broken(message)
    full = open_level(files, path, image, 0)
    place = _place(image, full, wanted)
    level = choose_level(files, path, image, wanted.size, len(place.channels), most_bytes)
    shown = looks(image.channels, place.channels, place.count)
    factor = max(1, ceil(max(level.height, level.width) / wanted.size))
    planes = [reduce(_plane(level, image.axes, full, place, c), factor) for c in place.channels]
    if not getattr(files.store, "found", True) and not files.has_chunks(level.path):
        message = "there are no pixels here, only metadata"
        raise Absent(message)
    stream = io.BytesIO()
    Pillow.fromarray(compose(planes, shown)).save(stream, "PNG")
    channels = ",".join(map(str, place.channels))
    return Picture(stream.getvalue(), f"level={level.path}, z={place.z}, t={place.t}, c={channels}")


@dataclass(slots=True)
class _Place:
    z: int
    t: int
    channels: Sequence[int]
    count: int


def _place(image: Image, full: Level, wanted: Wanted) -> _Place:
    """Return which plane is shown: as wanted, or else as the image itself says."""
    sizes = dict(zip(image.axes, full.array.shape, strict=True))
    chosen = {}
    for axis, given, default in (("z", wanted.z, image.default_z), ("t", wanted.t, image.default_t)):
        size = sizes.get(axis, 1)
        first = size // 2 if axis == "z" else 0
        fallback = default if default is not None and default < size else first
        number = fallback if given is None else given
        if number >= size:
            message = f"{axis} is 0 to {size - 1}: there is no {number}"
            raise Absent(message)
        chosen[axis] = number
    count = sizes.get("c", 1)
    for channel in wanted.channels:
        if channel >= count:
            message = f"c is 0 to {count - 1}: there is no {channel}"
            raise Absent(message)
    said = image.channels
    active = [c for c in range(min(count, 1000)) if c >= len(said) or said[c].active]
    channels = wanted.channels or tuple(active[:SHOWN_CHANNELS]) or (0,)
    return _Place(chosen["z"], chosen["t"], channels, count)


def _plane(level: Level, axes: str, full: Level, place: _Place, channel: int) -> Any:  # noqa: ANN401
    """Read one plane of one channel, rows first."""
    wanted = {"z": place.z, "t": place.t, "c": channel}
    index: list[Any] = []
    for axis, size, whole in zip(axes, level.array.shape, full.array.shape, strict=True):
        number = wanted.get(axis, 0)
        # smaller levels may have fewer planes
        index.append(slice(None) if axis in "yx" else min(size - 1, number * size // whole))
    try:
        plane = level.array[tuple(index)]
    except (MemoryError, Refused):
        raise
    except Exception as error:  # codecs raise what they like
        message = f"a chunk of level {level.path!r} cannot be unpacked ({type(error).__name__})"
        raise Broken(message) from error
    return plane if axes.index("y") < axes.index("x") else plane.T
