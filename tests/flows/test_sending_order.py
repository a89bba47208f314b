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


def shrunk(window: int, times: int = 1) -> Tape:
    """FD sent twice what SD has room for; SD took the first half, and its window shrinks."""
    tape = connected().send(FD, DATA).send(FD, DATA)
    for size in range(window + times - 1, window - 1, -1):
        tape.connection.halves[SD].window = size
        tape.segment(SD, "A", unread=37)
    return tape.segment(SD, "PA", b"late", unread=37)


@pytest.mark.parametrize(("window", "scale"), [(0, 0), (9, 0), (1, 3), (3, 2)])
def test_who_faces_a_window_that_shrank_may_acknowledge_from_where_it_ends(
    window: int, scale: int
) -> None:
    """Linux takes the window's end for the next octet (``tcp_acceptable_seq``)."""
    back = (window << scale) - 37
    assert kinds(shrunk(window).segment(FD, "A", shift=back, unread=-4)) == []
    assert ORDER_BREAKS in kinds(shrunk(window).segment(FD, "A", shift=back + 1, unread=-4))


@pytest.mark.parametrize("times", [4, 5, 6])
def test_of_a_host_that_takes_windows_back_again_and_again_the_end_is_not_known(
    times: int,
) -> None:
    """A network delays them; but nobody takes one back by a packet or two that he forges."""
    tape = shrunk(9, times).segment(FD, "A", shift=-11, unread=-4)
    assert (ORDER_BREAKS in kinds(tape)) == (times < 6)


def test_a_probe_of_a_closed_window_may_acknowledge_what_just_came() -> None:
    tape = connected().send(FD, b"x").window(SD, 0).segment(SD, "PA", b"late").silence(0.02)
    assert kinds(tape.segment(FD, "A", shift=-1, unread=-4)) == []
    tape = connected().send(FD, b"x").window(SD, 9).segment(SD, "PA", b"late").silence(0.02)
    assert ORDER_BREAKS in kinds(tape.segment(FD, "A", shift=-1, unread=-4))


def test_who_closed_his_side_may_probe_at_his_fin() -> None:
    """Its acknowledgement may have been captured before the FIN."""
    tape = connected().fin(FD).ack(SD).swap().send(SD, DATA).drop().ack(FD).silence(2)
    assert ORDER_BREAKS not in kinds(tape.probe(FD).answer())


def test_an_acknowledgement_that_comes_once_more_long_after_says_nothing_of_the_order() -> None:
    tape = connected().send(FD, DATA).segment(SD, "PA", b"z", unread=37)
    tape.connection.halves[SD].window = 0
    tape.segment(SD, "PA", b"zz", unread=37).segment(FD, "A", shift=-37, unread=-2)
    tape.connection.halves[SD].window = 502
    tape.segment(SD, "PA", b"zzz").segment(FD, "A", unread=-3)
    assert kinds(tape.segment(FD, "A", shift=-37, unread=-2)) == []


def test_both_ends_close_and_one_resets() -> None:
    tape = connected().send(FD, DATA).fin(FD).ack(SD).send(SD, DATA).rst(FD).rst(SD)
    assert kinds(tape) == []


def test_numbers_that_begin_anew_are_compared_with_nothing() -> None:
    tape = Tape().join(FD, SD).send(FD, DATA).send(SD, DATA).ack(FD)
    tape.join(FD, SD, 5000 + (1 << 29), 9000).send(FD, DATA).ack()
    assert ORDER_BREAKS not in kinds(tape)
