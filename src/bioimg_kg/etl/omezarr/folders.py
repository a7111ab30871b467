"""Folders of OME-Zarr groups: images with pixels that are served from here, or metadata of what is elsewhere.

An image is found anywhere below the folder. Whose it is, its path says: best
``<study>/<component>/<dataset>/<image>.ome.zarr`` or ``<study>/<component>/<plate>.ome.zarr``, else the first
part that is an accession and the name of the image.
"""

import os
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from bioimg_kg.errors import Issue, Severity
from bioimg_kg.etl.omezarr.copies import Found, ImageCopy, study_of
from bioimg_kg.etl.omezarr.listing import is_table, read_listing
from bioimg_kg.ngff.places import canonical, image_name, moved, stated_version
from bioimg_kg.ngff.stores import Lifted, is_group, lift

_DEEPEST: Final = 12


def read_folder(root: Path, at: str, base: str, known: Collection[str], found: Found) -> None:
    """Read all copies in a folder, and all tables.

    Parameters
    ----------
    root
        The folder; it may be one OME-Zarr group.
    at
        Address of what the folder has the metadata of; empty if it has the images themselves.
    base
        Base of our own IRIs.
    known
        Accessions of the studies that are built.
    found
        Gets the copies.
    """
    above = root.parent if is_group(root) else root
    some = False
    for path in _walk(root):
        name = path.relative_to(above).as_posix()
        if not path.is_dir():
            read_listing(path, name, base, known, found)
            continue
        some = True
        study, letter = study_of(name.split("/"), known)
        copies = _copies(path, name, at)
        if study not in known:
            message = "its path names no study that is built: put it below a folder named like the accession"
            found.issues.append(
                Issue(
                    study="",
                    file=f"omezarr/{name}",
                    code="omezarr-study-not-built",
                    severity=Severity.INFO,
                    message=message,
                )
            )
            continue
        component = letter or _after(study, name.split("/"))
        found.copies += [replace(copy, study=study, component=component) for copy in copies]
    if some and not at:
        found.folders.append(str(above.resolve()))


def _walk(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Yield groups and tables in order; what is inside a group belongs to it, links are not followed."""
    if is_group(folder):
        yield folder
        return
    if depth > _DEEPEST:
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(path, depth + 1)
        elif entry.is_file(follow_symlinks=False) and is_table(path):
            yield path


def _copies(path: Path, name: str, at: str) -> list[ImageCopy]:
    """Return the copies in one group: several for the series of bioformats2raw."""
    lifted = lift(path)
    parts = name.split("/")
    place = moved(canonical(f"{at.rstrip('/')}/{name}")) if at else ""
    former = canonical(f"{at.rstrip('/')}/{name}") if at else ""
    whole = ImageCopy(
        study="",
        container=parts[-2] if len(parts) > 1 else "",
        name=image_name(name),
        kind=_kind(lifted),
        url=place,
        former=former if former != place else "",
        path="" if at else name,
        version=_version(lifted) or stated_version(place),
        status="VerifiedPath" if lifted.kind else "ListedPath",
        image=next(iter(lifted.images.values()), None),
        plate=lifted.plate,
        wells=tuple(lifted.wells.items()),
        field_count=max([len(fields) for fields in lifted.wells.values()], default=0),
        file=f"omezarr/{name}",
        problems=tuple(lifted.problems),
    )
    if lifted.kind != "series" or not lifted.images:
        return [whole]
    found = []
    for index, (series, image) in enumerate(lifted.images.items()):
        inner = replace(whole, image=image, version=image.version or whole.version)
        inner = replace(inner, url=f"{place}/{canonical_part(series)}" if place else "")
        inner = replace(inner, former=f"{former}/{canonical_part(series)}" if inner.former else "")
        inner = replace(inner, path="" if at else f"{name}/{series}")
        found.append(replace(inner, problems=whole.problems if not index else ()))
    if len(found) > 1:  # none of them is the image of this name alone
        found = [
            replace(copy, name=f"{copy.name} [{series}]")
            for copy, series in zip(found, lifted.images, strict=True)
        ]
    return found


def canonical_part(path: str) -> str:
    """Return a path inside a group as addresses have it.

    Examples
    --------
    >>> canonical_part("a b/0")
    'a%20b/0'
    """
    return canonical(f"x:/{path}").removeprefix("x:/")


def _after(study: str, parts: list[str]) -> str:
    """Return the folder below that of the study, which may be that of a component."""
    below = parts[parts.index(study) + 1 : -1] if study in parts else []
    return below[0] if below else ""


def _kind(lifted: Lifted) -> Literal["image", "plate", ""]:
    return "plate" if lifted.kind == "plate" else ("image" if lifted.kind else "")


def _version(lifted: Lifted) -> str:
    if lifted.plate is not None and lifted.plate.version:
        return lifted.plate.version
    return next((image.version for image in lifted.images.values() if image.version), "")
