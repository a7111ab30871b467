"""A build of all real studies: the same again, valid, each triple once, in little memory."""

import gzip
import heapq
import importlib.util
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

import bioimg_kg
from bioimg_kg.etl.pipeline import BuildOptions, build, quad_files
from bioimg_kg.store import open_readonly

pytestmark = pytest.mark.corpus

MOST_MEMORY = 2_000_000_000
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("build_benchmark", ROOT / "benchmarks" / "build.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def manifest(full_release):
    return json.loads((full_release / "manifest.json").read_text())


@pytest.fixture(scope="module")
def second(full_release, manifest, shared, tmp_path_factory, benchmark):
    """Build everything a second time, as a user would; return the release and the peaks of all processes."""
    data = tmp_path_factory.mktemp("second")
    command = [sys.executable, "-m", "bioimg_kg.cli", "build", str(shared / "idr"), "-o", str(data)]
    command += ["--ontologies", str(shared / "ontologies"), "--reference", str(shared / "reference")]
    command += ["--release", manifest["name"]]
    days = date.fromisoformat(manifest["date"]).toordinal() - date(1970, 1, 1).toordinal()
    environment = os.environ | {
        "PYTHONPATH": str(Path(bioimg_kg.__file__).parents[1]),
        "SOURCE_DATE_EPOCH": str(days * 86_400),
    }
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        watch = benchmark.MemoryWatch(process.pid)
        watch.start()
        code = process.wait()
        watch.stop()
    assert code == 0
    return data / "releases" / manifest["name"], watch.peaks


def made_of(release):
    names = [*release.rglob("quads/**/*.gz"), *(release / n for n in ("issues.tsv", "manifest.json"))]
    names.append(release / "search.sqlite")
    return {path.relative_to(release).as_posix(): path for path in names}


def test_the_figures(manifest):
    counts = manifest["counts"]
    assert {kind: counts[kind] for kind in list(counts)[:5]} == {
        "studies": 109,
        "components": 170,
        "records": 710_909,
        "study_phenotypes": 523,
        "annotations": 73_624,
    }


def test_two_builds_are_the_same_to_the_byte(full_release, second):
    one, two = made_of(full_release), made_of(second[0])
    assert one.keys() == two.keys()
    assert [name for name in one if one[name].read_bytes() != two[name].read_bytes()] == []


def test_no_process_takes_much_memory(second):
    peaks = second[1]
    assert len(peaks) >= 4
    assert max(peaks.values()) < MOST_MEMORY


def test_the_number_of_processes_changes_nothing(shared, tmp_path):
    releases = [
        build(
            BuildOptions(
                sources=[shared / "idr"],
                data=tmp_path / str(jobs),
                studies=("idr0002", "idr0011", "idr0018", "idr0056", "idr0113"),
                name="x",
                date="2026-11-20",
                jobs=jobs,
            )
        ).path
        for jobs in (1, 2)
    ]
    one, two = map(made_of, releases)
    assert {n: p.read_bytes() for n, p in one.items()} == {n: p.read_bytes() for n, p in two.items()}


def test_every_line_is_strictly_valid(full_release, manifest):
    total = 0
    for path in quad_files(full_release / "quads"):
        name = path.relative_to(full_release / "quads").as_posix().removesuffix(".nq.gz")
        graphs, count = set(), 0
        with gzip.open(path) as stream:
            for quad in parse(stream, format=RdfFormat.N_QUADS, lenient=False):
                graphs.add(quad.graph_name)
                count += 1
        assert {g.value.partition("/graph/")[2] for g in graphs} <= {name}
        assert count == manifest["graphs"].get(name, count)
        total += count
    assert total == manifest["counts"]["quads"] == len(open_readonly(full_release / "store"))


def lines(path):
    previous = ""
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
        for line in stream:
            triple = line[: line.rindex(" <")]
            assert triple > previous, (path, triple)
            previous = triple
            yield triple


def test_no_triple_stands_in_two_graphs(full_release):
    twice, previous = [], ""
    for triple in heapq.merge(*map(lines, quad_files(full_release / "quads"))):
        if triple == previous:
            twice.append(triple)
        previous = triple
    assert twice == []
