"""The frames of one side, also where somebody else spoke in its name."""

from __future__ import annotations

from dataclasses import replace

from tape import Endpoint, Tape

from auditor.flows.flow import Side
from auditor.flows.side_frames import SideFrames

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)


def talking() -> Tape:
    return Tape().syn(FD, SD).synack().ack().send(FD, b"hello").ack().send(SD, b"there").ack()


def sides(tape: Tape) -> tuple[Side, Side]:
    (flow,) = tape.follow().flows
    return flow.initiator, flow.acceptor


def test_each_has_its_own() -> None:
    one, other = sides(talking().fin(FD).ack().fin(SD).ack())
    assert one.frames == SideFrames(first=1, hello=4, closing=8, last=11)
    assert other.frames == SideFrames(first=2, hello=6, closing=10, last=10)


def test_of_a_side_that_was_never_seen_there_are_none() -> None:
    _, other = sides(Tape().syn(FD, SD))
    assert other.frames == SideFrames()


def test_a_rst_after_its_own_fin_closes_nothing() -> None:
    one, _ = sides(talking().fin(FD).rst(FD))
    assert one.frames.closing == 8


def test_a_fin_that_data_follow_is_none() -> None:
    one, _ = sides(talking().segment(FD, "FA").silence(9).send(FD, b"true").ack())
    assert one.frames.closing == 0


def test_a_fin_that_was_acknowledged_outweighs_what_is_put_in_its_place() -> None:
    tape = talking().segment(FD, "FA").segment(SD, "A", unread=-1).segment(FD, "PA", b"forged")
    one, _ = sides(tape.segment(SD, "FA", unread=-1))
    assert (one.fin_heard, one.frames.closing) == (True, 8)


def test_a_rst_ahead_of_all_that_was_seen_closes_in_its_own_frame() -> None:
    _, other = sides(talking().segment(SD, "RA", shift=700).silence(100).other())
    assert (other.rst_unsure, other.frames.closing) == (True, 8)


def test_a_side_is_the_same_wherever_it_is_in_its_capture() -> None:
    one, other = sides(talking())
    assert replace(one, frames=SideFrames(first=7)) == one != other
