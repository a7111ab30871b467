"""The commands of the pages do what they say; docs/operation.md has all settings and metrics."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bioimg_kg.endpoint.app import Settings
from bioimg_kg.endpoint.http.negotiation import GRAPHS, RESULTS
from bioimg_kg.endpoint.linked.addresses import SUFFIXES

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = ("endpoint.md", "harvesting.md", "linked-data.md", "citing.md", "downloads.md")
PAGE, HARVESTING, LINKED, CITING, DOWNLOADS = ((DOCS / name).read_text(encoding="utf-8") for name in NAMES)
ALL = PAGE + HARVESTING + LINKED + CITING + DOWNLOADS
SHOWN = re.findall(r"^```sh\n(.*?)^```\n\n```text\n(.*?)^```", ALL, re.MULTILINE | re.DOTALL)
OPERATION = (DOCS / "operation.md").read_text(encoding="utf-8")
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
    assert len(SHOWN) == ALL.count("```sh\n") >= 13


def test_the_formats_and_settings_are_those_of_the_code():
    rows = re.findall(r"^\| .*?\| `([\w/+-]+)` \| (`.*?`) \|", PAGE, re.MULTILINE)
    listed = {media_type: re.findall(r"`(.*?)`", names) for media_type, names in rows}
    assert list(listed) == [entry.media_type for entry in (*RESULTS, *GRAPHS)] + ["text/html"]
    for entry in (*RESULTS, *GRAPHS):
        assert set(listed[entry.media_type]) <= set(entry.names)
    named = set(re.findall(r"`BIOIMG_KG_(\w+)`", ALL))
    assert named
    assert {name.lower() for name in named} <= Settings.model_fields.keys()


def test_the_settings_and_their_defaults_are_those_of_the_code():
    table = OPERATION.partition("## Settings")[2]
    shown = dict(re.findall(r"^\| `(\w+)` \| (?:`(.*?)`)? \| .{6,} \|$", table, re.MULTILINE))

    def plain(value):
        value = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        return str(int(value) if isinstance(value, bool) else value)

    assert shown == {name.upper(): plain(field.default) for name, field in Settings.model_fields.items()}
    named = set(re.findall(r"`BIOIMG_KG_(\w+?)`", OPERATION))
    assert {name.lower() for name in named} <= Settings.model_fields.keys()


def test_the_metrics_are_those_of_the_service(example_release, start_service):
    with start_service(example_release.parent.parent, workers=1, metrics_token="x") as service:
        service.get("ASK {}")
        text = service.client.get(f"{service.url}/metrics", headers={"Authorization": "Bearer x"}).text
    exported = set(re.findall(r"^# TYPE (\w+) (?!unknown)", text, re.MULTILINE))
    exported = {name for name in exported if not name.endswith("_created")}
    written = set(
        re.findall(r"\b(bioimg_kg_\w+)", OPERATION.partition("## Metrics")[2].partition("## Logs")[0])
    )
    assert written == exported


def test_the_example_line_of_the_log_has_the_keys_of_a_real_one(data, start_service):
    with start_service(data, workers=1, client_exempt="") as service:
        service.get("ASK { ?s ?p ?o }")
    (shown,) = re.findall(r"^\{.*\}$", OPERATION.partition("## Logs")[2], re.MULTILINE)
    real = [json.loads(line) for line in service.log.read_text().splitlines()]
    assert json.loads(shown).keys() == next(line for line in real if line.get("form") == "ask").keys()


def test_the_suffixes_of_documents_are_those_of_the_code():
    named = re.findall(r"`\.(\w+)`", LINKED)
    assert sorted(named) == sorted(SUFFIXES)
