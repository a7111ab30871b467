"""Reads the metadata of OME-Zarr folders with zarr, in its versions 2 and 3; never a chunk."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import zarr

from bioimg_kg.ngff.attributes import (
    KNOWN_VERSIONS,
    Reader,
    excerpt,
    is_inside,
    kind_of,
    read_image,
    read_labels,
    read_plate,
    read_series,
    read_well,
)
from bioimg_kg.ngff.facts import DOCUMENTS, Image, Plate, Problem

LARGEST: Final = 16 << 20
"""Bytes of a document that is read."""

_MOST_SERIES: Final = 10_000


@dataclass(slots=True)
class Lifted:
    """What the metadata of a folder says.

    Attributes
    ----------
    kind
        ``image``, ``plate``, ``series``, or empty if it cannot be told.
    images
        Images by their path inside the folder: the image itself by an empty path, those of a series by
        their names, of a plate the first field that is there.
    plate
        The plate.
    wells
        Fields of each well of the plate whose document is there.
    problems
        What is wrong.
    """

    kind: str = ""
    images: dict[str, Image] = field(default_factory=dict)
    plate: Plate | None = None
    wells: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def lift(folder: Path) -> Lifted:
    """Read the metadata of an OME-Zarr folder, whatever is in its documents.

    Parameters
    ----------
    folder
        A group of zarr: an image, a plate, or what bioformats2raw writes.
    """
    lifted = Lifted()
    attributes = _attributes(folder, "", lifted)
    if attributes is None:
        return lifted
    lifted.kind = kind_of(attributes)
    if lifted.kind == "plate":
        _plate(folder, attributes, lifted)
    elif lifted.kind == "series":
        _series(folder, lifted)
    elif lifted.kind == "image":
        lifted.images[""] = _image(folder, "", attributes, lifted)
    else:
        message = "no image, no plate and no bioformats2raw layout: write it again"
        lifted.problems.append(Problem("", excerpt(sorted(map(str, attributes))), message))
        lifted.kind = ""
    return lifted


def is_group(folder: Path) -> bool:
    """Say whether a folder has a document of zarr."""
    return any((folder / name).is_file() for name in DOCUMENTS)


def _attributes(folder: Path, path: str, lifted: Lifted) -> Mapping[str, Any] | None:
    """Return the attributes of a group, or None with a problem."""
    try:
        _check_size(folder, path)
        group = zarr.open_group(folder / path, mode="r", use_consolidated=False)
        attributes: dict[str, Any] = dict(group.attrs)
    except Exception as error:  # zarr raises whatever a hostile document leads it to
        lifted.problems.append(Problem(path, excerpt(_words(error)), "not a group of zarr: write it again"))
        return None
    return attributes


def _check_size(folder: Path, path: str) -> None:
    """Refuse documents that are too long, and those that are elsewhere.

    Raises
    ------
    ValueError
        There is such a document.
    """
    root = os.path.realpath(folder)
    for name in DOCUMENTS:
        document = folder / path / name
        if document.is_file():
            if os.path.commonpath([root, os.path.realpath(document)]) != root:
                message = f"{name} is a link to a file outside of the folder"
                raise ValueError(message)
            if document.stat().st_size > LARGEST:
                message = f"{name} has more than {LARGEST >> 20} MB"
                raise ValueError(message)


def _image(folder: Path, path: str, attributes: Mapping[str, Any], lifted: Lifted) -> Image:
    reader = Reader(path)
    image = read_image(attributes, reader)
    if image.version not in KNOWN_VERSIONS:
        message = f"not one of the versions that are known ({', '.join(KNOWN_VERSIONS)}); read like 0.5"
        reader.report("version", image.version, message)
    lifted.problems += reader.problems
    if image.datasets:
        image = _with_array(folder, path, image, lifted)
    labels = f"{path}/labels".lstrip("/")
    if is_group(folder / labels):
        said = _attributes(folder, labels, lifted)
        reader = Reader(labels)
        image = replace(image, labels=read_labels(said or {}, reader))
        lifted.problems += reader.problems
    return image


def _with_array(folder: Path, path: str, image: Image, lifted: Lifted) -> Image:
    """Add what the array of the largest level says, and note other levels that are not there."""
    for index, level in enumerate(image.datasets):
        where = f"{path}/{level}".lstrip("/")
        try:
            if not is_inside(level):
                message = "the path of a level leads out of the image"
                raise ValueError(message)  # noqa: TRY301 - told with what zarr has to say
            _check_size(folder, where)
            array = zarr.open_array(folder / where, mode="r")
        except Exception as error:
            message = "the array of this level cannot be read: write the image again"
            lifted.problems.append(Problem(where, excerpt(_words(error)), message))
            continue
        if index:
            continue
        shape = tuple(map(int, array.shape))
        if len(shape) != len(image.axes) or 0 in shape:
            message = f"its array has not one size above zero for each of the axes {image.axes!r}"
            lifted.problems.append(Problem(where, excerpt(shape), message))
            image = replace(image, axes="")
        image = replace(
            image,
            shape=shape,
            pixel_type=str(array.dtype),
            chunks=tuple(map(int, array.chunks)),
            shards=tuple(map(int, array.shards or ())),
        )
    return image


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _series(folder: Path, lifted: Lifted) -> None:
    """Read the images of a bioformats2raw layout: those its group OME names, else 0, 1, 2 and so on."""
    names: tuple[str, ...] = ()
    if is_group(folder / "OME"):
        reader = Reader("OME")
        names = read_series(_attributes(folder, "OME", lifted) or {}, reader)
        lifted.problems += reader.problems
    if not names:
        numbers = map(str, range(_MOST_SERIES))
        for name in numbers:
            if not is_group(folder / name):
                break
            names = (*names, name)
    if not names:
        lifted.problems.append(Problem("", "", "a bioformats2raw layout without images: write it again"))
    for name in names:
        attributes = _attributes(folder, name, lifted)
        if attributes is not None:
            lifted.images[name] = _image(folder, name, attributes, lifted)


def _plate(folder: Path, attributes: Mapping[str, Any], lifted: Lifted) -> None:
    reader = Reader("")
    lifted.plate = read_plate(attributes, reader)
    if not lifted.plate.wells:
        reader.report("plate.wells", "", "a plate without wells: write it again")
    lifted.problems += reader.problems
    for well in lifted.plate.wells:
        if not is_group(folder / well):
            continue  # the specification lets a plate list wells that were not imaged
        said = _attributes(folder, well, lifted)
        reader = Reader(well)
        lifted.wells[well] = read_well(said or {}, reader)
        lifted.problems += reader.problems
    for well, fields in lifted.wells.items():
        for name in fields:
            path = f"{well}/{name}"
            if not lifted.images and is_group(folder / path):
                image = _attributes(folder, path, lifted)
                if image is not None:
                    lifted.images[path] = _image(folder, path, image, lifted)
