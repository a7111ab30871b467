"""Which release is served now."""

import hashlib
import json
import time
from pathlib import Path

from bioimg_kg.errors import ReleaseNotFound
from bioimg_kg.release import Release, current_release, open_release


class ReleaseWatch:
    """The release that ``<data>/current`` points to, opened again only when the link has moved.

    Parameters
    ----------
    data
        Data folder.

    Raises
    ------
    ReleaseNotFound
        There is no release to begin with; one that disappears later is served on.

    Attributes
    ----------
    since
        When it became current here, in seconds of the clock of the system.
    identity
        What tells the release from all others, also from an earlier one of the same name.
    """

    def __init__(self, data: Path) -> None:
        self._link = data / "current"
        self._release = current_release(data)
        self.identity = _identity(self._release)
        self.since = time.time()

    def __call__(self) -> Release:
        """Return the current release."""
        if self._link.resolve() != self._release.path:
            try:
                self._release = open_release(self._link)
            except (ReleaseNotFound, OSError):
                return self._release
            self.identity = _identity(self._release)
            self.since = time.time()
        return self._release


def _identity(release: Release) -> str:
    content = json.dumps([release.name, release.manifest], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
