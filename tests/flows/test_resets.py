"""Which RST is believed, and what shows that one was false."""

from __future__ import annotations

import pytest
from talking import FD, SD, connected
from tape import SECOND, Endpoint, Tape

from auditor.flows import Outcome
from auditor.flows.how_ended import Ending
from auditor.flows.tampering import RST_FROM_ELSEWHERE, RST_GOES_ON


def kinds(tape: Tape) -> list[int]:
    (flow,) = tape.follow().flows
    return [fact.kind for fact in flow.tampering]


@pytest.mark.parametrize("who", [FD, SD])
def test_a_rst_after_which_both_ends_go_on_was_false(who: Endpoint) -> None:
    tape = connected().rst(who).silence(100)
    flow = tape.send(FD, b"on").ack(SD).send(SD, b"and on").ack(FD).flow()
    assert (flow.ended, flow.initiator.rst, flow.acceptor.rst) == (None, None, None)
    assert flow.initiator.longest_idle > 99 * SECOND
    assert RST_GOES_ON in [fact.kind for fact in flow.tampering]


def test_both_frames_are_named() -> None:
    tape = connected().rst(SD)
    frame = len(tape.frames)
    for _ in range(3):
        tape.send(FD, b"on").ack(SD).send(SD, b"on").ack(FD)
    (fact,) = tape.flow().tampering
    assert (fact.kind, fact.other) == (RST_GOES_ON, frame)


def test_what_was_under_way_does_not_revive_a_flow() -> None:
    tape = connected().send(SD, b"last").rst(SD).swap().ack(FD)
    flow = tape.flow()
    assert flow.ended is not None
    assert flow.tampering_count == 0


def test_who_hears_nothing_of_a_rst_and_is_answered_by_another_is_gone() -> None:
    """A device on the way reset one end only: the other goes on for a while."""
    tape = connected().rst(SD).silence(30).send(SD, b"anybody there").rst(FD)
    assert tape.flow().ended is not None
    assert kinds(tape) == []


def test_a_rst_without_the_acknowledgement_of_the_syn_refuses_nothing() -> None:
    tape = Tape().syn(FD, SD).segment(SD, "R").silence(2).other()
    assert tape.flow().outcome is Outcome.UNANSWERED
    assert tape.flow().ended is None


def test_a_refusal_that_a_syn_ack_follows_was_false() -> None:
    tape = Tape().syn(FD, SD).segment(SD, "RA", shift=-5).synack(SD).ack().send(FD, b"x").ack()
    assert (tape.flow().outcome, tape.flow().ended) == (Outcome.ESTABLISHED, None)
    assert kinds(tape) == [RST_GOES_ON]


def test_a_program_that_starts_between_two_syns_is_no_tampering() -> None:
    tape = Tape().syn(FD, SD).segment(SD, "RA", shift=-5).silence(0.5).segment(FD, "S", shift=-1)
    tape.synack(SD).ack().send(FD, b"x").ack()
    assert tape.flow().ended is None
    assert kinds(tape) == []


def test_a_rst_ahead_ends_what_never_goes_on_and_is_not_certain() -> None:
    flow = connected().segment(SD, "RA", shift=700).silence(100).other().flow()
    assert flow.how.ending is Ending.RESET
    assert not flow.how.certain
    assert flow.initiator.longest_idle < SECOND
    assert flow.tampering_count == 0


@pytest.mark.parametrize("who", [FD, SD])
@pytest.mark.parametrize("more", [0, 30])
def test_a_rst_behind_lost_bytes_counts_once_its_peer_acknowledges_them(
    who: Endpoint, more: int
) -> None:
    """Also where a FIN or data came with it, which are acknowledged too."""
    peer = SD if who == FD else FD
    tape = connected().send(who, b"lost" * 9).drop().send(who, b"seen").rst(who)
    flow = tape.send(who, b"z" * more).drop().ack(peer).silence(20).other().flow()
    assert flow.how.ending is Ending.RESET
    assert flow.how.certain
    assert flow.ended is not None


def test_a_rst_ahead_ends_nothing_that_goes_on() -> None:
    flow = connected().segment(SD, "RA", shift=700).silence(100).send(FD, b"z").ack().flow()
    assert (flow.ended, flow.how.ending) == (None, Ending.OPEN)
    assert flow.initiator.longest_idle > 99 * SECOND


def test_one_that_is_far_ahead_and_came_another_way_is_tampering() -> None:
    tape = connected().ttl(57).segment(FD, "R", shift=104_857_600).ttl(64).silence(100).other()
    assert kinds(tape) == [RST_FROM_ELSEWHERE]
    assert tape.flow().initiator.longest_idle > 99 * SECOND


@pytest.mark.parametrize("data", ["", "more"])
def test_what_was_said_in_the_name_of_who_dialled_undoes_no_refusal(data: str) -> None:
    """Before the RST, which answers the SYN and nothing else, or after it."""
    for first in (True, False):
        tape = Tape().syn(FD, SD)
        for forged in (first, not first):
            if forged:
                tape.segment(SD, "PA", b"hello").segment(FD, "FA", data.encode())
            else:
                tape.segment(SD, "RA", shift=-5)
        assert tape.silence(3).other().flow().outcome is Outcome.REFUSED
