"""The examples of docs/search.md print what the page says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```\n(bioimg-kg search [^\n]+)\n```\n.*?```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("command", "printed"), EXAMPLES)
def test_examples_print_what_the_page_says(command, printed, example_release):
    words = shlex.split(command.replace("DATA", "data-folder"))[1:]
    words = [str(example_release.parents[1]) if word == "data-folder" else word for word in words]
    run = subprocess.run([sys.executable, "-m", "bioimg_kg.cli", *words], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, printed)


def test_there_are_examples():
    assert len(EXAMPLES) > 1


def test_nothing_found_is_exit_code_1_and_no_index_is_2(example_release, tmp_path):
    command = [sys.executable, "-m", "bioimg_kg.cli", "search", "zzyzx", "--json", "-d"]
    run = subprocess.run([*command, str(example_release.parents[1])], capture_output=True, text=True)
    assert (run.returncode, '"total": 0' in run.stdout) == (1, True)
    run = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True)
    assert (run.returncode, "Traceback" in run.stderr) == (2, False)
