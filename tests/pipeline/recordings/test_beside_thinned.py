"""Thinned files of a recording beside full ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutting import cut, differences, judgement, recorded
from paths import CAPTURES
from pieces_of_tape import PORTS, facts, later, written
from scene import DIR, DIRECTOR, FD1, SD1, Wire

import auditor
from auditor.evidence.thin_file import thin_to
from auditor.pipeline.recordings.copies import COPY
from auditor.pipeline.recordings.track_recordings import track_recordings

NAMES = ["trouble", "refusals", "forgets-no-beat"]


def thinned(path: Path, *, piece: bool = False) -> Path:
    to = path.parent / f"{path.stem}.thin.pcapng"
    with to.open("wb") as file:
        thin_to(str(path), file.write, {*PORTS, 5432}, piece=piece)
    return to


@pytest.mark.parametrize("name", NAMES)
def test_a_thinned_part_of_a_full_file_changes_nothing(name: str, tmp_path: Path) -> None:
    source = CAPTURES / name / "capture.pcap"
    network = auditor.load_network(config=CAPTURES / name / "config", resolve=False)
    whole = auditor.audit(source, network=network)
    packets = len(recorded(source.read_bytes()).packets)
    for place in (packets // 3, packets // 2):
        first, rest = cut(source, [place], tmp_path)
        for given in ([thinned(first), source], [source, thinned(rest, piece=True), first]):
            found = auditor.audit(given, network=network)
            assert differences(whole, found, frames=False) == []
            assert set(found.captures["recording"]) == {1}
            notes = found.captures.set_index("name")["notes"]
            assert COPY in next(notes[path] for path in notes.index if ".thin." in path)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("piece", [False, True])
def test_a_thinned_file_goes_on_in_a_full_one(name: str, piece: bool, tmp_path: Path) -> None:
    source = CAPTURES / name / "capture.pcap"
    network = auditor.load_network(config=CAPTURES / name / "config", resolve=False)
    whole = auditor.audit(source, network=network)
    first, rest = cut(source, [len(recorded(source.read_bytes()).packets) // 2], tmp_path)
    found = auditor.audit([thinned(first, piece=piece), rest], network=network)
    assert judgement(found) == judgement(whole)
    assert found.captures["name"].tolist() == [
        str(tmp_path / f"{first.stem}.thin.pcapng"),
        str(rest),
    ]


def tape() -> Wire:
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(40, 4)
    return wire.dial(DIR, SD1, 9103, DIRECTOR).beats(9, 3).hang_up()


@pytest.mark.parametrize("lacking", ["ports", "way", "time"])
def test_what_only_the_thinned_file_shows_is_not_lost(lacking: str, tmp_path: Path) -> None:
    frames = tape().frames
    whole = track_recordings(written(tmp_path, whole=frames), PORTS)
    some = {
        "ports": [one for one in frames if b"\x23\x8f" not in one.data[34:38]],
        "way": [one for one in frames if b"\x0a\x00\x00\x0a\x0a\x00\x00" in one.data],
        "time": frames[len(frames) // 2 :],
    }[lacking]
    assert 0 < len(some) < len(frames)
    given = [str(thinned(tmp_path / "whole.pcap")), *written(tmp_path, some=some)]
    found = track_recordings(given, PORTS)
    assert len(found) == 1
    assert [flow.outcome for flow in found[0].flows] == [flow.outcome for flow in whole[0].flows]
    assert [len(flow.initiator.probes) for flow in found[0].flows] == [
        len(flow.initiator.probes) for flow in whole[0].flows
    ]


def test_another_recording_stays_one_of_its_own(tmp_path: Path) -> None:
    other = Wire().dial(DIR, SD1, 9103, DIRECTOR).beats(20, 3).frames
    full, thin = written(tmp_path, full=tape().frames, thin=later(other, 7_000))
    found = track_recordings([str(thinned(Path(thin))), full], PORTS)
    assert [one.info.thinned for one in found] == [False, True]
    assert [one.copies for one in found] == [(), ()]
    alone = track_recordings([full], PORTS)
    assert list(map(facts, found[0].flows)) == list(map(facts, alone[0].flows))
