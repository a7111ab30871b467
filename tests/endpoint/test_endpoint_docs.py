"""The commands of docs/endpoint.md and docs/harvesting.md do what the pages say."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bioimg_kg.endpoint.app import Settings
from bioimg_kg.endpoint.negotiation import GRAPHS, RESULTS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, HARVESTING = ((DOCS / name).read_text(encoding="utf-8") for name in ("endpoint.md", "harvesting.md"))
BOTH = PAGE + HARVESTING
SHOWN = re.findall(r"^```sh\n(.*?)^```\n\n```text\n(.*?)^```", BOTH, re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"


@pytest.mark.parametrize(("command", "expected"), SHOWN, ids=range(len(SHOWN)))
def test_a_command_prints_what_stands_below_it(examples_service, command, expected):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    script = command.replace(ADDRESS, examples_service.url)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    printed = done.stdout.replace(examples_service.url, ADDRESS).replace("\r", "")
    pattern = ".*?".join(re.escape(part) for part in expected.split("...\n"))
    assert re.fullmatch(pattern, printed, re.DOTALL), printed


def test_all_commands_are_run():
    assert len(SHOWN) == BOTH.count("```sh\n") >= 9


def test_the_formats_and_settings_are_those_of_the_code():
    rows = re.findall(r"^\| .*?\| `([\w/+-]+)` \| (`.*?`) \|", PAGE, re.MULTILINE)
    listed = {media_type: re.findall(r"`(.*?)`", names) for media_type, names in rows}
    assert list(listed) == [entry.media_type for entry in (*RESULTS, *GRAPHS)] + ["text/html"]
    for entry in (*RESULTS, *GRAPHS):
        assert set(listed[entry.media_type]) <= set(entry.names)
    named = set(re.findall(r"`BIOIMG_KG_(\w+)`", BOTH))
    assert named
    assert {name.lower() for name in named} <= Settings.model_fields.keys()
