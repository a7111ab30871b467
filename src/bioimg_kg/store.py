"""The Oxigraph store of a release: built once from N-Quads files, then opened read-only.

Two facts of pyoxigraph shape this module. Loading keeps about nine copies of a batch in memory, so the
files are fed in slices of a fixed size. A query cannot be interrupted in its process and its results may
only be touched by the thread that made them, so a server opens the store in processes it can kill.
"""

import gzip
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from pyoxigraph import RdfFormat, Store

from bioimg_kg.errors import ReleaseNotFound

SLICE_BYTES = 96 << 20
"""Text per load call: 96 MB keep the process under 800 MB; the whole at once takes 2 GB."""


def build_store(
    directory: Path,
    files: Iterable[Path],
    progress: Callable[[Path], None] | None = None,
    *,
    compact: bool = True,
) -> int:
    """Load N-Quads files into a store, which is made if it is not there, and compact it.

    Parameters
    ----------
    directory
        Where the store is.
    files
        ``.nq`` or ``.nq.gz`` files. They are parsed strictly: a line that is not valid N-Quads ends the load.
    progress
        Called with each file when it is loaded.
    compact
        Whether to compact it, which is worth its time after the last files.

    Returns
    -------
    int
        Number of quads in the store.
    """
    store = Store(directory)
    for path in files:
        with _open(path) as stream:
            for piece in _slices(stream, SLICE_BYTES):
                store.bulk_load(piece, format=RdfFormat.N_QUADS)
        if progress:
            progress(path)
    if compact:
        store.optimize()
    store.flush()
    return len(store)


def open_readonly(directory: Path) -> Store:
    """Open a finished store; several processes may do so at once.

    Raises
    ------
    ReleaseNotFound
        There is no store in the folder.

    Notes
    -----
    The store must not be written to while it is open read-only: releases never are.
    """
    if not (directory / "CURRENT").is_file():
        message = f"no store in {directory}: build a release first"
        raise ReleaseNotFound(message)
    return Store.read_only(str(directory))


def _open(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb"))


def _slices(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Cut a stream of lines into pieces of about ``size`` bytes that end with a line end."""
    rest = b""
    while block := stream.read(size):
        cut = block.rfind(b"\n") + 1
        yield rest + block[:cut]
        rest = block[cut:]
    if rest:
        yield rest
