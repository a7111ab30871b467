"""The registry of archives: a new one is a new package and one line here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bioimg_kg.errors import SourceError
from bioimg_kg.etl.idr import archive as idr
from bioimg_kg.etl.model import Study, StudyRef


@dataclass(frozen=True, slots=True)
class Archive:
    """What the pipeline needs of an archive.

    Attributes
    ----------
    discover
        Finds the studies in a folder, in a fixed order.
    read
        Reads one of them; the second argument is the base of our own IRIs.
    """

    discover: Callable[[Path], list[StudyRef]]
    read: Callable[[StudyRef, str], Study]


ARCHIVES = {idr.NAME: Archive(idr.discover, idr.read)}


def discover(folder: Path) -> list[StudyRef]:
    """Find the studies of any archive in a folder.

    Raises
    ------
    SourceError
        There is none.
    """
    found = sorted(ref for archive in ARCHIVES.values() for ref in archive.discover(folder))
    if not found:
        message = f"{folder}: no studies found; expected folders with a file idrNNNN-study.txt"
        raise SourceError(message)
    return found


def read(ref: StudyRef, base: str) -> Study:
    """Read a study with the reader of its archive."""
    return ARCHIVES[ref.archive].read(ref, base)
