"""The list of inputs: what it may say, and what the one of the package says."""

import re
from pathlib import Path

import pytest

from bioimg_kg.errors import ConfigError
from bioimg_kg.fetch.inputs import FileInput, GitInput, read_inputs

REPO = Path(__file__).resolve().parents[2]
PAGE = (REPO / "docs" / "sources" / "inputs.md").read_text(encoding="utf-8")
LISTED = read_inputs()
FILE = {
    "target": "a/b.obo",
    "url": "https://example.org/b",
    "version": "1",
    "licence": "CC0",
    "sha256": "0" * 64,
}
GIT = {"target": "idr", "url": "https://example.org/r", "version": "1", "licence": "CC0", "commit": "0" * 40}


def toml(*entries):
    def value(v):
        if isinstance(v, dict):
            return "{" + ", ".join(f'"{k}" = {value(x)}' for k, x in v.items()) + "}"
        if isinstance(v, list):
            return "[" + ", ".join(map(value, v)) + "]"
        return str(v).lower() if isinstance(v, bool) else repr(v)

    return "".join("[[input]]\n" + "".join(f"{k} = {value(v)}\n" for k, v in e.items()) for e in entries)


@pytest.fixture
def read(tmp_path):
    def run(*entries):
        path = tmp_path / "list.toml"
        path.write_text(entries[0] if isinstance(entries[0], str) else toml(*entries))
        return read_inputs(path)

    return run


def test_a_file_and_a_repository(read):
    one, two = read(FILE, GIT).inputs
    assert isinstance(one, FileInput)
    assert isinstance(two, GitInput)
    assert (one.group, two.group) == ("a", "idr")


def test_groups_are_chosen_by_name(read):
    listed = read(FILE, GIT)
    assert [one.target for one in listed.of(["idr"])] == ["idr"]
    assert len(listed.of([])) == 2
    with pytest.raises(ConfigError, match=r"has no x: name one of a, idr"):
        listed.of(["x"])


@pytest.mark.parametrize(
    "target",
    [
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "",
        "a/./b",
        ".fetch/x",
        "a/.git/x",
        "C:\\x",
        "a\\b",
        "x",
        "a/b\n",
        "a/ b",
    ],
)
def test_a_target_stays_in_the_folder(read, target):
    with pytest.raises(ConfigError, match="input 1"):
        read({**FILE, "target": target})


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({**FILE, "url": "file:///etc/passwd"}, "starts with http"),
        ({**FILE, "url": "ftp://example.org/x"}, "starts with http"),
        ({**FILE, "url": "https:///x"}, "starts with http"),
        ({**FILE, "url": "http://[x"}, "starts with http"),
        ({**FILE, "sha256": "abc"}, "64 hexadecimal"),
        ({**FILE, "sha256": ""}, "say in `unverified`"),
        ({**FILE, "sha265": "x"}, "unknown keys sha265"),
        ({**FILE, "licence": " "}, "licence is missing"),
        ({**FILE, "unpack": "yes"}, "true or false"),
        ({**FILE, "more": ["a/c"]}, "an input before it"),
        ({**FILE, "table": {}}, "input.table.columns"),
        ({**FILE, "table": {"columns": {"x": 1}}}, "column x"),
        ({**FILE, "table": {"columns": {"x": {"from": "y", "match": "("}}}}, "column x"),
        ({**FILE, "table": {"columns": {"x": {"from": "y", "match": "no group"}}}}, "column x"),
        ({**FILE, "table": {"columns": {"x": "y"}, "where": "z"}}, "where"),
        ({**FILE, "table": {"columns": {"x": "y"}, "each": "z"}}, "each"),
        ({**FILE, "table": {"columns": {"x": "y"}, "wher": "z"}}, "wher"),
        ({**FILE, "table": {"columns": {"x": "y"}, "database": {"member": "z"}}}, "database"),
        ({**GIT, "commit": "main"}, "40 hexadecimal"),
        ({**GIT, "url": "ext::sh -c true"}, "git reads from"),
        ({**GIT, "url": "--upload-pack=true"}, "git reads from"),
        ({**GIT, "url": "git@example.org:x"}, "git reads from"),
        ({**GIT, "url": "relative/path"}, "git reads from"),
        ({**GIT, "without": "x"}, "list of texts"),
    ],
)
def test_a_mistake_is_named(read, entry, said):
    with pytest.raises(ConfigError, match=re.escape(said)) as caught:
        read(GIT if entry["target"] == "a/b.obo" else {**FILE, "target": "z/z"}, entry)
    assert "input 2" in str(caught.value)


def test_a_lookup_needs_a_table_before_it(read):
    rule = {"from": "x", "lookup": {"file": "a/c", "key": "k", "value": "v"}}
    table = {**FILE, "table": {"columns": {"x": rule}}}
    assert len(read({**FILE, "target": "a/c"}, table).inputs) == 2
    with pytest.raises(ConfigError, match="'a/c', which must be an input before it"):
        read(table, {**FILE, "target": "a/c"})


def test_two_files_do_not_share_a_target_but_repositories_may(read):
    with pytest.raises(ConfigError, match="another input has the target"):
        read(FILE, {**FILE, "url": "https://example.org/c"})
    assert len(read(GIT, {**GIT, "url": "https://example.org/s"}).inputs) == 2


@pytest.mark.parametrize("text", ["", "x = 1", "[[input]", "input = 3", "input = [1]", "[[input]]\n[other]"])
def test_what_is_no_list(read, text):
    with pytest.raises(ConfigError, match=r"list\.toml"):
        read(text)


def test_a_list_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the list of inputs"):
        read_inputs(tmp_path / "none.toml")


# ---- the list of the package ----


def test_every_group_of_a_build_is_listed():
    assert LISTED.groups == ["idr", "ontologies", "reference", "ngff"]


def test_the_page_has_a_line_for_every_input():
    """The page can be read without the list, and says the same."""
    rows = [
        [c.strip() for c in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| `")
    ]
    found = {row[0].strip("`"): row[1:] for row in rows}
    for one in LISTED.inputs:
        if isinstance(one, GitInput) or one.sha256:
            verified = "commit" if isinstance(one, GitInput) else "SHA-256"
        else:
            verified = "no"
        assert found.pop(one.target) == [f"<{one.url}>", one.version, one.licence, verified], one.target
    assert found == {}


def test_what_has_no_checksum_has_its_version_in_the_address_or_says_that_it_moves():
    for one in LISTED.inputs:
        if isinstance(one, FileInput) and not one.sha256:
            moving = one.version == "of the day"
            assert one.url.startswith("https://"), one.target
            assert moving == one.unverified.startswith("its publisher keeps one address"), one.target
            marks = re.findall(r"[0-9a-f]{8}|\d+(?:[.-]\d+)*", one.version)
            underscored = one.url.replace("FB2024_05", "FB2024_05 2024 05")
            assert moving or any(mark in underscored for mark in marks), one.target


@pytest.mark.corpus
def test_checksums_are_those_of_complete_copies(shared):
    from bioimg_kg.checksums import checksum

    compared = 0
    for one in LISTED.inputs:
        if isinstance(one, FileInput) and one.sha256 and one.table is None:
            assert checksum(shared / one.target) == one.sha256, one.target
            compared += 1
    assert compared >= 20


def test_every_reference_table_of_a_build_is_made():
    from bioimg_kg.identifiers.reference import _TABLES

    made = {one.target: one.table for one in LISTED.inputs if isinstance(one, FileInput) and one.table}
    assert {f"reference/{name}.tsv.gz" for name in [*_TABLES, "orthologs"]} == set(made)
