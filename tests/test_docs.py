"""What the documentation claims is true: issue codes, links, named queries, examples."""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from bioimg_kg import __version__
from bioimg_kg.cli import app
from bioimg_kg.queries import load_queries
from bioimg_kg.release import open_release
from bioimg_kg.store import open_readonly

REPO = Path(__file__).resolve().parents[1]
SOURCE = REPO / "src" / "bioimg_kg"
README = (REPO / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*REPO.glob("*.md"), *(REPO / "docs").rglob("*.md"), REPO / "examples" / "README.md"])

CODE = re.compile(r"[a-z]+(-[a-z]+)+")
REPORTING = {
    "report",
    "problem",
    "reject",
    "note",
    "_report",
    "_issue",
    "drop_rows",
    "TableProblem",
    "Finding",
    "Issue",
}
# Codes that are put together: where, and what comes out.
DERIVED = {
    "etl/idr/sheet.py": {"compound-cid-malformed", "compound-cid-repaired", "compound-inchikey-malformed"},
    "etl/idr/persons.py": {"pubmed-malformed", "pmc-malformed", "doi-malformed"},
}


def _name(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _codes(path):
    """Yield the issue codes in a module, and None for each that is put together."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and _name(call) in REPORTING:
            for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
                if isinstance(value, ast.JoinedStr) and re.fullmatch(r"f'{\w+}-[a-z]+'", ast.unparse(value)):
                    yield None
                else:
                    choices = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                    texts = [c.value for c in choices if isinstance(c, ast.Constant)]
                    yield from (t for t in texts if isinstance(t, str) and CODE.fullmatch(t))


@pytest.fixture(scope="module")
def codes_in_source():
    found = {path.relative_to(SOURCE).as_posix(): set(_codes(path)) for path in SOURCE.rglob("*.py")}
    derived = {path for path, codes in found.items() if None in codes}
    assert derived == DERIVED.keys(), "codes are put together somewhere else: say which ones in DERIVED"
    return set().union(*found.values(), *DERIVED.values()) - {None}


def _documented():
    text = (REPO / "docs" / "issues.md").read_text(encoding="utf-8")
    return re.findall(r"^### `([a-z-]+)`\n(.+?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)


def test_every_issue_code_is_documented_and_no_other(codes_in_source):
    documented = [code for code, _ in _documented()]
    assert len(set(documented)) == len(documented)
    assert set(documented) == codes_in_source


def test_codes_of_a_real_build_are_documented(example_release):
    found = open_release(example_release).manifest["issues"]
    assert len(found) >= 5
    assert found.keys() <= {code for code, _ in _documented()}


@pytest.mark.parametrize(("code", "text"), _documented())
def test_an_issue_has_a_severity_and_a_remedy(code, text):
    assert re.match(r"\*(error|warning|info)( or (error|warning|info))?\.\* [\w`]", text), code
    assert "**Remedy:**" in " ".join(text.split()), code


def _anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(REPO).as_posix())
def test_links_inside_the_project_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(REPO).as_posix())
def test_files_that_a_page_names_exist(page):
    text = page.read_text(encoding="utf-8")
    folders = "mappings|queries|ontology|examples|docs|tests|benchmarks|etl|endpoint"
    for name in re.findall(rf"`((?:{folders})/[\w./-]+)`", text):
        file = re.search(r"\.[a-z]+$", name) or name.endswith("/")  # others are names of graphs and the like
        assert not file or (REPO / name).exists() or (SOURCE / name).exists(), name


def _table(section):
    body = README.partition(f"## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_readme_lists_some_named_queries_with_their_questions():
    body = README.partition("## What you can ask\n")[2].partition("\n## ")[0]
    listed = dict(re.findall(r"^\| (.+?) \| `([\w-]+)` \|$", body, re.MULTILINE))
    assert len(listed) >= 10
    assert listed.items() <= {query.question: query.name for query in load_queries()}.items()


def test_the_readme_is_short_and_the_first_screen_has_what_matters():
    lines = README.splitlines()
    assert len(lines) <= 130
    first = "\n".join(lines[:40])
    for word in ("make demo", "make test", "http://127.0.0.1:8000/sparql"):
        assert word in first


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_sparql_of_the_readme_gives_the_rows_below_it(example_release):
    (query,) = _blocks("sparql")
    (answer,) = _blocks("text")
    store = open_readonly(open_release(example_release).store)
    solutions = store.query(query, use_default_graph_as_union=True)
    names = [variable.value for variable in solutions.variables]
    rows = [[solution[name].value for name in names] for solution in solutions]
    shown = [line.split() for line in answer.splitlines()]
    assert shown[-1] == ["..."]
    assert shown[:-1] == [names, *rows][: len(shown) - 1]
    assert README.partition(answer)[2].startswith(f"```\n\n{len(rows)} rows")


def _commands():
    return [line.partition(" #")[0].strip() for block in _blocks("sh") for line in block.splitlines()]


def test_the_commands_of_the_readme_work(tmp_path):
    offline = [command for command in _commands() if "demo-data" in command and " serve " not in command]
    assert len(offline) >= 4
    (tmp_path / "examples").symlink_to(REPO / "examples")
    for command in offline:
        words = [sys.executable, "-m", "bioimg_kg.cli", *shlex.split(command)[1:]]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert done.stdout or " build " in command, command


def test_the_readme_shows_every_command():
    assert {command.split()[1] for command in _commands()} == set(get_command(app).commands)


@pytest.mark.corpus
def test_the_numbers_of_the_readme_are_those_of_the_corpus(full_release):
    counts = open_release(full_release).manifest["counts"]
    body = README.partition("## Numbers\n")[2].partition("\n## ")[0]
    names, numbers = (line.strip("| ").split(" | ") for line in body.splitlines() if line.startswith("| "))
    stated = {n.replace(" ", "_"): int(v.replace(",", "")) for n, v in zip(names, numbers, strict=True)}
    assert stated.keys() == counts.keys()
    for kind, number in stated.items():  # these two change a little with each repair that is learnt
        assert counts[kind] == pytest.approx(number, rel=0.02 if kind in ("issues", "quads") else 0), kind


@pytest.mark.corpus
def test_codes_of_the_corpus_are_documented(full_release):
    found = open_release(full_release).manifest["issues"]
    assert found.keys() <= {code for code, _ in _documented()}


def test_decisions_are_numbered_once_and_without_gaps():
    pages = sorted((REPO / "docs/decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert page.read_text(encoding="utf-8").startswith(f"# {int(page.name[:4])}. "), page.name


def test_one_version():
    citation = (REPO / "CITATION.cff").read_text(encoding="utf-8")
    project = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in citation
    assert f'\nversion = "{__version__}"\n' in project
    assert f"## [{__version__}]" in (REPO / "CHANGELOG.md").read_text(encoding="utf-8")
