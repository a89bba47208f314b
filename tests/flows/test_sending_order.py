"""Numbers that nobody sends in any order, and those that a network may well deliver so."""

from __future__ import annotations

import pytest
from talking import ENDS, FD, SD, connected
from tape import Endpoint, Tape

from auditor.flows.tampering import FIN_GOES_ON, ORDER_BREAKS, RST_GOES_ON

DATA = bytes(37)


def kinds(tape: Tape) -> list[int]:
    return [fact.kind for fact in tape.flow().tampering]


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("length", [1, 40])
def test_who_goes_on_with_less_acknowledged_than_before_did_not_acknowledge_it(
    family: str, who: int, length: int
) -> None:
    """Data in the name of one side, and their acknowledgement in that of the other."""
    ends = ENDS[family]
    tape = connected(*ends).segment(ends[who], "PA", bytes(length))
    tape.segment(ends[1 - who], "A", unread=-length)
    assert ORDER_BREAKS in kinds(tape.send(ends[1 - who], b"true"))


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("who", [0, 1])
def test_who_acknowledges_more_from_before_what_he_seems_to_have_sent_did_not_send_it(
    family: str, who: int
) -> None:
    ends = ENDS[family]
    tape = connected(*ends).segment(ends[who], "PA", DATA)
    assert ORDER_BREAKS in kinds(tape.send(ends[1 - who], b"true").ack())


@pytest.mark.parametrize("who", [FD, SD])
def test_so_it_is_with_a_fin_which_then_ends_nothing(who: Endpoint) -> None:
    other = SD if who is FD else FD
    tape = connected().segment(who, "FA").send(other, b"true").ack().send(who, b"on").ack()
    flow = tape.flow()
    assert [fact.kind for fact in flow.tampering] == [ORDER_BREAKS]
    assert (flow.initiator.fin, flow.acceptor.fin) == (None, None)


def test_who_resets_acknowledges_all_that_he_received() -> None:
    tape = connected().segment(FD, "FA").rst(SD).segment(SD, "A", unread=-1)
    assert kinds(tape) == [RST_GOES_ON]
    tape = connected().send(FD, b"true").ack().segment(SD, "RA", unread=4)
    assert ORDER_BREAKS in kinds(tape)


def test_behind_a_fin_nobody_sends_anything() -> None:
    """Neither data nor another FIN hide that the connection was closed, nor their ACK."""
    closed = connected().fin(SD).ack().fin(FD).ack()
    expected = closed.flow()
    for flags, data in (("PA", DATA), ("FA", b"")):
        tape = connected().fin(SD).ack().fin(FD).ack()
        tape.segment(SD, flags, data).segment(FD, "A", unread=-max(1, len(data)))
        flow = tape.flow()
        assert FIN_GOES_ON in kinds(tape)
        assert (flow.ended, flow.how.ending, flow.acceptor.stream) == (
            expected.ended,
            expected.how.ending,
            expected.acceptor.stream,
        )


@pytest.mark.parametrize("wait", [0.001, 0.3])
def test_what_is_sent_again_or_delivered_late_breaks_no_order(wait: float) -> None:
    tape = connected().send(FD, DATA).send(SD, DATA).silence(wait)
    tape.segment(SD, "PA", DATA, shift=-37).segment(FD, "PA", DATA, shift=-37)
    tape.ack(SD).swap().ack(FD).segment(FD, "A", unread=37).resend(SD).ack(FD)
    assert kinds(tape) == []
    tape = connected().send(FD, DATA).drop().send(FD, DATA).drop().send(SD, b"z").ack()
    assert kinds(tape.send(FD, DATA).ack().send(SD, b"z").ack()) == []


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("garbage", [b"", b"\0"])
def test_a_probe_is_one_octet_back_and_acknowledges_all(family: str, garbage: bytes) -> None:
    fd, sd = ENDS[family]
    tape = connected(fd, sd)
    for who in (fd, sd):
        other = sd if who is fd else fd
        tape.send(who, b"x").send(other, b"y").drop().ack(who).drop()
        tape.silence(30).probe(who, garbage).answer()
    tape.send(fd, b"z").ack().send(sd, b"z").ack().fin(fd).fin(sd).ack()
    assert ORDER_BREAKS not in kinds(tape)


def test_who_faces_a_closed_window_may_acknowledge_from_where_it_closed() -> None:
    """Linux takes the window's end for the next octet where the window shrank."""
    tape = connected().send(SD, b"z").drop().send(FD, DATA, "A").drop().send(FD, DATA).window(SD, 0)
    tape.segment(SD, "PA", b"late", shift=0)
    assert kinds(tape.segment(FD, "A", shift=-30, unread=-4)) == []


def test_both_ends_close_and_one_resets() -> None:
    tape = connected().send(FD, DATA).fin(FD).ack(SD).send(SD, DATA).rst(FD).rst(SD)
    assert kinds(tape) == []


def test_numbers_that_begin_anew_are_compared_with_nothing() -> None:
    tape = Tape().join(FD, SD).send(FD, DATA).send(SD, DATA).ack(FD)
    tape.join(FD, SD, 5000 + (1 << 29), 9000).send(FD, DATA).ack()
    assert ORDER_BREAKS not in kinds(tape)
