"""Whether segments between two files are missing, by the numbers of packets."""

from __future__ import annotations

import numpy as np
import pytest
from scene import DIR, DIRECTOR, FD1, Wire

from auditor.flows import ConnectionTracker
from auditor.packets import Decoder
from auditor.packets.segments import Array, Batch

PORTS = {9102, 9103}
CUT = 7


def numbered(*, first: int = 100) -> Batch:
    """Return a conversation in which each side numbers its packets from ``first`` on."""
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).talk().talk().talk()
    (batch,) = Decoder(PORTS).feed(wire.pcap())
    rows = batch.segments.copy()
    for port in np.unique(rows["sport"]):
        mine = rows["sport"] == port
        rows["ident"][mine] = (first + np.arange(mine.sum()) - 1) % 0xFFFF + 1
    return Batch(rows, batch.buffer)


def interrupted(batch: Batch, gone: int, change: Array | None = None) -> bool:
    tracker = ConnectionTracker(PORTS)
    tracker.feed(Batch(batch.segments[:CUT], batch.buffer))
    rows = batch.segments[CUT + gone :] if change is None else change
    return tracker.was_interrupted(Batch(rows, batch.buffer))


@pytest.mark.parametrize("gone", [2, 3, 4, 5])
def test_a_number_that_is_left_out_is_a_packet_that_is_missing(gone: int) -> None:
    assert not interrupted(numbered(), 0)
    assert interrupted(numbered(), gone)


@pytest.mark.parametrize("first", [0, 0x10000])
def test_numbers_that_are_none_say_nothing(first: int) -> None:
    batch = numbered()
    batch.segments["ident"] = first
    assert not interrupted(batch, 4)


def test_numbers_of_all_connections_together_say_nothing() -> None:
    batch = numbered()
    batch.segments["ident"] = 7 * np.arange(len(batch.segments)) + 1
    assert not interrupted(batch, 4)


def test_what_a_card_may_cut_into_several_packets_says_nothing() -> None:
    batch = numbered()
    tracker = ConnectionTracker(PORTS)
    rows = batch.segments[:CUT].copy()
    rows["length"][-2:] = 1400
    tracker.feed(Batch(rows, batch.buffer))
    assert not tracker.was_interrupted(Batch(batch.segments[CUT + 4 :], batch.buffer))


def test_other_connections_and_those_that_are_over_say_nothing() -> None:
    batch = numbered()
    other = batch.segments[CUT + 4 :].copy()
    other["sport"][other["sport"] != 9102] = 50000
    other["dport"][other["dport"] != 9102] = 50000
    assert not interrupted(batch, 0, other)
    assert not ConnectionTracker(PORTS).was_interrupted(batch)
