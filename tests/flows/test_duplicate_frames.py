"""A tap's second copy of a frame, as against a segment that was sent again."""

from __future__ import annotations

from typing import Any

import pytest
from records import row, segment

from auditor.evidence.thinning import tables as thinning
from auditor.flows import tables as tracking
from auditor.flows.duplicate_frames import is_copy, note_copy

LIMIT = 100_000_000

COLUMNS = {
    "time": 10 * LIMIT,
    "seq": 0xFFFFFFFF,
    "ack": 0xFFFFFFFE,
    "ident": 0x1FFFF,
    "length": 1460,
    "window": 0xFFFF,
    "flags": 0x18,
}


@pytest.fixture(params=[tracking.SIDE, thinning.SIDE], ids=["tracking", "thinning"])
def side(request: pytest.FixtureRequest) -> Any:
    made = row(request.param)
    note_copy(made, segment(**COLUMNS))
    return made


def test_the_same_frame_is_a_copy(side: Any) -> None:
    assert is_copy(side, segment(**COLUMNS))


@pytest.mark.parametrize("column", ["seq", "ack", "ident", "length", "window", "flags"])
def test_a_frame_that_differs_in_one_field_was_sent_again(side: Any, column: str) -> None:
    assert not is_copy(side, segment(**COLUMNS | {column: COLUMNS[column] - 1}))


@pytest.mark.parametrize(
    ("later", "copy"),
    [(0, True), (LIMIT - 1, True), (LIMIT, False), (1 - LIMIT, True), (-LIMIT, False)],
)
def test_copies_arrive_within_a_tenth_of_a_second_in_either_order(
    side: Any, later: int, copy: bool
) -> None:
    assert is_copy(side, segment(**COLUMNS | {"time": COLUMNS["time"] + later})) == copy


@pytest.mark.parametrize("column", ["ttl", "interface", "trailer", "frame", "payload", "captured"])
def test_a_copy_may_come_over_another_way(side: Any, column: str) -> None:
    """A tap at two ports sees the frame behind and before a router, cut and padded differently."""
    assert is_copy(side, segment(**COLUMNS, **{column: 7}))


def test_only_the_latest_is_remembered(side: Any) -> None:
    note_copy(side, segment(**COLUMNS | {"seq": 5}))
    assert not is_copy(side, segment(**COLUMNS))
