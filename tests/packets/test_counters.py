"""What the counters say of the clock of a capture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.packets.counters import (
    BACKWARDS,
    LATE_NS,
    MAX_DEPTH,
    STEP_COUNT,
    STEPS,
    STEPS_A_SCAN,
    clock_of,
    new_counters,
    note_time,
)
from auditor.packets.segments import Array

SECOND = 1_000_000_000
Steps = list[tuple[int, int, int]]


def noted(times: list[float]) -> tuple[Array, Steps]:
    """Note times (s); return the counters, and the steps: row, time (s) before and after."""
    counters = new_counters()
    for row, time in enumerate(times):
        note_time(counters, round(time * SECOND), row)
    count = min(int(counters[STEP_COUNT]), STEPS_A_SCAN)
    steps = counters[STEPS : STEPS + 3 * count].reshape(-1, 3).tolist()
    return counters, [(row, before / SECOND, after / SECOND) for row, before, after in steps]


@given(st.lists(st.integers(0, LATE_NS), min_size=1, max_size=20))
def test_what_is_late_by_less_than_a_clock_is_set_is_no_step(times: list[int]) -> None:
    counters = new_counters()
    for row, time in enumerate(times):
        note_time(counters, time, row)
    late = sum(time < max(times[:row], default=0) for row, time in enumerate(times))
    assert (counters[STEP_COUNT], counters[BACKWARDS]) == (0, late)
    assert clock_of(counters) == max(times)


@pytest.mark.parametrize(
    ("times", "steps"),
    [
        ([0, 10, 20], []),
        ([20, 10, 11], [(1, 20, 10)]),
        ([20, 10, 9.9, 10.5], [(1, 20, 10)]),
        ([20, 10, 9, 5], [(1, 20, 10), (2, 10, 9), (3, 9, 5)]),
        # Until it has caught up, bit by bit ...
        ([20, 10, 14, 18, 21, 25], [(1, 20, 10)]),
        ([20, 10, 14, 18, 19.9, 25, 24], [(1, 20, 10), (6, 25, 24)]),
        # ... or at once: then it was set forward again, or one packet had the wrong time.
        ([20, 10, 20.5, 21], [(1, 20, 10), (2, 10, 20.5)]),
        ([20, 10, 11, 19.95, 21], [(1, 20, 10), (3, 11, 19.95)]),
        ([20, 10, 5, 21, 13], [(1, 20, 10), (2, 10, 5), (3, 5, 21), (4, 21, 13)]),
        # One packet with a wrong time while the clock is behind, which it then catches up.
        ([20, 10, 12, 3, 12.1, 16, 19.9, 21], [(1, 20, 10), (3, 12, 3), (4, 3, 12.1)]),
        ([20, 10, 12, 3, 7, 11.95, 30], [(1, 20, 10), (3, 12, 3), (5, 7, 11.95), (6, 11.95, 30)]),
    ],
)
def test_each_step_is_noted_with_what_the_clock_showed(times: list[float], steps: Steps) -> None:
    counters, found = noted(times)
    assert found == steps
    assert counters[STEP_COUNT] == len(steps)


@pytest.mark.parametrize(
    ("times", "shown"), [([20, 10], 10), ([20, 10, 9.95], 10), ([20, 10, 21], 21), ([5, 7], 7)]
)
def test_the_clock_shows_the_latest_time_since_it_was_set(times: list[float], shown: float) -> None:
    assert clock_of(noted(times)[0]) == shown * SECOND


def test_late_packets_are_counted_while_the_clock_is_behind_too() -> None:
    assert noted([20, 10, 9.95, 12, 11.99, 30])[0][BACKWARDS] == 3


def test_of_many_steps_one_behind_another_the_last_levels_are_known() -> None:
    behind = [100.0 - n for n in range(MAX_DEPTH + 4)]
    assert len(noted(behind)[1]) == MAX_DEPTH + 3
    assert noted([*behind, 98.5, 101])[1][-1][1:] in [(behind[-1], 98.5), (98.5, 101)]
    assert clock_of(noted([*behind, 98.5, 101])[0]) == 101 * SECOND


def test_more_steps_than_there_is_room_for_are_counted() -> None:
    counters, steps = noted([20.0, 10.0] * (STEPS_A_SCAN + 5))
    assert len(steps) == STEPS_A_SCAN
    assert counters[STEP_COUNT] == 2 * (STEPS_A_SCAN + 5) - 1
