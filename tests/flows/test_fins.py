"""FINs, and what shows that one was false, or that one was true."""

from __future__ import annotations

import pytest
from talking import FD, SD, connected
from tape import SECOND, Endpoint, Tape

from auditor.flows.how_ended import Ending
from auditor.flows.tampering import FIN_GOES_ON


@pytest.mark.parametrize("who", [FD, SD])
def test_data_where_the_fin_was_shows_that_it_was_none(who: Endpoint) -> None:
    tape = connected().segment(FD, "FA").segment(SD, "FA").silence(100)
    flow = tape.send(who, b"true").ack().flow()
    assert flow.initiator.longest_idle > 99 * SECOND
    assert flow.ended is None
    assert FIN_GOES_ON in [fact.kind for fact in flow.tampering]


def test_a_fin_that_the_capture_lost_and_that_comes_again_is_one() -> None:
    tape = Tape().join(FD, SD).send(FD, b"xy").ack().fin(FD).drop().ack()
    flow = tape.segment(FD, "FA", shift=-1).flow()
    assert flow.tampering_count == 0


def test_a_rst_at_the_fin_of_who_acknowledged_since_from_behind_it_takes_nothing_back() -> None:
    tape = connected().fin(SD).ack().fin(FD).ack().silence(10)
    flow = tape.segment(SD, "RA", shift=-1).flow()
    assert flow.how.ending is Ending.ORDERLY and flow.acceptor.fin is not None


def test_a_fin_that_is_repeated_and_acknowledged_is_one() -> None:
    tape = connected().fin(FD).silence(0.3).segment(FD, "FA", shift=-1).ack().fin(SD).ack()
    flow = tape.flow()
    assert flow.how.ending is Ending.ORDERLY
    assert (flow.tampering_count, flow.initiator.retransmissions) == (0, 1)


@pytest.mark.parametrize("before", [True, False])
def test_a_fin_that_is_acknowledged_outweighs_what_is_put_in_its_place(*, before: bool) -> None:
    tape = connected()
    tape.segment(FD, "FA")
    if before:
        tape.segment(SD, "A", unread=-1)
    tape.segment(FD, "PA", b"forged")
    tape.segment(SD, "FA", unread=-1)
    flow = tape.flow()
    assert flow.initiator.fin is not None and flow.initiator.fin_heard
    assert [fact.kind for fact in flow.tampering] == [FIN_GOES_ON]


def test_data_that_nobody_takes_revive_nothing_that_both_ends_closed() -> None:
    flow = connected().fin(SD).ack().fin(FD).ack().segment(SD, "PA", b"late", shift=-1).flow()
    assert flow.acceptor.fin_heard
    assert flow.acceptor.closed == flow.acceptor.fin
    assert [fact.kind for fact in flow.tampering] == [FIN_GOES_ON]


def test_but_data_that_are_taken_do() -> None:
    tape = connected().segment(SD, "FA").segment(FD, "A", unread=-1).silence(1)
    flow = tape.send(SD, b"true").ack().flow()
    assert flow.acceptor.fin is None


@pytest.mark.parametrize("resets", [FD, SD])
@pytest.mark.parametrize("closes", [FD, SD])
@pytest.mark.parametrize("after", [0.2, 1.5])
def test_a_fin_that_who_resets_does_not_know_made_no_orderly_end(
    closes: Endpoint, resets: Endpoint, after: float
) -> None:
    tape = connected().segment(closes, "FA").silence(after)
    assert tape.segment(resets, "RA").flow().how.ending is Ending.RESET


@pytest.mark.parametrize("after", [0.001, 0.2, 5])
def test_one_that_was_acknowledged_did(after: float) -> None:
    assert connected().fin(SD).ack().silence(after).rst(FD).flow().how.ending is Ending.ORDERLY


def test_so_did_one_that_crossed_the_rst() -> None:
    assert connected().segment(SD, "FA").rst(FD).flow().how.ending is Ending.ORDERLY


@pytest.mark.parametrize("forged", ["FA", "PA"])
def test_a_forged_end_or_word_begins_no_loss(forged: str) -> None:
    """What its seeming sender does not repeat in time was not his."""
    tape = connected().silence(1).segment(FD, forged, b"forged" if "P" in forged else b"")
    tape.silence(99).send(FD, b"true")
    for gap in (0.2, 0.4, 0.8, 1.6):
        tape.silence(gap).resend(FD)
    stall = tape.flow().initiator.stall
    assert stall is not None
    assert (stall.sends, stall.silence // SECOND) == (5, 100)


@pytest.mark.parametrize("who", [FD, SD])
@pytest.mark.parametrize("acks", [1, 2])
def test_a_fin_that_acknowledgements_of_its_sender_overtake_leaves_no_hole(
    who: Endpoint, acks: int
) -> None:
    other = SD if who is FD else FD
    tape = connected().send(who, b"all").ack(other).fin(who).send(other, b"more").swap()
    for _ in range(acks):
        tape.ack(who).swap()
    flow = tape.ack(other).fin(other).ack(who).flow()
    assert (flow.initiator.missing, flow.acceptor.missing) == (0, 0)
    assert flow.how.ending is Ending.ORDERLY


@pytest.mark.parametrize("who", [FD, SD])
@pytest.mark.parametrize("back", [1, 2, 30])
def test_a_fin_where_acknowledged_data_were_ends_nothing(who: Endpoint, back: int) -> None:
    tape = connected().send(who, b"x" * 40).ack()
    flow = tape.segment(who, "FA", shift=-back).silence(1).rst(FD).flow()
    assert flow.how.ending is Ending.RESET
    assert [fact.kind for fact in flow.tampering] == [FIN_GOES_ON]


@pytest.mark.parametrize("back", [1, 20])
def test_so_it_is_with_a_connection_older_than_the_capture(back: int) -> None:
    tape = Tape().join(FD, SD).send(FD, b"x" * 40).ack().send(SD, b"z").ack()
    flow = tape.segment(FD, "FA", shift=-back).segment(SD, "A").silence(1).rst(SD).flow()
    assert flow.how.ending is Ending.RESET
    assert [fact.kind for fact in flow.tampering] == [FIN_GOES_ON]


@pytest.mark.parametrize("who", [FD, SD])
def test_one_that_the_capture_lost_and_that_comes_again_does(who: Endpoint) -> None:
    peer = SD if who is FD else FD
    tape = connected().segment(peer, "A", unread=-1).silence(0.3).segment(who, "FA")
    flow = tape.segment(peer, "FA", unread=-1).segment(who, "A", shift=1, unread=-1).flow()
    assert (flow.how.ending, flow.tampering_count) == (Ending.ORDERLY, 0)


@pytest.mark.parametrize("resets", [FD, SD])
@pytest.mark.parametrize("closes", [FD, SD])
@pytest.mark.parametrize("after", [0.02, 1.5])
def test_nor_did_one_whose_acknowledgement_who_resets_does_not_know_either(
    closes: Endpoint, resets: Endpoint, after: float
) -> None:
    tape = connected().segment(closes, "FA")
    tape.segment(SD if closes is FD else FD, "A", unread=-1).silence(after)
    assert tape.segment(resets, "RA").flow().how.ending is Ending.RESET


@pytest.mark.parametrize("data", [b"", b"x" * 300])
def test_nor_one_behind_which_its_sender_would_have_reset(data: bytes) -> None:
    flow = connected().segment(SD, "FA", data).silence(0.05).rst(SD).flow()
    assert flow.how.ending is Ending.RESET


@pytest.mark.parametrize("back", [60, 5000, 234_908_582])
@pytest.mark.parametrize("who", [FD, SD])
def test_a_fin_from_before_all_that_was_seen_hides_no_reset(who: Endpoint, back: int) -> None:
    """In a connection older than the capture: a receiver drops it, and a RST soon after counts."""
    tape = Tape().join(FD, SD)
    for _ in range(3):
        tape.send(FD, b"xy").ack().send(SD, b"z").ack()
    tape.segment(who, "FA", shift=-back).silence(0.9).segment(who, "RA")
    assert tape.flow().how.ending is Ending.RESET


def test_a_fin_that_is_repeated_right_before_all_that_was_seen_is_one() -> None:
    tape = Tape().join(FD, SD).fin(FD).drop().ack().segment(FD, "FA", shift=-1)
    assert tape.fin(SD).ack().flow().how.ending is Ending.ORDERLY
