"""Values that are kept once each hold what a list would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.judge.tables.coded_values import CodedValues

CHUNKS = st.lists(st.lists(st.sampled_from(["", "a", "b", "é"]), max_size=6), max_size=5)


@given(CHUNKS)
def test_they_hold_what_a_list_would(chunks: list[list[str]]) -> None:
    values, expected = CodedValues(), list[str]()
    for chunk in chunks:
        values.extend(chunk)
        expected += chunk
        assert (len(values), list(values)) == (len(expected), expected)
        assert [values[index] for index in range(len(values))] == expected
        assert values.between(1, 4) == expected[1:4]


def test_of_a_million_rows_with_two_texts_two_are_kept() -> None:
    values = CodedValues()
    for _ in range(100):
        values.extend(["refused", "unanswered"] * 5000)
    assert values.words == ["refused", "unanswered"]
    assert values.codes is not None
    assert len(values.codes) * values.codes.itemsize == 2_000_000


@pytest.mark.parametrize("different", [1500, 70_000])
def test_texts_of_which_few_are_equal_are_kept_as_they_are(different: int) -> None:
    every = [f"f{number}" for number in range(different)]
    values = CodedValues()
    for start in range(0, different, 500):
        values.extend(every[start : start + 500])
    assert values.codes is None
    assert (list(values), values[7], values.between(3, 5)) == (every, "f7", ["f3", "f4"])
    values.extend(["more"])
    assert (len(values), values[different]) == (different + 1, "more")
