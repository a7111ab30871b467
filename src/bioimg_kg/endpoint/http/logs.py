"""What is written down: one line of JSON per request, without what people ask.

By default no line has a query, a literal, a URL with a query string, a Referer or an address. A query and a
client appear as keyed hashes, with a key that ends with the process: equal ones can be told from others, and
nobody can find out afterwards what they were. Messages of exceptions may quote a query, so of an exception
only its kind and the places in the code are written.
"""

import hashlib
import json
import logging
import secrets
import sys
import traceback
from datetime import UTC, datetime
from typing import Final

from bioimg_kg.endpoint.federation.egress import AUDIT

REQUESTS: Final = logging.getLogger("bioimg_kg.requests")
_KEY: Final = secrets.token_bytes(16)


def hashed(text: str, size: int = 8) -> str:
    """Return what tells a text from others while this process lives."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=_KEY, digest_size=size).hexdigest()


class JsonLines(logging.Formatter):
    r"""Writes a record as one line of JSON.

    Examples
    --------
    >>> record = logging.makeLogRecord({"name": "x", "levelname": "ERROR", "msg": "a\nliteral", "created": 0})
    >>> JsonLines().format(record)
    '{"time": "1970-01-01T00:00:00.000Z", "event": "error", "logger": "x", "at": ":0"}'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": time.replace("+00:00", "Z")}
        if record.name == REQUESTS.name and isinstance(record.msg, dict):
            line |= {"event": "request", **record.msg}
        elif record.name == AUDIT.name:
            pairs = (part.partition("=")[::2] for part in record.getMessage().split(" "))
            line |= {"event": "federation"}
            line |= {name: int(value) if value.isdecimal() else value for name, value in pairs}
        else:
            line |= {"event": record.levelname.lower(), "logger": record.name}
            line |= {"at": f"{record.filename if record.pathname else ''}:{record.lineno or 0}"}
            if record.name in {"uvicorn.error", "asyncio"} and isinstance(record.msg, str):
                line["message"] = record.msg.partition("\n")[0]  # the words of the code, without arguments
            if release := getattr(record, "release", None):  # its name, which is the operator's
                line["release"] = release
            if record.exc_info and record.exc_info[1] is not None:
                line |= _exception(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _exception(error: BaseException) -> dict[str, object]:
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 10:
        kinds.append(type(cause).__name__)
        deepest, cause = cause, cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(deepest.__traceback__)
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"exception": kinds, "places": places}


def write_logs(*, requests: bool) -> None:
    """Let all lines of this process appear on standard error, and nothing else.

    Parameters
    ----------
    requests
        Those of requests too.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    AUDIT.setLevel(logging.INFO)
    REQUESTS.setLevel(logging.INFO if requests else logging.WARNING)
