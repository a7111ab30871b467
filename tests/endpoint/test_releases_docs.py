"""The commands of docs/releases.md print what stands below them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "releases.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```sh\n(.*?)^```\n\n```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def two(two_releases, start_service):
    with start_service(two_releases, workers=1) as service:
        yield service


@pytest.mark.parametrize(("command", "expected"), SHOWN, ids=range(len(SHOWN)))
def test_a_command_prints_what_stands_below_it(two, two_releases, tmp_path, command, expected):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    (tmp_path / "data").symlink_to(two_releases)
    script = tmp_path / "bioimg-kg"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bioimg_kg.cli "$@"\n')
    script.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    command = command.replace(ADDRESS, two.url)
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
    )
    assert done.stdout.replace(two.url, ADDRESS).replace("\r", "") == expected


def test_all_commands_are_run():
    assert len(SHOWN) == PAGE.count("```sh\n") >= 6
