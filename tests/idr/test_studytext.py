"""Every trap of a real study text, one small hand-made text each."""

# ruff: noqa: RUF001 - the characters that tell character sets apart are the ambiguous ones

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimg_kg.etl.idr import declared, keys, persons, reading, study, studytext
from bioimg_kg.etl.idr.codec import decode
from bioimg_kg.etl.idr.studytext import parse


def codes(text):
    return [finding.code for finding in text.findings]


def rows(data, key, section=0):
    return [row.cells for row in parse(data).sections[section].rows.get(key, [])]


# -- bytes


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        ("Zürich – “quoted”", "mac_roman"),
        ("the cell’s nucleus", "mac_roman"),
        ("37 °C", "mac_roman"),
        ("Triton®", "mac_roman"),
        ("the cell’s nucleus", "cp1252"),
        ("37 °C", "cp1252"),
        ("Hériché", "cp1252"),
        ("40 × 40", "cp1252"),
    ],
)
def test_a_legacy_character_set_is_known_by_its_bytes(words, codec):
    assert decode(words.encode(codec)) == (words, codec)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_with_and_without_a_mark(codec):
    assert decode("Zürich".encode(codec))[0] == "Zürich"


def test_a_byte_that_cp1252_does_not_have_is_not_lost():
    text, codec = decode(b"it\x92s \xe9 \x81")
    assert (codec, len(text)) == ("mac_roman", 8)


def test_a_legacy_file_is_reported_once():
    text = parse("Study Title\t37 °C\n".encode("cp1252"))
    assert [(f.code, f.value) for f in text.findings] == [("encoding-legacy", "cp1252")]
    assert text.codec == "cp1252"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_line_ends(end):
    data = end.join(["Study Title\tA", "Screen Number\t1", "Screen Type\tx"]).encode()
    text = parse(data)
    assert [section.value("Screen Type") for section in text.sections] == ["", "x"]


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_other_line_ends_of_unicode_do_not_end_a_line(mark):
    assert "continuation-line" not in codes(parse(f"Study Title\tA{mark}B\n".encode()))


def test_characters_that_are_already_lost_are_reported_and_control_codes_dropped():
    text = parse("Study Title\tfold\x02ing\nStudy Description\t0.75\ufffd1.00\n".encode())
    assert [(f.code, f.line) for f in text.findings] == [("encoding-damaged", 1), ("encoding-damaged", 2)]
    assert text.sections[0].value("Study Title") == "folding"
    assert text.sections[0].value("Study Description") == "0.75\ufffd1.00"


# -- records


def test_cells_are_kept_by_position_and_trailing_blanks_dropped():
    assert rows(b"Study DOI\ta\t\t b \t\t\n", "Study DOI") == [("a", "", "b")]


def test_comments_are_skipped():
    data = b'# a\n"# b ""c"\nStudy Title\tA\n  # d\n'
    assert (codes(parse(data)), rows(data, "Study Title")) == ([], [("A",)])


@pytest.mark.parametrize(
    ("cell", "value"),
    [('"a"', "a"), ('"a ""b"" c"', 'a "b" c'), ('a "b" c', 'a "b" c'), ('""', ""), ('"', ""), ('5"', '5"')],
)
def test_quotes_are_what_a_spreadsheet_left(cell, value):
    assert parse(f"Study Title\t{cell}\n".encode()).sections[0].value("Study Title") == value


def test_an_unbalanced_quote_swallows_nothing():
    data = b'Study Title\t"A\nStudy Description\tB"\n'
    assert rows(data, "Study Description") == [('B"',)]


def test_continuation_lines_go_to_the_last_cell():
    data = b"Protocol Description\tone\ttwo\t\t\nand more\n\nand more\nScreen Type\tx\n"
    text = parse(data)
    (row,) = text.sections[0].rows["Protocol Description"]
    assert (row.cells, row.weights) == (("one", "two\nand more\nand more"), (1, 3))
    assert [(f.code, f.line, f.cells) for f in text.findings] == [("continuation-line", 2, 0)]
    assert "lines 2, 4" in text.findings[0].message


def test_a_quoted_cell_over_several_lines_keeps_the_columns_after_it():
    data = b'Feature Level Data Column Description\t"Name\nof file"\tWell\t"X\nin well"\tY\n'
    assert rows(data, "Feature Level Data Column Description") == [
        ("Name\nof file", "Well", "X\nin well", "Y")
    ]


def test_a_continuation_line_that_begins_with_a_tab_is_the_next_cell():
    assert rows(b"Protocol Description\tone\n\ttwo\n\tthree\n", "Protocol Description") == [
        ("one", "two", "three")
    ]


def test_a_key_without_values_can_be_continued():
    assert rows(b"Processed Data Column Name\t\nfile_id\nKi67\n", "Processed Data Column Name") == [
        ("file_id\nKi67",)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Study participants gave consent",
        "Protocol for " + "fixing cells " * 150,
        "Screen A and B were used\tas two screens",
        "Experiment 1\tx",
        "Libraries\tx",
        "run('32-bit');",
    ],
)
def test_text_does_not_become_a_key(line):
    text = parse(f"Study Description\tA\n{line}\n".encode())
    assert list(text.sections[0].rows) == ["Study Description"]
    assert codes(text) == ["continuation-line"]


def test_a_key_of_an_unseen_study_is_a_key():
    text = parse(b"Study Title\tA\nStudy Funding Agency\tX\tY\nScreen Number\t1\n")
    assert text.sections[0].values("Study Funding Agency") == ("X", "Y")
    (finding,) = text.findings
    assert (finding.code, finding.line, finding.value, finding.cells) == (
        "unknown-key",
        2,
        "Study Funding Agency",
        2,
    )


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Study Person Roles ", "Study Person Roles"),
        ("Screen Example Images,", "Screen Example Images"),
        ("Protocol Name:", "Protocol Name"),
        ("Screen  Technology Term Accession", "Screen Technology Type Term Accession"),
        ("Term Source File", "Term Source URI"),
        ("ScreenComments", "Screen Comments"),
        ("Comment [IDR Study Accession]", "Comment[IDR Study Accession]"),
        ("STUDY TITLE", "Study Title"),
    ],
)
def test_spellings_of_a_key(written, key):
    assert rows(f"{written}\tx\n".encode(), key) == [("x",)]


def test_tabs_that_an_editor_turned_into_blanks():
    text = parse(b"Term Source Name    NCBITaxon    EFO\nStudy Title     \n")
    assert text.sections[0].values("Term Source Name") == ("NCBITaxon", "EFO")
    assert "Study Title" in text.sections[0].rows
    assert codes(text) == ["tab-missing"]


def test_a_key_glued_to_its_value():
    data = b"Protocol Description The brain was extracted\nExperiment Size 5D Images: 2\tTotal Tb: 1\n"
    assert rows(data, "Protocol Description") == [("The brain was extracted",)]
    assert rows(data, "Experiment Size") == [("5D Images: 2", "Total Tb: 1")]


def test_text_that_begins_like_a_key_that_is_there_already_is_text():
    data = b"Protocol Description\tA\nProtocol Description as before\n"
    assert rows(data, "Protocol Description") == [("A\nProtocol Description as before",)]


def test_a_key_inside_a_line_is_a_record_of_its_own():
    data = b"Library Version\tv1\t\t\tLibrary Type\tsiRNA\n"
    text = parse(data)
    assert text.sections[0].value("Library Type") == "siRNA"
    assert text.sections[0].values("Library Version") == ("v1", "", "", "")
    assert [(f.code, f.cells) for f in text.findings] == [("line-break-missing", 1)]


def test_names_of_columns_are_no_keys_though_they_sound_like_them():
    data = b"Processed Data Column Name\tWell\tPhenotype Annotation Level\tQuality Control Description\n"
    assert len(rows(data, "Processed Data Column Name")[0]) == 3


def test_hints_of_the_template_are_empty_and_accounted_for():
    text = parse(b'Phenotype Name\t"# if any phenotypes"\nScreen Size\tPlates: 2\t# fill in\t#Children\n')
    assert text.sections[0].values("Screen Size") == ("Plates: 2", "", "#Children")
    assert [(f.code, f.key, f.cells) for f in text.findings] == [
        ("template-placeholder", "Phenotype Name", 1),
        ("template-placeholder", "Screen Size", 1),
    ]
    assert text.sections[0].rows["Phenotype Name"][0].weights == (1,)


def test_text_before_the_first_key_is_kept():
    text = parse(b"hello\tthere\nStudy Title\tA\n")
    assert text.sections[0].values("(text before the first key)") == ("hello", "there")
    assert [(f.code, f.cells) for f in text.findings] == [("unknown-key", 2)]


# -- sections


def test_sections_are_counted_and_keys_may_be_repeated():
    term = "Phenotype Term Name\t"
    text = parse(f"Study Screens Number\t1\nScreen Number\t1\n{term}a\n{term}b\nScreen Number\t2\n".encode())
    assert [section.kind for section in text.sections] == ["study", "screen", "screen"]
    assert [row.cells for row in text.sections[1].rows["Phenotype Term Name"]] == [("a",), ("b",)]


def test_a_component_without_a_number_begins_at_its_name():
    name = "Comment[IDR Experiment Name]\ts/experiment"
    text = parse(f"Study Title\tA\n{name}A\n{name}B\n".encode())
    assert [section.kind for section in text.sections] == ["study", "experiment", "experiment"]


def test_nothing_private_is_in_a_finding():
    data = b"Study Person Address\tSome street\n12345 Town\tB\nStudy Person Telephone\t0123 456\n"
    text = parse(data)
    assert codes(text) == ["continuation-line", "unknown-key"]
    assert not [f for f in text.findings if "Town" in f.value + f.message or "0123" in f.value + f.message]


def test_every_spelling_leads_to_a_listed_key():
    names = {key.name.lower() for key in keys.known().values()}
    assert names <= set(keys.known())


@pytest.mark.parametrize("module", [declared, persons, reading, study, studytext])
def test_the_code_names_listed_keys_only(module):
    text = inspect.getsource(module).replace("{word}", "Screen")
    said = re.findall(r'"((?:Study|Screen|Protocol|Phenotype|Library|Comment\[)[^"/\\]*)"', text)
    assert {name for name in said if keys.find(name) is None} == set()


@given(st.binary(max_size=400))
def test_parse_never_fails(data):
    parse(data)


PIECES = st.sampled_from(
    ["\t", "\n", "\r", '"', "#", "x", "Total:", "Screen Number", "Study Title", "Phenotype Name", "Funding"]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_every_cell_is_weighed_once(text):
    sections = parse(text.encode()).sections
    weighed = sum(sum(row.weights) for s in sections for rows in s.rows.values() for row in rows)
    lines = [x.split("\t") for x in text.replace("\r", "\n").split("\n") if not x.startswith(("#", '"#'))]
    cells = sum(bool(cell.replace('"', "")) for line in lines for cell in line)
    heads = sum(bool(keys.find(first) or (rest and keys.is_new(first))) for first, *rest in lines)
    assert weighed == cells - heads
