"""What is read of a release once, and is known as long as it is asked for."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from bioimg_kg.endpoint.http.bounded import Bounded
from bioimg_kg.endpoint.service import Service
from bioimg_kg.release import Release

T = TypeVar("T")
RELEASES: Final = 8
"""Of so many releases it is kept."""


class PerRelease(Generic[T]):
    """Something that is read of the release that a request is about.

    Parameters
    ----------
    service
        Has the releases.
    read
        Reads it; this is done in a thread.
    """

    def __init__(self, service: Service, read: Callable[[Release], T]) -> None:
        self._service = service
        self._read = read
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._known: Bounded[str, T] = Bounded(RELEASES)

    async def __call__(self) -> tuple[str, T]:
        """Return what tells the release from others, and what was read of it."""
        release, identity = self._service.release.served
        async with self._locks[identity]:  # one release does not wait for another
            known = self._known.get(identity)
            if known is None:
                known = await asyncio.to_thread(self._read, release)
                self._known.put(identity, known, 1)
            return identity, known
