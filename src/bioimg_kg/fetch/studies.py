"""The studies of a repository and of its submodules, each as a folder, and the table of their origins."""

import csv
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bioimg_kg.checksums import checksum
from bioimg_kg.errors import RemoteError, SourceError, Unreachable
from bioimg_kg.fetch.git import Revision, take, write_study
from bioimg_kg.fetch.inputs import GitInput
from bioimg_kg.fetch.receipts import Receipts
from bioimg_kg.fetch.watch import Outcome, Watch

_SOURCES = ("study", "repository", "commit", "path")
_UNAVAILABLE = ("study", "path", "bytes", "state")


@dataclass(frozen=True, slots=True)
class _Repository:
    """A repository, and what the study is called that it may be as a whole."""

    url: str
    commit: str
    name: str

    @property
    def address(self) -> str:
        """How the repository is named in provenance."""
        return self.url.rstrip("/").removesuffix(".git")


@dataclass(frozen=True, slots=True)
class _Placed:
    """What of a repository is in place; submodules are address and commit by path."""

    studies: list[str]
    submodules: dict[str, tuple[str, str]]
    links: list[str]
    fetched: bool = True


def fetch_studies(one: GitInput, receipts: Receipts, watch: Watch) -> Outcome:
    """Fetch the studies of a repository and of its submodules, unless they are in place.

    Parameters
    ----------
    one
        The input.
    receipts
        Of the folder that is filled.
    watch
        Is told of each repository.

    Returns
    -------
    Outcome
        What was done, and which submodules could not be fetched.

    Raises
    ------
    RemoteError
        The repository itself, or a whole network, is out of reach.
    SourceError
        There is no study in it, or something is in the way.
    """
    top = _Repository(one.url, one.commit, one.url.rstrip("/").rpartition("/")[2].removesuffix(".git"))
    repositories = [_repository(top, one, receipts, watch)]
    failures = []
    for path, (url, commit) in repositories[0].submodules.items():
        if path in one.without:
            continue
        try:
            inner = _Repository(url, commit, path.rpartition("/")[2])
            repositories.append(_repository(inner, one, receipts, watch))
        except Unreachable:
            raise
        except (RemoteError, SourceError) as error:
            failures.append(f"{path}: {error}")
    studies = [study for done in repositories for study in done.studies]
    links = [link for done in repositories for link in done.links]
    if not studies and not failures:
        message = f"{one.url}: no study in it: a folder with a file idrNNNN-study.txt"
        raise SourceError(message)
    note = f"; left out {len(links)} symbolic links: {', '.join(links)}" if links else ""
    return Outcome(f"{len(studies)} studies in place{note}", any(d.fetched for d in repositories), failures)


def _repository(repository: _Repository, one: GitInput, receipts: Receipts, watch: Watch) -> _Placed:
    """Put the studies of one repository in place."""
    name = f"{one.target}/{repository.url}"
    source = {
        "url": repository.url,
        "commit": repository.commit,
        "name": repository.name,
        "without": one.without,
    }
    receipt = receipts.read(name, source)
    if receipt and receipts.intact(receipt):
        return _Placed(receipt["studies"], receipt["submodules"], receipt["links"], fetched=False)
    watch.begin(f"{one.target}: {repository.name}")
    store = receipts.work(name, "git")
    revision = take(repository.url, repository.commit, store)
    found = {s: p for s, p in revision.studies(repository.name).items() if p not in one.without}
    for study in found:
        if (receipts.folder / one.target / study).exists() and not receipts.has(name):
            message = (
                f"{receipts.folder / one.target / study} is in the way: it was not fetched; move it elsewhere"
            )
            raise SourceError(message)
    staged = receipts.work(name, "staged")
    shutil.rmtree(staged, ignore_errors=True)
    files, links = _stage(repository, revision, found, one, receipts, staged)
    submodules = revision.submodules(repository.url) if repository.url == one.url else {}
    receipts.write(name, source, files, studies=list(found), submodules=submodules, links=links)
    for study in found:
        place = receipts.folder / one.target / study
        old = receipts.work(f"{name}/{study}", "old")
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        (staged / study).rename(place)
        shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(staged, ignore_errors=True)
    shutil.rmtree(store, ignore_errors=True)
    watch.done(f"{one.target}: {repository.name}", f"commit {repository.commit[:10]}, {len(files)} files")
    return _Placed(list(found), submodules, links)


def _stage(
    repository: _Repository,
    revision: Revision,
    found: dict[str, str],
    one: GitInput,
    receipts: Receipts,
    staged: Path,
) -> tuple[dict[str, str], list[str]]:
    """Write the studies aside and enter them in the tables; return checksums by path, and links left out."""
    files: dict[str, str] = {}
    links: list[str] = []
    sources, unavailable = [], []
    for study, inside in found.items():
        away, left_out = write_study(revision, inside, staged / study)
        links += [f"{study}/{path}" for path in left_out]
        paths = sorted(p for p in (staged / study).rglob("*") if p.is_file())
        files |= {
            f"{one.target}/{study}/{p.relative_to(staged / study).as_posix()}": checksum(p) for p in paths
        }
        sources.append((study, repository.address, repository.commit, inside))
        unavailable += [(study, path, str(size), "MISSING") for path, size in away.items()]
    place = receipts.folder / one.target
    place.mkdir(parents=True, exist_ok=True)
    enter(place / "SOURCES.tsv", _SOURCES, found, sources)
    if unavailable or (place / "UNAVAILABLE.tsv").is_file():
        enter(place / "UNAVAILABLE.tsv", _UNAVAILABLE, found, unavailable)
    return files, links


def enter(
    path: Path, header: tuple[str, ...], studies: Iterable[str], rows: Iterable[tuple[str, ...]]
) -> None:
    """Write the rows of some studies into a table; those of other studies stay.

    Parameters
    ----------
    path
        The table; written aside and renamed.
    header
        Its columns, the first names the study.
    studies
        Whose rows are replaced.
    rows
        The new ones.
    """
    known: list[tuple[str, ...]] = []
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as stream:
            known = [tuple(row) for row in csv.reader(stream, delimiter="\t")][1:]
    replaced = set(studies)
    table = sorted([*(row for row in known if row and row[0] not in replaced), *rows])
    aside = path.with_name(path.name + ".new")
    with aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(table)
    aside.replace(path)
