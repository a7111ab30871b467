"""The releases that are served: the current one, and the latest others in the data folder."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bioimg_kg.endpoint.http.asking import Served
from bioimg_kg.endpoint.http.failures import ReleaseGone, UnknownRelease
from bioimg_kg.endpoint.watch import LOG, ReleaseWatch, served
from bioimg_kg.errors import ReleaseNotFound
from bioimg_kg.release import Release, may_be_name, open_release

FRESH_SECONDS: Final = 1.0
"""For so long the folder is not looked at again."""

SHOWN_NAME: Final = 100
"""Characters of a name that an error repeats."""


class KeptReleases:
    """The current release and the latest others, by name.

    A name that a client sends is only ever looked up among the names of folders that are there: it never
    becomes part of a path.

    Parameters
    ----------
    data
        Data folder.
    keep
        How many releases beside the current one are served.
    watch
        Knows the current one.
    """

    def __init__(self, data: Path, keep: int, watch: ReleaseWatch) -> None:
        self._folder = data / "releases"
        self._keep = keep
        self._watch = watch
        self._read: dict[Path, tuple[int, Served | None]] = {}
        self._looked = 0.0

    @property
    def current(self) -> Served:
        """The current release."""
        return self._watch.current

    def all(self) -> list[Served]:
        """Return those that are served, the latest first."""
        others = self._others()[: self._keep]
        return sorted([self._watch.current, *others], key=_order, reverse=True)

    def find(self, name: str) -> Served:
        """Return the release of a name.

        Raises
        ------
        UnknownRelease
            There is none.
        ReleaseGone
            There is one, and it is not served any more.
        """
        kept = {release.release.name: release for release in self.all()}
        if name in kept:
            return kept[name]
        there = ", ".join(kept)
        shown = repr(name[:SHOWN_NAME]) + ("..." if len(name) > SHOWN_NAME else "")
        if any(other.release.name == name for other in self._others()):
            message = f"release {shown} is not served any more; these are: {there}"
            raise ReleaseGone(message)
        message = f"there is no release {shown}; these are served: {there}"
        raise UnknownRelease(message)

    def before(self, one: Served) -> Served | None:
        """Return the release that came before one of those that are served."""
        return predecessor(one, self.all())

    def _others(self) -> list[Served]:
        """Return all releases in the folder that are not current, the latest first."""
        if time.monotonic() - self._looked > FRESH_SECONDS:
            self._look()
        current = self._watch.current.release
        known = [found for _, found in self._read.values() if found is not None]
        hidden = {current.path, self._watch.refused}
        others = [o for o in known if o.release.path not in hidden and o.release.name != current.name]
        return sorted(others, key=_order, reverse=True)

    def _look(self) -> None:
        """Open the releases that are new in the folder, and forget those that are gone."""
        found = self._folder.glob("[!.]*/manifest.json")
        manifests = {path.parent: path for path in found if may_be_name(path.parent.name)}
        self._read = {folder: entry for folder, entry in self._read.items() if folder in manifests}
        for folder, manifest in manifests.items():
            try:
                changed = manifest.stat().st_mtime_ns
                if folder in self._read and self._read[folder][0] == changed:
                    continue
                self._read[folder] = changed, None
                self._read[folder] = changed, served(open_release(folder))
            except (ReleaseNotFound, OSError):
                told = {"release": folder.name}
                LOG.exception("an earlier release cannot be read, it is left out", extra=told)
        self._looked = time.monotonic()


def predecessor(one: Served, releases: Sequence[Served]) -> Served | None:
    """Return the latest release that is earlier than one of them."""
    earlier = [other for other in releases if _order(other) < _order(one)]
    return max(earlier, key=_order, default=None)


def _order(one: Served) -> tuple[str, list[tuple[int, int, str]]]:
    return order(one.release)


def order(release: Release) -> tuple[str, list[tuple[int, int, str]]]:
    """Return what releases are sorted by: the day, then the name with its numbers read as numbers.

    It is the same on every machine that has a copy, as no time of a file counts.

    Examples
    --------
    >>> names = ["2026.11.20.10", "2026.11.20", "2026.11.20.9", "b"]
    >>> [r.name for r in sorted((Release(Path(n), {"date": ""}) for n in names), key=order)]
    ['2026.11.20', '2026.11.20.9', '2026.11.20.10', 'b']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", release.name)
    named = [(0, int(p), "") if p.isascii() and p.isdigit() and len(p) < 19 else (1, 0, p) for p in parts]
    return str(release.manifest.get("date") or ""), named
