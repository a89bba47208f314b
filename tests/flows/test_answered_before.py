"""Probes whose answers stand before them."""

from __future__ import annotations

import pytest
from talking import ENDS, FD, SD, connected
from tape import SECOND, Tape

from auditor.flows.tampering import PROBE_FROM_ELSEWHERE, Unasked


def heartbeats(interval: float, apart: float, ends: str = "IPv4", beats: int = 5) -> Tape:
    """Return probes whose answers stand before them, as where the dialler's clock is late."""
    dialler, acceptor = ENDS[ends]
    tape = connected(dialler, acceptor)
    for _ in range(beats):
        tape.silence(interval - apart).ack(acceptor).silence(apart).probe(dialler)
    return tape


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize(("interval", "apart"), [(5, 0.02), (15, 0.000_1), (60, 0.8)])
def test_one_just_before_a_probe_is_its_answer(interval: float, apart: float, ends: str) -> None:
    tape = heartbeats(interval, apart, ends).silence(interval)
    flow = tape.send(ENDS[ends][0], b"z").ack().flow()
    assert flow.acceptor.unasked == Unasked()
    assert [probe.answered for probe in flow.initiator.probes] == [0] * 5
    assert [round(probe.interval / SECOND) for probe in flow.initiator.probes] == [interval] * 5


def test_one_that_no_probe_follows_still_counts() -> None:
    """Nor does it where data follow, or what follows comes too late to be what it answers."""
    tape = heartbeats(15, 0.02, beats=2)
    tape.silence(20).ack(SD).silence(0.02).send(FD, b"z").ack()
    tape.silence(25).ack(SD).silence(1.5).probe(FD).answer()
    flow = tape.silence(30).ack(SD).silence(10).send(FD, b"z").ack().flow()
    unasked = flow.acceptor.unasked
    assert (unasked.acks, unasked.soonest // SECOND) == (3, 20)
    assert len(flow.initiator.probes) == 3


def test_a_probe_from_elsewhere_after_one_is_told_as_any_other() -> None:
    """Who forges both gains nothing by their order."""
    tape = connected().send(FD, b"data").ack()
    for _ in range(3):
        tape.silence(15).ack(SD).silence(0.02).ttl(57).probe(FD).ttl(64)
    flow = tape.silence(10).send(FD, b"z").ack().flow()
    assert {fact.kind for fact in flow.tampering} == {PROBE_FROM_ELSEWHERE}
