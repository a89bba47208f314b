"""One connection that several taps saw: one row, and what did not come through between them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from paths import CAPTURES
from scene import DIR, DIRECTOR, FD1, FD3, SD1, Wire
from tape import Frame
from two_taps import eaten, seen

import auditor

TAP = ("near.pcap", "far.pcap")


def talk(*, beats: int = 4, over: bool = True) -> Wire:
    """Let the Director dial a daemon, and a daemon the Director, which probes each 30 s."""
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).hang_up().dial(FD3, DIR, 9101)
    wire.beats(30, beats)
    wire.silence(0.9).talk()
    return wire.hang_up() if over else wire


def probes(wire: Wire) -> list[Frame]:
    """Return the probes, and the answers to them."""
    frames = wire.frames
    apart = [b.time - a.time for a, b in pairwise(frames)]
    begins = [at + 1 for at, gap in enumerate(apart) if gap > 10**9]
    return [frames[at + k] for at in begins for k in (0, 1)]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("skew", [0.5, 3600.002, -0.01, 0.000_2])
def test_two_taps_that_saw_the_same_are_one_row_each_connection(
    skew: float, order: int, tmp_path: Path
) -> None:
    frames = talk().frames
    audit = seen(tmp_path, frames, frames, skew=skew, order=order)
    alone = auditor.audit(tmp_path / "near.pcap", config=tmp_path / "config", resolve=False)
    assert audit.flows["connection"].tolist() == alone.flows["connection"].tolist()
    assert audit.flows["heartbeat_verdict"].tolist() == ["unknown", "pass"]
    assert audit.findings["rule"].tolist() == alone.findings["rule"].tolist()
    assert [len(names) for names in audit.flows["witnesses"]] == [1, 1]
    assert audit.flows["probes_eaten"].fillna(-1).tolist() == [-1, 0]
    assert audit.passed["keepalive-eaten"] == 1
    (notes,) = [one for one in audit.captures["notes"] if len(one)]
    assert f"{abs(skew):.6f} s" in notes[0]
    way = (
        "ahead of" if (skew > 0) == (audit.captures["name"].iloc[0].endswith(TAP[0])) else "behind"
    )
    assert way in notes[0] or abs(skew) > 1000  # so far apart they come in order of their clocks


def test_a_connection_that_only_one_tap_saw_is_there_as_it_is(tmp_path: Path) -> None:
    wire = talk()
    other = wire.dial(DIR, SD1, 9103, DIRECTOR).hang_up().frames
    audit = seen(tmp_path, other, talk().frames)
    assert [len(names) for names in audit.flows["witnesses"]] == [1, 1, 0]
    assert len(set(audit.probes["flow"])) == 1


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("count", [3, 4, 9])
def test_probes_that_only_one_of_two_taps_saw_were_eaten_between_them(
    count: int, order: int, tmp_path: Path
) -> None:
    wire = talk(beats=count)
    far = [frame for frame in wire.frames if frame not in probes(wire)]
    audit = seen(tmp_path, wire.frames, far, order=order)
    (found,) = eaten(audit).to_dict("records")
    assert (found["verdict"], found["severity"], found["confidence"]) == ("fail", "high", "likely")
    assert f"{count} of them" in found["message"]
    row = audit.flows.set_index("id").loc[found["flow"]]
    assert (row["probes_eaten"], row["heartbeat_verdict"]) == (count, "pass")
    assert "heartbeat-missing" not in set(audit.findings["rule"])
    assert len(audit.flows) == 2


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_tap_that_saw_some_of_them_lost_the_others(kept: int, tmp_path: Path) -> None:
    wire = talk()
    gone = probes(wire)[2 * kept :]
    audit = seen(tmp_path, wire.frames, [one for one in wire.frames if one not in gone])
    assert eaten(audit).empty
    assert audit.flows["probes_eaten"].max() == 0


def test_few_probes_and_a_tap_of_one_direction_or_with_losses_show_nothing(tmp_path: Path) -> None:
    wire = talk(beats=2)
    far = [frame for frame in wire.frames if frame not in probes(wire)]
    assert eaten(seen(tmp_path, wire.frames, far)).empty
    wire = talk()
    far = [frame for frame in wire.frames if frame not in probes(wire)]
    lossy = [frame for frame in far if frame is not far[-8]]
    assert eaten(seen(tmp_path, wire.frames, lossy)).empty
    back = [frame for frame in far if frame.data[26:30] == bytes(map(int, DIR.split(".")))]
    assert back
    assert eaten(seen(tmp_path, wire.frames, back)).empty
    assert eaten(seen(tmp_path, wire.frames, far[:13])).empty  # it was taken away before


@pytest.mark.parametrize("which", [0, 1])
def test_a_tap_that_lost_data_of_another_connection_may_have_lost_the_probes(
    which: int, tmp_path: Path
) -> None:
    """Firewalls swallow probes, and no data of connections that go on."""
    wire = talk()
    said = [one for one in wire.frames if len(one.data) > 120 and b"\x23\x8e" in one.data[34:38]]
    far = [frame for frame in wire.frames if frame not in [*probes(wire), said[which]]]
    assert eaten(seen(tmp_path, wire.frames, far)).empty


def test_what_each_tap_denies_of_the_other_is_told_by_both(tmp_path: Path) -> None:
    audit = seen(tmp_path, talk().frames, talk(over=False).rst().frames)
    differs = dict(zip(audit.flows["id"], audit.flows["witness_differs"], strict=True))
    pairs = {(one, other) for one, others in differs.items() for other in others}
    assert len(pairs) == 2
    assert pairs == {(other, one) for one, other in pairs}
    assert sorted(audit.flows["ending"]) == ["orderly", "orderly", "reset"]


def test_connections_of_the_same_ends_at_times_that_do_not_agree_are_not_the_same(
    tmp_path: Path,
) -> None:
    frames = talk().frames
    stretched = [
        Frame(frames[0].time + 2 * (one.time - frames[0].time) + 77, one.data, one.wire)
        for one in frames
    ]
    audit = seen(tmp_path, frames, stretched)
    assert [len(names) for names in audit.flows["witnesses"]] == [1, 0, 0]
    assert audit.flows["connection"].tolist() == ["3", "4", "4"]  # one took no time at all


def test_connections_that_began_before_are_known_by_their_probes(tmp_path: Path) -> None:
    wire = talk(over=False)
    begin = len(Wire().dial(DIR, FD1, 9102, DIRECTOR).hang_up().frames)
    frames = [*wire.frames[:begin], *wire.frames[begin + 3 :]]
    audit = seen(tmp_path, frames, frames)
    assert "midstream" in set(audit.flows["outcome"])
    assert [len(names) for names in audit.flows["witnesses"]] == [1] * len(audit.flows)


def test_recordings_of_a_tap_and_of_a_host_are_put_together() -> None:
    folder = CAPTURES / "forgets-no-beat"
    config = {"config": folder / "config", "resolve": False}
    alone = auditor.audit(folder / "capture.pcap", **config)
    both = auditor.audit([folder / "capture.pcap", folder / "live-dir-all.pcapng"], **config)
    assert len(both.flows) == len(alone.flows)
    names = ["initiator_port", "connection", "heartbeat_verdict", "outcome"]
    ends = [sorted(one.flows[names].itertuples(index=False)) for one in (alone, both)]
    assert [tuple(map(str, one)) for one in ends[0]] == [tuple(map(str, one)) for one in ends[1]]
