"""Which image of an OME-Zarr group is meant: of a plate a field of a well, of a series the first."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zarr.abc.store import Store

from bioimg_kg.endpoint.pictures.wanted import Wanted
from bioimg_kg.ngff.attributes import Reader, kind_of, read_plate, read_series, read_well
from bioimg_kg.ngff.places import well_name


class Refused(Exception):  # noqa: N818 - becomes a failure of the job
    """There is no picture; ``kind`` says why in one word."""

    kind = "broken"


class Absent(Refused):
    """There is no such image, plane or channel."""

    kind = "absent"


class Broken(Refused):
    """Metadata or a chunk is not as it must be."""


class Large(Refused):
    """More would have to be read than may be."""

    kind = "large"


@dataclass(frozen=True, slots=True)
class Files:
    """Access to what is in a group.

    Attributes
    ----------
    store
        For zarr.
    read
        Returns a document by its path, or None.
    has_chunks
        Says whether there is any chunk below a path.
    """

    store: Store
    read: Callable[[str], bytes | None]
    has_chunks: Callable[[str], bool]


def _attributes(files: Files, path: str) -> Mapping[str, Any] | None:
    """Return the attributes of a group, None if there is none."""
    prefix = f"{path}/" if path else ""
    for name in ("zarr.json", ".zattrs"):
        document = files.read(prefix + name)
        if document is None:
            continue
        content = read_json(document, prefix + name)
        said = content.get("attributes", {}) if name == "zarr.json" else content
        return said if isinstance(said, Mapping) else {}
    return None


def read_json(document: bytes, name: str) -> Mapping[str, Any]:
    """Read a document, which must hold an object.

    Raises
    ------
    Broken
        It does not.
    """
    try:
        content = json.loads(document)
    except (ValueError, RecursionError) as error:
        message = f"{name} is not JSON"
        raise Broken(message) from error
    if not isinstance(content, Mapping):
        message = f"{name} is not a JSON object"
        raise Broken(message)
    return content


def select_image(files: Files, wanted: Wanted) -> tuple[str, Mapping[str, Any]]:
    """Return path and attributes of the image that is meant.

    Raises
    ------
    Absent
        There is none.
    Broken
        The metadata does not lead to one.
    """
    attributes = _attributes(files, "")
    if attributes is None:
        message = "there is no OME-Zarr group at the address of this image"
        raise Absent(message)
    kind = kind_of(attributes)
    path = ""
    if kind == "plate":
        path = _field(files, attributes, wanted)
    elif kind == "well":
        path = _pick(read_well(attributes, Reader("")), wanted.field)
    elif kind == "series":
        named = _attributes(files, "OME") or {}
        path = next(iter(read_series(named, Reader("OME"))), "0")
    elif kind != "image":
        message = "this group is no OME-Zarr image, plate or bioformats2raw layout"
        raise Broken(message)
    if path:
        attributes = _attributes(files, path)
        if attributes is None:
            message = f"there is no image at {path!r}, which the metadata names"
            raise Absent(message)
    return path, attributes


def _field(files: Files, attributes: Mapping[str, Any], wanted: Wanted) -> str:
    wells = {well_name(path) or path: path for path in read_plate(attributes, Reader("")).wells}
    well = wells.get(wanted.well) if wanted.well else next(iter(wells.values()), None)
    if well is None:
        message = f"the plate has no well {wanted.well!r}" if wanted.well else "the plate has no wells"
        raise Absent(message)
    said = _attributes(files, well)
    if said is None:
        message = f"well {well!r} has no metadata: it was not imaged, or is not here"
        raise Absent(message)
    return f"{well}/{_pick(read_well(said, Reader(well)), wanted.field)}"


def _pick(fields: Sequence[str], number: int) -> str:
    if number >= len(fields):
        message = f"the well has {len(fields)} fields, counted from 0: there is no {number}"
        raise Absent(message)
    return fields[number]
