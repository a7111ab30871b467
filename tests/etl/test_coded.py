"""Coded columns say the same as the cells they were made of."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from bioimg_kg.etl.coded import Coded, blank, combine, count, first_rows, from_series, recode, take

cells = st.lists(st.sampled_from(["", "a", " a", "b", "b\u00a0", "c"]), max_size=30)
codes = st.lists(st.integers(-1, 3), max_size=30).map(lambda values: np.array(values, np.int32))


def coded(values):
    return from_series(pd.Series(values, dtype=object).astype("category"))


@given(cells)
def test_cells_come_back(values):
    column = coded(values)
    assert [column.text(row) for row in range(len(column))] == [v.strip() for v in values]
    assert column.cells == sum(bool(v.strip()) for v in values)
    assert len(set(column.values)) == len(column.values)
    assert sum(column.counts()) == column.cells


@given(cells)
def test_a_function_is_applied_once_per_value(values):
    seen = []
    column = coded(values).map(lambda v: seen.append(v) or (None if v == "a" else v.upper()))
    assert len(seen) == len(set(seen))
    expected = ["" if v.strip() == "a" else v.strip().upper() for v in values]
    assert [column.text(row) for row in range(len(column))] == expected


@given(cells, st.lists(st.integers(-1, 29), max_size=20))
def test_rows_are_taken_by_position(values, index):
    index = [i for i in index if i < len(values)]
    column = coded(values)
    taken = column.take(np.array(index, np.int64))
    assert [taken.text(r) for r in range(len(index))] == [column.text(i) if i >= 0 else "" for i in index]


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(*[codes] * n)))
def test_combinations_are_those_of_the_rows(columns):
    rows = min(map(len, columns))
    columns = [c[:rows] for c in columns]
    found, first = combine(columns)
    keys = list(zip(*(c.tolist() for c in columns), strict=True)) if rows else []
    for row, key in enumerate(keys):
        assert (found[row] < 0) == all(code < 0 for code in key)
        if found[row] >= 0:
            assert keys[first[found[row]]] == key
            assert first[found[row]] == keys.index(key)
    assert len({k for k in keys if any(c >= 0 for c in k)}) == len(first)


@given(codes)
def test_first_rows_and_counts(values):
    listed = values.tolist()
    assert first_rows(values, 5).tolist() == [listed.index(c) if c in listed else -1 for c in range(5)]
    assert count(values, 5) == [listed.count(c) for c in range(5)]


def test_equal_values_share_a_code():
    found, values = recode(np.array([0, 1, 2, -1], np.int32), ["x", None, "x"])
    assert (found.tolist(), values) == ([0, -1, 0, -1], ["x"])


def test_nothing_at_all():
    assert len(blank(0)) == 0
    assert blank(2).cells == 0
    assert take(np.empty(0, np.int32), np.array([-1, -1])).tolist() == [-1, -1]
    assert Coded(np.empty(0, np.int32), []).first_rows() == []
