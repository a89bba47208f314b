"""Where a segment lies in its stream and what it means, alike for tracking and thinning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.thinning import tables as thinning
from auditor.flows import tables as tracking
from auditor.flows.streams import (
    IN_STREAM,
    OUTSIDE,
    RELOCATED,
    acked_position,
    advance_acked,
    begin_of,
    end_of,
    is_first_ack,
    locate,
    resets_idle_timer,
    stream_offset,
)
from auditor.flows.tcp_state import (
    ACKED,
    FORGED_MOST,
    HAS_ISN,
    HAS_NEXT,
    HAS_START,
    SENT_ACK,
    STRAY_BYTES,
)
from auditor.packets.segments import ACK, FIN, PSH, SEGMENT, SYN

SIDES = [tracking.SIDE, thinning.SIDE]


@pytest.fixture(params=SIDES, ids=["tracking", "thinning"])
def make(request: pytest.FixtureRequest) -> Any:
    def side(**columns: int) -> Any:
        made = np.zeros(1, request.param)[0]
        for name, value in columns.items():
            made[name] = value
        return made

    return side


def segment(**columns: int) -> Any:
    made = np.zeros(1, SEGMENT)[0]
    for name, value in columns.items():
        made[name] = value
    return made


def test_a_number_is_the_position_nearest_to_the_next(make: Any) -> None:
    beyond = (1 << 32) + 10
    assert begin_of(make(bits=HAS_NEXT, next=beyond), segment(seq=12)) == beyond + 2
    assert begin_of(make(bits=HAS_NEXT, next=beyond), segment(seq=0xFFFFFFFF)) == beyond - 11
    assert begin_of(make(next=beyond), segment(seq=12)) == 12


def test_syn_and_fin_take_one_number_each() -> None:
    assert end_of(segment(length=5, flags=ACK | PSH), 10) == 15
    assert end_of(segment(length=5, flags=SYN), 10) == 16
    assert end_of(segment(flags=FIN | ACK), 10) == 11


def test_of_more_strays_in_a_row_than_are_forged_the_last_is_believed(make: Any) -> None:
    side = make(bits=HAS_NEXT | ACKED, next=100, acked=100)
    far = 101 + STRAY_BYTES
    for _ in range(FORGED_MOST):
        assert locate(side, far, True) == OUTSIDE
    assert (side["next"], side["acked"]) == (100, 100)
    assert locate(side, far + 50, True) == RELOCATED
    assert side["next"] == far + 50
    assert not side["bits"] & ACKED
    assert locate(side, far + 50, True) == IN_STREAM


def test_a_segment_in_the_stream_clears_the_suspicion(make: Any) -> None:
    side = make(bits=HAS_NEXT, next=100)
    for place in (101 + STRAY_BYTES, 100 + STRAY_BYTES, 101 + STRAY_BYTES):
        found = locate(side, place, True)
    assert found == OUTSIDE


def test_nothing_is_far_from_what_is_not_known(make: Any) -> None:
    assert locate(make(next=0), 1 << 40, False) == IN_STREAM


def test_the_first_acknowledgement_places_a_stream(make: Any) -> None:
    peer = make()
    assert acked_position(peer, 7000) == 7000
    assert (peer["next"], peer["acked"]) == (7000, 7000)
    assert peer["bits"] == HAS_NEXT | ACKED
    assert acked_position(peer, 7100) == 7100
    assert peer["acked"] == 7000


def test_only_more_than_ever_before_is_an_advance(make: Any) -> None:
    peer = make(bits=HAS_NEXT, next=100)
    assert not advance_acked(peer, 50), "the first is no advance"
    assert advance_acked(peer, 60)
    assert not advance_acked(peer, 60)
    assert not advance_acked(peer, 55)
    assert (peer["acked"], peer["next"]) == (60, 100)
    assert advance_acked(peer, 130)
    assert peer["next"] == 130, "what is acknowledged was sent"


def test_a_first_ack_is_told_once(make: Any) -> None:
    side = make()
    told = [is_first_ack(side, flags) for flags in (SYN, SYN | ACK, 0, ACK, ACK | PSH)]
    assert told == [False, False, False, True, False]


def test_what_was_acknowledged_before_restarts_no_timer(make: Any) -> None:
    side, peer = make(bits=HAS_NEXT | ACKED, next=100, acked=100), make()
    assert not resets_idle_timer(side, peer, 99, ACK)
    assert resets_idle_timer(side, peer, 100, ACK)
    assert resets_idle_timer(make(bits=HAS_NEXT, next=100, acked=100), peer, 99, ACK)


def test_a_second_syn_ack_restarts_no_timer(make: Any) -> None:
    side = make(bits=HAS_NEXT, next=100)
    assert not resets_idle_timer(side, make(bits=SENT_ACK), 100, SYN | ACK)
    assert resets_idle_timer(side, make(), 100, SYN | ACK)


def test_a_stream_starts_behind_its_syn(make: Any) -> None:
    side = make(bits=HAS_ISN | HAS_NEXT, isn=1000, next=1001)
    assert stream_offset(side, segment(flags=ACK), 1021) == 20
    assert stream_offset(side, segment(flags=SYN), 1000) == 0
    assert side["bits"] & HAS_START


def test_a_stream_without_a_syn_starts_where_it_was_seen_first(make: Any) -> None:
    side = make(bits=HAS_NEXT, next=500)
    assert stream_offset(side, segment(flags=ACK), 500) == 0
    assert stream_offset(side, segment(flags=ACK), 450) == -50


@given(
    bits=st.integers(0, (1 << 19) - 1),
    near=st.integers(0, 1 << 40),
    places=st.lists(st.integers(-(1 << 30), 1 << 30), max_size=6),
    flags=st.integers(0, 255),
)
def test_tracking_and_thinning_come_to_the_same(
    bits: int, near: int, places: list[int], flags: int
) -> None:
    seen: list[list[object]] = []
    for dtype in SIDES:
        side, peer = np.zeros(2, dtype)
        side["bits"], side["next"], side["acked"] = bits, near, near
        steps: list[object] = []
        for place in places:
            steps += [locate(side, near + place, True), resets_idle_timer(side, peer, place, flags)]
            steps += [acked_position(side, (near + place) & 0xFFFFFFFF)]
            steps += [advance_acked(side, near + place), is_first_ack(side, flags)]
            steps += [int(side[name]) for name in ("bits", "next", "acked")]
        seen.append(steps)
    assert seen[0] == seen[1]
