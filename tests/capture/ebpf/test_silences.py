"""Which held-back headers a look at the flow table takes, and which flows it forgets."""

from __future__ import annotations

import pytest
from paths import ROOT

from auditor.capture.ebpf.layout import FlowStruct
from auditor.capture.ebpf.silences import (
    CLOSED_NS,
    DOUBTFUL_MOST,
    IDLE_NS,
    UNANSWERED_NS,
    HeldBack,
    due,
    held_back,
    is_over,
    lacking_at,
)
from auditor.evidence.thinning import tables

NOTHING = HeldBack(*(0 for _ in HeldBack._fields))
#: Side 0 sent at 100 and 200, side 1 at 150, with data that waits since 120; nothing has been kept.
TALK = NOTHING._replace(spoke=1, last0=200, unacked0=200, last1=150, highest1=140, unacked1=120)


def test_what_is_held_is_read_out_of_the_kernels_bytes() -> None:
    flow = FlowStruct(over=1, spoke=1, doubted=4095)
    for side, times in enumerate([(10, 20, 30), (40, 50, 60)]):
        for slot, time in zip(("last_activity", "highest_seq", "unacked_data"), times, strict=True):
            record = getattr(flow.sides[side], slot)
            record.time, record.kept = time, time in (20, 40, 60)
        flow.sides[side].gap_count, flow.sides[side].missing = side + 3, 1 << 40 + side
    again = FlowStruct()
    assert list(held_back(bytes(flow) + bytes(again))) == [
        HeldBack(1, 1, 4095, 10, 0, 20, 1, 30, 0, 3, 1 << 40, 40, 1, 50, 0, 60, 1, 4, 1 << 41),
        NOTHING,
    ]


@pytest.mark.parametrize(
    ("since", "horizon", "found"),
    [
        (0, 149, []),
        (0, 150, [(0, "unacked_data"), (1, "last_activity"), (1, "highest_seq")]),
        (150, 200, [(0, "last_activity"), (1, "unacked_data")]),
        (200, 10**9, []),
    ],
)
def test_a_silence_is_found_once_and_with_it_what_the_peer_was_not_acknowledged(
    since: int, horizon: int, found: list[tuple[int, str]]
) -> None:
    assert due(TALK, since, horizon) == found


def test_both_sides_may_fall_silent_at_once() -> None:
    assert len(due(TALK, 0, 200)) == 5


def test_what_the_kernel_has_kept_is_not_taken_again() -> None:
    kept = TALK._replace(**{name: 1 for name in HeldBack._fields if name.endswith("_kept")})
    assert due(kept, 0, 10**9) == []


def test_at_the_end_every_last_segment_is_taken_however_young() -> None:
    assert due(TALK, 200, 200, everything=True) == due(TALK, 0, 200)


def test_a_flow_on_which_nothing_was_sent_holds_nothing_back() -> None:
    assert due(NOTHING, 0, 10**9, everything=True) == []


@pytest.mark.parametrize(
    ("flow", "full", "after"),
    [
        (TALK._replace(over=1), False, CLOSED_NS),
        (TALK._replace(last1=0), False, UNANSWERED_NS),
        (TALK._replace(last1=0), True, CLOSED_NS),
        (TALK, True, IDLE_NS),
        (TALK._replace(spoke=0), True, CLOSED_NS),
    ],
    ids=["ended", "unanswered", "unanswered-in-the-way", "dead-in-the-way", "wordless-in-the-way"],
)
def test_a_flow_is_forgotten_when_nothing_more_can_come(
    flow: HeldBack, full: bool, after: int
) -> None:
    assert not is_over(flow, 200 + after, full=full, crowded=full)
    assert is_over(flow, 201 + after, full=full, crowded=full)


def test_a_silent_connection_is_never_forgotten_while_there_is_room() -> None:
    assert not is_over(TALK, 10**18, full=False, crowded=True)


@pytest.mark.parametrize("lacks", ["gaps0", "missing0", "gaps1", "missing1", "doubted"])
def test_what_was_not_seen_is_said_with_the_activity_that_begins_a_silence(lacks: str) -> None:
    assert lacking_at(TALK, 0, 149) == lacking_at(TALK, 0, 10**9) == 0, "nothing is missing"
    flow = TALK._replace(**{lacks: 1 if lacks != "doubted" else DOUBTFUL_MOST})
    flow = flow._replace(last0_kept=1, last1_kept=1)
    assert lacking_at(flow, 0, 149) == 0
    assert lacking_at(flow, 0, 150) == 150
    assert lacking_at(flow, 150, 10**9) == 200
    assert lacking_at(flow, 200, 10**9) == 0
    assert lacking_at(flow, 200, 10**9, everything=True) == 200


def test_the_bound_is_that_of_both_thinners() -> None:
    assert DOUBTFUL_MOST == tables.DOUBTFUL_MOST
    source = (ROOT / "auditor" / "capture" / "bpf" / "irregular.h").read_text()
    assert f"#define DOUBTFUL_MOST {DOUBTFUL_MOST} " in source
