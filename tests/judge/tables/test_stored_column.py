"""One column, stored compactly, holds what a list would."""

from __future__ import annotations

from array import array
from enum import StrEnum
from math import inf, isnan, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.judge.tables.coded_values import CodedValues
from auditor.judge.tables.column import Column
from auditor.judge.tables.stored_column import StoredColumn


class Word(StrEnum):
    UP = "up"
    DOWN = "down"


TEXT = st.sampled_from(["", "a", "é", "\0"])
WHOLE = st.integers(-(1 << 63), (1 << 63) - 1)
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXT,
    "Int64": WHOLE,
    "Float64": st.floats() | st.integers(-99, 99),
    "bool": st.booleans(),
    "time": WHOLE,
    "list": st.lists(TEXT, max_size=2) | st.tuples(st.sampled_from(Word)),
}
MISSING: dict[str, Any] = {"str": "", "bool": False, "list": []}


def model(dtype: str, value: Any) -> Any:
    """Return what comes out of a column where a value went in."""
    if value is None or (isinstance(value, float) and isnan(value)):
        return MISSING.get(dtype)
    return [str(item) for item in value] if dtype == "list" else value


CHUNKS = st.sampled_from(sorted(CELLS)).flatmap(
    lambda dtype: st.tuples(
        st.just(dtype), st.lists(st.lists(CELLS[dtype] | st.none(), max_size=5), max_size=4)
    )
)


@settings(max_examples=60)
@given(CHUNKS)
def test_a_column_holds_what_a_list_would(filled: tuple[str, list[list[Any]]]) -> None:
    dtype, chunks = filled
    column = StoredColumn("c", Column(dtype, "a column"))
    expected: list[Any] = []
    for chunk in chunks:
        column.extend(chunk)
        expected += [model(dtype, value) for value in chunk]
        assert column.plain() == expected
        assert [column.cell(index) for index in range(len(expected))] == expected
    assert {type(cell) for cell in column.plain()} <= {str, int, float, bool, list, type(None)}


@pytest.mark.parametrize(
    ("dtype", "values", "stored"),
    [
        ("Int64", [1, 2], array("q", [1, 2])),
        ("time", [1], array("q", [1])),
        ("Float64", [1, inf], array("d", [1.0, inf])),
        ("bool", [True, False, None], bytearray([1, 0, 0])),
        ("str", ["a", None, Word.UP], ["a", "", "up"]),
    ],
)
def test_cells_are_stored_compactly(dtype: str, values: list[Any], stored: Any) -> None:
    column = StoredColumn("c", Column(dtype, "a column"))
    column.extend(values)
    assert stored == (list(column.values) if dtype == "str" else column.values)
    assert type(column.values) is (CodedValues if dtype == "str" else type(stored))


def test_a_mask_is_kept_from_the_first_missing_number_on_and_only_then() -> None:
    column = StoredColumn("c", Column("Float64", "a column"))
    column.extend([1.0])
    assert column.known is None
    column.extend([nan, 0.0])
    column.extend([2.0])
    assert column.known == bytearray([1, 0, 1, 1])


@pytest.mark.parametrize("dtype", ["str", "bool", "list"])
def test_what_has_a_value_for_missing_needs_no_mask(dtype: str) -> None:
    column = StoredColumn("c", Column(dtype, "a column"))
    column.extend([None])
    assert column.known is None


@pytest.mark.parametrize(
    ("dtype", "value"),
    [("Int64", 1.0), ("Int64", "1"), ("Float64", "1"), ("bool", 1), ("list", "a"), ("str", 1)],
)
def test_a_refused_value_leaves_the_column_as_it_was(dtype: str, value: Any) -> None:
    column = StoredColumn("c", Column(dtype, "a column"))
    with pytest.raises(ValueError, match=f"^c is {dtype} and cannot hold {type(value).__name__}$"):
        column.extend([None, value])
    assert (column.plain(), column.known) == ([], None)


def test_only_listed_words_are_taken_and_the_first_other_is_named() -> None:
    column = StoredColumn("c", Column("str", "a word", Word))
    column.extend([Word.UP, "down", "", None])
    with pytest.raises(ValueError, match=r"^c is never 'aside'$"):
        column.extend(["up", "over", "aside"])
    assert column.plain() == ["up", "down", "", ""]
