"""What a thinned capture says of the clock of the full one."""

from __future__ import annotations

import pytest

from auditor.packets.clock_comments import ToldClock, clock_to_comments, step_to_comment


def told(*lines: str) -> tuple[list[bool], ToldClock]:
    clock = ToldClock()
    return [clock.comment(line) for line in lines], clock


def test_each_line_is_read_back() -> None:
    read, clock = told(step_to_comment(9, -3), *clock_to_comments(-7, 12))
    assert read == [True, True, True]
    assert (clock.take_step(), clock.ended, clock.late) == ((9, -3), -7, 12)


def test_a_step_is_of_one_place() -> None:
    _, clock = told(step_to_comment(9, 3))
    assert [clock.take_step(), clock.take_step()] == [(9, 3), None]


def test_of_a_clock_that_went_on_there_is_nothing_to_say() -> None:
    assert clock_to_comments(None, 0) == []
    assert told()[1].ended is None


@pytest.mark.parametrize(
    "line",
    [
        "bareos-audit step 9",
        "bareos-audit ended 9 3",
        "bareos-audit late 1 2",
        "bareos-audit late \u0663",
        "bareos-audit step 9 3 ",
        f"bareos-audit step {1 << 63} 3",
        "bareos-audit span 1 2",
        "step 9 3",
        "",
    ],
)
def test_any_other_text_is_no_such_line(line: str) -> None:
    read, clock = told(line)
    assert (read, clock.take_step(), clock.ended, clock.late) == ([False], None, None, 0)


def test_a_count_below_zero_is_none() -> None:
    assert told("bareos-audit late -5")[1].late == 0
