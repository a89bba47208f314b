"""What lies ahead of a stream counts once both ends say that it is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talking import ENDS, FD, SD, connected
from tape import SECOND

from auditor.flows.how_ended import Ending


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("flags", ["A", "PA", "FA"])
@pytest.mark.parametrize("shift", [1, 100, 5000, 1 << 20])
@pytest.mark.parametrize("who", [0, 1])
def test_what_nobody_acknowledges_never_was(family: str, flags: str, shift: int, who: int) -> None:
    ends = ENDS[family]
    tape = connected(*ends).silence(40).segment(ends[who], flags, b"12"[: shift - 1], shift=shift)
    tape.silence(40).probe(ends[0]).answer().silence(20)
    flow = tape.other().flow()
    assert flow.initiator.longest_idle == 80 * SECOND + SECOND // 1000
    assert [probe.exact for probe in flow.initiator.probes] == [True]
    assert (flow.initiator.missing, flow.acceptor.missing) == (0, 0)
    assert (flow.initiator.fin, flow.acceptor.fin) == (None, None)


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("more", [1, 1000, 1 << 20])
@pytest.mark.parametrize("flags", ["A", "PA"])
@pytest.mark.parametrize("who", [0, 1])
def test_an_acknowledgement_of_what_nobody_sent_is_none(
    family: str, more: int, flags: str, who: int
) -> None:
    ends = ENDS[family]
    tape = connected(*ends).silence(40).segment(ends[who], flags, unread=-more).silence(40)
    flow = tape.probe(ends[0]).answer().flow()
    assert flow.initiator.longest_idle == 80 * SECOND + SECOND // 1000
    assert (flow.initiator.missing, flow.acceptor.missing) == (0, 0)


def test_nor_is_it_at_the_end_of_a_capture() -> None:
    flow = connected().silence(40).segment(SD, "A", unread=-9).silence(40).other().flow()
    assert flow.initiator.longest_idle == 80 * SECOND + SECOND // 1000
    assert flow.initiator.missing == 0


def test_what_the_capture_lost_both_ends_show() -> None:
    tape = connected().silence(40).send(FD, b"lost").drop().ack().silence(20).send(FD, b"z").ack()
    flow = tape.flow()
    assert flow.initiator.missing == 4
    assert flow.initiator.longest_idle == 20 * SECOND


@pytest.mark.parametrize("family", ENDS)
def test_a_probe_after_a_lost_exchange_ends_the_silence_that_was(family: str) -> None:
    fd, sd = ENDS[family]
    tape = connected(fd, sd).silence(30).send(fd, b"lost").drop().ack().silence(60).probe(fd)
    (probe,) = tape.answer().flow().initiator.probes
    assert (probe.silence, probe.exact) == (60 * SECOND, True)


def test_probes_that_nobody_answers_count_after_something_was_lost_too() -> None:
    tape = connected().send(SD, b"lost").drop().ack(FD)
    for _ in range(3):
        tape.silence(30).probe(FD)
    assert len(tape.flow().initiator.probes) == 3


def test_a_fin_behind_a_hole_counts_when_it_is_acknowledged() -> None:
    tape = connected().silence(40).send(FD, b"lost").drop().fin(FD).ack().fin(SD).ack()
    flow = tape.silence(40).other().flow()
    assert flow.initiator.fin is not None
    assert flow.ended is not None
    assert flow.initiator.missing == 4


def test_several_holes_are_told_apart() -> None:
    tape = connected()
    for data in (b"lost", b"seen", b"gone!"):
        tape.send(FD, data)
        if data != b"seen":
            tape.drop()
    tape.send(FD, b"end").ack()
    assert tape.flow().initiator.missing == 9


def test_segments_out_of_order_are_as_if_in_order() -> None:
    tape = connected().send(FD, b"one").send(FD, b"two").swap().ack()
    flow = tape.silence(60).probe(FD).answer().flow()
    assert (flow.initiator.missing, flow.initiator.retransmissions) == (0, 0)
    assert [probe.silence for probe in flow.initiator.probes] == [60 * SECOND]


def test_an_acknowledgement_out_of_order_is_as_if_in_order() -> None:
    tape = connected().silence(60).send(SD, b"data").ack().swap().silence(30).probe(FD).answer()
    flow = tape.flow()
    assert (flow.initiator.missing, flow.acceptor.missing) == (0, 0)
    assert [probe.silence // SECOND for probe in flow.initiator.probes] == [30]


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("more", [b"", b"last words"])
def test_a_fin_out_of_order_is_as_if_in_order(family: str, more: bytes) -> None:
    """The tap delivers what the one side sent at last after the other's FIN, which knows it all."""
    fd, sd = ENDS[family]
    tape = connected(fd, sd).silence(60).probe(fd).answer().silence(1)
    if more:
        tape.send(sd, more)
    last = tape.fin(sd).fin(fd).frames[-3 if more else -2 :]
    moved = zip([last[-1], *last[:-1]], last, strict=True)
    tape.frames[-len(last) :] = [replace(frame, time=place.time) for frame, place in moved]
    flow = tape.ack(sd).flow()
    assert (flow.initiator.missing, flow.acceptor.missing, flow.tampering_count) == (0, 0, 0)
    assert flow.acceptor.fin_heard
    assert flow.ended is not None
    assert flow.how.ending is Ending.ORDERLY


def test_a_rst_shows_what_its_sender_got() -> None:
    tape = connected().send(SD, b"lost").drop().fin(SD).segment(FD, "RA", unread=-5)
    flow = tape.flow()
    assert flow.acceptor.missing == 4
    assert flow.ended is not None


def test_who_goes_on_there_for_long_is_believed_without_an_acknowledgement() -> None:
    """The capture has nothing more of his peer."""
    tape = connected().send(FD, b"lost").drop()
    for _ in range(5):
        tape.send(FD, b"x" * 100)
    side = tape.flow().initiator
    assert side.stream == 1 + 4 + 500


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("shift", [9, 1 << 21])
def test_a_rst_further_ahead_confirms_no_acknowledgement(family: str, shift: int) -> None:
    fd, sd = ENDS[family]
    tape = connected(fd, sd).segment(fd, "A", unread=-8).segment(sd, "R", shift=shift)
    flow = tape.silence(80).probe(fd).answer().flow()
    assert (flow.acceptor.missing, flow.ended) == (0, None)
    assert flow.initiator.longest_idle >= 80 * SECOND


def test_a_fin_ahead_that_data_cover_when_they_come_is_none() -> None:
    tape = connected().segment(FD, "FA", shift=100).send(FD, bytes(300)).ack()
    assert tape.flow().initiator.fin is None
