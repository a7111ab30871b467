"""Releases on disk: written aside, renamed when whole, switched by one symbolic link.

A data folder looks like this::

    <data>/releases/<name>/quads/<graph>.nq.gz   store/   search.sqlite   mappings/
                           issues.tsv   manifest.json   all.nq.gz   tables/   kgx/   ontology/
    <data>/current -> releases/<name>

Nothing writes to a release that has its final name. A build that is killed at any moment leaves the
previous release current and whole; what it left behind is removed by the next build.
"""

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioimg_kg.errors import ConfigError, ReleaseNotFound

OFFERED = "offered"
"""Below a release: what is offered as files, if that is less than what is in the store."""

_PARTIAL = ".partial-"
_LINK = ".current-"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")


@dataclass(frozen=True, slots=True)
class Release:
    """A finished, immutable release.

    Attributes
    ----------
    path
        Folder of the release (symbolic links resolved, so it stays the same after a switch).
    manifest
        Content of ``manifest.json``.
    """

    path: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the release, which is also the name of its folder."""
        return self.path.name

    @property
    def store(self) -> Path:
        """Folder of the Oxigraph store."""
        return self.path / "store"

    @property
    def quads(self) -> Path:
        """Folder with one ``.nq.gz`` file per named graph."""
        return self.path / "quads"

    @property
    def mappings(self) -> Path:
        """Folder of mapping sets in the SSSOM format: what studies state, and what could be added."""
        return self.path / "mappings"

    @property
    def offered(self) -> Path:
        """Folder of what is offered as files: the release itself, unless studies are withheld."""
        return self.path / OFFERED if self.manifest.get("withheld") else self.path

    @property
    def search(self) -> Path:
        """Index of what can be found by name."""
        return self.path / "search.sqlite"

    @property
    def issues(self) -> Path:
        """Table of the defects that the build found."""
        return self.path / "issues.tsv"


def open_release(path: Path) -> Release:
    """Open the release in a folder.

    Raises
    ------
    ReleaseNotFound
        The folder holds no whole release.
    """
    path = path.resolve()
    manifest = path / "manifest.json"
    if not manifest.is_file():
        message = (
            f"no release in {path}: run `bioimg-kg build SRC -o DATA` first, or name another --data folder"
        )
        raise ReleaseNotFound(message)
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        message = f"{manifest} is not the manifest of a release: build the release again"
        raise ReleaseNotFound(message)
    return Release(path, content)


def current_release(data: Path) -> Release:
    """Open the release that ``<data>/current`` points to.

    Raises
    ------
    ReleaseNotFound
        There is none.

    Examples
    --------
    >>> current_release(Path("/nonexistent"))
    Traceback (most recent call last):
        ...
    bioimg_kg.errors.ReleaseNotFound: no release in /nonexistent/current: run `bioimg-kg build ...
    """
    return open_release(data / "current")


def list_releases(data: Path) -> list[Release]:
    """Open every whole release of a data folder, oldest name first."""
    return [open_release(p.parent) for p in sorted((data / "releases").glob("[!.]*/manifest.json"))]


def free_name(data: Path, date: str) -> str:
    """Return the release name for a date: ``2026.11.20``, or ``2026.11.20.2`` if that is taken."""
    base = date.replace("-", ".")
    taken = {p.name for p in (data / "releases").glob("*")}
    return next(name for n in range(1, 10_000) if (name := base if n == 1 else f"{base}.{n}") not in taken)


def may_be_name(name: str) -> bool:
    """Say whether a release can have this name, which becomes part of paths, addresses and headers.

    Examples
    --------
    >>> may_be_name("2026.11.20"), may_be_name("../2026"), may_be_name("ü")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None


@contextmanager
def new_release(data: Path, name: str) -> Iterator[Path]:
    """Yield an empty folder to fill; when the block ends without an error it becomes the current release.

    Parameters
    ----------
    data
        Data folder; made if it does not exist.
    name
        Name of the release.

    Raises
    ------
    ConfigError
        A release of that name exists, or the name cannot be a folder's name.
    """
    if not may_be_name(name):
        message = (
            f"{name!r} cannot be the name of a release: "
            "use up to 100 letters of ASCII, digits, dots and dashes, and a letter or digit first"
        )
        raise ConfigError(message)
    releases = data / "releases"
    target = releases / name
    if target.exists():
        message = f"release {name!r} exists in {releases}: choose another --release name"
        raise ConfigError(message)
    releases.mkdir(parents=True, exist_ok=True)
    with _alone(releases):
        _remove_abandoned(data)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=releases))
        held = _lock(partial)
    try:
        yield partial
        partial.chmod(0o755)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        if held is not None:
            os.close(held)
    make_current(data, name)


def make_current(data: Path, name: str) -> None:
    """Point ``<data>/current`` to a release, in one atomic step."""
    link = data / f"{_LINK}{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / name)
    link.replace(data / "current")


@contextmanager
def _alone(releases: Path) -> Iterator[None]:
    """Keep other builds from starting in the same data folder for a moment."""
    door = os.open(releases, os.O_RDONLY)
    try:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield
    finally:
        os.close(door)


def _lock(folder: Path) -> int | None:
    """Hold a lock on a folder that ends with this process, however it ends; None if another one has it."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _remove_abandoned(data: Path) -> None:
    """Remove what killed builds have left behind."""
    for path in (data / "releases").glob(f"{_PARTIAL}*"):
        lock = _lock(path) if path.is_dir() else None
        if lock is not None:
            os.close(lock)
            shutil.rmtree(path, ignore_errors=True)
    for link in data.glob(f"{_LINK}*"):
        link.unlink(missing_ok=True)
