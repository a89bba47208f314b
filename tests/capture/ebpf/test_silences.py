"""Which held-back headers a look at the flow table takes, and which flows it forgets."""

from __future__ import annotations

import pytest

from auditor.capture.ebpf.layout import FlowStruct
from auditor.capture.ebpf.silences import (
    CLOSED_NS,
    IDLE_NS,
    UNANSWERED_NS,
    HeldBack,
    due,
    held_back,
    is_over,
)

NOTHING = HeldBack(0, 0, 0, 0, 0, 0, 0, 0, 0)
#: Side 0 sent at 100 and 200, side 1 at 150; nothing has been kept.
TALK = NOTHING._replace(last0=200, first0=200, last1=150, first1=120)


def test_what_is_held_is_read_out_of_the_kernels_bytes() -> None:
    flow = FlowStruct(closed=1)
    for side, (last, first) in enumerate([(10, 20), (30, 40)]):
        flow.sides[side].last_activity.time, flow.sides[side].first_data.time = last, first
        flow.sides[side].last_activity.kept, flow.sides[side].first_data.kept = side, 1 - side
    again = FlowStruct()
    assert list(held_back(bytes(flow) + bytes(again))) == [
        HeldBack(1, 10, 0, 20, 1, 30, 1, 40, 0),
        NOTHING,
    ]


@pytest.mark.parametrize(
    ("since", "horizon", "found"),
    [
        (0, 149, []),
        (0, 150, [(0, "first_data"), (1, "last_activity")]),
        (0, 200, [(0, "last_activity"), (0, "first_data"), (1, "last_activity")]),
        (150, 200, [(0, "last_activity")]),
        (200, 10**9, []),
    ],
)
def test_a_silence_is_found_once_and_with_it_the_first_payload_that_fell_in_it(
    since: int, horizon: int, found: list[tuple[int, str]]
) -> None:
    assert due(TALK, since, horizon) == found


def test_data_counts_no_more_once_the_peer_was_active_after_it() -> None:
    assert (1, "first_data") not in due(TALK, 0, 10**9)


def test_what_the_kernel_has_kept_is_not_taken_again() -> None:
    kept = TALK._replace(last0_kept=1, first0_kept=1, last1_kept=1)
    assert due(kept, 0, 10**9) == []


def test_at_the_end_every_last_segment_is_taken_however_young() -> None:
    assert due(TALK, 200, 200, everything=True) == [(0, "last_activity"), (1, "last_activity")]


def test_a_flow_on_which_nothing_was_sent_holds_nothing_back() -> None:
    assert due(NOTHING, 0, 10**9, everything=True) == []


@pytest.mark.parametrize(
    ("flow", "full", "after"),
    [
        (TALK._replace(closed=1), False, CLOSED_NS),
        (TALK._replace(last1=0), False, UNANSWERED_NS),
        (TALK, True, IDLE_NS),
    ],
    ids=["ended", "unanswered", "dead-and-in-the-way"],
)
def test_a_flow_is_forgotten_when_nothing_more_can_come(
    flow: HeldBack, full: bool, after: int
) -> None:
    assert not is_over(flow, 200 + after, full=full)
    assert is_over(flow, 201 + after, full=full)


def test_a_silent_connection_is_never_forgotten_while_there_is_room() -> None:
    assert not is_over(TALK, 10**18, full=False)
