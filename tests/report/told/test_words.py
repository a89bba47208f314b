from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.told.words import (
    count,
    moment,
    place_and_rest,
    places,
    seconds,
    some,
    span,
)


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 flows"), (1, "1 flow"), (2, "2 flows"), (1234, "1,234 flows")]
)
def test_a_count_has_its_noun(number: int, told: str) -> None:
    assert count(number, "flow") == told


@pytest.mark.parametrize(("value", "told"), [(None, ""), (9, "9 s"), (9.216, "9.2 s")])
def test_seconds_have_one_digit_at_most(value: float | None, told: str) -> None:
    assert seconds(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0 ms"),
        (0.25, "250 ms"),
        (43.56, "43.6 s"),
        (119.9, "119.9 s"),
        (600, "10 min"),
        (7100, "118 min"),
        (7200, "2 h"),
        (86400, "24 h"),
        (3 * 86400 + 7200, "3 d 2 h"),
    ],
)
def test_a_span_has_the_unit_that_suits_it(value: float, told: str) -> None:
    assert span(value) == told


def test_a_moment_leaves_out_the_day_that_everything_shares() -> None:
    time = "2026-11-22T22:35:11.987868000Z"
    assert moment(time) == "2026-11-22 22:35:11"
    assert moment(time, "2026-11-22") == "22:35:11"
    assert moment(time, "2026-11-23") == "2026-11-22 22:35:11"
    assert moment(None) == ""


def test_a_long_list_is_cut() -> None:
    assert some(["a", "b"], 2, "…") == "a, b"
    assert some(["a", "b", "c"], 2, "…") == "a, b …"


def test_places_in_one_file_are_one() -> None:
    assert places(["a.conf:10", "b.conf:1", "a.conf:2", "a.conf:2"]) == ["a.conf:2, 10", "b.conf:1"]


def test_a_place_without_a_line_is_the_file() -> None:
    assert places(["catalog", "a:b"]) == ["catalog", "a:b"]


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("a.conf:3: it is odd: very", ("a.conf:3", "it is odd: very")),
        ("'x' has no address here: give it one", ("", "'x' has no address here: give it one")),
        ("plain", ("", "plain")),
    ],
)
def test_a_problem_begins_with_its_place(sentence: str, parts: tuple[str, str]) -> None:
    assert place_and_rest(sentence) == parts


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_no_source_is_lost(sources: list[str]) -> None:
    told = places(sources)
    assert len(told) <= len(set(sources))
    assert all(any(source.rpartition(":")[0] in one for one in told) for source in sources)


def test_of_many_lines_of_a_file_the_first_are_told() -> None:
    (told,) = places([f"a.conf:{line}" for line in range(9000, 0, -1)])
    assert told.startswith("a.conf:1, 2, 3, ")
    assert told.endswith(", 59, 60 and 8,940 more")
    assert places([f"a.conf:{line}" for line in range(60)])[0].endswith(", 59")
