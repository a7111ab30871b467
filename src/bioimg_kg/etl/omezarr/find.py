"""Finds OME-Zarr copies in all places that a build is given, and joins what is said of one copy."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from bioimg_kg.errors import Issue, Severity, SourceError
from bioimg_kg.etl.omezarr.copies import Found, ImageCopy
from bioimg_kg.etl.omezarr.folders import read_folder
from bioimg_kg.etl.omezarr.listing import read_listing


def find_copies(sources: Iterable[str], base: str, known: Collection[str]) -> Found:
    """Find the copies of images.

    Parameters
    ----------
    sources
        Each is a folder of images, a table, or ``FOLDER=URL`` for a folder with the metadata documents of
        what is at an address.
    base
        Base of our own IRIs.
    known
        Accessions of the studies that are built.

    Raises
    ------
    SourceError
        There is no such folder or table.
    """
    found = Found()
    for source in sources:
        path, at = _place(source)
        if path.is_dir():
            read_folder(path, at, base, known, found)
        elif path.is_file():
            read_listing(path, path.name, base, known, found)
        else:
            message = f"{path}: no such folder or table; give a folder of images or a table with a column url"
            raise SourceError(message)
    found.copies = _joined(found)
    return found


def _place(source: str) -> tuple[Path, str]:
    """Split ``FOLDER=URL``; a folder may have an equals sign in its name."""
    for scheme in ("=https://", "=http://"):
        folder, mark, rest = source.partition(scheme)
        if mark:
            return Path(folder), mark[1:] + rest
    return Path(source), ""


def _joined(found: Found) -> list[ImageCopy]:
    """Join copies at one address: the list knows licence and size, the metadata all else."""
    by_place: dict[str, ImageCopy] = {}
    for copy in found.copies:
        place = copy.url or f"{copy.study} {copy.path}"
        other = by_place.get(place)
        if other is None:
            by_place[place] = copy
        elif copy.url and (copy.status == "VerifiedPath") != (other.status == "VerifiedPath"):
            read, listed = (copy, other) if copy.status == "VerifiedPath" else (other, copy)
            by_place[place] = _join(read, listed)
        else:
            found.issues.append(_twice(copy, other))
    return [by_place[place] for place in sorted(by_place)]


def _join(read: ImageCopy, listed: ImageCopy) -> ImageCopy:
    return replace(
        read,
        component=read.component or listed.component,
        container=listed.container or read.container,
        version=read.version or listed.version,
        former=read.former or listed.former,
        image=read.image or listed.image,
        field_count=read.field_count or listed.field_count,
        well_count=listed.well_count,
        license=listed.license,
        license_text=listed.license_text,
        bytes=listed.bytes,
        omero=listed.omero,
        source=listed.source,
    )


def _twice(copy: ImageCopy, other: ImageCopy) -> Issue:
    message = f"the same copy is in {other.file}, row {other.line}: the first one counts, take this one out"
    return Issue(
        study=copy.study,
        file=copy.file,
        line=copy.line,
        code="omezarr-listed-twice",
        severity=Severity.INFO,
        value=copy.url or copy.path,
        message=message,
    )
