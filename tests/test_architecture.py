"""The shape of the code: sizes, names, layers, and no data file that nothing reads."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
SOURCE = REPO / "src" / "bioimg_kg"
MODULES = sorted(SOURCE.rglob("*.py"))
PAGE = (REPO / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = [
    contract
    for contract in tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    if contract["type"] == "layers"
]

MOST_LINES_OF_A_FILE = 350
MOST_LINES_OF_A_FUNCTION = 60


def test_files_are_short():
    lines = {
        p.relative_to(SOURCE).as_posix(): len(p.read_text(encoding="utf-8").splitlines()) for p in MODULES
    }
    assert len(lines) > 50
    assert {name: n for name, n in lines.items() if n > MOST_LINES_OF_A_FILE} == {}


def _functions():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                text = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) is not None else 0
                yield f"{path.relative_to(SOURCE)}:{node.name}", node.end_lineno - node.lineno + 1 - text


def test_functions_are_short():
    lines = dict(_functions())
    assert len(lines) > 200
    assert {name: n for name, n in lines.items() if n > MOST_LINES_OF_A_FUNCTION} == {}


def test_modules_are_named_for_what_they_do():
    stems = {path.stem for path in MODULES}
    assert not stems & {"utils", "util", "helpers", "constants", "common", "misc"}


def _exists(container, name):
    folder = SOURCE / Path(*container.split(".")[1:])
    return (folder / f"{name}.py").exists() or (folder / name).is_dir()


def _layers(contract):
    """Return the layers of a contract; an optional module (in parentheses) counts if it exists."""
    (container,) = contract["containers"]
    found = []
    for layer in contract["layers"]:
        names = {part.strip() for part in layer.split("|")}
        found.append({n.strip("()") for n in names if _exists(container, n.strip("()")) or "(" not in n})
    return [layer for layer in found if layer]


def _drawn(diagram):
    """Return the layers of a mermaid flowchart: nodes in the order of the arrows."""
    labels = dict(re.findall(r'(\w+)\["([^"]+)"\]', diagram))
    arrows = dict(re.findall(r"(\w+)(?:\[[^\]]*\])? --> (\w+)", diagram))
    (node,) = arrows.keys() - arrows.values()
    order = [node]
    while order[-1] in arrows:
        order.append(arrows[order[-1]])
    assert set(order) == set(labels), "every node stands in the chain"
    return [{name.strip() for name in labels[node].split("|")} for node in order]


@pytest.mark.parametrize("number", range(len(CONTRACTS)))
def test_a_diagram_is_its_contract(number):
    diagrams = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
    assert len(diagrams) == len(CONTRACTS)
    assert _drawn(diagrams[number]) == _layers(CONTRACTS[number])


def test_the_table_of_modules_is_complete():
    table = PAGE.partition("## Modules")[2].partition("\n## ")[0]
    listed = set(re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE))
    expected = set()
    for contract in CONTRACTS:
        inside = contract["containers"][0].removeprefix("bioimg_kg").strip(".")
        expected |= {f"{inside}.{name}".strip(".") for layer in _layers(contract) for name in layer}
    assert listed == expected


def test_every_file_of_mappings_is_read_by_the_code():
    code = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    files = [path.name for path in (REPO / "mappings").iterdir()]
    assert len(files) > 5
    read = set(re.findall(r'(?:data_path|table_rows)\("mappings/([^"]+)"\)', code))
    assert [name for name in files if name not in read] == []


def test_no_module_of_the_code_imports_a_test_library():
    for path in MODULES:
        imported = set(
            re.findall(r"^\s*(?:import|from) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        )
        assert not imported & {"pytest", "hypothesis", "owlready2", "pyshacl", "rdflib"}, path
