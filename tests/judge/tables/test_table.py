"""Tables: what goes in comes out, and what is no part of the contract is refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.judge.tables.column import Column
from auditor.judge.tables.table import Table, build


class Word(StrEnum):
    NONE = ""
    GOOD = "good"
    BAD = "bad"


COLUMNS = {
    "name": Column("str", "a text"),
    "count": Column("Int64", "a whole number"),
    "size": Column("Float64", "a real number"),
    "good": Column("bool", "a flag"),
    "first": Column("time", "a time"),
    "places": Column("list", "a list"),
}
WORDS = {"word": Column("str", "one of two", Word, optional=True)}
_MISSING: dict[str, Any] = {"name": "", "good": False, "places": []}
_TEXT = st.sampled_from(["", "a", "é", "\0"])
_WHOLE = st.integers(-(1 << 63), (1 << 63) - 1)
_ROW = st.fixed_dictionaries(
    {},
    optional={
        "name": _TEXT | st.none(),
        "count": _WHOLE | st.none(),
        "size": st.floats(allow_nan=False) | st.none(),
        "good": st.booleans() | st.none(),
        "first": _WHOLE | st.none(),
        "places": st.lists(_TEXT) | st.none(),
    },
)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _MISSING.get(name) if row.get(name) is None else row[name] for name in COLUMNS}


@given(st.lists(_ROW, max_size=8), st.sampled_from([1, 300]))
def test_what_goes_in_comes_out(rows: list[dict[str, Any]], times: int) -> None:
    """With 300 times as many rows, several chunks become one column."""
    table = Table(COLUMNS, rows * times)
    expected = [plain(row) for row in rows] * times
    assert len(table) == len(expected)
    assert {name: table.values(name) for name in COLUMNS} == {
        name: [row[name] for row in expected] for name in COLUMNS
    }
    assert [dict(row) for row in table.rows()] == expected


def test_what_is_missing_in_one_chunk_only_is_missing_there_only() -> None:
    table = Table(COLUMNS, [{"count": 1}] * 1024 + [{}] + [{"count": 2}] * 1024)
    assert table.values("count") == [1] * 1024 + [None] + [2] * 1024


def test_a_cell_is_a_plain_value_of_python() -> None:
    row = {"name": "a", "count": 1, "size": 2, "good": True, "first": 3, "places": ["b"]}
    (found,) = Table(COLUMNS, [row]).rows()
    assert [type(value) for value in found.values()] == [str, int, float, bool, int, list]


def test_what_is_no_number_is_missing() -> None:
    assert Table(COLUMNS, [{"size": float("nan")}]).values("size") == [None]


def test_the_member_of_an_enum_becomes_its_text() -> None:
    values = Table(WORDS, [{"word": Word.GOOD}, {"word": Word.NONE}]).values("word")
    assert [(type(value), value) for value in values] == [(str, "good"), (str, "")]


@pytest.mark.parametrize("word", ["goood", "GOOD", " "])
def test_a_word_that_the_column_does_not_hold_is_refused(word: str) -> None:
    assert Table(WORDS, [{"word": "good"}, {"word": "bad"}, {}]).values("word")[2] == ""
    with pytest.raises(ValueError, match=f"word is never '{word}'"):
        Table(WORDS, [{"word": "good"}, {"word": word}])


def test_a_row_knows_only_the_columns_of_its_table() -> None:
    row = Table(COLUMNS, [{}]).row(0)
    assert list(row) == list(COLUMNS)
    assert (len(row), row.get("wrong", "?")) == (len(COLUMNS), "?")
    with pytest.raises(KeyError):
        row["wrong"]


@pytest.mark.parametrize("before", [0, 2000])
def test_a_key_that_is_no_column_is_refused(before: int) -> None:
    with pytest.raises(ValueError, match="no column is called 'tls_versoin'"):
        build("flows", [{}] * before + [{"id": "f1", "tls_versoin": "1.3"}])


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"name": 1}, "name is str and cannot hold int"),
        ({"count": 2.5}, "count is Int64 and cannot hold float"),
        ({"count": "1"}, "count is Int64 and cannot hold str"),
        ({"size": "1"}, "size is Float64 and cannot hold str"),
        ({"good": 1}, "good is bool and cannot hold int"),
        ({"first": 1.5}, "first is time and cannot hold float"),
        ({"places": "a"}, "places is list and cannot hold str"),
    ],
)
def test_a_value_of_another_type_is_refused(row: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Table(COLUMNS, [{}, row])


@given(st.lists(_ROW, max_size=4), st.lists(_ROW, max_size=4))
def test_tables_are_equal_when_their_cells_are(
    rows: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    alike = [*map(plain, rows)] == [*map(plain, others)]
    assert (Table(COLUMNS, rows) == Table(COLUMNS, others)) is alike


def test_a_table_equals_none_with_other_columns_and_nothing_else() -> None:
    assert Table(COLUMNS, []) != Table(WORDS, [])
    assert Table(COLUMNS, []) != []


def test_a_notebook_shows_the_first_rows_and_nothing_in_them_is_markup() -> None:
    rows = [{"id": f"f{n}", "hello": "<b>$x$"} for n in range(25)]
    told = build("flows", rows)._repr_html_()
    assert "20 of 25 rows" in told
    assert "<td>f19</td>" in told and "<td>f20</td>" not in told
    assert "&lt;b&gt;$x$" in told and "<b>" not in told
    assert "caption" not in build("flows", rows[:20])._repr_html_()
