"""Which files are of one recording, by what was surveyed of them."""

from __future__ import annotations

import numpy as np

from auditor.packets.segments import CaptureInfo
from auditor.pipeline.recordings.assignment import assigned
from auditor.pipeline.recordings.sketch import CONNECTION_SEEN, SEGMENT_SEEN, Sketch
from auditor.pipeline.recordings.survey import Surveyed

S = 1_000_000_000


def file(
    name: str, begin: int, end: int, *, pause: int = S, seen: int = 0, connection: int = 0
) -> Surveyed:
    """Return a file of so many seconds; ``seen`` is a segment that it has at its end."""
    info = CaptureInfo(name, "pcap", "", "", first=begin * S, last=end * S)
    segments = np.array([(seen, end * S)] if seen else [], SEGMENT_SEEN)
    connections = np.array([(connection, 3)] if connection else [], CONNECTION_SEEN)
    return Surveyed(name, info, begin * S, end * S, pause, Sketch(segments, connections))


def names(*files: Surveyed) -> list[list[str]]:
    return [[one.path for one in recording.files] for recording in assigned(files)]


def test_files_that_adjoin_are_one() -> None:
    assert names(file("a", 0, 10), file("b", 10, 20), file("c", 22, 30)) == [["a", "b", "c"]]


def test_a_pause_longer_than_any_within_is_a_hole_and_a_long_one_ends_a_recording() -> None:
    (one,) = assigned([file("a", 0, 10), file("b", 70, 80)])
    assert one.holes == [(10 * S, 70 * S)]
    (one,) = assigned([file("a", 0, 10, pause=60 * S), file("b", 70, 80)])
    assert one.holes == []
    assert names(file("a", 0, 10), file("b", 700, 710)) == [["a"], ["b"]]
    known = file("a", 0, 10, connection=5), file("b", 700, 710, connection=5)
    assert names(*known) == [["a", "b"]]
    assert assigned(known)[0].holes == [(10 * S, 700 * S)]


def test_files_that_overlap_and_have_nothing_in_common_are_apart() -> None:
    assert names(file("a", 0, 10), file("b", 5, 20)) == [["a"], ["b"]]
    assert names(file("a", 0, 10), file("b", 2, 8)) == [["a"], ["b"]]


def test_what_is_in_both_at_one_time_joins_them() -> None:
    assert names(file("a", 0, 10, seen=7), file("b", 5, 10, seen=7)) == [["a", "b"]]
    assert names(file("a", 0, 10, seen=7), file("b", 5, 9, seen=7)) == [["a"], ["b"]]


def test_of_two_taps_each_goes_on_by_the_names_of_its_files() -> None:
    files = [
        file("x/east1", 0, 10, seen=1),
        file("x/west1", 0, 11, seen=1),
        file("x/west2", 11, 20),
        file("x/east2", 12, 21),
        file("y/east3", 30, 31),
    ]
    assert names(*files) == [["x/east1", "x/east2", "y/east3"], ["x/west1", "x/west2"]]
