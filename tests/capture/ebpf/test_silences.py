"""Which held-back headers a look at the flow table takes, and which flows it forgets."""

from __future__ import annotations

import pytest

from auditor.capture.ebpf.layout import FlowStruct
from auditor.capture.ebpf.silences import (
    CLOSED_NS,
    IDLE_NS,
    UNANSWERED_NS,
    Held,
    begun,
    held,
    is_over,
)

NOTHING = Held(0, 0, 0, 0, 0, 0, 0, 0, 0)
#: Side 0 spoke at 100 and 200, side 1 at 150; nothing has been kept.
TALK = NOTHING._replace(last0=200, first0=200, last1=150, first1=120)


def test_what_is_held_is_read_out_of_the_kernels_bytes() -> None:
    flow = FlowStruct(closed=1)
    for side, (last, first) in enumerate([(10, 20), (30, 40)]):
        flow.sides[side].last.time, flow.sides[side].first.time = last, first
        flow.sides[side].last.kept, flow.sides[side].first.kept = side, 1 - side
    again = FlowStruct()
    assert list(held(bytes(flow) + bytes(again))) == [Held(1, 10, 0, 20, 1, 30, 1, 40, 0), NOTHING]


@pytest.mark.parametrize(
    ("since", "horizon", "found"),
    [
        (0, 149, []),
        (0, 150, [(0, "first"), (1, "last")]),
        (0, 200, [(0, "last"), (0, "first"), (1, "last")]),
        (150, 200, [(0, "last")]),
        (200, 10**9, []),
    ],
)
def test_a_silence_is_found_once_and_with_it_the_first_payload_that_fell_in_it(
    since: int, horizon: int, found: list[tuple[int, str]]
) -> None:
    assert begun(TALK, since, horizon) == found


def test_a_payload_that_the_peer_has_spoken_after_counts_no_more() -> None:
    assert (1, "first") not in begun(TALK, 0, 10**9)


def test_what_the_kernel_has_kept_is_not_taken_again() -> None:
    kept = TALK._replace(last0_kept=1, first0_kept=1, last1_kept=1)
    assert begun(kept, 0, 10**9) == []


def test_at_the_end_every_last_segment_is_taken_however_young() -> None:
    assert begun(TALK, 200, 200, everything=True) == [(0, "last"), (1, "last")]


def test_a_flow_nobody_has_spoken_on_holds_nothing() -> None:
    assert begun(NOTHING, 0, 10**9, everything=True) == []


@pytest.mark.parametrize(
    ("flow", "full", "after"),
    [
        (TALK._replace(closed=1), False, CLOSED_NS),
        (TALK._replace(last1=0), False, UNANSWERED_NS),
        (TALK, True, IDLE_NS),
    ],
    ids=["ended", "unanswered", "dead-and-in-the-way"],
)
def test_a_flow_is_forgotten_when_nothing_more_can_come(flow: Held, full: bool, after: int) -> None:
    assert not is_over(flow, 200 + after, full=full)
    assert is_over(flow, 201 + after, full=full)


def test_a_silent_connection_is_never_forgotten_while_there_is_room() -> None:
    assert not is_over(TALK, 10**18, full=False)
