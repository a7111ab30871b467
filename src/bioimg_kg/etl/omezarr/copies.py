"""One OME-Zarr copy of an image or a plate, wherever it was heard of."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bioimg_kg.errors import Issue
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.ngff.facts import Image, Plate, Problem

Status = Literal["ListedPath", "VerifiedPath"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCopy:
    """A copy of an image, or of a plate with its fields.

    Attributes
    ----------
    study
        Accession.
    component, container, name
        What is known of the record that it is a copy of: the component's name or the last letter of it, the
        plate or dataset, and the name. Component and container may be empty.
    kind
        ``image``, ``plate``, or empty if either is possible.
    url
        Its address; empty for an image of a local folder, which has ``path``.
    former
        The address that was listed, if its host has moved since.
    path
        Path inside the local folder.
    version
        OME-Zarr version, empty if unknown.
    status
        Whether it was only listed or its metadata was read.
    image
        What is known of the image, or of the fields of the plate.
    plate, wells
        What the metadata of a plate says, and the fields of those wells whose metadata is here.
    field_count, well_count
        As listed, 0 if unknown.
    license, license_text
        IRI of the licence, and its words if it has none.
    bytes
        How large it is, 0 if unknown.
    omero
        IRI of the same thing in the archive's own database.
    file, line, source
        Where it was heard of: file and row for issues, IRI of the row for the graph.
    problems
        What is wrong with its metadata.
    """

    study: str
    component: str = ""
    container: str = ""
    name: str
    kind: Literal["image", "plate", ""] = ""
    url: str = ""
    former: str = ""
    path: str = ""
    version: str = ""
    status: Status = "ListedPath"
    image: Image | None = None
    plate: Plate | None = None
    wells: tuple[tuple[str, tuple[str, ...]], ...] = ()
    field_count: int = 0
    well_count: int = 0
    license: str = ""
    license_text: str = ""
    bytes: int = 0
    omero: str = ""
    file: str = ""
    line: int = 0
    source: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Found:
    """What the sources of image copies hold.

    Attributes
    ----------
    copies
        In order.
    issues
        What belongs to no study that is built.
    folders
        Local folders whose images can be served.
    files
        The tables that were read.
    """

    copies: list[ImageCopy] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    files: dict[str, SourceFile] = field(default_factory=dict)


_ACCESSION = re.compile(r"([A-Za-z]+[A-Za-z-]*[0-9]{3,})([A-Z]?)")


def study_of(parts: Sequence[str], known: Collection[str]) -> tuple[str, str]:
    """Return the accession that a path names first, and the letter of the component behind it.

    One that is known goes before one that only looks like an accession.

    Examples
    --------
    >>> study_of(["idr", "zarr", "v0.4", "idr0076A", "10501752.zarr"], {"idr0076"})
    ('idr0076', 'A')
    >>> study_of(["idr", "idr9999", "x.zarr"], {"idr0076"}), study_of(["a", "b"], {"idr0076"})
    (('idr9999', ''), ('', ''))
    """
    for part in parts:
        if part in known:
            return part, ""
        if part[:-1] in known and part[-1].isupper():
            return part[:-1], part[-1]
    found = next((match for part in parts if (match := _ACCESSION.fullmatch(part))), None)
    return (found[1], found[2]) if found else ("", "")
