"""Which release is served now."""

import asyncio
import hashlib
import json
import logging
import sys
import time
from pathlib import Path
from typing import Final

from bioimg_kg.endpoint.http.asking import Served, asking
from bioimg_kg.endpoint.workers.process import child_environment
from bioimg_kg.errors import ConfigError, ReleaseNotFound
from bioimg_kg.release import Release, current_release, open_release

LOG: Final = logging.getLogger("bioimg_kg.releases")
LOOK_SECONDS: Final = 0.25
"""How often the link is looked at."""

TRY_AGAIN_SECONDS: Final = 60.0
"""When a release that could not be opened is tried once more: the reason may have been a full machine."""

TRIAL_SECONDS: Final = 120.0


class ReleaseWatch:
    """The release that is served: the one that ``<data>/current`` points to, once it was seen to work.

    A release whose store cannot be read is not served. The one before it stays, and the log says so once.

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
    current
        The release for requests that name none.
    since
        When it became current here, in seconds of the clock of the system.
    refused
        Folder of a release that should be current and cannot be served.
    """

    def __init__(self, data: Path) -> None:
        self._link = data / "current"
        self.current = served(current_release(data))
        self.since = time.time()
        self.refused: Path | None = None
        self._again = 0.0

    def __call__(self) -> Release:
        """Return the release that the request is about: the one it names, or else the current one."""
        return self.served.release

    @property
    def served(self) -> Served:
        """The release that the request is about, with what tells it from others."""
        pin = asking().pin
        return pin.served if pin else self.current

    @property
    def identity(self) -> str:
        """What tells that release from all others, also from an earlier one of the same name."""
        return self.served.identity

    async def follow(self) -> None:
        """Look at the link for ever, and switch when another release is there and works."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception:  # whatever is wrong with a release, the next one is looked at
                LOG.exception("the link to the current release cannot be followed")

    async def look(self) -> None:
        """Look at the link once."""
        path = self._link.resolve()
        if path == self.current.release.path or not path.is_dir():
            self.refused = None
            return
        if path == self.refused and time.monotonic() < self._again:
            return
        try:
            candidate = served(await asyncio.to_thread(open_release, path))
            await try_store(candidate.release)
        except (ConfigError, OSError, TimeoutError):
            self._again = time.monotonic() + TRY_AGAIN_SECONDS
            if path != self.refused:
                told = {"release": path.name}
                LOG.exception("the new release cannot be served, the one before it stays", extra=told)
            self.refused = path
            return
        if self._link.resolve() == path:
            self.current, self.since, self.refused = candidate, time.time(), None


def served(release: Release) -> Served:
    """Return a release with what tells it from all others."""
    content = json.dumps([release.name, release.manifest], sort_keys=True)
    return Served(release, hashlib.sha256(content.encode()).hexdigest())


def counted(release: Release, kind: str) -> int | None:
    """Return how many of a kind the manifest says that there are; None if it does not say.

    Examples
    --------
    >>> counted(Release(Path("x"), {"counts": {"quads": 3}}), "quads")
    3
    """
    counts = release.manifest.get("counts")
    number = counts.get(kind) if isinstance(counts, dict) else None
    return number if isinstance(number, int) else None


async def try_store(release: Release) -> None:
    """Read the store of a release once through, in a process of its own.

    Raises
    ------
    ConfigError
        It cannot be opened or read, or does not hold what the manifest says.
    TimeoutError
        That takes too long.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bioimg_kg.endpoint.workers.trial", str(release.store)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=child_environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not said.strip().isdigit():
        message = f"the store of release {release.name!r} cannot be read"
        raise ReleaseNotFound(message)
    stated = counted(release, "quads")
    if stated is not None and stated != int(said):
        message = (
            f"the store of release {release.name!r} has {int(said):,} quads, its manifest says {stated:,}"
        )
        raise ReleaseNotFound(message)
