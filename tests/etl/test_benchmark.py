"""The benchmark of a build runs and prints its table; how long it takes is not judged here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import bioimg_kg

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "build.py"


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="memory is measured through /proc")
def test_the_benchmark_runs(examples):
    command = [sys.executable, str(SCRIPT), "--source", str(examples / "studies"), "--study", "idr9001"]
    environment = {"PYTHONPATH": str(Path(bioimg_kg.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"[\d,]+ quads, \d+ processes, \d+ cores", lines[0])
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert rows[0] == ["step", "seconds", "quads per second", "peak MB", "ours / oxigraph load"]
    assert [row[0] for row in rows[2:5]] == ["read and write", "load", "whole build"]
    assert all(int(row[3]) > 0 for row in rows[2:])
    if "pip install oxigraph" not in done.stderr:
        assert rows[5][0] == "oxigraph load"


def test_shortcuts_are_compared_with_associations(example_release):
    script = SCRIPT.with_name("shortcuts.py")
    command = [sys.executable, str(script), "--data", str(example_release.parents[1]), "--terms", "5"]
    environment = {"PYTHONPATH": str(Path(bioimg_kg.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert re.match(r"5 terms, \d+ to \d+ genes, answers equal\n", done.stdout)
    assert re.search(r"^\| shortcut \| [\d.]+ \|", done.stdout, re.MULTILINE)
