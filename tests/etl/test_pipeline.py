"""A build as a whole: what it finds, what it writes, and that it writes the same again."""

import ast
import csv
import gzip
import json
import shutil
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from bioimg_kg.errors import ConfigError, Issue, SourceError
from bioimg_kg.etl.pipeline import BuildOptions, build, find_studies, quad_files
from bioimg_kg.issues import write_issues
from bioimg_kg.release import current_release
from bioimg_kg.store import open_readonly

SOURCE = Path(__file__).resolve().parents[2] / "src" / "bioimg_kg"


def made_of(release):
    """Return the content of every file that a build must repeat to the byte."""
    names = [*release.rglob("quads/**/*.gz"), *(release / n for n in ("issues.tsv", "manifest.json"))]
    names.append(release / "search.sqlite")
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in names}


def read_issues(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_the_store_holds_what_the_files_hold(example_release):
    manifest = json.loads((example_release / "manifest.json").read_text())
    counted = {}
    for path in quad_files(example_release / "quads"):
        name = path.relative_to(example_release / "quads").as_posix().removesuffix(".nq.gz")
        with gzip.open(path) as stream:
            quads = list(parse(stream, format=RdfFormat.N_QUADS, lenient=False))
        counted[name] = len(quads)
        assert {q.graph_name.value.partition("/graph/")[2] for q in quads} <= {name}
    assert manifest["graphs"] == {name: n for name, n in counted.items() if name != "meta"}
    store = open_readonly(example_release / "store")
    assert len(store) == sum(counted.values()) == manifest["counts"]["quads"]


def test_no_triple_stands_in_two_graphs(example_release):
    seen = set()
    for path in quad_files(example_release / "quads"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            here = [line[: line.rindex(" <")] for line in lines]
        assert here == sorted(set(here))
        assert not seen & set(here), path
        seen |= set(here)


def test_the_manifest_counts_what_the_store_holds(example_release):
    manifest = json.loads((example_release / "manifest.json").read_text())
    store = open_readonly(example_release / "store")

    def count(pattern):
        query = f"PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#> SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
        return int(next(iter(store.query(query, use_default_graph_as_union=True)))["n"].value)

    counts = manifest["counts"]
    assert counts["studies"] == count("?s a bikg:Study") == len(manifest["studies"]) == 8
    assert counts["components"] == count("?s a ?t FILTER(?t IN (bikg:Screen, bikg:Experiment))")
    assert counts["records"] == count("?s a ?t FILTER(?t IN (bikg:Well, bikg:Image))")
    assert counts["study_phenotypes"] == count("?s bikg:declared true")
    assert counts["annotations"] == count("?s bikg:annotatedWith ?o")
    issues = read_issues(example_release / "issues.tsv")
    assert counts["issues"] == len(issues) == sum(manifest["issues"].values())


def test_a_build_repeats_itself_whatever_the_number_of_processes(examples, example_release, tmp_path):
    for jobs in (1, 3):
        options = BuildOptions(
            sources=[examples / "studies"],
            data=tmp_path / str(jobs),
            ontologies=examples / "ontologies",
            reference=examples / "reference",
            name="examples",
            date="2026-11-20",
            jobs=jobs,
        )
        assert made_of(build(options).path) == made_of(example_release)


def test_the_clock_counts_only_where_nobody_says_the_day(examples, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    sources = [examples / "studies" / "idr9005-example-secretion"]
    lines = []
    release = build(BuildOptions(sources=sources, data=tmp_path), lines.append)
    assert (release.name, release.manifest["date"]) == ("2001.09.09", "2001-09-09")
    assert current_release(tmp_path).name == "2001.09.09"
    assert lines[0].startswith("idr9005: ")
    assert lines[-2].startswith("load ")
    assert lines[-1] == "files to download"
    assert build(BuildOptions(sources=sources, data=tmp_path)).name == "2001.09.09.2"


def test_another_base(examples, tmp_path):
    base = "https://example.org/kg/"
    sources = [examples / "studies" / "idr9001-example-pombeshape"]
    release = build(BuildOptions(sources=sources, data=tmp_path, base=base))
    (file,) = (release.quads / "study").iterdir()
    with gzip.open(file, "rt") as lines:
        for line in lines:
            assert line.endswith(f" <{base}graph/study/idr9001> .\n")
            assert "https://w3id.org/bioimg-kg/id/" not in line


def test_studies_are_found(examples):
    refs = find_studies([examples / "studies"])
    assert [ref.accession for ref in refs] == [f"idr{n}" for n in range(9001, 9009)]
    (one,) = find_studies([examples / "studies"], ["idr9003"])
    assert one.path.endswith("idr9003-example-cellmorph")
    (other,) = find_studies([examples / "studies" / "idr9004-example-mitosis"])
    assert other.accession == "idr9004"


def test_studies_that_are_not_there(examples, tmp_path):
    with pytest.raises(ConfigError, match=r"no such study: idr0000; there are 8, from idr9001 to idr9008"):
        find_studies([examples / "studies"], ["idr9001", "idr0000"])
    with pytest.raises(ConfigError, match=r"idr9001 is in .* and in .*: name one of the two"):
        find_studies([examples / "studies", examples / "studies" / "idr9001-example-pombeshape" / ".." / "."])
    with pytest.raises(SourceError, match="no studies found"):
        find_studies([tmp_path])
    with pytest.raises(SourceError, match="no such folder"):
        find_studies([tmp_path / "nowhere"])


def test_a_source_named_twice_is_a_mistake(examples):
    same = examples / "studies"
    with pytest.raises(ConfigError):
        find_studies([same, same])


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_table_that_cannot_be_read_is_an_issue_and_costs_only_its_rows(examples, tmp_path, jobs):
    for name in ("idr9004-example-mitosis", "idr9005-example-secretion"):
        shutil.copytree(examples / "studies" / name, tmp_path / "src" / name)
    (broken,) = (tmp_path / "src").rglob("*.gz")
    broken.write_bytes(broken.read_bytes()[:-20])
    release = build(BuildOptions(sources=[tmp_path / "src"], data=tmp_path / "data", jobs=jobs))
    (line,) = (x for x in release.issues.read_text().splitlines() if "table-unreadable" in x)
    assert "screenA/idr9004-screenA-annotation.csv.gz" in line
    assert "cannot be read" in line
    assert str(tmp_path) not in line
    assert release.manifest["studies"]["idr9004"]["records"] == 0
    assert release.manifest["studies"]["idr9004"]["study_phenotypes"] > 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_build_that_fails_leaves_nothing(examples, tmp_path, jobs):
    (tmp_path / "obo").mkdir()
    sources = [examples / "studies"]
    with pytest.raises(ConfigError, match=r"no \.obo file"):
        build(BuildOptions(sources=sources, data=tmp_path / "data", ontologies=tmp_path / "obo", jobs=jobs))
    assert list((tmp_path / "data" / "releases").iterdir()) == []
    assert not (tmp_path / "data" / "current").exists()


def test_an_issue_is_one_line_whatever_its_value(tmp_path):
    issue = Issue(study="idr9999", code="x", value='a\tb\r\nc "d"', message="m\n")
    write_issues([issue], tmp_path / "issues.tsv")
    header, line, end = (tmp_path / "issues.tsv").read_text().split("\n")
    assert end == ""
    assert line.count("\t") == header.count("\t") == 10
    (row,) = read_issues(tmp_path / "issues.tsv")
    assert row["value"] == 'a b  c "d"'
    assert row["severity"] == "warning"


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_no_problem_of_the_data_is_only_logged(path):
    """Problems of the data are issues; nothing in the library logs, warns or prints."""
    parts = path.relative_to(SOURCE).parts
    if parts[0] in ("cli", "endpoint"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {"logging", "syslog"} & {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.module != "logging"
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "warnings.warn", "sys.stderr.write", "sys.stdout.write")
        if isinstance(node, ast.ExceptHandler) and all(isinstance(s, ast.Pass) for s in node.body):
            assert ast.unparse(node.type) == "UnicodeDecodeError", "an error is swallowed"
