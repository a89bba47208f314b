"""Captures of two taps that were merged into one file."""

from __future__ import annotations

from pathlib import Path

import pytest
from pieces_of_tape import PORTS, facts, later, written
from scene import DIR, DIRECTOR, FD1, FD3, Wire
from tape import Frame

from auditor.pipeline.recordings.track_recordings import track_recordings
from auditor.pipeline.track_capture import TrackedCapture, track_capture


def talk(beats: int = 6) -> Wire:
    return (
        Wire().dial(DIR, FD1, 9102, DIRECTOR).hang_up().dial(FD3, DIR, 9101).beats(9, beats).talk()
    )


def merged(frames: list[Frame], seconds: float) -> list[Frame]:
    return sorted([*frames, *later(frames, seconds)], key=lambda one: one.time)


def of(folder: Path, frames: list[Frame], name: str = "one") -> TrackedCapture:
    return track_capture(*written(folder, **{name: frames}), PORTS)


@pytest.mark.parametrize("skew", [0.02, 0.1, 0.5, 2.0])
def test_a_skew_of_two_merged_taps_makes_no_interval(skew: float, tmp_path: Path) -> None:
    frames = talk().frames
    whole, both = of(tmp_path, frames), of(tmp_path, merged(frames, skew), "both")
    assert list(map(facts, both.flows)) == list(map(facts, whole.flows))
    (note,) = both.info.notes
    assert f"{skew:.3f} s apart" in note
    assert f"{len(frames)} later copies" in note
    assert whole.info.notes == ()


def test_copies_may_be_in_the_next_batch_and_in_the_next_file(tmp_path: Path) -> None:
    frames = talk(4200).frames
    both = merged(frames, 3.0)
    assert len(both) > 16384
    assert list(map(facts, of(tmp_path, both, "both").flows)) == list(
        map(facts, of(tmp_path, frames).flows)
    )
    few = talk().frames
    both = merged(few, 0.5)
    paths = written(tmp_path, a=both[: len(both) // 2], b=later(both[len(both) // 2 :], 0.0))
    (found,) = track_recordings(paths, PORTS)
    assert any("later copies" in note for note in found.info.notes)


@pytest.mark.parametrize("count", [2, 6])
def test_what_is_sent_again_is_no_copy(count: int, tmp_path: Path) -> None:
    """Also where a host gives one number to all packets, and repeats each second."""
    wire = Wire()
    for _ in range(9):
        wire.attempt(DIR, FD1, 9102)
        frame = wire.frames[-1]
        wire.frames += [
            Frame(frame.time + k * 10**9, frame.data, frame.wire) for k in range(1, count)
        ]
    frames = sorted(wire.frames, key=lambda one: one.time)
    found = of(tmp_path, frames)
    assert (found.info.notes == ()) is (count > 2)


def test_a_few_copies_and_copies_at_odd_times_are_left_to_tracking(tmp_path: Path) -> None:
    frames = talk().frames
    few = sorted([*frames, *later(frames[::5], 0.5)], key=lambda one: one.time)
    odd = [later([one], 0.5 + 0.1 * (at % 7))[0] for at, one in enumerate(frames)]
    for some in (few, sorted([*frames, *odd], key=lambda one: one.time), merged(frames, 0.001)):
        assert of(tmp_path, some).info.notes == ()
    assert of(tmp_path, frames[:5]).info.notes == ()
