"""All study texts that are here, against figures that were counted without this code."""

import csv
import re
from collections import Counter, defaultdict
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from bioimg_kg.etl.idr.study import read_study
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.rows import SourceFile

pytestmark = pytest.mark.corpus

KEYS = Path(__file__).resolve().parents[2] / "mappings" / "study-keys.tsv"
SEED = {f"idr{n:04}" for n in (*range(1, 14), *range(15, 22), 23, 27, 28, 32)}
MAIL = re.compile(r"\w@([A-Za-z0-9-]+\.)+[A-Za-z]{2}")


@pytest.fixture(scope="module")
def files(shared):
    return {path.parent.name: path for path in sorted(shared.glob("idr/idr*/idr????-study.txt"))}


@pytest.fixture(scope="module")
def sources(files):
    read = {}
    for folder, path in files.items():
        file = SourceFile(path=path.name, url=f"https://example.org/{path.name}", sha256="")
        read[folder[:7]] = read_study(folder, file, path.read_bytes(), Ledger(folder[:7]))
    return read


@pytest.fixture(scope="module")
def phenotypes(sources):
    return [
        (study, component.name, phenotype)
        for study, source in sources.items()
        for component in source.study.components
        for phenotype in component.phenotypes
    ]


def component(sources, study, name):
    return next(c for c in sources[study].study.components if c.name == name)


def texts(thing):
    """All strings of a study, and of the issues in its ledger."""
    if isinstance(thing, str):
        yield thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from texts(getattr(thing, field.name))
    elif isinstance(thing, dict):
        for item in thing.items():
            yield from texts(item)
    elif isinstance(thing, list | tuple | set):
        for item in thing:
            yield from texts(item)


def lines(path):
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    plain = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.split("\t") for line in plain if line.strip() and not line.startswith(("#", '"#'))]


def test_studies_and_components(sources):
    assert (len(sources), sum(len(s.study.components) for s in sources.values())) == (109, 170)
    assert all(source.study.title and source.study.released for source in sources.values())


def test_every_component_is_a_folder(sources, files):
    for folder, path in files.items():
        for name in sources[folder[:7]].sections:
            assert (path.parent / name).is_dir()


def test_declared_phenotypes(phenotypes):
    assert (len(phenotypes), sum(bool(p.terms) for *_, p in phenotypes)) == (523, 325)
    assert max(len(p.terms) for *_, p in phenotypes) == 2


def test_figures_of_the_seed_paper(phenotypes):
    labels, studies = defaultdict(set), defaultdict(set)
    for study, _, phenotype in phenotypes:
        if study in SEED:
            labels[study, phenotype.label.lower()].update(phenotype.terms)
            for term in phenotype.terms:
                studies[term].add(study)
    assert len(SEED) == 24
    assert (len(labels), sum(map(bool, labels.values()))) == (231, 203)
    assert (len(studies), sum(len(s) == 1 for s in studies.values())) == (159, 137)


def test_every_cell_is_accounted_for_once(sources, files):
    with KEYS.open(encoding="utf-8") as stream:
        known = {row["spelling"].lower() for row in csv.DictReader(stream, delimiter="\t")}
    for folder, path in files.items():
        columns = sources[folder[:7]].study.ledger.columns()
        counted = 0
        for first, *rest in lines(path):
            is_key = " ".join(first.split()).rstrip(":,").lower() in known
            counted += sum(bool(cell.strip(' "\u00a0')) for cell in ([] if is_key else [first]) + rest)
        assert sum(column.cells for column in columns) == counted, folder
        assert all(column.unmapped >= 0 for column in columns), folder


def test_no_character_is_lost_or_damaged_further(sources, files):
    for folder, path in files.items():
        source = sources[folder[:7]]
        here = sum(t.count("\ufffd") for t in texts(source.text.sections))
        there = sum(cell.count("\ufffd") for cells in lines(path) for cell in cells)
        assert here == there, folder
    legacy = {study: s.text.codec for study, s in sources.items() if s.text.codec != "utf-8"}
    assert Counter(legacy.values()) == {"mac_roman": 4, "cp1252": 4}


def test_nobody_can_be_written_to(sources, files):
    for folder, path in files.items():
        private = {
            cell.strip(' "')
            for first, *rest in lines(path)
            if first.strip() in {"Study Person Email", "Study Person Address"}
            for cell in rest
        }
        for text in texts(sources[folder[:7]].study):
            assert not MAIL.search(text), folder
            assert not any(secret in text for secret in private if len(secret) > 25), folder


def test_pure_carriage_returns(sources):
    source = sources["idr0099"]
    assert len(source.text.sections[0].rows) > 25
    assert [c.name for c in source.study.components][:1] == ["experimentA"]
    assert all(len(section.rows) > 25 for section in source.sections.values())


def test_screens_that_the_study_does_not_count(sources):
    assert list(sources["idr0012"].sections) == ["screenA", "screenB", "screenC"]


def test_another_order_of_rows(sources):
    first = component(sources, "idr0022", "screenA").phenotypes[0]
    assert first.label
    assert first.score_type


def test_misprinted_terms(phenotypes):
    used = {term for *_, p in phenotypes for term in p.terms}
    assert "http://www.ebi.ac.uk/cmpo/CMPO_0005634" not in used
    assert "http://purl.obolibrary.org/obo/GO_0005634" in used


def test_issues_stay_few(sources):
    found = Counter(issue.code for source in sources.values() for issue in source.study.ledger.issues)
    assert found["unknown-key"] == 0
    assert found["component-name-malformed"] == 0
    assert found["term-unresolved"] <= 2
    assert found["phenotype-without-name"] == 3
