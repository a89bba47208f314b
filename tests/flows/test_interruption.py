"""Whether segments between two files are missing, by the numbers of packets."""

from __future__ import annotations

import numpy as np
import pytest
from scene import DIR, DIRECTOR, FD1, Wire
from talking import ENDS
from tape import Tape

from auditor.flows import ConnectionTracker
from auditor.flows.interruption import Border
from auditor.packets import Decoder
from auditor.packets.segments import SYN, Array, Batch

PORTS = {9102, 9103}
CUT = 7
FD, SD = ENDS["IPv4"]


def numbered(*, first: int = 100) -> Batch:
    """Return a conversation in which each side numbers its packets from ``first`` on."""
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).talk().talk().talk()
    (batch,) = Decoder(PORTS).feed(wire.pcap())
    rows = batch.segments.copy()
    for port in np.unique(rows["sport"]):
        mine = rows["sport"] == port
        rows["ident"][mine] = (first + np.arange(mine.sum()) - 1) % 0xFFFF + 1
    return Batch(rows, batch.buffer)


def border(
    batch: Batch, gone: int, change: Array | None = None, *, thinned: bool = False
) -> Border:
    tracker = ConnectionTracker(PORTS)
    tracker.feed(Batch(batch.segments[:CUT], batch.buffer))
    rows = batch.segments[CUT + gone :] if change is None else change
    return tracker.border_before(Batch(rows, batch.buffer), thinned=thinned)


def placed(batch: Batch, gone: int) -> Array:
    """Return what follows so many segments that are gone, as if those had held no data."""
    rows = batch.segments.copy()
    for port in np.unique(rows["sport"]):
        lost = (rows["sport"] == port) & (np.arange(len(rows)) < CUT + gone)
        size = rows["length"][lost & (np.arange(len(rows)) >= CUT)].sum()
        rows["seq"][rows["sport"] == port] -= size
        rows["ack"][rows["sport"] != port] -= size
    return rows[CUT + gone :]


@pytest.mark.parametrize("gone", [2, 3, 4, 5])
def test_a_number_that_is_left_out_is_a_packet_that_is_missing(gone: int) -> None:
    batch = numbered()
    assert border(batch, 0) is Border.GOES_ON
    assert border(batch, gone, placed(batch, gone)) is Border.INTERRUPTED


def test_of_what_was_thinned_it_may_have_been_left_out() -> None:
    batch = numbered()
    assert border(batch, 4, placed(batch, 4), thinned=True) is Border.NOTHING
    assert border(batch, 0, thinned=True) is Border.GOES_ON


@pytest.mark.parametrize("first", [0, 0x10000])
def test_numbers_that_are_none_say_nothing(first: int) -> None:
    batch = numbered()
    batch.segments["ident"] = first
    assert border(batch, 4, placed(batch, 4)) is not Border.INTERRUPTED


def test_numbers_of_all_connections_together_say_nothing() -> None:
    batch = numbered()
    batch.segments["ident"] = 7 * np.arange(len(batch.segments)) + 1
    assert border(batch, 4, placed(batch, 4)) is not Border.INTERRUPTED


def test_so_do_places_in_the_stream_whatever_packets_are_called() -> None:
    batch = numbered()
    batch.segments["ident"] = 0
    assert border(batch, 0) is Border.GOES_ON
    assert border(batch, 4) is Border.INTERRUPTED


def test_a_stranger_in_the_middle_of_its_course_leaves_it_open() -> None:
    """It began before, and nothing was seen of it: it may have begun between the files."""
    batch = numbered()
    stranger = batch.segments[CUT:].copy()
    stranger["sport"][stranger["sport"] != 9102] = 50000
    stranger["dport"][stranger["dport"] != 9102] = 50000
    both = np.concatenate((batch.segments[CUT:], stranger))
    assert border(batch, 0, both) is Border.NOTHING
    begun = stranger[:1].copy()
    begun["flags"] = SYN
    assert border(batch, 0, np.concatenate((begun, both))) is Border.GOES_ON


def test_a_timestamp_that_is_echoed_shows_that_no_later_one_was_heard() -> None:
    def beats(skip: int) -> Border:
        tape = Tape().clocks().syn(FD, SD).synack().ack().send(FD, b"x").ack()
        for _ in range(4):
            tape.silence(60).probe(FD).answer()
        (batch,) = Decoder(PORTS).feed(tape.pcap())
        batch.segments["ident"] = 0
        tracker = ConnectionTracker(PORTS)
        cut = len(batch.segments) - 4 - 2 * skip
        tracker.feed(Batch(batch.segments[:cut], batch.buffer))
        rest = Batch(batch.segments[cut + 2 * skip :], batch.buffer)
        return tracker.border_before(rest, thinned=False)

    assert [beats(0), beats(1)] == [Border.GOES_ON, Border.NOTHING]


def test_what_a_card_may_cut_into_several_packets_says_nothing() -> None:
    batch = numbered()
    tracker = ConnectionTracker(PORTS)
    rows = batch.segments[:CUT].copy()
    rows["length"][-2:] = 1400
    tracker.feed(Batch(rows, batch.buffer))
    rest = Batch(placed(batch, 4), batch.buffer)
    assert tracker.border_before(rest, thinned=False) is not Border.INTERRUPTED


def test_other_connections_and_those_that_are_over_say_nothing() -> None:
    batch = numbered()
    other = batch.segments[CUT + 4 :].copy()
    other["sport"][other["sport"] != 9102] = 50000
    other["dport"][other["dport"] != 9102] = 50000
    assert border(batch, 0, other) is Border.NOTHING
    assert ConnectionTracker(PORTS).border_before(batch, thinned=False) is Border.NOTHING
