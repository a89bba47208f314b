"""What the flows between two hosts say of the way between them."""

from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows.how_ended import Ending, HowEnded

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
DIR, FD_PORT = Endpoint("10.0.0.10", 40002), Endpoint("10.0.0.31", 9102)
OTHER = Endpoint("10.0.0.31", 40003)


def opened(tape: Tape, a: Endpoint, b: Endpoint) -> Tape:
    return tape.syn(a, b).synack().ack().send(a, b"hello").ack().send(b, b"there").ack()


def lost(tape: Tape, end: Endpoint) -> Tape:
    tape.send(end, b"data")
    for gap in (0.2, 0.4, 0.8, 1.6):
        tape.silence(gap).resend(end)
    return tape


def ends(tape: Tape) -> list[HowEnded]:
    return [flow.how for flow in tape.follow().flows]


def job(survived: float = 0, behind: str = FD.address) -> Tape:
    """A data channel and a control connection of one client; the second is lost after 60 s.

    ``behind`` is the host that a router keeps from the tap.
    """
    tape = opened(opened(Tape().distant(behind, 63), FD, SD), DIR, FD_PORT)
    if survived:
        tape.on(FD, SD).silence(survived).probe(FD).answer().on(DIR, FD_PORT)
    return lost(tape.silence(60), DIR)


def test_what_was_silent_for_as_long_to_the_same_host_is_lost_too() -> None:
    data, control = ends(job())
    assert (control.ending, control.silence) == (Ending.LOST, 60 * SECOND)
    assert (data.ending, data.idle, data.certain) == (Ending.LOST, True, False)
    assert data.evidence == (
        "neither side sent anything in the last 63.0 s, and port 40002 of 10.0.0.10 to 10.0.0.31 "
        "port 9102 was lost after 60.0 s of silence; 10.0.0.31 may have died instead"
    )


@pytest.mark.parametrize("behind", ["10.0.0.99", DIR.address, SD.address])
def test_a_loss_tells_nothing_of_another_way_to_the_same_host(behind: str) -> None:
    data, control = ends(job(behind=behind))
    assert (data.ending, control.ending) == (Ending.OPEN, Ending.LOST)


def test_a_loss_tells_of_what_is_between_the_same_two_hosts() -> None:
    back = Endpoint(DIR.address, 9101)
    tape = opened(opened(Tape(), OTHER, back), DIR, FD_PORT).silence(60)
    waiting, control = ends(lost(tape, DIR))
    assert (waiting.ending, control.ending) == (Ending.LOST, Ending.LOST)


def test_a_connection_that_was_silent_for_less_may_live() -> None:
    tape = opened(opened(Tape(), DIR, FD_PORT).silence(30), FD, SD)
    tape.on(DIR, FD_PORT).silence(30).send(DIR, b"x").ack().silence(20)
    tape.on(FD, SD).send(FD, b"y").ack().on(DIR, FD_PORT).silence(40)
    data = ends(lost(tape, DIR))[1]
    assert data.ending is Ending.OPEN


def test_what_was_closed_or_goes_elsewhere_is_not_lost() -> None:
    tape = opened(opened(Tape(), FD, SD).fin(FD).ack().fin(SD).ack(), DIR, FD_PORT).silence(60)
    assert ends(lost(tape, DIR))[0].ending is Ending.ORDERLY
    catalog = Endpoint("10.0.0.5", 5432)
    tape = opened(opened(Tape(), DIR, catalog), Endpoint(DIR.address, 40009), FD_PORT).silence(60)
    assert ends(lost(tape, Endpoint(DIR.address, 40009)))[0].ending is Ending.OPEN


def test_the_way_is_known_by_the_longest_silence_it_kept_and_the_shortest_it_did_not() -> None:
    tape = opened(Tape(), FD, SD).silence(9).probe(FD).answer().silence(42)
    (how,) = ends(lost(tape, FD))
    assert (how.survived, how.limit) == (9 * SECOND, 42 * SECOND)


def test_a_way_that_kept_a_longer_silence_is_no_reason_for_a_loss() -> None:
    tape = opened(Tape(), FD, SD).silence(90).probe(FD).answer().silence(42)
    (how,) = ends(lost(tape, FD))
    assert (how.ending, how.idle) == (Ending.LOST, False)


def test_nothing_is_dragged_along_on_a_way_that_kept_a_longer_silence() -> None:
    tape = opened(opened(Tape(), FD, SD), OTHER, SD).silence(70).probe(OTHER).answer()
    tape = opened(tape, DIR, FD_PORT).silence(60)
    data, kept, control = ends(lost(tape, DIR))
    assert control.ending is Ending.LOST
    assert (data.ending, kept.ending) == (Ending.OPEN, Ending.OPEN)


def beside(ttl: int = 64) -> Tape:
    """Another connection of the same hosts keeps 90 s, then one is lost after 42 s."""
    tape = opened(Tape().ttl(ttl), OTHER, SD).silence(90).send(OTHER, b"x").ack()
    return lost(opened(tape.ttl(64), FD, SD).silence(42), FD)


def test_another_connection_that_kept_a_longer_silence_anybody_can_invent() -> None:
    how = ends(beside())[1]
    assert (how.ending, how.idle, how.disputed) == (Ending.LOST, False, True)


def test_one_that_came_from_elsewhere_tells_nothing_of_the_way() -> None:
    how = ends(beside(ttl=57))[1]
    assert (how.idle, how.disputed, how.survived, how.limit) == (True, False, 0, 42 * SECOND)


def test_nor_does_a_silence_of_a_connection_that_somebody_else_writes_into() -> None:
    tape = opened(Tape(), FD, SD).silence(90).probe(FD).answer().segment(FD, "P", b"lie")
    (how,) = ends(lost(tape.silence(42), FD))
    assert (how.idle, how.disputed) == (False, True)
