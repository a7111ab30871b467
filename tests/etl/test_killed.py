"""A build that is killed at any moment leaves the previous release current, whole and open to queries."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import bioimg_kg
from bioimg_kg.release import current_release
from bioimg_kg.store import open_readonly

REAL = ("idr0002", "idr0018", "idr0021")


def start(sources, data, name, *studies):
    command = [sys.executable, "-m", "bioimg_kg.cli", "build", str(sources), "-o", str(data)]
    command += ["--release", name, "--jobs", "2", *(f"--study={study}" for study in studies)]
    environment = os.environ | {"PYTHONPATH": str(Path(bioimg_kg.__file__).parents[1])}
    return subprocess.Popen(
        command, start_new_session=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def processes(group):
    """Return the living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def checksums(release):
    files = sorted(p for p in release.path.rglob("*") if p.is_file())
    return {p.relative_to(release.path): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def is_whole(release):
    store = open_readonly(release.store)
    (row,) = store.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    return int(row["n"].value) == release.manifest["counts"]["quads"]


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc")
@pytest.mark.parametrize(
    ("kind", "kills"), [("examples", 5), pytest.param("real", 10, marks=pytest.mark.corpus)]
)
def test_killed_at_random_moments(kind, kills, examples, request, tmp_path):
    real = kind == "real"
    sources = request.getfixturevalue("shared") / "idr" if real else examples / "studies"
    studies = REAL if real else ("idr9001", "idr9003", "idr9007")
    begin = time.monotonic()
    assert start(sources, tmp_path, "first", *studies).wait() == 0
    duration = time.monotonic() - begin
    before = checksums(current_release(tmp_path))
    rng = random.Random(20261120)
    hits = 0
    partial = set()
    for n in range(kills):
        process = start(sources, tmp_path, f"next-{n}", *studies)
        time.sleep((n + rng.random()) / kills * duration)
        hit = process.poll() is None
        if hit:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        wait_for(lambda group=process.pid: not processes(group))
        release = current_release(tmp_path)
        if release.name == "first":
            assert checksums(release) == before
        else:  # the build was quicker than the killer
            assert (release.name, process.returncode) == (f"next-{n}", -signal.SIGKILL if hit else 0)
            return_to_first(tmp_path)
        assert is_whole(release)
        hits += hit
        partial |= {p.name for p in (tmp_path / "releases").glob(".*")}
    assert hits >= kills // 2
    assert partial
    assert start(sources, tmp_path, "last", *studies).wait() == 0
    release = current_release(tmp_path)
    assert release.name == "last"
    assert is_whole(release)
    assert list((tmp_path / "releases").glob(".*")) == []
    assert {p.name for p in tmp_path.iterdir()} == {"current", "releases"}


def return_to_first(data):
    (data / "current").unlink()
    (data / "current").symlink_to("releases/first")


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc")
def test_the_workers_of_a_killed_build_end_too(examples, tmp_path):
    """The kernel kills the one process that takes most memory, and that only."""
    process = start(examples / "studies", tmp_path, "first")
    try:
        wait_for(lambda: len(processes(process.pid)) >= 4 or process.poll() is not None)
        assert process.poll() is None
        process.kill()
        process.wait()
        wait_for(lambda: not processes(process.pid))
    finally:
        for pid in processes(process.pid):
            os.kill(pid, signal.SIGKILL)
