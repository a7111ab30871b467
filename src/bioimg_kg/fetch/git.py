"""Studies out of git repositories: one revision, its bytes as they were committed, no working copy.

Files are read from the object store with ``git cat-file``, not checked out: line ends, symbolic links,
filters and hooks that a repository or a user has set up change nothing, and nothing of it is run.
"""

import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urljoin

from bioimg_kg.errors import ConfigError, RemoteError, SourceError, Unreachable
from bioimg_kg.fetch.inputs import check_git_url

_CONFIG = (
    "core.hooksPath=/dev/null",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    "gc.auto=0",
    "fetch.recurseSubmodules=false",
)
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    # ssh only if the user's own configuration turns https addresses into it
    "GIT_ALLOW_PROTOCOL": "file:https:ssh",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_OF_A_CALLER = frozenset(
    {
        f"GIT_{name}"
        for name in (
            "DIR",
            "WORK_TREE",
            "INDEX_FILE",
            "OBJECT_DIRECTORY",
            "COMMON_DIR",
            "NAMESPACE",
            "PREFIX",
        )
    }
    | {"GIT_ALTERNATE_OBJECT_DIRECTORIES"}
)
_NO_WAY = re.compile(
    r"Could not resolve host|Failed to connect|Couldn't connect|timed out|Network is unreachable"
)
_LINK, _MODULE = "120000", "160000"
_POINTER = b"version https://git-lfs.github.com/spec/"
_STUDY = re.compile(r"(?:([^/]+)/)?[^/]+-study\.txt")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a revision: its mode and the name of its object."""

    mode: str
    name: str


@dataclass(slots=True)
class Revision:
    """A revision of a repository that is at hand.

    Attributes
    ----------
    store
        The bare repository that holds it.
    files
        Its files by path, submodules included.
    """

    store: Path
    commit: str
    files: dict[str, Entry] = field(default_factory=dict)

    def studies(self, name: str) -> dict[str, str]:
        """Return the folders of studies: their name, and their path in the repository.

        Parameters
        ----------
        name
            What to call the study that the whole repository is.
        """
        found = [match[1] or "" for path in self.files if (match := _STUDY.fullmatch(path))]
        if "" in found:
            return {name: ""}
        return {folder: folder for folder in sorted(set(found))}

    def submodules(self, url: str) -> dict[str, tuple[str, str]]:
        """Return address and commit of each submodule, by its path.

        Parameters
        ----------
        url
            Address of this repository, for relative addresses.

        Raises
        ------
        SourceError
            A submodule has no address that may be read from.
        """
        paths = [path for path, entry in self.files.items() if entry.mode == _MODULE]
        stated = _module_urls(self) if paths and ".gitmodules" in self.files else {}
        found = {}
        for path in paths:
            address = _absolute(stated.get(path, ""), url)
            try:
                check_git_url(address)
            except ConfigError as error:
                message = f"{url}: the submodule {path} cannot be fetched: {error}"
                raise SourceError(message) from error
            if address.startswith("/") and not url.startswith("/"):
                message = f"{url}: the submodule {path} points into this machine ({address})"
                raise SourceError(message)
            found[path] = (address, self.files[path].name)
        return found


def take(url: str, commit: str, store: Path) -> Revision:
    """Get a revision into a bare repository; one that is there already is used.

    Parameters
    ----------
    url
        An address that :func:`bioimg_kg.fetch.inputs.check_git_url` lets pass.
    commit
        40 hexadecimal digits. git compares all that arrives with it.
    store
        Folder of the bare repository; what an interrupted run left in it is thrown away.

    Raises
    ------
    Unreachable
        There is no way to the server.
    RemoteError
        The server does not have the repository or the revision.
    ConfigError
        There is no git.
    """
    whole = store / "whole"
    if not whole.is_file() or whole.read_text(encoding="utf-8") != commit:
        shutil.rmtree(store, ignore_errors=True)
        store.mkdir(parents=True)
        _git(store, "init", "--bare", "--quiet", "--template=", ".", url=url)
        _git(store, "fetch", "--quiet", "--depth=1", "--no-tags", "--end-of-options", url, commit, url=url)
        whole.write_text(commit, encoding="utf-8")
    revision = Revision(store, commit)
    for line in _git(store, "ls-tree", "-r", "-z", commit, url=url).split(b"\0"):
        if line:
            about, _, path = line.partition(b"\t")
            mode, _, name = about.decode("ascii").split(" ")
            revision.files[os.fsdecode(path)] = Entry(mode, name)
    return revision


def write_study(revision: Revision, inside: str, folder: Path) -> tuple[dict[str, int], list[str]]:
    """Write the files of one study.

    Parameters
    ----------
    revision
        From :func:`take`.
    inside
        Path of the study in the repository, empty if it is the whole of it.
    folder
        Gets the files.

    Returns
    -------
    dict, list
        Files that the repository only points to (git LFS) with their size, and symbolic links that lead
        out of the repository or to a folder. Neither is in the folder.

    Raises
    ------
    SourceError
        A path leads out of the folder.
    """
    prefix = f"{inside}/" if inside else ""
    away: dict[str, int] = {}
    links: list[str] = []
    with _objects(revision.store) as read:
        for path, entry in revision.files.items():
            if not path.startswith(prefix) or entry.mode == _MODULE:
                continue
            rest = path.removeprefix(prefix)
            parts = rest.split("/")
            if {"", ".", ".."} & set(parts) or parts[0].lower() == ".git" or "\\" in rest:
                message = f"the repository holds the path {path!r}, which leads out of it"
                raise SourceError(message)
            if entry.mode == _LINK:
                goal = posixpath.normpath(
                    posixpath.join(posixpath.dirname(path), os.fsdecode(read(entry.name)))
                )
                if goal not in revision.files or revision.files[goal].mode in (_LINK, _MODULE):
                    links.append(rest)
                    continue
                entry = revision.files[goal]
            data = read(entry.name)
            if data.startswith(_POINTER):
                size = re.search(rb"^size (\d+)$", data, re.MULTILINE)
                away[rest] = int(size[1]) if size else 0
                continue
            place = folder / rest
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return away, links


def _module_urls(revision: Revision) -> dict[str, str]:
    """Return the addresses in ``.gitmodules`` by path."""
    blob = f"--blob={revision.commit}:.gitmodules"
    listing = _git(revision.store, "config", "-z", blob, "--list", url=str(revision.store))
    values: dict[str, dict[str, str]] = {}
    for line in listing.decode("utf-8", "replace").split("\0"):
        key, _, value = line.partition("\n")
        name, _, last = key.rpartition(".")
        values.setdefault(name, {})[last] = value
    return {v["path"]: v["url"] for v in values.values() if "path" in v and "url" in v}


def _absolute(address: str, parent: str) -> str:
    """Return the address of a submodule in one spelling; those of GitHub are read over https.

    Examples
    --------
    >>> parent = "https://github.com/IDR/idr-metadata"
    >>> _absolute("../idr0002-x", parent), _absolute("git://github.com/idr/idr0097-y/", parent)
    ('https://github.com/IDR/idr0002-x', 'https://github.com/IDR/idr0097-y/')
    """
    if address.startswith(("./", "../")):
        return str(urljoin(parent.rstrip("/") + "/", address))
    address = re.sub(r"^(git|http)://github\.com/", "https://github.com/", address)
    home = parent.rpartition("/")[0] + "/"
    if address.startswith("https://github.com/") and address.lower().startswith(home.lower()):
        return home + address[len(home) :]  # names have no case there; provenance has one spelling
    return address


def _command(store: Path, *arguments: str) -> list[str]:
    settings = [word for setting in _CONFIG for word in ("-c", setting)]
    return ["git", f"--git-dir={store}", *settings, *arguments]


def _environment() -> Mapping[str, str]:
    # a git that runs this program (a hook, an alias) names its own repository in the environment
    return {key: value for key, value in os.environ.items() if key not in _OF_A_CALLER} | _ENVIRONMENT


def _git(store: Path, *arguments: str, url: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, arguments checked
            _command(store, *arguments),
            cwd=store,
            env=_environment(),
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        message = "there is no git on this machine: install it, for example with apt install git"
        raise ConfigError(message) from error
    if done.returncode == 0:
        return done.stdout
    said = " ".join(done.stderr.decode("utf-8", "replace").split()) or f"git ended with {done.returncode}"
    message = f"{url}: {said}"
    raise (Unreachable if _NO_WAY.search(said) else RemoteError)(message)


@contextmanager
def _objects(store: Path) -> Iterator["_Reader"]:
    """Run ``git cat-file --batch`` and give a function that reads an object by its name."""
    with subprocess.Popen(  # noqa: S603 - no shell, fixed arguments
        _command(store, "cat-file", "--batch"),
        cwd=store,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        if process.stdin is None or process.stdout is None:  # pragma: no cover - both are pipes
            raise AssertionError
        yield _Reader(process.stdin, process.stdout)


@dataclass(frozen=True, slots=True)
class _Reader:
    ask: IO[bytes]
    answer: IO[bytes]

    def __call__(self, name: str) -> bytes:
        self.ask.write(name.encode("ascii") + b"\n")
        self.ask.flush()
        words = self.answer.readline().split()
        if len(words) != 3 or words[1] != b"blob":
            message = f"object {name} cannot be read: the repository is damaged, run it again"
            raise SourceError(message)
        data = self.answer.read(int(words[2]))
        self.answer.read(1)
        return data
