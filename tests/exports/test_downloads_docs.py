"""docs/tables.md is the data dictionary, docs/downloads.md runs."""

import os
import re
from pathlib import Path

import pytest

from bioimg_kg.exports.columns import TABLES
from bioimg_kg.release import open_release

DOCS = Path(__file__).resolve().parents[2] / "docs"


def tables_page():
    lines = [
        "# Tables",
        "",
        "The columns of the tables in [a release](downloads.md), as `tables/dictionary.csv` has them too.",
        "Declared in `bioimg_kg.exports.columns`. `BIOIMG_KG_GOLDEN=1 pytest tests/exports` writes it.",
    ]
    for table in TABLES:
        lines += [
            "",
            f"## {table.name}",
            "",
            table.description,
            "",
            "| column | type | what a cell says | property |",
            "|---|---|---|---|",
        ]
        for column in table.columns:
            kind = f"{column.kind}, several" if column.many else column.kind
            prop = f"<{column.property}>" if column.property else "counted, or ours"
            lines.append(f"| `{column.name}` | {kind} | {column.description} | {prop} |")
    return "\n".join(lines) + "\n"


def test_the_page_of_tables_is_the_dictionary():
    page = DOCS / "tables.md"
    if os.environ.get("BIOIMG_KG_GOLDEN"):
        page.write_text(tables_page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == tables_page()


def test_the_examples_in_python_run(example_release, capsys):
    text = (DOCS / "downloads.md").read_text(encoding="utf-8")
    ((code, shown),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.DOTALL)
    exec(code, {"release": example_release})
    assert capsys.readouterr().out.split() == shown.split()


@pytest.mark.parametrize("name", ["all.nq.gz", "kgx/", "mappings/", "ontology/", "tables/"])
def test_the_page_names_the_files_that_there_are(example_release, name):
    text = (DOCS / "downloads.md").read_text(encoding="utf-8")
    for file in open_release(example_release).manifest["files"]:
        if file["path"].startswith(name) and not file.get("graph"):
            short = file["path"].replace(".parquet", ".csv.gz")
            assert f"`{short}`" in text or (name == "mappings/" and "`mappings/<name>.sssom.tsv`" in text)
