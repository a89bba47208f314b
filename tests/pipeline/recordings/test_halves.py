"""The two directions of a tap, by clocks that differ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from cutting import recorded
from paths import CAPTURES
from pcapfile import pcap
from pieces_of_tape import PORTS, facts, later, written
from scene import DIR, DIRECTOR, FD1, SD1, Wire
from tape import Frame

import auditor
from auditor.pipeline.recordings.assignment import Recording
from auditor.pipeline.recordings.halves import in_one_time
from auditor.pipeline.recordings.survey import survey
from auditor.pipeline.recordings.track_recordings import track_recordings
from auditor.pipeline.track_capture import track_capture


def directions(seconds: float = 40) -> tuple[list[Frame], list[Frame], list[Frame]]:
    """Return what a tap saw, what of it went one way, and what the other."""
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(seconds, 4)
    frames = wire.dial(DIR, SD1, 9103, DIRECTOR).beats(9, 3).hang_up().frames
    sent = [one for one in frames if one.data[26:30] == bytes(map(int, DIR.split(".")))]
    return frames, sent, [one for one in frames if one not in sent]


@pytest.mark.parametrize("skew", [0.0001, 0.03, -0.5, 2.5, -4])
def test_times_are_put_right(skew: float, tmp_path: Path) -> None:
    frames, sent, got = directions()
    whole = track_capture(*written(tmp_path, whole=frames), PORTS)
    given = written(tmp_path, sent=sent, got=later(got, skew))
    for order in (given, given[::-1]):
        (found,) = track_recordings(order, PORTS)
        assert [flow.outcome for flow in found.flows] == [flow.outcome for flow in whole.flows]
        for one, other in zip(found.flows, whole.flows, strict=True):
            mine, its = (flow.initiator.probes for flow in (one, other))
            assert len(mine) == len(its)
            apart = [abs(a.interval - b.interval) for a, b in zip(mine, its, strict=True)]
            assert max(apart, default=0) < 1_000_000
            assert not one.tampering
        told = [note for one in found.files for note in one.notes if "times are put right" in note]
        assert len(told) == (abs(skew) > 0.001)


def test_clocks_that_agree_are_left_alone(tmp_path: Path) -> None:
    frames, sent, got = directions()
    whole = track_capture(*written(tmp_path, whole=frames), PORTS)
    (found,) = track_recordings(written(tmp_path, sent=sent, got=got), PORTS)
    assert list(map(facts, found.flows)) == list(map(facts, whole.flows))


def pieces(frames: Sequence[Frame], *places: int) -> list[list[Frame]]:
    bounds = [0, *places, len(frames)]
    return [list(frames[a:b]) for a, b in pairwise(bounds)]


def test_rings_of_both_directions_have_two_clocks(tmp_path: Path) -> None:
    frames, sent, got = directions()
    whole = track_capture(*written(tmp_path, whole=frames), PORTS)
    one, two = pieces(sent, 9, 14), pieces(later(got, 0.7), 7)
    named = {f"tx{n}": some for n, some in enumerate(one)}
    named |= {f"rx{n}": some for n, some in enumerate(two)}
    (found,) = track_recordings(written(tmp_path, **named), PORTS)
    assert len(found.files) == 5
    assert [flow.outcome for flow in found.flows] == [flow.outcome for flow in whole.flows]
    assert [len(flow.initiator.probes) for flow in found.flows] == [
        len(flow.initiator.probes) for flow in whole.flows
    ]


def test_a_file_of_both_directions_says_that_the_clocks_agree(tmp_path: Path) -> None:
    frames, sent, got = directions()
    given = written(tmp_path, sent=sent, got=got, both=frames)
    (one,) = in_one_time([Recording(survey(given, PORTS))], PORTS)
    assert [file.ahead for file in one.files] == [0, 0, 0]


def test_clocks_that_run_apart_are_two_recordings(tmp_path: Path) -> None:
    """Of each connection one direction is known then, and nothing is judged by the other."""
    _, sent, got = directions()
    begin = got[0].time
    drifting = [Frame(begin + (one.time - begin) * 101 // 100, one.data, one.wire) for one in got]
    found = track_recordings(written(tmp_path, sent=sent, got=drifting), PORTS)
    assert len(found) == 2
    assert all(flow.one_sided for one in found for flow in one.flows)


@pytest.mark.parametrize("name", ["heartbeat", "trouble", "refusals"])
@pytest.mark.parametrize("skew", [0.003, -0.5])
def test_nothing_else_is_found_in_recordings(name: str, skew: float, tmp_path: Path) -> None:
    source = CAPTURES / name / "capture.pcap"
    network = auditor.load_network(config=CAPTURES / name / "config", resolve=False)
    ways: tuple[list[tuple[int, bytes]], ...] = ([], [])
    for record in recorded(source.read_bytes()).records:
        seconds, micros = (int.from_bytes(record[k : k + 4], "little") for k in (0, 4))
        back = record[28:30] == b"\x08\x00" and record[42:46] > record[46:50]
        time = seconds * 10**9 + micros * 1000 + (round(skew * 1e9) if back else 0)
        ways[back].append((time, record[16:]))
    for way, frames in zip("ab", ways, strict=True):
        (tmp_path / way).write_bytes(pcap(frames, nanoseconds=True))
    found = auditor.audit([tmp_path / "a", tmp_path / "b"], network=network)
    whole = auditor.audit(source, network=network)
    names = ["rule", "verdict", "count"]
    rows = [sorted(map(tuple, one.findings[names].values)) for one in (found, whole)]
    assert rows[0] == rows[1]
