"""numpy's view of the columns."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import numpy as np
import pytest

from auditor.judge.tables.arrays import CodedTexts, cells, compared
from auditor.judge.tables.column import Column
from auditor.judge.tables.table import Table

Operation = Callable[[Any, Any], Any]
COLUMNS = {
    "name": Column("str", "a text"),
    "count": Column("Int64", "a whole number"),
    "size": Column("Float64", "a real number"),
    "good": Column("bool", "a flag"),
    "first": Column("time", "a time"),
    "places": Column("list", "a list"),
}
ROW = {"name": "a", "count": 1, "size": 0.5, "good": True, "first": 2, "places": ["b", "c"]}
DTYPES = {"name": "O", "count": "i8", "size": "f8", "good": "?", "first": "i8", "places": "O"}


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_an_array_of_its_dtype(name: str, count: int) -> None:
    values, known = cells(Table(COLUMNS, [ROW] * count), name)
    assert (values.shape, values.dtype, known) == ((count,), np.dtype(DTYPES[name]), None)
    assert values.tolist() == [ROW[name]] * count


@pytest.mark.parametrize("name", ["count", "size", "first"])
def test_a_mask_tells_what_is_missing(name: str) -> None:
    _, known = cells(Table(COLUMNS, [ROW, {}, ROW]), name)
    assert known is not None
    assert known.tolist() == [True, False, True]


def test_an_array_is_made_once_and_nobody_can_change_it() -> None:
    table = Table(COLUMNS, [ROW])
    assert cells(table, "name") is cells(table, "name")
    with pytest.raises(ValueError, match="read-only"):
        cells(table, "count").values[0] = 2


@pytest.mark.parametrize("operation", [eq, ne, lt, le, gt, ge])
@pytest.mark.parametrize("other", ["", "a", "b", "z"])
def test_texts_for_conditions_compare_as_objects_do(operation: Operation, other: str) -> None:
    table = Table(COLUMNS, [{"name": name} for name in ("a", "b", "", "a", "c")])
    texts, objects = compared(table, "name").values, cells(table, "name").values
    assert isinstance(texts, CodedTexts)
    assert len(texts) == 5
    assert texts.texts().tolist() == objects.tolist()
    assert operation(texts, other).tolist() == operation(objects, other).tolist()
    assert operation(other, texts).tolist() == operation(other, objects).tolist()
    turned = objects[::-1].copy()
    assert operation(texts, turned).tolist() == operation(objects, turned).tolist()
    assert operation(turned, texts).tolist() == operation(turned, objects).tolist()
    assert operation(texts, texts).tolist() == operation(objects, objects).tolist()


def test_texts_that_all_differ_and_numbers_are_arrays() -> None:
    table = Table(COLUMNS, [{"name": f"f{number}"} for number in range(3000)])
    assert isinstance(compared(table, "name").values, np.ndarray)
    assert isinstance(compared(table, "count").values, np.ndarray)
