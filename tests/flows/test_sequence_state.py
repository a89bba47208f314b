"""Retransmitted, reordered and missing bytes, and duplicated frames."""

from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

FD = Endpoint("10.77.0.31", 40001)
SD = Endpoint("10.77.0.20", 9103)


def connected(isn: int | None = None) -> Tape:
    return Tape().syn(FD, SD, isn).synack().ack()


#: Initial sequence numbers so that the stream wraps nowhere, at its SYN, and inside its data.
ISNS = (1000, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFF8)


@pytest.mark.parametrize("isn", ISNS)
def test_a_clean_stream_is_complete(isn: int) -> None:
    side = connected(isn).send(FD, b"x" * 20).ack().send(FD, b"y" * 30).ack().flow().initiator
    assert (side.payload_bytes, side.segments) == (50, 4)
    assert (side.retransmissions, side.missing) == (0, 0)


@pytest.mark.parametrize("isn", ISNS)
def test_data_sent_twice_is_a_retransmission(isn: int) -> None:
    tape = connected(isn).send(FD, b"x" * 20).silence(0.3).resend(FD).ack()
    side = tape.flow().initiator
    assert (side.retransmissions, side.payload_bytes) == (1, 40)


@pytest.mark.parametrize("isn", ISNS)
def test_bytes_that_were_acknowledged_but_not_captured_are_missing(isn: int) -> None:
    tape = connected(isn).send(FD, b"x" * 20).drop().ack().send(FD, b"y" * 7).ack()
    side = tape.flow().initiator
    assert (side.missing, side.retransmissions) == (20, 0)


@pytest.mark.parametrize("isn", ISNS)
def test_a_hole_is_missing_once_it_is_acknowledged(isn: int) -> None:
    tape = connected(isn).send(FD, b"x" * 20).drop().send(FD, b"y" * 7)
    assert tape.flow().initiator.missing == 0, "it may still be retransmitted"
    assert tape.ack().flow().initiator.missing == 20


@pytest.mark.parametrize("isn", ISNS)
def test_a_hole_that_a_retransmission_fills_is_not_missing(isn: int) -> None:
    tape = connected(isn).send(FD, b"x" * 20).drop().send(FD, b"y" * 7)
    tape.segment(FD, "PA", b"x" * 20, shift=-27).ack()
    side = tape.flow().initiator
    assert (side.missing, side.retransmissions) == (0, 0)


def test_segments_reordered_by_the_tap_are_neither_missing_nor_retransmitted() -> None:
    tape = connected().send(FD, b"x" * 20).send(FD, b"y" * 7).swap().ack()
    side = tape.flow().initiator
    assert (side.missing, side.retransmissions) == (0, 0)


def test_an_ack_captured_before_its_data_makes_nothing_missing() -> None:
    side = connected().send(FD, b"x" * 20).ack().swap().send(FD, b"y").ack().flow().initiator
    assert (side.missing, side.retransmissions) == (0, 0)


def test_a_hole_filled_in_part_is_missing_in_part() -> None:
    tape = connected().send(FD, b"x" * 20).drop().ack()
    side = tape.segment(FD, "PA", b"x" * 5, shift=-12).ack(SD).ack(FD).flow().initiator
    assert side.missing == 15


def test_many_holes_are_all_counted() -> None:
    tape = connected()
    for _ in range(9):
        tape.send(FD, b"x" * 10).drop().send(FD, b"y").ack()
    assert tape.flow().initiator.missing == 90


def test_what_was_in_flight_when_the_capture_began_is_not_missing() -> None:
    tape = Tape().join(FD, SD).send(FD, b"x" * 500).drop().send(FD, b"y").ack()
    assert tape.flow().initiator.missing == 0


def test_midstream_unseen_bytes_after_the_first_are_missing() -> None:
    tape = Tape().join(FD, SD).send(FD, b"x").ack().send(FD, b"y" * 9).drop().ack().ack(FD)
    assert tape.flow().initiator.missing == 9


def test_a_side_that_was_never_seen_misses_nothing() -> None:
    tape = Tape().join(FD, SD)
    for _ in range(3):
        tape.send(FD, b"x" * 500).drop().ack()
    assert tape.flow().initiator.missing == 0


def test_a_capture_that_paused_for_a_gibibyte_says_so_and_goes_on() -> None:
    tape = connected().send(FD, b"x").ack()
    tape.connection.halves[FD].next += 1 << 30
    for data in (b"a", b"b", b"c", b"d", b"e"):
        tape.send(FD, data)
    tape.ack().silence(60).probe(FD).answer()
    side = tape.flow().initiator
    assert side.missing >= 1 << 30
    assert len(side.probes) == 1


def test_one_segment_far_outside_the_stream_changes_nothing() -> None:
    tape = connected().send(FD, b"x").ack().segment(FD, "PA", b"forged", shift=1 << 30)
    tape.send(FD, b"y").ack().silence(60).probe(FD).answer()
    side = tape.flow().initiator
    assert (side.missing, side.retransmissions, len(side.probes)) == (0, 0, 1)


# ---------------------------------------------------------------------- duplicated frames


def test_a_frame_that_the_tap_delivers_twice_counts_once() -> None:
    tape = connected().send(FD, b"x" * 20).duplicate().ack().duplicate(after=0.05)
    flow = tape.flow()
    assert flow.duplicates == 2
    assert (flow.initiator.segments, flow.initiator.payload_bytes) == (3, 20)
    assert flow.initiator.retransmissions == 0


def test_the_same_segment_a_tenth_of_a_second_later_is_a_retransmission() -> None:
    flow = connected().send(FD, b"x" * 20).duplicate(after=0.1).flow()
    assert (flow.duplicates, flow.initiator.retransmissions) == (0, 1)


def test_a_retransmission_has_an_ip_identification_of_its_own() -> None:
    flow = connected().send(FD, b"x" * 20).resend(FD).flow()
    assert (flow.duplicates, flow.initiator.retransmissions) == (0, 1)


# ---------------------------------------------------------------------- windows


def test_segments_that_close_the_window_are_counted() -> None:
    flow = connected().send(FD, b"x").window(SD, 0).silence(1).window(SD, 0).window(SD, 100).flow()
    assert (flow.acceptor.zero_windows, flow.initiator.zero_windows) == (2, 0)


def test_the_window_of_a_reset_says_nothing() -> None:
    assert connected().rst(SD).flow().acceptor.zero_windows == 0


# ---------------------------------------------------------------------- times


def test_first_and_last_are_times_of_segments() -> None:
    tape = connected().silence(5).send(FD, b"x").silence(7).ack()
    flow = tape.flow()
    assert flow.started == flow.initiator.first == tape.frames[0].time
    assert flow.initiator.last == tape.frames[3].time
    assert flow.last == flow.acceptor.last == tape.now
    assert flow.last - flow.started >= 12 * SECOND
