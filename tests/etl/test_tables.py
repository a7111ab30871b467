"""Tables as editors leave them are read cell by cell as they are meant, and nothing is lost unsaid."""

import csv
import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioimg_kg.errors import SourceError
from bioimg_kg.etl.tables import read_table, unpack


def rows(data):
    table = read_table(data if isinstance(data, bytes) else data.encode())
    cells = [[column.text(row) for column in table.columns] for row in range(len(table.rows))]
    return table.headings, cells


def problems(data):
    return [(p.code, p.line, p.cells, p.value) for p in read_table(data.encode()).problems]


PLAIN = (["Plate", "Well"], [["P1", "A1"], ["P2", "B2"]])


@pytest.mark.parametrize(
    "data",
    [
        "Plate,Well\nP1,A1\nP2,B2\n",
        "Plate,Well\nP1,A1\nP2,B2",
        "Plate,Well\r\nP1,A1\r\nP2,B2\r\n",
        "Plate,Well\rP1,A1\rP2,B2\r",
        "Plate,Well\r\nP1,A1\nP2,B2\r",
        "\ufeffPlate,Well\nP1,A1\nP2,B2\n",
        "\ufeffPlate\tWell\nP1\tA1\nP2\tB2\n",
        'Plate,Well\n"P1","A1"\n"P2",B2\n',
        " Plate ,Well \n P1,A1 \nP2\t,\u00a0B2\n",
        "Plate,Well\nP1,A1\n\n,\nP2,B2\n",
        "Plate %% url=http://example.org/%s,Well\nP1,A1\nP2,B2\n",
    ],
    ids=["lf", "no-end", "crlf", "cr", "mixed", "bom", "tabs", "quotes", "blanks", "blank-rows", "template"],
)
def test_one_table_in_many_forms(data):
    assert rows(data) == PLAIN
    assert problems(data) == []


def test_rows_are_numbered_as_in_a_spreadsheet():
    table = read_table(b"Plate,Well\n\nP1,A1\n,\nP2,B2\n")
    assert table.rows.tolist() == [3, 5]


def test_a_line_break_inside_quotes_belongs_to_the_cell():
    headings, cells = rows('Plate,"Com\nment"\nP1,"two\r\nlines"\nP2,"a ""word"", or two"\n')
    assert headings == ["Plate", "Com ment"]
    assert cells == [["P1", "two\nlines"], ["P2", 'a "word", or two']]


def test_the_delimiter_is_that_of_the_header():
    assert rows("A\tB, C\tD\n1\t2, 3\t4\n") == (["A", "B, C", "D"], [["1", "2, 3", "4"]])
    assert rows("A,B\tC,D\n1,2\t3,4\n") == (["A", "B C", "D"], [["1", "2\t3", "4"]])


def test_words_for_nothing_are_words():
    _, cells = rows("Gene Symbol,n\nna,1\nnan,2\nNA,3\nNone,4\nNULL,5\n1e5,6\n007,7\nTrue,8\n")
    assert [cell for cell, _ in cells] == ["na", "nan", "NA", "None", "NULL", "1e5", "007", "True"]


@pytest.mark.parametrize(
    "cells",
    [("007", "08"), ("22", "17.8"), ("1.10", "1.1"), ("TRUE", "False"), ("1e5", "100000"), ("-0", "0")],
)
def test_a_column_of_numbers_stays_as_it_is_written(cells):
    """Plates 1.10 and 1.1 are two plates."""
    assert rows("A,B\n" + "".join(f"x,{cell}\n" for cell in cells))[1] == [["x", cell] for cell in cells]


@given(st.lists(st.from_regex(r"[-+]?[0-9]{1,3}(\.[0-9]{0,3})?|true|FALSE", fullmatch=True), min_size=1))
def test_any_column_of_numbers_stays_as_it_is_written(cells):
    assert rows("A\n" + "".join(f"{cell}\n" for cell in cells))[1] == [[cell] for cell in cells]


def test_short_rows_have_blank_cells():
    assert rows("A,B,C\n1\n1,2\n") == (["A", "B", "C"], [["1", "", ""], ["1", "2", ""]])


def test_cells_beyond_the_header_are_reported():
    data = "A,B\n1,2\n1,2,3, ,4\n1,2,,\n5,6\n"
    assert rows(data)[1] == [["1", "2"], ["1", "2"], ["1", "2"], ["5", "6"]]
    assert problems(data) == [("row-too-long", 3, 2, "3,4")]


def test_a_first_row_that_is_too_long():
    data = "A,B\n1,2,3\n4,5,6\n"
    assert rows(data)[1] == [["1", "2"], ["4", "5"]]
    assert problems(data) == [("row-too-long", 2, 1, "3"), ("row-too-long", 3, 1, "6")]


def test_headings_may_be_missing_or_repeated():
    headings, cells = rows("A,,A\n1,2,3\n")
    assert (headings, cells) == (["A", "", "A"], [["1", "2", "3"]])


def test_a_table_without_rows():
    assert rows("A,B\n") == (["A", "B"], [])
    assert rows("A,B") == (["A", "B"], [])


@pytest.mark.parametrize("data", ["", "\n", "\ufeff"])
def test_an_empty_file(data):
    assert rows(data) == ([], [])
    assert [code for code, *_ in problems(data)] == ["table-empty"]


def test_another_character_set_is_read_and_reported():
    table = read_table("Organism,Medium\nx,37 \xb0C\n".encode("cp1252"))
    assert table.columns[1].values == ["37 \xb0C"]
    assert [(p.code, p.line) for p in table.problems] == [("encoding-legacy", 2)]


def test_nul_characters_are_removed_and_reported():
    table = read_table(b"A,B\nx\0y,1\n")
    assert table.columns[0].values == ["xy"]
    assert [p.code for p in table.problems] == ["encoding-damaged"]


def test_a_cell_may_be_very_long():
    assert rows("A,B,C\n1," + "x" * 300_000 + "\n1,2,3,4\n")[1][0][1] == "x" * 300_000


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)
grid = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=6)
)


@given(grid, st.sampled_from([",", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_what_the_csv_module_writes_is_read_back(cells, delimiter, end):
    width = len(cells[0])
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow([f"h{n}" for n in range(width)])
    writer.writerows(cells)
    expected = [[c.strip() for c in row] for row in cells]
    headings, found = rows(stream.getvalue()) if width > 1 or delimiter == "," else ([], None)
    if found is not None:
        assert headings == [f"h{n}" for n in range(width)]
        assert found == [row for row in expected if any(row)]


@given(st.text(st.sampled_from('ab,\t"\n '), max_size=40))
def test_any_text_is_read_as_the_csv_module_reads_it(body):
    data = "h1,h2,h3\n" + body
    _, *found = csv.reader(io.StringIO(data, newline=""))
    padded = [[cell.strip() for cell in (row + [""] * 3)[:3]] for row in found]
    assert rows(data)[1] == [row for row in padded if any(row)]
    lost = sum(bool(cell.strip()) for row in found for cell in row[3:])
    assert sum(cells for _, _, cells, _ in problems(data)) == lost


def test_packed_files(tmp_path):
    plain, gz, zipped = (tmp_path / name for name in ("a.csv", "a.csv.gz", "a.csv.zip"))
    plain.write_bytes(b"A\n1\n")
    gz.write_bytes(gzip.compress(b"A\n1\n"))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("x/a.csv", "A\n1\n")
        archive.writestr("__MACOSX/x/._a.csv", "junk")
        archive.writestr("x/", "")
    assert unpack(plain) == unpack(gz) == unpack(zipped) == b"A\n1\n"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv.gz", b"no gzip at all"),
        ("a.csv.gz", gzip.compress(b"x" * 1000)[:-9]),
        ("a.csv.gz", gzip.compress(b"x" * 1000)[:10] + b"\xff\xff\xff\xff" + gzip.compress(b"x" * 1000)[14:]),
        ("a.csv.zip", b"PK no zip"),
    ],
    ids=["no-gzip", "cut-off", "damaged", "no-zip"],
)
def test_a_packed_file_that_cannot_be_read(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"cannot be read .*; replace the file or remove it"):
        unpack(path)


def test_a_zip_file_of_several_tables(tmp_path):
    path = tmp_path / "a.csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "A\n")
        archive.writestr("b.csv", "A\n")
    with pytest.raises(SourceError, match="expected one table in the zip file, found 2"):
        unpack(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match=r"a\.csv: cannot be read"):
        unpack(tmp_path / "a.csv")
