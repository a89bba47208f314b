"""Captures on both sides of a firewall that numbers anew, of connections older than they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from changed import frames_of, said_of, written
from middlebox import Middlebox
from pieces_of_tape import later
from scene import DIR, FD3, Wire
from tape import PORTS, Frame

from auditor.flows import numbered_twice
from auditor.flows.numbered_twice import NumberedTwice
from auditor.packets import Decoder
from auditor.packets.segments import Batch

ANEW = Middlebox(renumbers=7)


def old(beats: int = 4) -> list[Frame]:
    """Return what is seen of a connection that began before."""
    wire = Wire().midstream(FD3, DIR, 9101).talk().talk()
    return wire.beats(30, beats).silence(0.9).talk().frames


def mixed(near: Sequence[Frame], far: Sequence[Frame], delay: float = 0.000_03) -> list[Frame]:
    return sorted([*near, *later(far, delay)], key=lambda one: one.time)


def batch(frames: Sequence[Frame]) -> Batch:
    tape = Wire()
    tape.frames = list(frames)
    (found,) = Decoder(PORTS).feed(tape.pcap())
    return Batch(found.segments.copy(), found.buffer.copy())


@pytest.mark.parametrize("delay", [0.000_03, 0.001_5, -0.000_03])
def test_each_numbering_has_a_network_of_its_own(delay: float) -> None:
    found = NumberedTwice().told_apart(batch(mixed(old(), ANEW.beyond(old()), delay)))
    rows = found.segments
    for source in np.unique(rows["src_lo"]):
        mine = rows[rows["src_lo"] == source]
        bases = mine["seq"] >> 20 << 20  # nobody says so much here
        assert len(np.unique(bases)) == 2
        assert len({(base, net) for base, net in zip(bases, mine["network"], strict=True)}) == 2


@pytest.mark.parametrize("frames", [old(), Wire().dial(FD3, DIR, 9101).talk().hang_up().frames])
def test_of_one_numbering_nothing_changes(frames: list[Frame]) -> None:
    given = batch(frames)
    assert NumberedTwice().told_apart(given) is given
    again = batch([*frames, *later(Wire().dial(FD3, DIR, 9101).frames, 400)])
    assert NumberedTwice().told_apart(again) is again  # a SYN begins with other numbers


def test_nor_of_numbers_that_only_go_on_since_much_is_missing() -> None:
    wire = Wire().dial(FD3, DIR, 9101)
    for _ in range(50):
        wire.connection.halves[wire.initiator].next += 40_000_000
        wire.send(wire.initiator, b"x" * 100).ack()
    given = batch(wire.frames)
    assert NumberedTwice().told_apart(given) is given


def test_a_few_segments_of_somebody_else_are_none() -> None:
    frames, strange = old(), ANEW.beyond(old())
    given = batch(mixed(frames, strange[3:4]))
    assert NumberedTwice().told_apart(given) is given


def test_whoever_is_no_such_capture_is_not_looked_at_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(numbered_twice, "_ENOUGH", 10)
    twice = NumberedTwice()
    twice.told_apart(batch(old()))
    given = batch(mixed(old(), ANEW.beyond(old())))
    assert twice.told_apart(given) is given
    twice = NumberedTwice()
    assert twice.told_apart(given) is not given
    assert twice.told_apart(given) is not given  # it is one, and stays one


@pytest.mark.bulk
@pytest.mark.parametrize(
    ("name", "since"), [("heartbeat", 0.2), ("modes", 0.35), ("cleartext", 0.2), ("trouble", 0.35)]
)
def test_a_recording_that_begins_in_the_middle_accuses_nobody_more(
    name: str, since: float, tmp_path: Path
) -> None:
    frames = [Frame(*one) for one in frames_of(name)]
    part = frames[int(since * len(frames)) :]
    tcp = [one for one in part if one.data[12:14] == b"\x08\x00" and one.data[23] == 6]
    one = said_of(written(tmp_path / "one.pcap", name, part), name)
    both = said_of(written(tmp_path / "both.pcap", name, mixed(part, ANEW.beyond(tcp))), name)
    assert set(both.findings) == set(one.findings)
    assert set(both.flows) == set(one.flows)
    assert (
        both.flows.total() <= one.flows.total() + 1
    )  # of what is silent nothing tells that it is one
