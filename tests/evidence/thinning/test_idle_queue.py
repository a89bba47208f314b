"""The idle queue against an OrderedDict, and what the passing of time settles (R3, R4)."""

from __future__ import annotations

from collections import OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import ThinningTables, put, thinning_tables

from auditor.evidence.packet import SILENCE_NS
from auditor.evidence.thinning.idle_queue import expire, remove, touch
from auditor.evidence.thinning.tables import (
    HIGHEST_SEQ,
    LAST_ACTIVITY,
    OUT_ROOM,
    SLOTS,
    UNACKED_DATA,
)
from auditor.flows.tcp_state import NONE, QUEUED, SILENT

ROWS = 8


def queue(made: ThinningTables) -> list[int]:
    """Return the rows from the oldest on; both ways through the queue must agree."""
    state, sides = made.tables.state, made.tables.sides
    rows, back = [], []
    at = int(state["oldest"])
    while at != NONE:
        rows.append(at)
        at = int(sides[at]["newer"])
    at = int(state["newest"])
    while at != NONE:
        back.append(at)
        at = int(sides[at]["older"])
    assert back == rows[::-1]
    return rows


def touch_at(time: int, row: int, made: ThinningTables) -> None:
    made.tables.state["clock"] = time
    touch(row, made.tables)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["touch", "touch", "remove", "expire"]),
            st.integers(0, ROWS - 1),
            st.integers(0, SILENCE_NS),
        ),
        max_size=30,
    )
)
def test_it_is_an_ordered_dict_from_side_to_latest_activity(
    steps: list[tuple[str, int, int]],
) -> None:
    made = thinning_tables(ROWS // 2)
    model: OrderedDict[int, int] = OrderedDict()
    silent: set[int] = set()
    now = 0
    for doing, row, later in steps:
        now += later
        if doing == "touch":
            touch_at(now, row, made)
            model[row] = now
            model.move_to_end(row)
            silent.discard(row)
        elif doing == "remove":
            remove(row, made.tables)
            model.pop(row, None)
        else:
            assert expire(now, *made)
            over = [one for one, time in model.items() if now - time >= SILENCE_NS]
            silent.update(over)
            for one in over:
                del model[one]
        assert queue(made) == list(model)
        for one, side in enumerate(made.tables.sides):
            assert bool(side["bits"] & QUEUED) == (one in model)
            assert bool(side["bits"] & SILENT) == (one in silent)


def hold(made: ThinningTables, row: int, *numbers: int) -> None:
    """Let the slots of a row hold segments of these numbers; 0: the slot is empty."""
    for kind, number in enumerate(numbers):
        put(made.held.slots[SLOTS * row + kind], number=number)


@pytest.mark.parametrize(("after", "kept"), [(SILENCE_NS - 1, []), (SILENCE_NS, [21, 11, 32])])
def test_half_a_second_of_silence_keeps_what_it_began_with(after: int, kept: list[int]) -> None:
    """R3: its last activity, and what reached furthest. R4: the data that its peer sent."""
    assert (LAST_ACTIVITY, HIGHEST_SEQ, UNACKED_DATA) == (0, 1, 2)
    made = thinning_tables()
    touch_at(100, 4, made)
    hold(made, 4, 11, 21, 31)
    hold(made, 5, 12, 22, 32)
    assert expire(100 + after, *made)
    assert made.numbers() == kept


def test_a_full_outbox_stops_it_before_a_side_is_lost() -> None:
    made = thinning_tables(out_rows=OUT_ROOM)
    for row in (0, 2):
        touch_at(100, row, made)
        hold(made, row, row + 1, 0, 0)
    assert not expire(100 + SILENCE_NS, *made)
    assert made.numbers() == [1]
    assert queue(made) == [2]
    made.tables.state["out_count"] = 0  # the lines were taken
    assert expire(100 + SILENCE_NS, *made)
    assert made.numbers() == [3]
    assert queue(made) == []
