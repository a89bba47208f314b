"""Bytes that passed the network and not the tap are said, and nothing else is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from tape import Endpoint, Tape
from thinning_stage import follow, thinned

from auditor.evidence.packet import Packet
from auditor.evidence.thinning.unseen import with_note
from auditor.packets.unseen_note import Lack

pytestmark = pytest.mark.usefixtures("each_thinner")

PAIRS = [
    (Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)),
    (Endpoint("fd77::31", 50123), Endpoint("fd77::20", 9102)),
]


@pytest.fixture(params=PAIRS, ids=["4", "6"])
def ends(request: pytest.FixtureRequest) -> tuple[Endpoint, Endpoint]:
    return request.param


def begun(ends: tuple[Endpoint, Endpoint]) -> Tape:
    fd, sd = ends
    return Tape().syn(fd, sd).synack().ack().send(fd, b"?" * 900).ack(sd)


def missing(tape: Tape, fd: Endpoint) -> tuple[int, int]:
    """Return what is missing of both sides in the thinned capture."""
    (flow,), _ = follow(thinned(tape.pcap()))
    assert (flow.initiator.address, flow.initiator.port) == (fd.address, fd.port)
    return flow.initiator.missing, flow.acceptor.missing


def in_full(tape: Tape) -> tuple[int, int]:
    (flow,), _ = follow(tape.pcap())
    return flow.initiator.missing, flow.acceptor.missing


@pytest.mark.parametrize("size", [2, 500, 1448])
def test_a_segment_that_was_lost(ends: tuple[Endpoint, Endpoint], size: int) -> None:
    fd, sd = ends
    tape = begun(ends).send(fd, b"x" * size).drop().send(fd, b"y" * 300).ack(sd).silence(3)
    tape.send(sd, b"z" * 10).ack(fd).silence(9).other()
    assert missing(tape, fd) == in_full(tape) == (size, 0)


def test_a_segment_of_the_acceptor(ends: tuple[Endpoint, Endpoint]) -> None:
    fd, sd = ends
    tape = begun(ends).send(sd, b"x" * 77).drop().ack(fd).send(sd, b"y" * 300).ack(fd)
    tape.silence(30).other()
    assert missing(tape, fd) == in_full(tape) == (0, 77)


def test_many_gaps(ends: tuple[Endpoint, Endpoint]) -> None:
    fd, sd = ends
    tape = begun(ends)
    for _ in range(9):
        tape.send(fd, b"x" * 100).drop().send(fd, b"y" * 50).ack(sd)
    tape.silence(5).other()
    assert missing(tape, fd) == in_full(tape) == (900, 0)


def test_what_comes_late_is_not_missing(ends: tuple[Endpoint, Endpoint]) -> None:
    fd, sd = ends
    tape = begun(ends).send(fd, b"x" * 500).send(fd, b"y" * 500).swap().ack(sd)
    tape.silence(5).other()
    assert missing(tape, fd) == in_full(tape) == (0, 0)


@pytest.mark.parametrize("many", [1, 100])
def test_what_was_lost_before_the_tap_and_sent_again(
    ends: tuple[Endpoint, Endpoint], many: int
) -> None:
    """However many segments go by before that: they are acknowledged up to the gap."""
    fd, sd = ends
    tape = begun(ends).send(fd, b"x" * 500).drop()
    for number in range(many):
        tape.segment(fd, "PA", b"y" * 500, shift=500 * number)
        tape.segment(sd, "A", unread=500)
    tape.resend(fd).segment(fd, "A", shift=500 * many)
    tape.connection.halves[fd].next += 500 * many
    tape.ack(sd).silence(5).other()
    assert missing(tape, fd) == in_full(tape) == (0, 0)


@pytest.mark.parametrize("flags", ["SA", "P"])
def test_what_a_receiver_drops_was_not_seen(ends: tuple[Endpoint, Endpoint], flags: str) -> None:
    fd, sd = ends
    tape = begun(ends).segment(fd, flags, b"x" * 70)
    tape.connection.halves[fd].next += 70
    tape.ack(sd).send(fd, b"y" * 50).ack(sd).silence(5).other()
    assert missing(tape, fd)[0] in (69, 70)  # a SYN takes the place of a byte


@pytest.mark.parametrize("beyond", [1, 5000])
def test_nobody_makes_a_gap_by_an_acknowledgement(
    ends: tuple[Endpoint, Endpoint], beyond: int
) -> None:
    fd, sd = ends
    tape = begun(ends).segment(sd, "A", unread=-beyond).silence(60).other()
    assert missing(tape, fd) == (0, 0)
    tape.send(fd, b"x" * 100).ack(sd).silence(5).other()
    assert missing(tape, fd) == (0, 0)


def test_an_ordinary_connection_is_not_spoken_of(ends: tuple[Endpoint, Endpoint]) -> None:
    fd, sd = ends
    tape = begun(ends)
    for _ in range(200):
        tape.send(fd, b"x" * 100).ack(sd)
    assert b"unseen" not in thinned(tape.silence(5).other().pcap())


def test_the_line_names_both_ends_and_stands_below_what_is_there() -> None:
    flow = SimpleNamespace(a_hi=0, a_lo=0xFFFF0A000001, a_port=9103, b_hi=1, b_lo=2, b_port=40001)
    packet = with_note(Packet(7, 0, b"", 0), vars(flow), (5, 0))  # type: ignore[arg-type]
    line = "bareos-audit unseen 10.0.0.1:9103 5 [::1:0:0:0:2]:40001 0 time=7"
    assert packet.comment == line
    both = with_note(packet, vars(flow), (0, 9), frozenset({Lack.TWICE}))  # type: ignore[arg-type]
    one, other = both.comment.split("\n")
    assert one == line
    assert other.endswith("[::1:0:0:0:2]:40001 9 time=7 is=twice")
