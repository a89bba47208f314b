"""When silences begin and end: which headers that were held back go out (R3, R4)."""

from __future__ import annotations

from typing import Any

import pytest
from records import ThinningTables, put, segment, thinning_tables

from auditor.evidence.packet import SILENCE_NS
from auditor.evidence.thinning.activity import on_activity, on_data
from auditor.evidence.thinning.tables import HIGHEST_SEQ, LAST_ACTIVITY, SLOTS, UNACKED_DATA
from auditor.flows.tcp_state import ACKED, HAS_NEXT, QUEUED, SEGMENT_SEEN, SILENT

SIDE, PEER = 0, 1
START = 10**12


@pytest.fixture
def made() -> ThinningTables:
    tables = thinning_tables(1)
    tables.tables.sides["bits"] = SEGMENT_SEEN
    return tables


def active(made: ThinningTables, number: int, after: int, *, newest: bool = True) -> bool:
    """Let segment ``number`` of SIDE be activity, so long after the start."""
    put(made.tables.state, matched=number, clock=START + after)
    return on_activity(segment(time=START + after), SIDE, newest, *made)


def data(made: ThinningTables, number: int, row: int = SIDE) -> bool:
    made.tables.state["matched"] = number
    return on_data(segment(time=START), row, made.tables, made.held)


def slot(made: ThinningTables, kind: int, row: int = SIDE) -> Any:
    return made.held.slots[SLOTS * row + kind]


def holds(made: ThinningTables, row: int = SIDE) -> dict[int, int]:
    kinds = (LAST_ACTIVITY, HIGHEST_SEQ, UNACKED_DATA)
    return {kind: int(slot(made, kind, row)["number"]) for kind in kinds}


def test_the_first_activity_of_a_side_is_kept(made: ThinningTables) -> None:
    assert active(made, 1, 0)
    assert made.tables.sides[SIDE]["bits"] & QUEUED


@pytest.mark.parametrize(
    ("pause", "silent", "kept"), [(SILENCE_NS - 1, False, []), (SILENCE_NS, True, [1])]
)
def test_half_a_second_later_both_ends_of_the_silence_are_kept(
    made: ThinningTables, pause: int, silent: bool, kept: list[int]
) -> None:
    """R3."""
    active(made, 1, 0)
    assert active(made, 2, pause) is silent
    assert made.numbers() == kept
    assert holds(made)[LAST_ACTIVITY] == 2


def test_a_side_that_was_found_silent_ends_its_silence_whatever_the_times_say(
    made: ThinningTables,
) -> None:
    """A tap may deliver segments out of order, while the queue goes by its clock."""
    active(made, 1, 0)
    made.tables.sides[SIDE]["bits"] |= SILENT
    assert active(made, 2, 1)
    assert not made.tables.sides[SIDE]["bits"] & SILENT


def test_the_end_of_a_silence_keeps_the_last_that_the_peer_sent_before(
    made: ThinningTables,
) -> None:
    """R4: in that silence the peer did not probe, and this is why."""
    for kind, number in ((LAST_ACTIVITY, 5), (HIGHEST_SEQ, 4), (UNACKED_DATA, 3)):
        put(slot(made, kind, PEER), number=number, time=START)
    active(made, 6, 0)
    assert made.numbers() == [3, 4, 5]


def test_beside_activity_that_did_not_reach_the_end_the_latest_that_did_is_held(
    made: ThinningTables,
) -> None:
    """R3: a reader needs it to know where the stream stood."""
    active(made, 1, 0)
    active(made, 2, 10, newest=False)
    active(made, 3, 20, newest=False)
    assert holds(made) == {LAST_ACTIVITY: 3, HIGHEST_SEQ: 1, UNACKED_DATA: 0}
    active(made, 4, 30)
    assert holds(made) == {LAST_ACTIVITY: 4, HIGHEST_SEQ: 0, UNACKED_DATA: 0}
    assert made.numbers() == []


def test_what_reached_the_end_half_a_second_ago_is_kept_before_it_is_too_late(
    made: ThinningTables,
) -> None:
    active(made, 1, 0)
    for number in (2, 3, 4):
        active(made, number, (number - 1) * SILENCE_NS // 3, newest=False)
    assert made.numbers() == [1]


@pytest.mark.parametrize(
    ("bits", "acked", "held"),
    [
        (HAS_NEXT | ACKED, 900, 5),  # what it sent is under way: it does not probe
        (HAS_NEXT | ACKED, 1000, 0),  # nothing is
        (HAS_NEXT, 900, 0),  # it is not known what was acknowledged
        (ACKED, 900, 0),
    ],
)
def test_a_receiver_with_data_under_way_is_told_by_its_latest_segment(
    made: ThinningTables, bits: int, acked: int, held: int
) -> None:
    """R4; bareos.md §6.4: a side that waits for an acknowledgement sends no probe."""
    put(made.tables.sides[PEER], bits=bits, next=1000, acked=acked)
    put(slot(made, LAST_ACTIVITY, PEER), number=5, time=START, kept=1)
    put(slot(made, UNACKED_DATA, PEER), number=2)
    active(made, 6, 1)
    assert holds(made, PEER)[UNACKED_DATA] == held


@pytest.mark.parametrize(("pause", "kept"), [(SILENCE_NS - 1, []), (SILENCE_NS, [5])])
def test_that_segment_is_kept_at_once_if_it_is_old(
    made: ThinningTables, pause: int, kept: list[int]
) -> None:
    active(made, 1, pause - 2)
    put(made.tables.sides[PEER], bits=HAS_NEXT | ACKED, next=1000, acked=900)
    put(slot(made, HIGHEST_SEQ, PEER), number=5, time=START)
    active(made, 6, pause)
    assert made.numbers() == kept


def test_the_first_data_since_something_was_received_is_held(made: ThinningTables) -> None:
    """R4."""
    assert not data(made, 1)
    assert not data(made, 2)
    assert holds(made)[UNACKED_DATA] == 1


@pytest.mark.parametrize(
    ("bits", "kept"), [(SEGMENT_SEEN, False), (SEGMENT_SEEN | SILENT, True), (SILENT, False)]
)
def test_first_data_while_the_peer_is_silent_is_kept_at_once(
    made: ThinningTables, bits: int, kept: bool
) -> None:
    made.tables.sides[PEER]["bits"] = bits
    assert data(made, 1) is kept
    assert not data(made, 2)


def test_data_to_a_peer_that_was_never_seen_is_not_held(made: ThinningTables) -> None:
    made.tables.sides[PEER]["bits"] = 0
    data(made, 1)
    assert holds(made)[UNACKED_DATA] == 0
