"""The Image Data Resource: folders of studies, as in a checkout of IDR/idr-metadata."""

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from bioimg_kg.checksums import checksum
from bioimg_kg.errors import Severity, SourceError
from bioimg_kg.etl.idr.blocks import Circumstances, keyed, read_block, stated_level
from bioimg_kg.etl.idr.bulkmap import Group, read_bulkmap
from bioimg_kg.etl.idr.files import ComponentFiles, component_files, tables_in
from bioimg_kg.etl.idr.join import join
from bioimg_kg.etl.idr.roles import role_of
from bioimg_kg.etl.idr.sheet import Sheet, sheet_of
from bioimg_kg.etl.idr.study import StudySource, read_study
from bioimg_kg.etl.idr.studytext import Section
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.model import Component, Study, StudyRef
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.etl.tables import EMPTY, Table, read_table, unpack
from bioimg_kg.vocab import DEFAULT_BASE

NAME = "idr"
_TEXT = "*-study.txt"
_PUBLISHED = "https://github.com/IDR/"
_JOIN_KEYS = ("Processed Data Column Link To Library File", "Processed Data Column Link To Assay File")
_ROLE_KEYS = (
    "Screen Technology Type",
    "Screen Technology Term Accession",
    "Screen Technology Type Term Accession",
    "Library Type",
    "Library Type Term Accession",
)


def discover(root: Path) -> list[StudyRef]:
    """Find the studies below a folder (or the one study that it is), in order of accession.

    Raises
    ------
    SourceError
        The folder does not exist.
    """
    if not root.is_dir():
        message = f"{root}: no such folder; give a folder of studies, each with a file idrNNNN-study.txt"
        raise SourceError(message)
    folders = [root] if any(root.glob(_TEXT)) else sorted({p.parent for p in root.glob("*/" + _TEXT)})
    return sorted(
        StudyRef(_accession(f), NAME, str(f), sum(p.stat().st_size for p in f.rglob("*") if p.is_file()))
        for f in folders
    )


def _accession(folder: Path) -> str:
    return folder.resolve().name.partition("-")[0]


def read(ref: StudyRef, base: str = DEFAULT_BASE) -> Study:
    """Read a study with all its tables.

    Parameters
    ----------
    ref
        From :func:`discover`.
    base
        Base of our own IRIs.

    Raises
    ------
    SourceError
        A file cannot be read at all.
    """
    folder = Path(ref.path).resolve()
    desk = _Desk(folder, Ledger(ref.accession), base)
    text = min(folder.glob(_TEXT))
    if not text.is_file():
        message = f"{text}: not a file; a study's description is a text file of this name"
        raise SourceError(message)
    source = read_study(
        folder.name,
        desk.file(text),
        text.read_bytes(),
        desk.ledger,
        source=desk.repository,
        revision=desk.commit,
    )
    study = source.study
    study.files = desk.files
    if desk.repository.startswith(_PUBLISHED):
        study.same_as = (f"https://identifiers.org/idr:{ref.accession.removeprefix('idr')}",)
    desk.report_unavailable()
    for component in study.components:
        _read_component(component, source, desk)
    for path in tables_in(folder):
        desk.file(path, "listed")
    return study


@dataclass
class _Desk:
    """The folder that is being read, where it comes from, and the files that were opened."""

    folder: Path
    ledger: Ledger
    base: str
    files: list[SourceFile] = field(default_factory=list)
    repository: str = ""
    commit: str = ""
    _prefix: str = ""

    def __post_init__(self) -> None:
        row = self._row("SOURCES.tsv")
        if row:
            self.repository, self.commit, self._prefix = row["repository"], row["commit"], row["path"] or ""
        else:
            message = "no SOURCES.tsv beside the study names its repository and commit: add a line for it"
            self.ledger.report("source-unknown", message, file=self.folder.name)

    def _rows(self, name: str) -> list[dict[str, str]]:
        path = self.folder.parent / name
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as stream:
            return [r for r in csv.DictReader(stream, delimiter="\t") if r.get("study") == self.folder.name]

    def _row(self, name: str) -> dict[str, str] | None:
        return next(iter(self._rows(name)), None)

    def file(self, path: Path, use: str = "read") -> SourceFile:
        """Enter a file in the list of the study's files."""
        inside = path.relative_to(self.folder).as_posix()
        if self.repository:
            whole = "/".join(filter(None, (self._prefix, inside)))
            url = f"{self.repository}/blob/{self.commit}/{quote(whole)}"
        else:
            url = f"{self.base}id/source/{quote(self.folder.name)}/{quote(inside)}"
        known = next((f for f in self.files if f.path == inside), None)
        if known:
            return known
        file = SourceFile(path=inside, url=url, sha256=checksum(path), use=use)
        self.files.append(file)
        return file

    def report_unavailable(self) -> None:
        """Report tables that the archive has and this copy of it has not."""
        for row in self._rows("UNAVAILABLE.tsv"):
            older = row["state"] == "OLDER"
            message = (
                "an older revision than the archive's current one: fetch the current file"
                if older
                else "the archive has this file, this copy has not: fetch it"
            )
            self.ledger.report(
                "table-outdated" if older else "table-unavailable",
                message,
                component=row["path"].partition("/")[0],
                file=row["path"],
                severity=Severity.WARNING if older else Severity.ERROR,
            )


def _read_component(component: Component, source: StudySource, desk: _Desk) -> None:
    section = source.sections[component.name]
    files = component_files(desk.folder, component.name)
    types = [t.label for t in source.study.types] + [
        (t.iri or "").rpartition("/")[2] for t in source.study.types
    ]
    technologies = [text for key in _ROLE_KEYS for text in section.values(key)]
    component.gene_role, treatment_class = role_of(
        source.study.accession, component.name, [*technologies, *types]
    )
    about = Circumstances(
        groups=_groups(files, component, desk),
        organisms=component.organisms or source.study.organisms,
        known=_known(source.study),
        treatment_class=treatment_class,
        level=stated_level(section),
    )
    for sheet in _sheets(component, section, files, source.study, desk):
        component.blocks.append(read_block(sheet, component, about))


def _groups(files: ComponentFiles, component: Component, desk: _Desk) -> list[Group]:
    groups: list[Group] = []
    for path in files.bulkmap:
        file = desk.file(path)
        try:
            groups += read_bulkmap(path.read_bytes())
        except ValueError as error:
            message = f"{error}; the columns are read without it, correct the file"
            desk.ledger.report("bulkmap-unreadable", message, component=component.name, file=file.path)
    return groups


def _known(study: Study) -> dict[str, str]:
    """Return term IRIs by words, for the words of one study; what is named most often counts."""
    best: dict[str, Counter[str]] = {}
    for iri, words in study.names.terms.items():
        for word, n in words.items():
            best.setdefault(word.lower(), Counter())[iri] += n
    return {word: min(count, key=lambda iri: (-count[iri], iri)) for word, count in best.items()}


def _sheets(
    component: Component, section: Section, files: ComponentFiles, study: Study, desk: _Desk
) -> list[Sheet]:
    """Lay out the best tables there are: annotation, else library with processed, else processed alone."""

    def sheet(path: Path, use: str) -> Sheet:
        made = sheet_of(
            component.name, desk.file(path, use), _table(path, component, desk), desk.ledger, study.names
        )
        made.base = desk.base
        return made

    if files.annotation:
        for path in (*files.library, *files.processed):
            desk.file(path, "superseded")
        return [keyed(sheet(path, "read")) for path in files.annotation]
    if files.library:
        library = keyed(sheet(files.library[0], "read"))
        for path in (*files.library[1:], *files.processed[1:]):
            desk.file(path, "superseded")
        if not files.processed:
            return [library]
        return _joined(library, sheet(files.processed[0], "joined"), section, desk)
    if files.processed:
        return [sheet(path, "read") for path in files.processed]
    message = "no annotation, library or processed table: only what the study's text says is in the graph"
    desk.ledger.report(
        "table-missing",
        message,
        component=component.name,
        file=f"{component.name}/{study.accession}-{component.name}-annotation.csv",
        severity=Severity.ERROR,
    )
    return []


def _table(path: Path, component: Component, desk: _Desk) -> Table:
    """Read a table; one that cannot be read costs its rows, not the build."""
    try:
        return read_table(unpack(path))
    except SourceError as error:
        message = str(error).removeprefix(f"{path}: ")
        where = path.relative_to(desk.folder).as_posix()
        desk.ledger.report(
            "table-unreadable", message, component=component.name, file=where, severity=Severity.ERROR
        )
        return EMPTY


def _joined(library: Sheet, processed: Sheet, section: Section, desk: _Desk) -> list[Sheet]:
    stated = next(filter(None, (section.value(key) for key in _JOIN_KEYS)), "")
    named = [
        c.heading.text for c in processed.columns if re.search(rf"\b{re.escape(c.heading.text)}\b", stated)
    ]
    for key in (stated, *sorted(named, key=len, reverse=True)):
        try:
            return [join(library, processed, key)]
        except KeyError:
            continue
    message = (
        f"{stated!r} names no column of both tables, so they are not joined: name one in the study's text"
    )
    desk.ledger.report(
        "join-key-unusable",
        message,
        component=library.component,
        file=processed.file.path,
        severity=Severity.ERROR,
    )
    processed.close()
    return [library]
