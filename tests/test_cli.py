"""The command line as a user has it: exit codes, what goes where, help, and no traceback ever."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from bioimg_kg import __version__
from bioimg_kg.cli import app
from bioimg_kg.release import open_release

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
STUDIES = EXAMPLES / "studies"
COMMANDS = sorted(get_command(app).commands)
ELONGATED = ["--name", "genes-with-phenotype", "--param", "term=CMPO:0000077"]


def run(*arguments, timeout=120, **options):
    """Run the command line in a process of its own; whatever happens, nobody sees a traceback."""
    words = [sys.executable, "-m", "bioimg_kg.cli", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=timeout, **options)
    assert "Traceback" not in done.stderr, done.stderr
    assert "Traceback" not in done.stdout
    return done


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder that the command line itself has made."""
    folder = tmp_path_factory.mktemp("cli") / "data"
    done = run("build", STUDIES, "--ontologies", EXAMPLES / "ontologies", "-o", folder, "--release", "first")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "release first is current" in done.stderr
    assert "bioimg-kg issues" in done.stderr
    return folder


# ---- what is printed ----


def test_version():
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"bioimg-kg {__version__}\n", "")


def test_without_a_command_the_help_is_shown():
    done = run()
    assert done.returncode in (0, 2)
    assert all(command in done.stdout + done.stderr for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(command):
    done = run(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(rf"^\W*bioimg-kg {command}\b", done.stdout.partition("Usage:")[2], re.MULTILINE)
    for programmer_word in ("Raises", "Parameters\n", ":class:", "``"):
        assert programmer_word not in done.stdout


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)])
def test_help_loads_no_heavy_library(command):
    heavy = {"pandas", "numpy", "fastapi", "uvicorn", "zarr", "pronto", "pyoxigraph"}
    words = [sys.executable, "-X", "importtime", "-m", "bioimg_kg.cli", *command, "--help"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert not loaded & heavy


def test_stats_are_those_of_the_manifest(data):
    manifest = open_release(data / "current").manifest
    rows = list(csv.reader(run("stats", "--data", data).stdout.splitlines(), delimiter="\t"))
    assert rows[0] == ["what", "count"]
    assert {kind: int(number) for kind, number in rows[1:]} == manifest["counts"]
    machine = json.loads(run("stats", "--data", data, "--json").stdout)
    assert (machine["name"], machine["counts"]) == ("first", manifest["counts"])
    studies = run("stats", "--data", data, "--by-study").stdout.splitlines()
    assert [line.split("\t")[0] for line in studies[1:]] == sorted(manifest["studies"])


def test_the_folder_may_come_from_the_environment(data):
    done = run("stats", env={"BIOIMG_KG_DATA": str(data), "PATH": ""})
    assert done.stdout == run("stats", "--data", data).stdout != ""


def test_issues_are_counted_and_listed(data):
    done = run("issues", "--data", data)
    assert (done.returncode, done.stderr) == (0, "")
    counted = {code: int(n) for _, code, n in (line.split("\t") for line in done.stdout.splitlines()[1:])}
    assert counted == open_release(data / "current").manifest["issues"]
    one = run("issues", "--data", data, "--study", "idr9002", "--code", "accession-minority").stdout
    rows = list(csv.DictReader(one.splitlines(), delimiter="\t"))
    assert [row["value"] for row in rows] == [f"EFO_{number:07}" for number in range(1186, 1190)]
    assert all(int(row["line"]) > 1 and row["message"] for row in rows)
    every = run("issues", "--data", data, "--all").stdout
    assert len(list(csv.reader(every.splitlines(), delimiter="\t"))) == sum(counted.values()) + 1


def test_a_named_query_answers_on_standard_output_alone(data):
    done = run("query", *ELONGATED, "--data", data, "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert {row["study"] for row in rows} == {"idr9001", "idr9002", "idr9003"}
    assert "ANLN" in {row["symbol"] for row in rows}


def test_a_reader_that_has_enough_ends_the_command_quietly(data):
    query = f"{sys.executable} -m bioimg_kg.cli query 'SELECT * {{ ?s ?p ?o }}' --data {data}"
    command = f"{query} | head -n 2"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert len(done.stdout.splitlines()) == 2
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_dry_run_lists_and_writes_nothing(tmp_path):
    done = run("build", STUDIES, "-o", tmp_path / "data", "--dry-run", "--study", "idr9001")
    assert done.returncode == 0
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["idr9001"]
    assert not (tmp_path / "data").exists()


def test_a_build_tells_a_program_what_it_made(tmp_path):
    done = run("build", STUDIES, "-o", tmp_path, "--study", "idr9005", "--release", "r", "--json")
    made = json.loads(done.stdout)
    assert (made["ok"], made["release"], made["counts"]["studies"]) == (True, "r", 1)
    assert Path(made["path"]).is_dir()


# ---- what goes wrong ----


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["build", STUDIES, "-o", "{new}", "--study", "idr0000"], 2, "no such study: idr0000"),
        (["build", STUDIES, "-o", "{data}", "--study", "idr9005", "--release", "first"], 2, "--release"),
        (["build", STUDIES, "-o", "{new}", "--study", "idr9005", "--release", "a/b"], 2, "name of a release"),
        (["build", STUDIES, STUDIES / "../studies", "-o", "{new}"], 2, "name one of the two"),
        (["build", "{new}/nothing", "-o", "{new}"], 3, "no such folder"),
        (["build", EXAMPLES / "ontologies", "-o", "{new}"], 3, "no studies found"),
        (["build", STUDIES], 2, "--output"),
        (["stats", "--data", "{new}"], 2, "bioimg-kg build"),
        (["issues", "--data", "{new}"], 2, "bioimg-kg build"),
        (["issues", "--data", "{data}", "--study", "idr0000"], 2, "idr0000"),
        (["query", "ASK {}", "--data", "{new}"], 2, "bioimg-kg build"),
        (["query", "SELECT * {", "--data", "{data}"], 2, "line 1"),
        (["query", "--name", "no-such", "--data", "{data}"], 2, "genes-with-phenotype"),
        (["query", *ELONGATED[:2], "--param", "term=x", "--data", "{data}"], 2, "CMPO:0000077"),
        (["serve", "--data", "{new}"], 2, "bioimg-kg build"),
        (["no-such-command"], 2, "no-such-command"),
        (["stats", "--no-such-option"], 2, "--no-such-option"),
    ],
    ids=lambda value: "-".join(map(str, value))[:40] if isinstance(value, list) else None,
)
def test_a_mistake_has_its_exit_code_and_a_remedy_on_standard_error(data, tmp_path, arguments, code, said):
    places = {"{data}": str(data), "{new}": str(tmp_path / "new")}
    done = run(*(re.sub(r"\{(data|new)\}", lambda place: places[place[0]], str(a)) for a in arguments))
    assert (done.returncode, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.split())
    assert not (tmp_path / "new" / "current").exists()


def test_a_table_that_cannot_be_read_is_an_issue_that_names_it(tmp_path):
    source = tmp_path / "studies" / "idr9001-broken"
    (source / "screenA").mkdir(parents=True)
    text = (STUDIES / "idr9001-example-pombeshape" / "idr9001-study.txt").read_text(encoding="utf-8")
    (source / "idr9001-study.txt").write_text(text, encoding="utf-8")
    (source / "screenA" / "idr9001-screenA-annotation.csv.gz").write_bytes(b"\x1f\x8b this is not gzip")
    assert run("build", tmp_path / "studies", "-o", tmp_path / "data").returncode == 0
    listed = run("issues", "--data", tmp_path / "data", "--code", "table-unreadable").stdout
    (issue,) = csv.DictReader(listed.splitlines(), delimiter="\t")
    assert (issue["file"], issue["severity"]) == ("screenA/idr9001-screenA-annotation.csv.gz", "error")


def test_a_build_that_fails_leaves_the_old_release(data, tmp_path):
    (tmp_path / "idr9001-broken" / "idr9001-study.txt").mkdir(parents=True)  # a folder where a file should be
    done = run("build", tmp_path, "-o", data, "--release", "second")
    assert (done.returncode, done.stdout) == (3, "")
    assert "idr9001-study.txt" in done.stderr
    assert (data / "current").resolve().name == "first"
    assert [p.name for p in (data / "releases").iterdir()] == ["first"]


def test_a_data_folder_that_cannot_be_made_is_an_error_not_a_traceback(tmp_path):
    (tmp_path / "file").write_text("")
    done = run("build", STUDIES, "-o", tmp_path / "file" / "data", "--study", "idr9005")
    assert done.returncode == 2
    assert "file" in done.stderr
