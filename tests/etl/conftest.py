"""Small tables on the reader's desk, and small studies that go through readers and writers."""

import gzip
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyoxigraph import Literal, RdfFormat, parse

from bioimg_kg.etl.idr.archive import discover
from bioimg_kg.etl.idr.sheet import sheet_of
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.model import Names
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.etl.tables import read_table
from bioimg_kg.etl.workers import StudyResult, build_study
from bioimg_kg.vocab import DEFAULT_BASE, PREFIXES

HOME = DEFAULT_BASE + "id/study/idr9999/"
STUDY = "Study Title\tA\nStudy License\tCC0 1.0\n{study}"
SCREEN = "Screen Number\t1\nComment[IDR Screen Name]\tidr9999-doe-cells/screenA\n{screen}"


def short(term):
    """Write a term as a person would: a path inside the study, a CURIE, or the text of a literal."""
    if isinstance(term, Literal):
        return term.value
    if term.value.startswith(HOME):
        return term.value.removeprefix(HOME)
    for prefix, iri in sorted(PREFIXES.items(), key=lambda item: -len(item[1])):
        if term.value.startswith(iri):
            return f"{prefix}:{term.value.removeprefix(iri)}"
    return term.value


@dataclass
class Desk:
    """Makes sheets of text and remembers what was found in them."""

    ledger: Ledger = field(default_factory=lambda: Ledger("idr9999"))
    names: Names = field(default_factory=Names)

    def sheet(self, text, path="screenA/idr9999-screenA-annotation.csv"):
        file = SourceFile(path=path, url=f"https://example.org/{path}", sha256="")
        data = text if isinstance(text, bytes) else text.encode()
        return sheet_of("screenA", file, read_table(data), self.ledger, self.names)

    @property
    def issues(self):
        return [(i.code, i.line, i.value, i.cells) for i in self.ledger.issues]

    def account(self):
        """Return cells, mapped, issues and unmapped of each column by its heading."""
        return {c.column: (c.cells, c.mapped, c.issues, c.unmapped) for c in self.ledger.columns()}


@pytest.fixture
def desk():
    return Desk()


@dataclass
class Mini:
    """A study of one screen that was read and written."""

    result: StudyResult
    quads: list

    @property
    def issues(self):
        return [(i.code, i.line, i.column, i.value, i.cells) for i in self.result.issues]

    def codes(self):
        return sorted({i.code for i in self.result.issues})

    def all(self, predicate, subject=""):
        """Return subject and object of all quads with a predicate, or the objects of one subject."""
        found = sorted(
            {(short(q.subject), short(q.object)) for q in self.quads if short(q.predicate) == predicate}
        )
        return [o for s, o in found if s == subject] if subject else found

    def of(self, type_):
        return [s for s, o in self.all("rdf:type") if o == type_]

    def counts(self, heading):
        """Return cells, mapped, issues and unmapped of a column, as its node says."""
        (node,) = [s for s, o in self.all("rdfs:label") if o == heading and "/column/" in s]
        facts = dict(self.facts(node))
        kinds = ("valueCount", "mappedCount", "issueCount", "unmappedCount")
        return tuple(int(facts["bikg:" + kind]) for kind in kinds)

    def facts(self, subject):
        """Return predicate and object of everything that is said of a subject, sorted."""
        return sorted(
            (short(q.predicate), short(q.object)) for q in self.quads if short(q.subject) == subject
        )


@pytest.fixture
def mini(tmp_path):
    """Return a function that makes a study of one screen from the text of its files."""

    def make(files=(), *, screen="", study="", base=DEFAULT_BASE):
        folder = tmp_path / "source" / "idr9999-doe-cells"
        (folder / "screenA").mkdir(parents=True)
        text = STUDY.format(study=study) + SCREEN.format(screen=screen)
        (folder / "idr9999-study.txt").write_text(text, encoding="utf-8")
        (folder.parent / "SOURCES.tsv").write_text(
            "study\trepository\tcommit\tpath\nidr9999-doe-cells\thttps://example.org/repo\tabc\t\n"
        )
        for name, content in dict(files).items():
            data = content if isinstance(content, bytes) else content.encode()
            path = folder / "screenA" / f"idr9999-screenA-{name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (ref,) = discover(folder.parent)
        result = build_study(ref, tmp_path / "quads", base)
        with gzip.open(tmp_path / "quads" / "study" / "idr9999.nq.gz") as stream:
            return Mini(result, list(parse(stream, format=RdfFormat.N_QUADS)))

    return make


@pytest.fixture(scope="session")
def examples():
    return Path(__file__).resolve().parents[2] / "examples"
