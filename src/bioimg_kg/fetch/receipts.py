"""What was fetched, from where and with which checksum: with it a second run needs no network."""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bioimg_kg.checksums import checksum
from bioimg_kg.errors import ConfigError

HIDDEN = ".fetch"
"""Folder inside the one that is filled: receipts, and what has only half arrived."""


class Receipts:
    """The receipts of a folder.

    Parameters
    ----------
    folder
        The folder that is filled.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = folder / HIDDEN

    def work(self, name: str, kind: str) -> Path:
        """Return a path for what has only half arrived; its folder is made."""
        place = self._place / kind
        place.mkdir(parents=True, exist_ok=True)
        return place / _plain(name)

    def write(self, name: str, source: Mapping[str, Any], files: Mapping[str, str], **more: object) -> None:
        """Write a receipt.

        Parameters
        ----------
        name
            Of the input.
        source
            All that says where it comes from; if any of it changes the receipt is no longer good.
        files
            SHA-256 of each file by its path in the folder.
        more
            What else the caller wants back.
        """
        path = self.work(name + ".json", "receipts")
        aside = path.with_name(path.name + ".new")
        aside.write_text(json.dumps({"source": source, "files": files, **more}, indent=1), encoding="utf-8")
        aside.replace(path)

    def read(self, name: str, source: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the receipt of an input, or None if there is none from this source."""
        try:
            receipt = json.loads(self.work(name + ".json", "receipts").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        known = isinstance(receipt, dict) and receipt.get("source") == json.loads(json.dumps(source))
        return receipt if known else None

    def intact(self, receipt: Mapping[str, Any]) -> bool:
        """Say whether all files of a receipt are in place, with the bytes that were fetched."""
        return all(
            checksum_if_there(self.folder / path) == sha256 for path, sha256 in receipt["files"].items()
        )

    def has(self, name: str) -> bool:
        """Say whether there is a receipt at all, of whatever source."""
        return self.work(name + ".json", "receipts").is_file()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second run out of the folder.

        Raises
        ------
        ConfigError
            Another run is at work in it.
        """
        with self.work("lock", "").open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                message = f"another fetch is at work in {self.folder}: wait for it to end"
                raise ConfigError(message) from error
            yield


def checksum_if_there(path: Path) -> str:
    """Return the SHA-256 of a file, empty if there is none."""
    return checksum(path) if path.is_file() else ""


def _plain(name: str) -> str:
    """Return a file name that no two inputs share.

    Examples
    --------
    >>> _plain("ontologies/go.obo")
    'ontologies_go.obo-4a618a60'
    """
    start = re.sub(r"[^\w.-]+", "_", name)[-80:]
    return f"{start}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"
