"""Downloads that go on where they were cut off.

The bytes stand in ``<name>.part`` until all are there; ``<name>.part.json`` says which version of the file
they are of. A download goes on only if the server says that the file is still that version.

Source
------
https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
"""

import contextlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from bioimg_kg import __version__
from bioimg_kg.checksums import checksum
from bioimg_kg.errors import RemoteError, SourceError, Unreachable
from bioimg_kg.fetch.watch import Watch

TRIES = 5
"""How often in a row a download may be cut off with no progress."""
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class _CutOff(Exception):  # noqa: N818 - never leaves the module
    """The download ended early; it is worth another try."""


@dataclass(frozen=True, slots=True)
class _State:
    """Which version of a file the part at hand is of.

    Attributes
    ----------
    validator
        Strong ``ETag``, else ``Last-Modified``.
    total
        Size of the whole file, 0 if unknown.
    """

    url: str
    validator: str
    total: int


def new_client() -> httpx.Client:
    """Return a client that follows redirections and gives up on a connection that stalls."""
    return httpx.Client(
        follow_redirects=True,
        timeout=httpx.Timeout(30.0, read=60.0),
        headers={"User-Agent": f"bioimg-kg/{__version__}", "Accept-Encoding": "identity"},
    )


def download(
    client: httpx.Client, url: str, part: Path, *, pinned: bool, watch: Watch, pause: float = 1.0
) -> str:
    """Download a file, or the rest of it.

    Parameters
    ----------
    client
        From :func:`new_client`.
    url
        An address that :func:`bioimg_kg.fetch.inputs.check_url` lets pass.
    part
        Gets the bytes; what an earlier run left there is used.
    pinned
        The caller knows the checksum, so a file of unknown length can be accepted.
    watch
        Is told how far it is.
    pause
        Seconds before the second try; doubled for each further one.

    Returns
    -------
    str
        The SHA-256 of the file.

    Raises
    ------
    Unreachable
        There is no way to the server.
    RemoteError
        The server does not have the file, or cuts off again and again.
    SourceError
        What it sends cannot be the file.
    """
    failed = 0
    while True:
        before = size_of(part)
        try:
            _attempt(client, url, part, pinned, watch)
        except _CutOff as cut:
            failed = 0 if size_of(part) > before else failed + 1
            if failed >= TRIES:
                message = (
                    f"{url}: cut off {failed} times in a row ({cut}); what has arrived is kept, run it again"
                )
                raise RemoteError(message) from cut
            time.sleep(pause * 2**failed)
        else:
            _state_file(part).unlink(missing_ok=True)
            return checksum(part)


def size_of(path: Path) -> int:
    """Return the size of a file, 0 if there is none."""
    return path.stat().st_size if path.is_file() else 0


def _attempt(client: httpx.Client, url: str, part: Path, pinned: bool, watch: Watch) -> None:
    state = _read_state(part, url)
    start = size_of(part) if state else 0
    if state and start == state.total:
        return
    headers = {"Range": f"bytes={start}-", "If-Range": state.validator} if state and start else {}
    with _transport(url), client.stream("GET", url, headers=headers) as response:
        _check_status(response, url, part)
        if response.status_code == httpx.codes.PARTIAL_CONTENT:
            _check_range(response, start, state, part)
        else:
            start = 0
        _receive(response, url, part, start, pinned, watch)


def _receive(response: httpx.Response, url: str, part: Path, start: int, pinned: bool, watch: Watch) -> None:
    """Write the body to its part, after the first ``start`` bytes."""
    headers = response.headers
    length = int(headers["content-length"]) if headers.get("content-length", "").isdecimal() else None
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    if length is None and not chunked and not pinned:
        message = (
            f"{url}: neither the server states a length nor the list a checksum; nothing tells if it is whole"
        )
        raise SourceError(message)
    coded = headers.get("content-encoding", "identity") != "identity"
    total = None if coded or length is None else start + length
    if not start:
        _discard(
            part
        )  # before its state is written: bytes of one version never stand beside the state of another
        _write_state(part, url, response, 0 if coded else total or 0, resumable=not coded)
    watch.size(start, total)
    with part.open("ab" if start else "wb") as stream:
        for data in response.iter_bytes() if coded else response.iter_raw():
            stream.write(data)
            watch.moved(len(data))
    if total is not None and size_of(part) != total:
        message = f"{size_of(part):,} of {total:,} bytes"
        raise _CutOff(message)


def _check_status(response: httpx.Response, url: str, part: Path) -> None:
    code = response.status_code
    if code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        _discard(part)
        message = "the server does not have the rest"
        raise _CutOff(message)
    if code in _AGAIN:
        message = f"the server answered {code} {response.reason_phrase}"
        raise _CutOff(message)
    if code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        message = f"{url} answered {code} {response.reason_phrase}"
        raise RemoteError(message)
    if response.headers.get("content-type", "").startswith("text/html"):
        message = (
            f"{url} answered with a web page, not with the file: open it in a browser to see what it says"
        )
        raise RemoteError(message)


def _check_range(response: httpx.Response, start: int, state: _State | None, part: Path) -> None:
    """Refuse a piece that does not go on where the part ends, or is of another file."""
    match = _RANGE.fullmatch(response.headers.get("content-range", ""))
    fits = state and match and int(match[1]) == start and match[2] in ("*", str(state.total or "*"))
    if not state or not fits or _validator(response) not in ("", state.validator):
        _discard(part)
        message = "the server sent another piece than the one asked for"
        raise _CutOff(message)


@contextlib.contextmanager
def _transport(url: str) -> Iterator[None]:
    """Turn the errors of the client into ours."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        message = f"cannot reach {httpx.URL(url).host} ({error or type(error).__name__})"
        raise Unreachable(message) from error
    except (httpx.UnsupportedProtocol, httpx.TooManyRedirects, httpx.InvalidURL) as error:
        message = f"{url} leads nowhere: {error}"
        raise RemoteError(message) from error
    except httpx.DecodingError as error:
        message = f"{url}: the transfer is compressed and damaged: {error}"
        raise SourceError(message) from error
    except httpx.TransportError as error:
        raise _CutOff(str(error) or type(error).__name__) from error


def _state_file(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_state(part: Path, url: str) -> _State | None:
    """Return what is known of a part, or None if it must not be added to."""
    try:
        state = _State(**json.loads(_state_file(part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return state if state.url == url and state.validator and size_of(part) else None


def _write_state(part: Path, url: str, response: httpx.Response, total: int, *, resumable: bool) -> None:
    state = _State(url, _validator(response) if resumable else "", total)
    _state_file(part).write_text(json.dumps(asdict(state)), encoding="utf-8")


def _validator(response: httpx.Response) -> str:
    tag: str = response.headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else str(response.headers.get("last-modified", ""))


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _state_file(part).unlink(missing_ok=True)
