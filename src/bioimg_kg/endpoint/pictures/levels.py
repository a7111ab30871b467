"""The levels of an image: their arrays, opened only if it is safe, and which of them a picture needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, prod
from typing import Any, Final

import zarr

from bioimg_kg.endpoint.pictures.selection import Broken, Files, Large, Refused, read_json
from bioimg_kg.ngff.attributes import is_inside
from bioimg_kg.ngff.facts import Image

MOST_PIXELS: Final = 4096 * 4096
"""Pixels of a plane that is read."""

MOST_LEVELS: Final = 32
CODECS: Final = frozenset(
    {
        *("blosc", "zlib", "gzip", "zstd", "lz4", "bz2", "lzma", "shuffle", "delta", "crc32", "crc32c"),
        *("adler32", "bytes", "endian", "transpose", "sharding_indexed", "fixedscaleoffset"),
        *("numcodecs.blosc", "numcodecs.zlib", "numcodecs.gzip", "numcodecs.zstd", "numcodecs.lz4"),
        *("numcodecs.bz2", "numcodecs.lzma", "numcodecs.shuffle", "numcodecs.delta", "numcodecs.crc32c"),
    }
)
"""What chunks may be packed with. Others are not run: one of them (pickle) runs code that is in a chunk."""


@dataclass(slots=True)
class Level:
    """One resolution: its array, where it is, and the size of its planes."""

    array: Any
    path: str
    height: int
    width: int


def open_level(files: Files, path: str, image: Image, index: int) -> Level:
    """Open the array of a level.

    Raises
    ------
    Refused
        It is not there, or not as it must be.
    """
    if index >= len(image.datasets):
        message = "the image has no levels"
        raise Broken(message)
    name = image.datasets[index]
    if not is_inside(name):
        message = f"the path of level {name!r} leads out of the image"
        raise Broken(message)
    where = f"{path}/{name}" if path else name
    _check_codecs(files, where, name)
    try:
        array = zarr.open_array(store=files.store, path=where, mode="r")
    except MemoryError:
        raise
    except Exception as error:  # zarr raises whatever a document leads it to
        message = f"the metadata of level {name!r} cannot be read ({type(error).__name__})"
        raise Broken(message) from error
    if array.ndim != len(image.axes) or 0 in array.shape:
        message = f"level {name!r} has the shape {array.shape}, the image the axes {image.axes!r}"
        raise Broken(message)
    if array.dtype.kind not in "buif":
        message = f"pixels of the type {array.dtype} cannot be shown"
        raise Broken(message)
    height, width = (array.shape[image.axes.index(axis)] for axis in "yx")
    return Level(array, where, height, width)


def _check_codecs(files: Files, where: str, name: str) -> None:
    """Refuse chunks that are packed with something unknown, before anything of them is read."""
    for document in ("zarr.json", ".zarray"):
        content = files.read(f"{where}/{document}")
        if content is not None:
            strange = sorted(codecs_of(read_json(content, f"{where}/{document}")) - CODECS)
            if strange:
                message = (
                    f"level {name!r} is packed with {', '.join(strange)[:100]}, which is not unpacked here"
                )
                raise Broken(message)
            return
    message = f"level {name!r}, which the metadata names, is not there"
    raise Broken(message)


def codecs_of(document: Mapping[str, Any]) -> set[str]:
    """Return the names of all codecs in the metadata of an array, at any depth.

    Examples
    --------
    >>> sorted(codecs_of({"compressor": {"id": "blosc"}, "filters": [{"id": "delta"}], "dtype": "|u1"}))
    ['blosc', 'delta']
    >>> shard = {"name": "sharding_indexed", "configuration": {"codecs": [{"name": "bytes"}]}}
    >>> sorted(codecs_of({"codecs": [shard]}))
    ['bytes', 'sharding_indexed']
    """
    found: set[str] = set()
    waiting: list[Any] = [document.get(key) for key in ("compressor", "filters", "codecs")]
    waiting += document.get("storage_transformers") or []
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, list):
            waiting += entry
        elif isinstance(entry, str):
            found.add(entry)
        elif isinstance(entry, Mapping):
            found.add(str(entry.get("id", entry.get("name"))))
            inner = entry.get("configuration")
            if isinstance(inner, Mapping):
                waiting += [inner.get("codecs"), inner.get("index_codecs")]
    return found


def choose_level(files: Files, path: str, image: Image, size: int, channels: int, most_bytes: int) -> Level:
    """Return the smallest level that has enough pixels, or the largest that may be read.

    Parameters
    ----------
    path, image
        Where the image is, and its metadata.
    size
        Longest edge of the picture.
    channels
        How many will be read.
    most_bytes
        How many bytes of chunks may be unpacked.

    Raises
    ------
    Refused
        There is none.
    """
    chosen: Level | None = None
    failure: Refused = Broken("the image has no levels")
    for index in reversed(range(min(len(image.datasets), MOST_LEVELS))):
        try:
            level = open_level(files, path, image, index)
            _check_size(level, image.axes, channels, most_bytes)
        except Refused as error:
            failure = error
            continue
        chosen = level
        if max(level.height, level.width) >= size:
            break
    if chosen is None:
        raise failure
    return chosen


def _check_size(level: Level, axes: str, channels: int, most_bytes: int) -> None:
    """Refuse a level of which too much would have to be read, by its metadata alone."""
    chunks = dict(zip(axes, level.array.chunks, strict=True))
    size = prod(level.array.chunks) * level.array.dtype.itemsize
    count = ceil(level.height / chunks["y"]) * ceil(level.width / chunks["x"])
    count *= ceil(channels / chunks["c"]) if chunks.get("c", 1) > 1 else channels
    if level.height * level.width > MOST_PIXELS or size * count > most_bytes:
        message = (
            f"its smallest level that would do has {level.width:,} x {level.height:,} pixels in {count:,} "
            f"chunks of {size:,} bytes: at most {MOST_PIXELS:,} pixels and {most_bytes:,} bytes are read"
        )
        raise Large(message)
