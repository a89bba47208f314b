"""Whether segments go on in connections that are open."""

from __future__ import annotations

import pytest
from scene import DIR, DIRECTOR, FD1, SD1, Wire

from auditor.flows import ConnectionTracker
from auditor.packets import Decoder
from auditor.packets.segments import SYN, Batch

PORTS = {9102, 9103}


def batch(wire: Wire) -> Batch:
    (found,) = Decoder(PORTS).feed(wire.pcap())
    return found


def part(one: Batch, which: slice) -> Batch:
    return Batch(one.segments[which], one.buffer)


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_connection_that_is_open_goes_on(cut: int) -> None:
    whole = batch(Wire().dial(DIR, FD1, 9102, DIRECTOR))
    tracker = ConnectionTracker(PORTS)
    assert not tracker.goes_on(whole)
    tracker.feed(part(whole, slice(0, cut)))
    assert tracker.goes_on(part(whole, slice(cut, None)))


def test_another_connection_a_new_one_and_one_that_is_over_go_on_nowhere() -> None:
    over = batch(Wire().dial(DIR, FD1, 9102, DIRECTOR).hang_up())
    tracker = ConnectionTracker(PORTS)
    tracker.feed(over)
    assert not tracker.goes_on(over)
    tracker = ConnectionTracker(PORTS)
    tracker.feed(part(over, slice(0, 4)))
    assert not tracker.goes_on(batch(Wire().dial(DIR, SD1, 9103, DIRECTOR)))
    first = over.segments["flags"] & SYN != 0
    assert not tracker.goes_on(Batch(over.segments[first], over.buffer))
