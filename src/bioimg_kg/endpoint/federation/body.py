"""The body of a response, unpacked as it comes and never longer than allowed."""

import zlib
from collections.abc import Iterator, Mapping
from typing import Final

JSON: Final = "application/sparql-results+json"
XML: Final = "application/sparql-results+xml"

_STEP: Final = 1 << 20


class Body:
    """Collects the body of a response.

    Parameters
    ----------
    room
        Longest content in bytes, packed or unpacked.

    Attributes
    ----------
    headers
        Headers of the response, names in lower case.
    content
        What has come so far.
    max_rows
        Virtuoso's X-SPARQL-MaxRows: an answer with so many rows has been cut.
    keep
        The response does not forbid to keep it.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._unpack: zlib._Decompress | None = None
        self.headers: Mapping[str, str] = {}
        self.content = bytearray()
        self.max_rows: int | None = None
        self.keep = True

    def expect(self, headers: Mapping[str, str]) -> None:
        """Take the headers; what is wrong with them is told by :meth:`write` and :meth:`finish`."""
        self.headers = headers
        self.keep = not {"no-store", "private"} & set(headers.get("cache-control", "").lower().split(", "))
        rows = headers.get("x-sparql-maxrows", "")
        self.max_rows = int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 10 else None
        if headers.get("content-encoding", "").strip().lower() in {"gzip", "x-gzip"}:
            self._unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def write(self, data: bytes) -> Iterator[None]:
        """Add a piece; yields now and then, since a small piece may unpack to a very long one.

        Raises
        ------
        ValueError
            It is longer than allowed, or cannot be unpacked.
        """
        if self._unpack is None:
            self._add(data)
            return
        while data:
            try:
                self._add(self._unpack.decompress(data, _STEP))
            except zlib.error as error:
                message = "its answer is not the gzip that it says it is"
                raise ValueError(message) from error
            data = self._unpack.unconsumed_tail
            yield

    def finish(self) -> str:
        """Return the media type of a whole body.

        Raises
        ------
        ValueError
            It is not the result of a SPARQL query, or not whole.
        """
        encoding = self.headers.get("content-encoding", "identity").strip().lower()
        if self._unpack is None and encoding not in {"identity", ""}:
            message = f"its answer has the encoding {encoding[:40]!r}, which nobody asked for"
            raise ValueError(message)
        if self._unpack is not None and not self._unpack.eof:
            message = "its packed answer broke off"
            raise ValueError(message)
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in {JSON, XML}:
            message = f"its answer is of type {media_type[:80] or 'none'!r} instead of {JSON} or {XML}"
            raise ValueError(message)
        if "x-sql-state" in self.headers:
            message = "it ran out of time and sent a part of its answer"
            raise ValueError(message)
        return media_type

    def _add(self, data: bytes) -> None:
        if len(self.content) + len(data) > self._room:
            message = (
                "the answers of other endpoints to this query are longer than allowed: "
                "make the part in SERVICE more selective"
            )
            raise ValueError(message)
        self.content += data
