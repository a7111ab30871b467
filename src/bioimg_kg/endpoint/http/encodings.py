"""How an answer is packed on its way: gzip, Brotli or Zstandard, whichever the client asks for.

Packers give out all that they have after each piece, so that the first rows of a long answer arrive at once.

Sources: RFC 9110 section 12.5.3; RFC 8878 for ``zstd`` and RFC 7932 for ``br``.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Final, Protocol

import brotli
import zstandard

from bioimg_kg.endpoint.http.failures import NotAcceptable

ENCODINGS: Final = ("zstd", "br", "gzip")
"""Best first: of what a client likes equally well it gets the one that takes the least time."""

IDENTITY: Final = "identity"
SHORT_BYTES: Final = 512
"""A shorter answer is sent as it is, unless the client forbids that."""
_THREAD_BYTES: Final = 16 << 10
"""A longer piece is packed beside the event loop."""


class Packer(Protocol):
    """Packs an answer piece by piece."""

    def pack(self, piece: bytes) -> bytes:
        """Return the packed form of all that came so far and has not been returned."""

    def end(self) -> bytes:
        """Return the last bytes."""


class _Gzip:
    def __init__(self) -> None:
        self._state = zlib.compressobj(5, zlib.DEFLATED, 31)

    def pack(self, piece: bytes) -> bytes:
        return self._state.compress(piece) + self._state.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._state.flush()


class _Brotli:
    def __init__(self) -> None:
        self._state = brotli.Compressor(quality=4)

    def pack(self, piece: bytes) -> bytes:
        packed: bytes = self._state.process(piece) + self._state.flush()
        return packed

    def end(self) -> bytes:
        rest: bytes = self._state.finish()
        return rest


class _Zstandard:
    def __init__(self) -> None:
        self._state = zstandard.ZstdCompressor(level=3).compressobj()

    def pack(self, piece: bytes) -> bytes:
        return self._state.compress(piece) + self._state.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._state.flush()


_PACKERS: Final[dict[str, type[_Gzip | _Brotli | _Zstandard]]] = {
    "gzip": _Gzip,
    "br": _Brotli,
    "zstd": _Zstandard,
}


def choose_encoding(header: str | None, length: int | None = None) -> str:
    """Choose how to pack an answer.

    Parameters
    ----------
    header
        Accept-Encoding header, None if there is none.
    length
        Bytes of the answer, None if not known yet.

    Returns
    -------
    str
        One of :data:`ENCODINGS`, or ``identity``.

    Raises
    ------
    NotAcceptable
        The client excludes them all, and the answer as it is, too.

    Examples
    --------
    >>> choose_encoding("gzip, deflate, br"), choose_encoding("br;q=0.5, gzip"), choose_encoding(None)
    ('br', 'gzip', 'identity')
    >>> choose_encoding("gzip, br", length=20), choose_encoding("identity;q=0, *", length=20)
    ('identity', 'zstd')
    """
    asked = _parse(header or "")
    others = asked.get("*")
    plain = asked.get(IDENTITY, 0.0 if others == 0 else None)
    liked = [(asked.get(name, others) or 0.0, -place, name) for place, name in enumerate(ENCODINGS)]
    quality, _, best = max(liked)
    if plain != 0 and (quality == 0 or (plain or 0) > quality or (length or SHORT_BYTES) < SHORT_BYTES):
        return IDENTITY
    if quality == 0:
        names = ", ".join(ENCODINGS)
        message = f"nothing is acceptable by the Accept-Encoding header: allow identity or one of {names}"
        raise NotAcceptable(message)
    return best


def new_packer(encoding: str) -> Packer:
    """Return a packer for one of :data:`ENCODINGS`."""
    return _PACKERS[encoding]()


async def packed(pieces: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Pack an answer piece by piece; what goes wrong in it is passed on, and its end never comes."""
    packer = new_packer(encoding)
    async for piece in pieces:
        if len(piece) > _THREAD_BYTES:
            yield await asyncio.to_thread(packer.pack, piece)
        elif piece:
            yield packer.pack(piece)
    yield packer.end()


def _parse(header: str) -> dict[str, float]:
    """Return the quality of each coding; what cannot be read is left out."""
    found = {}
    for entry in header.lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = -1.0
        if name and 0 <= quality <= 1:
            found[{"x-gzip": "gzip"}.get(name, name)] = quality
    return found
