"""What is known of one end of a flow, whatever somebody puts before, on or behind its end."""

from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows.flow import Side

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
HELLO, ANSWER = b"a hello", b"an answer"


def said(fd: Endpoint = FD, sd: Endpoint = SD) -> Tape:
    return Tape().syn(fd, sd).synack().ack().send(fd, HELLO).ack().send(sd, ANSWER).ack()


def closed(tape: Tape) -> Tape:
    return tape.fin(SD).ack(FD).fin(FD).ack(SD)


def acceptor(tape: Tape) -> Side:
    return tape.follow().flows[0].acceptor


def initiator(tape: Tape) -> Side:
    return tape.follow().flows[0].initiator


def test_a_stream_ends_before_its_fin() -> None:
    side = acceptor(closed(said()))
    assert (side.stream, side.fin_heard, side.closed) == (len(ANSWER), True, side.fin)


@pytest.mark.parametrize("shift", [0, 1, 5000])
def test_what_lies_behind_a_fin_that_was_acknowledged_is_none_of_it(shift: int) -> None:
    side = acceptor(closed(said()).segment(SD, "PA", b"more of it", shift=shift))
    assert (side.stream, side.fin_heard) == (len(ANSWER), True)


@pytest.mark.parametrize("shift", [0, 5000])
def test_nor_is_what_lies_where_it_was(shift: int) -> None:
    side = acceptor(closed(said().segment(SD, "PA", b"more of it", shift=shift)))
    assert (side.stream, side.fin_heard) == (len(ANSWER), True)


def test_a_fin_that_nobody_acknowledges_tells_no_end() -> None:
    side = acceptor(said().fin(SD))
    assert (side.stream, side.fin_heard, side.closed) == (len(ANSWER), False, side.fin)


@pytest.mark.parametrize("ttl", [64, 57])
def test_a_fin_that_arrives_shows_that_no_rst_came_before_it(ttl: int) -> None:
    side = acceptor(closed(said().ttl(ttl).rst(SD).ttl(64)))
    assert side.fin is not None and side.closed == side.fin
    side = acceptor(said().ttl(ttl).rst(SD).ttl(64).fin(SD).ack(FD))
    assert side.fin is not None and side.closed == side.fin


def test_without_a_fin_it_is_closed_by_its_rst() -> None:
    side = acceptor(said().rst(SD))
    assert side.closed == side.rst is not None


def test_of_what_is_repeated_only_the_sends_without_an_answer_count() -> None:
    tape = said().silence(40).send(FD, b"data")
    for answered in (True, False, False, True, False):
        if answered:
            tape.segment(SD, "A")
        tape.silence(2).resend(FD)
    stall = tape.flow().initiator.stall
    assert stall is not None and stall.defied
    assert (stall.sends, stall.silence) == (4, 40 * SECOND)


def test_the_size_that_arrives_is_not_that_of_what_is_repeated() -> None:
    large = bytes(1400)
    tape = said().send(FD, large).segment(SD, "A")
    assert tape.flow().initiator.largest_acked == len(large)
    for gap in (0.4, 0.8, 1.6):
        tape.silence(gap).resend(FD)
    assert tape.flow().initiator.largest_acked == len(HELLO)


@pytest.mark.parametrize("first", [255, 32, 63])
def test_a_syn_with_a_ttl_of_its_own_does_not_tell_how_far_its_side_is(first: int) -> None:
    tape = Tape().ttl(first).syn(FD, SD).ttl(64).synack()
    assert initiator(tape).ttl == first
    tape.ttl(62).ack().send(FD, b"hello").ttl(64).ack().send(SD, b"there").ttl(62).ack()
    assert initiator(tape).ttl == 62
    assert acceptor(tape).ttl == 64


def test_what_anybody_may_send_later_moves_no_side_that_is_known() -> None:
    assert acceptor(said().ttl(57).send(SD, b"more").ack(FD)).ttl == 64
