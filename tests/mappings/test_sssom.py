"""Mapping sets: what is written can be read, by this project and by the package sssom."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimg_kg.errors import ConfigError
from bioimg_kg.release import open_release
from bioimg_kg.sssom import CLOSE, EXACT, VOCABULARIES, MappingSet, Row, dump, parse, read

REPO = Path(__file__).resolve().parents[2]
SHIPPED = sorted((REPO / "mappings").glob("*.sssom.tsv"))
PREFIXES = {"A": "https://example.org/a:", **VOCABULARIES}
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1).map(
    lambda text: f"x{text}"
)


def row(**cells):
    given = {"subject_id": "A:1", "predicate_id": EXACT, "object_id": "A:2"}
    return Row(**(given | {"mapping_justification": "semapv:ManualMappingCuration"} | cells))


CHECK = """
import csv, io, json, sys
import sssom, yaml
from linkml.validator import Validator
from linkml.validator.plugins import JsonschemaValidationPlugin
from sssom.constants import SCHEMA_YAML
from sssom.validators import check_all_prefixes_in_curie_map, validate_json_schema

SLOTS = yaml.safe_load(open(SCHEMA_YAML))["slots"]
SCHEMA = Validator(SCHEMA_YAML, validation_plugins=[JsonschemaValidationPlugin(closed=True)])

def value(slot, cell):
    if SLOTS.get(slot, {}).get("multivalued"):
        return cell.split("|")
    return float(cell) if SLOTS.get(slot, {}).get("range") == "double" else cell

def problems(path):
    lines = open(path, encoding="utf-8", newline="").read().splitlines(keepends=True)
    head = [line for line in lines if line.startswith("#")]
    body = io.StringIO("".join(lines[len(head):]), newline="")
    rows = [
        {slot: value(slot, cell) for slot, cell in row.items() if cell}
        for row in csv.DictReader(body, delimiter="\\t")
    ]
    document = yaml.safe_load("".join(line[1:] for line in head)) | {"mappings": rows}
    prefixes = document["curie_map"].items()
    document["curie_map"] = {key: {"prefix_name": key, "prefix_url": url} for key, url in prefixes}
    yield from (result.message for result in SCHEMA.validate(document, "mapping set").results)
    try:
        table = sssom.parse_tsv(path)
        validate_json_schema(table)
        check_all_prefixes_in_curie_map(table)
        if len(table.df) != len(rows):
            yield f"sssom reads {len(table.df)} of {len(rows)} rows"
    except Exception as error:
        yield repr(error)

print(json.dumps({path: list(problems(path)) for path in sys.argv[1:]}))
"""
BROKEN = {
    "prefix": ("#  CMPO: http://www.ebi.ac.uk/cmpo/CMPO_\n", ""),
    "slot": ("#license:", "#licence:"),
    "predicate": ("skos:exactMatch", ""),
    "justification": ("semapv:ManualMappingCuration", ""),
    "object": ("GO:0005634", ""),
}


@pytest.fixture(scope="module")
def problems(written, tmp_path_factory):
    """Return what the package ``sssom`` finds wrong with tables, by the name of the file.

    It must find no slot but those of its schema, every prefix declared and no row lost. It has an
    environment of its own because a package that it needs changes how rdflib reads JSON-LD.
    """
    python = os.environ.get("BIOIMG_KG_SSSOM", "")
    if not Path(python).is_file():
        pytest.skip("no Python with the package sssom: make corpus installs one (BIOIMG_KG_SSSOM)")
    folder = tmp_path_factory.mktemp("broken")
    text = (REPO / "mappings/corrections.sssom.tsv").read_text(encoding="utf-8")
    for name, (old, new) in BROKEN.items():
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    paths = [*SHIPPED, *written.glob("*.sssom.tsv"), *folder.iterdir()]
    command = [python, "-W", "ignore", "-c", CHECK, *map(str, paths)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr
    return {Path(path): found for path, found in json.loads(run.stdout).items()}


@pytest.fixture(scope="module")
def written(example_release):
    return open_release(example_release).mappings


# -- our own reader and writer


@given(st.lists(st.tuples(WORDS, WORDS), unique=True, max_size=5), WORDS)
def test_what_is_written_is_read_back(cells, title):
    rows = tuple(row(subject_id=f"A:{n}", subject_label=a, comment=b) for n, (a, b) in enumerate(cells))
    table = MappingSet({"mapping_set_title": title, "license": "https://example.org/l"}, PREFIXES, rows)
    again = parse(dump(table))
    assert (again.metadata, again.prefixes) == (table.metadata, table.prefixes)
    assert sorted(again.rows) == sorted(rows)
    assert dump(again) == dump(table)


def test_the_order_of_rows_does_not_matter():
    rows = (row(object_id="A:2"), row(object_id="A:3"), row(subject_id="A:0", predicate_id=CLOSE))
    assert dump(MappingSet({}, PREFIXES, rows)) == dump(MappingSet({}, PREFIXES, rows[::-1]))


def test_a_comment_in_a_cell_is_no_header():
    table = MappingSet({}, PREFIXES, (row(subject_id="", subject_label="#1"), row(comment="# no")))
    assert sorted(parse(dump(table)).rows) == sorted(table.rows)


GOOD = "#license: x\n#curie_map:\n#  A: https://example.org/\n#  skos: s\n#  semapv: v\n"
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "columns"),
        (GOOD + "subject_id\tnot_a_slot\n", "not_a_slot"),
        (GOOD + COLUMNS + "A:1\tskos:x\tB:2\tsemapv:y\n", "'B:2'"),
        (GOOD + COLUMNS + "A:1\tskos:x\n", "line 7"),
        (GOOD + COLUMNS + "A:1\tskos:x\tA:2\tsemapv:y\tmore\n", "line 7"),
        (GOOD + "subject_id\tobject_id\n" + "A:1\tA:2\n", "missing"),
        ("#what is this\n" + COLUMNS, "what is this"),
    ],
)
def test_what_is_no_mapping_set_is_refused(text, words):
    with pytest.raises(ConfigError, match=words):
        parse(text, "bad")


# -- the package sssom


def test_the_tables_of_the_project_and_of_a_release_are_valid(problems):
    valid = {path: found for path, found in problems.items() if path.name not in BROKEN}
    assert len(valid) >= 2 * len(SHIPPED) + 1
    assert {path.name: found for path, found in valid.items() if found} == {}


@pytest.mark.parametrize("name", BROKEN)
def test_the_check_finds_what_is_wrong(problems, name):
    assert next(found for path, found in problems.items() if path.name == name)


def test_a_release_has_the_tables_of_the_project(written):
    for path in SHIPPED:
        assert read(written / path.name).rows == tuple(
            sorted(read(path).rows, key=lambda r: (r.subject_id, r.subject_label, r.object_id))
        )


def test_there_are_tables():
    assert {path.name for path in SHIPPED} == {"corrections.sssom.tsv", "excel-symbols.sssom.tsv"}
