"""Lookups beside the event loop, in the index of the release that is served now."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from bioimg_kg.endpoint.http.asking import Asking, asking
from bioimg_kg.endpoint.service import Service
from bioimg_kg.release import Release
from bioimg_kg.search.lookup import Search

T = TypeVar("T")
THREADS: Final = 4
"""Lookups at a time: the longest takes two seconds, most take one millisecond."""


class Finder:
    """Answers lookups.

    Parameters
    ----------
    service
        Has the release.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._threads = ThreadPoolExecutor(THREADS, "search")
        self._known: tuple[str, Search] | None = None

    async def ask(self, work: Callable[[Search], T]) -> tuple[Release, T]:
        """Do a lookup in a thread, at the expense of the client; return the release with the answer.

        Raises
        ------
        ConfigError
            The release has no index.
        QueryTimeout
            It took too long.
        Throttled
            The client has used its share.
        """
        me = asking()
        self.service.clients.check(me.client)
        release = self.service.release()
        search = self._search(release)
        answer = await asyncio.get_running_loop().run_in_executor(self._threads, _timed, me, work, search)
        return release, answer

    def _search(self, release: Release) -> Search:
        identity = self.service.release.identity
        if self._known is None or self._known[0] != identity:
            self._known = identity, Search(release.search)  # the old one goes when its last lookup has ended
        return self._known[1]

    def close(self) -> None:
        """End all threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self._known is not None:
            self._known[1].close()


def _timed(me: Asking, work: Callable[[Search], T], search: Search) -> T:
    started = time.thread_time()
    try:
        return work(search)
    finally:
        me.cpu += time.thread_time() - started
