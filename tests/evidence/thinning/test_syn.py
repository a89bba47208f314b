"""Which connection a SYN or SYN-ACK belongs to when only sequence numbers are known."""

from __future__ import annotations

from typing import Any

import pytest
from records import row, segment
from tape import Endpoint, Tape
from thinning_stage import assert_agree

from auditor.evidence.thinning.syn import doubt_answer, is_amid, judge_syn, record_syn
from auditor.evidence.thinning.tables import FLOW, SIDE
from auditor.flows.initial_sequence import CURRENT, LATE_BYTES, NEW, STALE
from auditor.flows.tcp_state import (
    HAS_ISN,
    HAS_NEXT,
    HAS_START,
    NEVER,
    NONE,
    SEGMENT_SEEN,
    SENT_SYN,
)
from auditor.packets.segments import ACK, SYN

SPACE = 1 << 32


def unseen() -> Any:
    return row(SIDE, previous_isn=NEVER)


def opened(isn: int, **columns: int) -> Any:
    """Return a side that sent a SYN, and whatever leads up to ``next``."""
    bits = HAS_ISN | HAS_NEXT | SEGMENT_SEEN | SENT_SYN
    return row(SIDE, **{"bits": bits, "isn": isn, "next": isn + 1, "previous_isn": NEVER} | columns)


def accepted(isn: int) -> Any:
    return opened(isn, bits=HAS_ISN | HAS_NEXT | SEGMENT_SEEN)


def joined(position: int) -> Any:
    """Return a side of a connection that began before the capture."""
    return row(SIDE, bits=HAS_NEXT | SEGMENT_SEEN, next=position, previous_isn=NEVER)


def bare(seq: int) -> Any:
    return segment(seq=seq, flags=SYN)


def synack(seq: int, ack: int) -> Any:
    return segment(seq=seq, ack=ack, flags=SYN | ACK)


@pytest.mark.parametrize(
    ("one", "side", "peer", "verdict"),
    [
        # RFC 9293 §3.5, figure 6: three ways.
        (bare(100), unseen(), unseen(), CURRENT),
        (synack(300, 101), unseen(), opened(100), CURRENT),
        # A retransmission has the number that is known.
        (bare(100), opened(100), unseen(), CURRENT),
        (synack(300, 101), accepted(300), opened(100), CURRENT),
        (bare(100), opened(100 - SPACE), accepted(300), CURRENT),  # unrolled below zero
        # Figure 7: both ends open at once.
        (bare(300), unseen(), opened(100), CURRENT),
        # §3.4.1: another number is another incarnation …
        (bare(900), opened(100), accepted(300), NEW),
        (bare(300), unseen(), accepted(100), NEW),  # the peer sent no SYN to cross it
        (bare(900), accepted(300), opened(100), NEW),  # it dials back over the same ports
        # … and that of the incarnation before is an old duplicate (figure 8).
        (bare(50), opened(100, previous_isn=50), unseen(), STALE),
        (synack(50, 101), opened(300, previous_isn=50), opened(100), STALE),
        # A SYN-ACK acknowledges the SYN, and data with it (RFC 7413), but nothing unsent.
        (synack(300, 105), unseen(), opened(100, next=105), CURRENT),
        (synack(300, 106), unseen(), opened(100, next=105), NEW),
        (synack(300, 100), unseen(), opened(100), NEW),
        (synack(900, 101), accepted(300), opened(100), CURRENT),  # the acceptor restarted
        (synack(300, 4), unseen(), opened(SPACE - 2, next=SPACE + 4), CURRENT),  # it wraps
        # Without the SYN it can only be told from what its own side sent.
        (synack(300, 101), unseen(), joined(101), CURRENT),
        (synack(300, 101), joined(90_000_000), joined(101), NEW),
        (synack(900, 101), accepted(300), unseen(), NEW),
        # What the tap delivers late opens the stream whose later bytes were seen.
        (bare(100), joined(101), unseen(), CURRENT),
        (bare(100), joined(100 + LATE_BYTES - 1), accepted(300), CURRENT),
        (bare(100), joined(100 + LATE_BYTES), accepted(300), NEW),
        (bare(100), joined(100), accepted(300), NEW),  # it was not sent before what was seen
        (synack(SPACE - 1, 101), joined(SPACE + 7), joined(101), CURRENT),
    ],
)
def test_the_connection_of_a_syn(one: Any, side: Any, peer: Any, verdict: int) -> None:
    assert judge_syn(one, side, peer) == verdict


def record(side: Any, one: Any, sender: int = 1) -> Any:
    flow = row(FLOW, opener=NONE)
    record_syn(flow, side, one, sender)
    return flow


def test_a_syn_opens_the_flow_and_a_syn_ack_does_not() -> None:
    assert record(unseen(), bare(100))["opener"] == 1
    assert record(unseen(), synack(300, 101))["opener"] == NONE


def test_the_stream_goes_on_behind_the_syn() -> None:
    """RFC 9293 §3.4: the SYN takes one sequence number."""
    side = unseen()
    record(side, bare(100))
    assert (side["isn"], side["next"], side["acked"]) == (100, 101, 100)


def test_a_late_syn_moves_the_start_but_not_what_was_seen() -> None:
    side = joined(105)
    side["bits"] |= HAS_START
    record(side, bare(100))
    assert (side["isn"], side["next"]) == (100, 105)
    assert not side["bits"] & HAS_START  # it is found anew, behind the SYN


def test_a_retransmitted_syn_changes_nothing() -> None:
    side = opened(100, next=500)
    side["bits"] |= HAS_START
    before = side.copy()
    record(side, bare(100))
    assert side == before


def test_an_acceptor_that_restarted_goes_on_from_its_new_number() -> None:
    side = opened(300, bits=HAS_ISN | HAS_NEXT | HAS_START | SEGMENT_SEEN, next=900)
    record(side, synack(70_000, 101))
    assert (side["isn"], side["next"], side["acked"]) == (70_000, 70_001, 70_000)
    assert not side["bits"] & HAS_START


@pytest.mark.parametrize(
    ("one", "side", "peer", "over", "amid"),
    [
        (bare(900), opened(100), accepted(300), 0, True),
        (bare(900), accepted(300), opened(100), 0, True),
        (bare(900), joined(101), joined(301), 0, True),
        (bare(900), opened(100), accepted(300), 1, False),  # its ports are free again
        (bare(900), opened(100), unseen(), 0, False),  # nobody answered: it dials anew
        (synack(900, 501), accepted(300), opened(100), 0, False),  # it begins a new one
    ],
)
def test_a_syn_lets_an_open_connection_be(
    one: Any, side: Any, peer: Any, over: int, amid: bool
) -> None:
    """RFC 5961 §4."""
    assert is_amid(row(FLOW, over=over), side, peer, one) is amid


@pytest.mark.parametrize("isn", [100, SPACE - 1])
def test_what_a_syn_ack_tells_of_its_peer_holds_as_long_as_that_begins_there(isn: int) -> None:
    def told(seq: int, bits: int = HAS_ISN | HAS_NEXT, flags: int = ACK) -> bool:
        side = row(SIDE, bits=bits, isn=isn, next=isn + 1, previous_isn=NEVER)
        doubt_answer(side, segment(seq=seq % SPACE, flags=flags))
        return bool(side["bits"] & HAS_ISN)

    assert told(isn + 1)
    assert not told(isn + 2)
    assert not told(isn + 77_000)
    assert told(isn + 77_000, flags=SYN)
    for seen in (SENT_SYN, SEGMENT_SEEN):
        assert told(isn + 77_000, HAS_ISN | HAS_NEXT | seen)


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("taken", [0, 1, 2])
def test_answers_with_different_numbers_are_told_by_the_thinned_capture_too(
    seen: bool, taken: int
) -> None:
    fd, sd = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
    tape, numbers = Tape().syn(fd, sd), (0, 3_000_000_000, 70_000)
    if not seen:
        tape.drop()
    for number in numbers:
        tape.silence(1).segment(sd, "SA", shift=number)
    tape.connection.halves[sd].next += numbers[taken] + 1
    tape.ack(fd).send(fd, b"abc").ack().send(sd, b"xyz").ack()
    assert_agree(tape.silence(60).probe(fd).answer().silence(60).send(sd, b"q").ack().pcap())
