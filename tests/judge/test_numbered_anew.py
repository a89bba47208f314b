"""One capture on both sides of a firewall that numbers segments anew: a connection counts once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from changed import frames_of, said, said_of
from changed import written as recorded
from middlebox import Middlebox, without_probes
from pieces_of_tape import later, written
from scene import DIR, DIRECTOR, FD1, FD3, Wire, planted
from scene import network as files
from tape import Frame

import auditor
from auditor import Audit

ANEW = Middlebox(renumbers=7)
SENTENCE = "of its connections are in it twice, with other sequence numbers"


def talk(*, over: bool = True) -> Wire:
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).hang_up().dial(FD3, DIR, 9101)
    wire.silence(0.5).talk().beats(30, 4)
    wire.silence(0.9).talk()
    return wire.hang_up() if over else wire


def both(folder: Path, near: Sequence[Frame], far: Sequence[Frame]) -> Audit:
    """Audit one capture of both sides."""
    planted(folder / "config", files())
    (path,) = written(folder, both=sorted([*near, *far], key=lambda one: one.time))
    return auditor.audit(path, config=folder / "config", resolve=False)


@pytest.mark.parametrize("delay", [0.000_02, 0.000_9, 0.003, -0.000_03])
@pytest.mark.parametrize("over", [True, False])
def test_each_connection_has_one_row(over: bool, delay: float, tmp_path: Path) -> None:
    frames = talk(over=over).frames
    audit = both(tmp_path, frames, later(ANEW.beyond(frames), delay))
    assert audit.flows["connection"].tolist() == ["3", "4"]
    assert audit.flows["heartbeat_verdict"].tolist() == ["unknown", "pass"]
    assert not len(audit.findings)
    assert [len(others) for others in audit.flows["translated_as"]] == [0, 0]
    (notes,) = audit.captures["notes"]
    assert any(f"2 {SENTENCE}" in note for note in notes)


@pytest.mark.parametrize("delay", [0.000_02, -0.000_02])
def test_probes_that_the_firewall_swallows_are_found(delay: float, tmp_path: Path) -> None:
    frames = talk().frames
    audit = both(tmp_path, frames, later(ANEW.beyond(without_probes(frames)), delay))
    (found,) = audit.findings.to_dict("records")
    assert (found["rule"], found["severity"]) == ("keepalive-eaten", "high")
    assert "4 of them" in found["message"]
    assert len(audit.flows) == 2


@pytest.mark.parametrize("delay", [0.000_02, -0.000_02])
@pytest.mark.parametrize("eats", [False, True])
def test_so_has_one_that_is_older_than_the_capture(
    eats: bool, delay: float, tmp_path: Path
) -> None:
    wire = Wire().midstream(FD3, DIR, 9101).talk().talk().beats(30, 4)
    frames = wire.silence(0.9).talk().frames
    far = ANEW.beyond(without_probes(frames) if eats else frames)
    audit = both(tmp_path, frames, later(far, delay))
    (flow,) = audit.flows.to_dict("records")
    assert (flow["connection"], flow["heartbeat_verdict"]) == ("4", "pass")
    assert audit.findings["rule"].tolist() == ["keepalive-eaten"] * eats


@pytest.mark.parametrize("name", ["refusals", "heartbeat", "trouble"])
def test_an_audit_of_a_recording_on_both_sides_says_what_that_of_one_says(
    name: str, tmp_path: Path
) -> None:
    frames = [Frame(*one) for one in frames_of(name)]
    tcp = [one for one in frames if one.data[12:14] == b"\x08\x00" and one.data[23] == 6]
    mixed = sorted([*frames, *later(ANEW.beyond(tcp, ttl=64), 0.000_03)], key=lambda one: one.time)
    assert said_of(recorded(tmp_path / "both.pcap", name, mixed), name) == said(name)


def test_two_that_follow_each_other_are_two(tmp_path: Path) -> None:
    """A port that is used again, for as many bytes."""
    wire = Wire().dial(FD3, DIR, 9101, source=50000).hang_up().silence(0.01)
    frames = wire.dial(FD3, DIR, 9101, source=50000).hang_up().frames
    assert len(both(tmp_path, frames, []).flows) == 2


def test_where_more_was_said_on_one_there_are_two(tmp_path: Path) -> None:
    one, other = (Wire().dial(FD3, DIR, 9101) for _ in range(2))
    other.talk()
    audit = both(tmp_path, one.hang_up().frames, ANEW.beyond(other.hang_up().frames))
    assert len(audit.flows) == 2
