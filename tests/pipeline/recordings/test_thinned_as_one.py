"""Captures of one recording in one file of evidence: its audit is that of the captures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from cutting import cut, judgement, recorded
from paths import CAPTURES
from pieces_of_tape import PORTS, later, written
from scene import DIR, DIRECTOR, FD1, SD1, Wire
from tape import Frame

import auditor
from auditor.errors import CaptureError, OutputError
from auditor.evidence import blocks
from auditor.evidence.packet import Interface, Packet
from auditor.evidence.thin_file import thin_capture
from auditor.outputs import evidence_guard
from auditor.packets import read_capture
from auditor.packets.link_types import ETHERNET
from auditor.pipeline.recordings import thinned_as_one
from auditor.pipeline.recordings.thinned_as_one import thin_as_one

NAMES = ["trouble", "refusals", "forgets-no-beat", "cases/40-bacula-site", "self-copy"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lap", [0, 30])
def test_it_is_judged_as_its_captures_are(name: str, lap: int, tmp_path: Path) -> None:
    source = CAPTURES / name / "capture.pcap"
    network = auditor.load_network(config=source.parent / "config", resolve=False)
    chance = random.Random(f"{name}{lap}")
    last = len(recorded(source.read_bytes()).packets)
    pieces = cut(source, chance.sample(range(1, last), 4), tmp_path, lap=lap)
    chance.shuffle(pieces)
    out = tmp_path / "one.pcapng"
    for given in (pieces, pieces[1:]):  # nobody recorded for a time, if one is missing
        done = auditor.thin(given, out, network=network, force=True)
        assert done.octets_in == sum(one.stat().st_size for one in given)
        assert done.octets_out == out.stat().st_size
        found = auditor.audit(out, network=network)
        assert judgement(found) == judgement(auditor.audit(given, network=network))
        assert len(found.captures) == 1


def test_it_is_the_evidence_of_the_whole(tmp_path: Path) -> None:
    source = CAPTURES / "refusals" / "capture.pcap"
    thin_capture(str(source), str(tmp_path / "one"), PORTS)
    pieces = list(map(str, cut(source, [50, 300], tmp_path)))
    for given in (pieces, pieces[::-1], [str(source)]):
        thin_as_one(given, str(tmp_path / "two"), PORTS, guard=evidence_guard(force=True))
        assert (tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()


def test_times_in_which_nobody_recorded_are_in_it(tmp_path: Path) -> None:
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(40, 6)
    frames = wire.frames
    given = written(tmp_path, a=frames[:10], b=[*frames[-4:], *later(frames[-4:], 400)])
    for paths in (given, [str(tmp_path / "again")]):  # thinned once more it has them still
        out = tmp_path / ("again" if paths is given else "twice")
        thin_as_one(paths, str(out), PORTS)
        with read_capture(str(out), PORTS) as reader:
            list(reader)
            assert reader.info.holes == ((frames[9].time, frames[-4].time),)


def from_interface(name: str, frames: Sequence[Frame]) -> bytes:
    """Return a pcapng file of frames that were captured on one interface."""
    packets = (blocks.packet(Packet(one.time, 0, one.data, len(one.data))) for one in frames)
    described = blocks.interface(Interface(name, ETHERNET), "", "")
    return blocks.section("", "", "") + described + b"".join(packets)


@pytest.mark.parametrize("lap", [0, 4])
def test_packets_keep_their_interfaces(lap: int, tmp_path: Path) -> None:
    frames = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(9, 8).frames
    assert len(frames) > 18
    parts = {"eth0": frames[:9], "eth1": frames[9 - lap : 15], "eth0 again": frames[15:]}
    for name, some in parts.items():
        (tmp_path / name).write_bytes(from_interface(name[:4], some))
    out = str(tmp_path / "o")
    thin_as_one([str(tmp_path / name) for name in parts], out, PORTS)
    rows: dict[str, list[int]] = {}
    with read_capture(out, PORTS) as reader:
        for batch in reader:
            for time, number in batch.segments[["time", "interface"]].tolist():
                rows.setdefault(reader.interfaces[number].name, []).append(time)
        assert [one.name for one in reader.interfaces] == ["eth0", "eth1"]
    begin, end = frames[9].time, frames[14].time
    assert all(begin <= time <= end for time in rows["eth1"])
    assert any(time > end for time in rows["eth0"])
    assert any(time < begin for time in rows["eth0"])


def test_interfaces_are_counted(tmp_path: Path) -> None:
    frames = Wire().dial(DIR, FD1, 9102, DIRECTOR).frames
    given = written(tmp_path, a=frames[:3], b=frames[3:])
    with (
        patch.object(thinned_as_one, "_MOST_INTERFACES", 0),
        pytest.raises(CaptureError, match="thin fewer at once"),
    ):
        thin_as_one(given, str(tmp_path / "o"), PORTS)


def test_several_recordings_are_refused(tmp_path: Path) -> None:
    one = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(9, 3).frames
    other = later(Wire().dial(DIR, SD1, 9103, DIRECTOR).hang_up().frames, 9_000)
    given = written(tmp_path, a=one, b=other)
    with pytest.raises(CaptureError, match=r"are 2 recordings, which begin with .*a\.pcap, .*b\."):
        thin_as_one(given, str(tmp_path / "o"), PORTS)
    assert not (tmp_path / "o").exists()
    with pytest.raises(CaptureError, match="by itself"):
        thin_as_one(["-", *given], str(tmp_path / "o"), PORTS)


def test_names_are_replaced_in_all_of_it(tmp_path: Path) -> None:
    source = CAPTURES / "refusals" / "capture.pcap"
    pieces = list(map(str, cut(source, [100], tmp_path)))
    out = tmp_path / "o"
    done = thin_as_one(pieces, str(out), {*PORTS, 5432}, anonymize=True)
    assert done.octets_out == out.stat().st_size
    assert b"bareos-dir" not in out.read_bytes()
    assert len(auditor.audit(out).flows) == len(auditor.audit(pieces).flows)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    frames = Wire().dial(DIR, FD1, 9102, DIRECTOR).frames
    given = written(tmp_path, a=frames[:3], b=frames[3:])
    (tmp_path / "o").write_text("mine")
    with pytest.raises(OutputError):
        thin_as_one(given, str(tmp_path / "o"), PORTS, guard=evidence_guard(force=False))
    assert (tmp_path / "o").read_text() == "mine"
