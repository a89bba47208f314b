"""One segment at one row: what is counted, what is passed over, and what ends a flow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from records import open_side, put, segment, tracking_tables
from tape import Endpoint, Tape

from auditor.flows.on_segment import on_segment
from auditor.flows.tables import Tables
from auditor.flows.tampering import NO_ACK
from auditor.flows.tcp_state import (
    ACKED,
    HAS_NEXT,
    IDLE,
    NEVER,
    NEXT_CERTAIN,
    SENT_ACK,
    SEQ_SEEN,
    STRAY_BYTES,
)
from auditor.packets.segments import ACK, FIN, RST, SYN

KNOWN = HAS_NEXT | SEQ_SEEN | NEXT_CERTAIN | ACKED | SENT_ACK
FD, SD = Endpoint("10.0.0.33", 40001), Endpoint("10.0.0.20", 9103)
NO_BYTES = np.zeros(0, "u1")


@pytest.fixture
def tables() -> Tables:
    """Both sides established, idle since 100: side 0 goes on at 1000 and side 1 at 5000."""
    made = tracking_tables(1)
    put(made.flows[0], ended=NEVER, rtt=NEVER, first=10, last=100, agreed=1)
    for side, place in zip(made.sides, (1000, 5000), strict=True):
        columns = open_side(bits=KNOWN | IDLE, next=place, acked=place, window=9, idle_since=100)
        put(side, **columns, segments=3, ttl=64, first=10, last=100)
        put(side, ahead_first=NEVER, claimed=NEVER)
    return made


def take(tables: Tables, time: int = 200, row: int = 0, **columns: int) -> tuple[Any, Any]:
    """Let a row send; return its side and its peer's. What is not given is as the peer expects."""
    place, peer = ((1000, 5000), (5000, 1000))[row]
    expected = {"seq": place, "ack": peer, "flags": ACK, "window": 9, "time": time}
    on_segment(segment(**expected | columns), row, NO_BYTES, tables)
    return tables.sides[row], tables.sides[row ^ 1]


def test_a_segment_counts_for_its_sender(tables: Tables) -> None:
    side, peer = take(tables, length=10)
    assert (side["segments"], side["payload_bytes"], side["last"], side["next"]) == (
        4,
        10,
        200,
        1010,
    )
    assert (peer["segments"], peer["payload_bytes"], peer["last"]) == (3, 0, 100)
    assert (tables.flows[0]["last"], tables.state["latest"]) == (200, 200)


def test_a_frame_delivered_twice_counts_as_a_duplicate_and_nothing_else(tables: Tables) -> None:
    take(tables, length=10)
    side, _ = take(tables, time=300, length=10)
    assert tables.flows[0]["duplicates"] == 1
    assert (side["segments"], side["payload_bytes"], side["retransmissions"]) == (4, 10, 0)
    assert side["last"] == 200


def test_the_first_segment_of_a_side_is_no_copy_whatever_is_in_its_row(tables: Tables) -> None:
    put(tables.sides[0], segments=0, copy_time=0)
    side, _ = take(tables, time=1, seq=0, ack=0, window=0, flags=0, ttl=63)
    assert (side["segments"], side["first"], side["ttl"]) == (1, 1, 63)


@pytest.mark.parametrize(
    ("ahead", "believed"), [(-2, False), (0, True), (1, False), (STRAY_BYTES + 1, False)]
)
def test_a_reset_ends_the_flow_if_a_receiver_may_accept_it(
    tables: Tables, ahead: int, believed: bool
) -> None:
    """RFC 5961 §3: a RST anywhere but at the next number draws a challenge at most."""
    side, _ = take(tables, flags=RST, seq=1000 + ahead)
    assert (side["rst"], tables.flows[0]["ended"]) == ((200, 200) if believed else (NEVER, NEVER))
    assert side["rst_ahead"] == (200 if ahead == 1 else NEVER)


def test_the_times_of_the_first_reset_and_fin_stay(tables: Tables) -> None:
    take(tables, flags=RST)
    take(tables, time=10**9, flags=RST)
    assert (tables.sides[0]["rst"], tables.flows[0]["ended"]) == (200, 200)


def test_a_flow_ends_with_the_second_sides_fin(tables: Tables) -> None:
    """RFC 9293 §3.6: each direction is closed by itself."""
    take(tables, flags=FIN | ACK)
    assert (tables.sides[0]["fin"], tables.flows[0]["ended"]) == (200, NEVER)
    assert tables.sides[0]["next"] == 1000
    take(tables, time=300, row=1, flags=FIN | ACK, ack=1001)
    assert tables.sides[0]["next"] == 1001  # RFC 9293 §3.4: FIN takes a sequence number
    take(tables, time=10**9, row=1, flags=FIN | ACK, ack=1001)
    assert (tables.sides[1]["fin"], tables.flows[0]["ended"]) == (300, 300)


@pytest.mark.parametrize(("flags", "count"), [(ACK, 1), (FIN | ACK, 0), (SYN | ACK, 0)])
def test_a_closed_window_counts_on_segments_that_leave_the_side_open(
    tables: Tables, flags: int, count: int
) -> None:
    """RFC 9293 §3.8.6.1: the peer may now send window probes, and no keepalive."""
    tables.sides[1]["next"] = 5007
    side, peer = take(tables, flags=flags, window=0, ack=5007)
    assert (side["zero_windows"], side["window"]) == (count, 0)
    assert not peer["bits"] & IDLE
    assert peer["longest_idle"] == 100


def test_a_window_is_not_closed_by_a_segment_that_acknowledges_nothing(tables: Tables) -> None:
    side, _ = take(tables, window=0)
    assert (side["zero_windows"], side["window"]) == (0, 9)


def test_a_stray_segment_is_counted_and_moves_nothing(tables: Tables) -> None:
    side, peer = take(tables, seq=1000 + 2 * STRAY_BYTES, ack=6000, window=0, length=10)
    assert (side["segments"], side["next"], peer["next"], peer["acked"]) == (4, 1000, 5000, 5000)
    assert side["bits"] & peer["bits"] & IDLE
    assert side["zero_windows"] == 0


def test_own_data_ends_the_idle_period_and_a_bare_ack_does_not(tables: Tables) -> None:
    """bareos.md §6.1: only data restarts the sender's own keepalive timer."""
    side, peer = take(tables)
    assert side["bits"] & IDLE
    assert (side["longest_idle"], peer["longest_idle"]) == (0, 100)
    side, _ = take(tables, time=300, length=1)
    assert not side["bits"] & IDLE
    assert (side["longest_idle"], side["longest_idle_began"]) == (200, 100)


@pytest.mark.parametrize("flags", ["", "F", "P", "PU"])
@pytest.mark.parametrize("shift", [0, 100, 1 << 21])
def test_a_segment_without_ack_changes_nothing_and_is_told(flags: str, shift: int) -> None:
    plain = Tape().syn(FD, SD).synack().ack().send(FD, b"hello").ack().silence(90).other()
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"hello").ack()
    tape.segment(FD, flags, b"x" if "P" in flags else b"", shift=shift).silence(90).other()
    flow = tape.flow()
    assert [fact.kind for fact in flow.tampering] == [NO_ACK]
    assert flow.initiator.fin is None
    assert flow.initiator.longest_idle >= plain.flow().initiator.longest_idle


def test_a_scan_without_ack_contradicts_no_connection() -> None:
    tape = Tape().join(FD, SD).segment(FD, "").segment(FD, "F").segment(FD, "FPU")
    assert tape.flow().tampering_count == 0


@pytest.mark.parametrize("beyond", [0, 1, 1 << 20])
def test_a_syn_ack_in_an_open_connection_takes_and_says_nothing(beyond: int) -> None:
    """Anybody who saw the SYN can send it in the name of who dialled."""
    fd, sd = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
    tape = Tape().syn(fd, sd).synack().ack().send(fd, b"hello").ack().send(sd, b"there")
    tape.segment(fd, "SA", shift=-6, unread=-beyond).silence(1).resend(sd)
    flow = tape.flow()
    assert flow.acceptor.stall is not None
    assert (flow.acceptor.stall.sends, flow.acceptor.stall.defied) == (2, False)
    assert flow.initiator.spoke is not None and flow.initiator.spoke < flow.acceptor.stall.first
