"""Acknowledgements that nothing asked for."""

from __future__ import annotations

import pytest
from talking import FD, SD, connected
from tape import SECOND

from auditor.flows.tampering import ACK_FROM_ELSEWHERE, Unasked


def test_one_with_a_ttl_of_its_own_breaks_no_silence() -> None:
    tape = connected()
    for _ in range(6):
        tape.silence(15).ttl(57).ack(SD).ttl(64)
    flow = tape.silence(10).send(FD, b"z").ack().flow()
    assert flow.initiator.longest_idle > 99 * SECOND
    assert {fact.kind for fact in flow.tampering} == {ACK_FROM_ELSEWHERE}
    assert flow.tampering_count == 6


def test_one_like_all_others_is_counted() -> None:
    tape = connected()
    for _ in range(6):
        tape.silence(15).ack(SD)
    flow = tape.silence(10).send(FD, b"z").ack().flow()
    unasked = flow.acceptor.unasked
    assert flow.tampering_count == 0
    assert (unasked.acks, unasked.frame) == (6, 8)
    assert (unasked.soonest, unasked.idle // SECOND) == (15 * SECOND, 100)
    assert flow.initiator.longest_idle < 16 * SECOND


def test_what_answers_a_probe_or_data_is_asked_for() -> None:
    tape = connected().silence(30).probe(FD).answer().silence(30).send(FD, b"z").ack()
    tape.silence(30).segment(FD, "PA", b"z", shift=-1).ack(SD)
    assert tape.flow().acceptor.unasked == Unasked()


def test_a_window_that_opens_needs_nobody_to_ask() -> None:
    assert connected().silence(30).window(SD, 900).flow().acceptor.unasked == Unasked()


@pytest.mark.parametrize("ttl", [57, 61])
def test_a_way_that_changes_is_no_tampering(ttl: int) -> None:
    tape = connected().silence(30).ttl(ttl)
    for _ in range(4):
        tape.send(FD, b"data").ack().silence(60).probe(FD).answer()
    assert tape.flow().tampering_count == 0


def test_data_behind_a_hole_asks_for_an_answer() -> None:
    """Once it is acknowledged: of a burst a thinned capture has the last segment."""
    tape = connected().send(FD, b"1" * 700).drop().send(FD, b"2" * 700).ack().silence(1).ack(SD)
    assert tape.flow().acceptor.unasked == Unasked()
