"""The list of inputs: what there is to fetch, from where, in which version, under which licence."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from bioimg_kg.errors import ConfigError
from bioimg_kg.fetch.tables import check_table
from bioimg_kg.resources import data_path

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PART = re.compile(r"[^\x00-\x1f\\:]+")
_COMMON = {"target", "url", "version", "licence"}
_FILE = _COMMON | {"sha256", "unverified", "unpack", "more", "table"}
_GIT = _COMMON | {"commit", "without"}


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file that is downloaded.

    Attributes
    ----------
    target
        Path in the folder that is filled, for example ``ontologies/cmpo.obo``.
    url
        Where it is downloaded from, ``http`` or ``https``.
    version
        Release of the source that the address names.
    licence
        What its publisher says.
    sha256
        Checksum of the download; empty if the list knows none.
    unverified
        Why there is no checksum, or what could not be tried.
    unpack
        The download is compressed by gzip and stands unpacked in the folder.
    more
        Targets of inputs before this one whose rows the table gets as well.
    table
        How a table is made of the download, see :mod:`bioimg_kg.fetch.tables`; None keeps it as it is.
    """

    target: str
    url: str
    version: str
    licence: str
    sha256: str = ""
    unverified: str = ""
    unpack: bool = False
    more: tuple[str, ...] = ()
    table: Mapping[str, Any] | None = None

    @property
    def group(self) -> str:
        """First folder of the target."""
        return self.target.partition("/")[0]


@dataclass(frozen=True, slots=True)
class GitInput:
    """A repository of studies, with its submodules.

    Attributes
    ----------
    target
        Folder that gets one folder per study.
    url
        Address for ``git fetch``: ``https``, or the path of a folder.
    version
        Name of the revision, for people.
    licence
        What its publisher says.
    commit
        The revision; submodules are taken in the revisions that it names.
    without
        Paths of submodules and folders that are no studies.
    """

    target: str
    url: str
    version: str
    licence: str
    commit: str
    without: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """First folder of the target."""
        return self.target.partition("/")[0]


Input = FileInput | GitInput


@dataclass(frozen=True, slots=True)
class InputList:
    """The inputs in the order in which they are fetched.

    Attributes
    ----------
    path
        The file that lists them.
    """

    path: Path
    inputs: tuple[Input, ...]

    @property
    def groups(self) -> list[str]:
        """Names of the groups, each once."""
        return list(dict.fromkeys(one.group for one in self.inputs))

    def of(self, groups: Sequence[str]) -> list[Input]:
        """Return the inputs of some groups; of all if none is named.

        Raises
        ------
        ConfigError
            There is no such group.
        """
        unknown = sorted(set(groups) - set(self.groups))
        if unknown:
            message = f"{self.path} has no {', '.join(unknown)}: name one of {', '.join(self.groups)}"
            raise ConfigError(message)
        return [one for one in self.inputs if not groups or one.group in groups]


def read_inputs(path: Path | None = None) -> InputList:
    """Read a list of inputs.

    Parameters
    ----------
    path
        A file in TOML; the list that comes with the package if None.

    Raises
    ------
    ConfigError
        The file cannot be read, or an entry is not what it should be; the message names it.

    Examples
    --------
    >>> read_inputs().groups
    ['idr', 'ontologies', 'reference', 'ngff']
    """
    path = path or data_path("mappings/inputs.toml")
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"cannot read the list of inputs {path}: {error}"
        raise ConfigError(message) from error
    entries = document.get("input")
    if set(document) != {"input"} or not isinstance(entries, list) or not entries:
        message = f"{path}: a list of inputs consists of tables [[input]] and nothing else"
        raise ConfigError(message)
    inputs: dict[str, Input] = {}
    for number, entry in enumerate(entries, start=1):
        try:
            one = _input(entry)
            if one.target in inputs and not (
                isinstance(one, GitInput) and isinstance(inputs[one.target], GitInput)
            ):
                _refuse(f"another input has the target {one.target!r}")
            _check_order(one, inputs)
        except _Wrong as error:
            name = entry.get("target", "") if isinstance(entry, dict) else ""
            message = f"{path}: input {number} ({name}): {error}"
            raise ConfigError(message) from error
        inputs[one.target if isinstance(one, FileInput) else f"{one.target} {one.url}"] = one
    return InputList(path, tuple(inputs.values()))


class _Wrong(Exception):  # noqa: N818 - never leaves the module
    """An entry is not what it should be."""


def _refuse(message: str) -> None:
    raise _Wrong(message)


def _input(entry: object) -> Input:
    if not isinstance(entry, dict):
        message = "write it as a table [[input]]"
        raise _Wrong(message)
    is_git = "commit" in entry
    unknown = sorted(set(entry) - (_GIT if is_git else _FILE))
    if unknown:
        _refuse(f"unknown keys {', '.join(unknown)}")
    for key in sorted(_COMMON):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            _refuse(f"{key} is missing or no text")
    check_target(entry["target"])
    return _git(entry) if is_git else _file(entry)


def _git(entry: Mapping[str, Any]) -> GitInput:
    if not _COMMIT.fullmatch(str(entry["commit"])):
        _refuse("commit must be 40 hexadecimal digits: a branch or a tag may move")
    without = _texts(entry, "without")
    _checked(check_git_url, entry["url"])
    return GitInput(**{**entry, "without": without})


def _file(entry: Mapping[str, Any]) -> FileInput:
    _checked(check_url, entry["url"])
    if "/" not in entry["target"]:
        _refuse("the target of a file is folder/name")
    sha256 = entry.get("sha256", "")
    if sha256 and not _SHA256.fullmatch(str(sha256)):
        _refuse("sha256 must be 64 hexadecimal digits in lower case")
    if not sha256 and not str(entry.get("unverified", "")).strip():
        _refuse("give sha256, or say in `unverified` why there is none")
    if not isinstance(entry.get("unpack", False), bool):
        _refuse("unpack is true or false")
    if "table" in entry:
        _checked(check_table, entry["table"])
    return FileInput(**{**entry, "more": _texts(entry, "more")})


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        _refuse(f"{key} is a list of texts")
    return tuple(values)


def _check_order(one: Input, before: Mapping[str, Input]) -> None:
    """Refuse a table that is made with a file which is not there yet."""
    if isinstance(one, FileInput):
        columns = (one.table or {}).get("columns", {})
        lookups = [c["lookup"]["file"] for c in columns.values() if isinstance(c, dict) and "lookup" in c]
        for name in (*one.more, *lookups):
            if not isinstance(before.get(name), FileInput):
                _refuse(f"it is made with {name!r}, which must be an input before it")


def check_target(target: str) -> None:
    """Refuse a path that leads out of the folder or into its hidden part.

    Raises
    ------
    _Wrong
        With what is wrong.
    """
    parts = target.split("/")
    safe = all(_PART.fullmatch(p) and not p.startswith(".") and p == p.strip() for p in parts)
    if not safe or PurePosixPath(target).is_absolute():
        _refuse(f"target {target!r} must be a plain path inside the folder, like ontologies/cmpo.obo")


def _checked(check: Callable[[Any], None], value: object) -> None:
    try:
        check(value)
    except ConfigError as error:
        raise _Wrong(str(error)) from error


def check_url(url: str) -> None:
    """Refuse an address that is not one of the web.

    Raises
    ------
    ConfigError
        Its scheme is not ``http`` or ``https``, or it has no host.

    Examples
    --------
    >>> check_url("https://example.org/go.obo")
    >>> check_url("file:///etc/passwd")
    Traceback (most recent call last):
    bioimg_kg.errors.ConfigError: 'file:///etc/passwd': an address starts with http:// or https://
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s\x00]", url)
    except ValueError:
        good = False
    if not good:
        message = f"{url!r}: an address starts with http:// or https://"
        raise ConfigError(message)


def check_git_url(url: str) -> None:
    """Refuse an address that git would not read over https or from a folder.

    Raises
    ------
    ConfigError
        It is another transport, some of which run commands, or looks like an option.

    Examples
    --------
    >>> check_git_url("https://github.com/IDR/idr-metadata")
    >>> check_git_url("ext::sh -c true")
    Traceback (most recent call last):
    bioimg_kg.errors.ConfigError: 'ext::sh -c true': git reads from https://... or a folder's full path
    """
    is_folder = url.startswith("/") and not re.search(r"[\x00-\x1f]", url)
    is_https = url.startswith("https://") and bool(urlsplit(url).hostname) and not re.search(r"[\s\x00]", url)
    if not is_folder and not is_https:
        message = f"{url!r}: git reads from https://... or a folder's full path"
        raise ConfigError(message)
