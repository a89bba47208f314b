"""Files → recordings: which are one, which are not, and what of them is told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from paths import CAPTURES
from pieces_of_tape import PORTS, facts, watched, written
from scene import DIR, DIRECTOR, FD1, FD2, SD1, Wire
from tape import Frame

from auditor.errors import CaptureError
from auditor.pipeline.recordings import together
from auditor.pipeline.recordings.source import NEVER_ENDS, Source
from auditor.pipeline.recordings.track_recordings import track_recordings
from auditor.pipeline.recordings.unwatched import Unwatched
from auditor.pipeline.track_capture import TrackedCapture, Tracking, track_capture

DAY = 86_400


def tape(*, seconds: float = 40) -> Wire:
    """Return connections that overlap, one of which is open to the end."""
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(seconds, 4)
    return wire.dial(DIR, SD1, 9103, DIRECTOR).hang_up().dial(DIR, FD2, 9102, DIRECTOR).beats(9, 3)


def of(wire: Wire, folder: Path) -> TrackedCapture:
    """Return what one file of all frames shows."""
    return track_capture(*written(folder, whole=wire.frames), PORTS)


def unwatched(one: TrackedCapture) -> Unwatched:
    return Unwatched(one.holes, one.doubts, one.info.last)


def assert_equal(found: Sequence[TrackedCapture], whole: TrackedCapture) -> None:
    assert len(found) == 1
    assert list(map(facts, found[0].flows)) == list(map(facts, whole.flows))
    assert (found[0].info.first, found[0].info.last) == (whole.info.first, whole.info.last)


@pytest.mark.parametrize("cuts", [(1, 2), (3, 20), (9, 10), (17, 30)])
def test_pieces_in_any_order_are_one_recording(cuts: tuple[int, int], tmp_path: Path) -> None:
    wire = tape()
    one, two = cuts
    frames = wire.frames
    paths = written(tmp_path, c=frames[:one], a=frames[one:two], b=frames[two:])
    for order in permutations(paths):
        found = track_recordings(order, PORTS)
        assert_equal(found, of(wire, tmp_path))
        assert [file.name for file in found[0].files] == paths
        assert [file.before for file in found[0].files] == [0, one, two]
        assert found[0].holes == ()


@pytest.mark.parametrize("ways", [1, 2, 3])
def test_two_directions_in_two_files_are_put_together(ways: int, tmp_path: Path) -> None:
    """As from a tap with two outputs; the more so with a file of both beside them."""
    wire = tape()
    sent = [frame for frame in wire.frames if b"\x0a\x00\x00\x0a\x0a\x00\x00" in frame.data]
    got = [frame for frame in wire.frames if frame not in sent]
    assert sent
    assert got
    files = {"tx": sent, "rx": got, "both": wire.frames}
    paths = written(tmp_path, **dict(list(files.items())[: max(ways, 2)]))
    assert_equal(track_recordings(paths, PORTS), of(wire, tmp_path))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_packets_that_the_tap_delivered_twice_still_are_there_twice(
    count: int, tmp_path: Path
) -> None:
    """Only what another file has too is left out."""
    wire = tape()
    for _ in range(count):
        wire.send(wire.connection.peer(next(iter(wire.connection.halves))), b"x" * 9).duplicate()
    whole = of(wire, tmp_path)
    assert sum(flow.duplicates for flow in whole.flows) == count
    frames = wire.frames
    paths = written(tmp_path, a=frames, b=frames[30:], c=frames[:-3])
    assert_equal(track_recordings(paths, PORTS), whole)


def test_what_overlaps_is_followed_once_and_in_order_of_time(tmp_path: Path) -> None:
    frames = tape().frames
    paths = written(tmp_path, a=frames[:25], b=frames[5:], c=frames[12:31])
    seen: list[tuple[int, int]] = []
    with patch.object(Tracking, "take", watched(Tracking.take, seen)):
        assert len(track_recordings(paths[:1], PORTS)) == 1
        assert len(seen) == 25
        seen.clear()
        track_recordings(paths, PORTS)
    times = [time for time, _ in seen]
    assert times == sorted(times)
    assert len(times) == len(frames)
    assert len({number for _, number in seen}) == len(frames)


@pytest.mark.parametrize("skew", [0.5, 0.000_1, -0.002])
def test_two_taps_are_two_recordings(skew: float, tmp_path: Path) -> None:
    frames = tape().frames
    later = [Frame(one.time + round(skew * 1e9), one.data, one.wire) for one in frames]
    found = track_recordings(written(tmp_path, a=frames, b=later), PORTS)
    assert [len(one.flows) for one in found] == [3, 3]
    assert [one.files for one in found] == [(), ()]


def test_captures_of_other_days_are_recordings_of_their_own_unless_something_goes_on(
    tmp_path: Path,
) -> None:
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(5, 3)
    here = len(wire.frames)
    other = [Frame(one.time + DAY * 10**9, one.data, one.wire) for one in tape().frames]
    paths = written(tmp_path, monday=wire.frames, tuesday=other)
    assert [len(one.flows) for one in track_recordings(paths, PORTS)] == [1, 3]
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).beats(5, 3).beats(DAY, 1).beats(5, 3)
    paths = written(tmp_path, monday=wire.frames[:here], tuesday=wire.frames[here:])
    (one,) = track_recordings(paths[::-1], PORTS)
    assert len(one.flows) == 1
    ((begin, end),) = one.holes
    assert end - begin >= DAY * 10**9
    assert unwatched(one).cuts(one.flows[0])
    assert one.longest < 100 * 10**9


def test_thinned_captures_of_two_hosts_and_full_ones_are_apart() -> None:
    folder = CAPTURES / "self-copy"
    names = ("live-dir-all.pcapng", "live-sd1-all.pcapng", "capture.pcap")
    found = track_recordings([str(folder / name) for name in names], PORTS)
    assert sorted(Path(one.info.name).name for one in found) == sorted(names)
    begins = [one.info.first for one in found]
    assert begins == sorted(begins, key=lambda one: one or 0)


def test_progress_of_pieces_adds_up_to_their_size(tmp_path: Path) -> None:
    frames = tape().frames
    paths = written(tmp_path, a=frames[:9], b=frames[9:20], c=frames[20:])
    steps: list[int] = []
    track_recordings(paths, PORTS, steps.append)
    assert sum(steps) == sum(Path(path).stat().st_size for path in paths)


@pytest.mark.parametrize("content", [b"", b"no capture, but long enough to be looked at"])
def test_one_that_is_no_capture_is_refused(content: bytes, tmp_path: Path) -> None:
    paths = written(tmp_path, a=tape().frames)
    (tmp_path / "bad").write_bytes(content)
    for missing in (str(tmp_path / "bad"), str(tmp_path / "none"), str(tmp_path)):
        with pytest.raises(CaptureError):
            track_recordings([*paths, missing], PORTS)


def test_a_file_under_two_names_is_read_once(tmp_path: Path) -> None:
    (path,) = written(tmp_path, a=tape().frames)
    (tmp_path / "link").symlink_to(path)
    (tmp_path / "hard").hardlink_to(path)
    found = track_recordings([path, str(tmp_path / "link"), str(tmp_path / "hard"), path], PORTS)
    assert [one.info.name for one in found] == [path]
    assert found[0].files == ()


def test_files_without_a_packet_are_there_and_say_nothing(tmp_path: Path) -> None:
    wire = tape()
    frames = wire.frames
    paths = written(tmp_path, none=[], a=frames[:9], nothing=[], b=frames[9:])
    found = track_recordings(paths, PORTS)
    assert_equal(found, of(wire, tmp_path))
    assert {file.name for file in found[0].files} == set(paths)
    assert track_recordings(paths[::2], PORTS)[0].flows == ()


def test_a_file_that_is_missing_in_the_middle_is_a_hole_however_short(tmp_path: Path) -> None:
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR)
    for _ in range(12):
        wire.talk()
    frames = wire.frames
    a, b, c = written(tmp_path, a=frames[:15], b=frames[15:30], c=frames[30:])
    (whole,) = track_recordings([a, b, c], PORTS)
    assert whole.holes == ()
    (one,) = track_recordings([c, a], PORTS)
    assert one.holes == ((frames[14].time, frames[30].time),)
    assert unwatched(one).cuts(one.flows[0])


def test_what_was_not_heard_after_a_file_that_nothing_goes_on_from_is_not_known(
    tmp_path: Path,
) -> None:
    """The next file of a ring goes on; any other one may lack what lies between."""
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR).talk()
    cut = len(wire.frames)
    frames = wire.dial(DIR, SD1, 9103, DIRECTOR).beats(0.4, 3).frames
    for names, doubts in ((("tap_9", "tap_10"), 0), (("tap_9", "tap_11"), 1), (("a", "b"), 1)):
        parts = dict(zip(names, (frames[:cut], frames[cut:]), strict=True))
        (one,) = track_recordings(written(tmp_path, **parts), PORTS)
        assert (len(one.holes), len(one.doubts)) == (0, doubts)
        cuts = [unwatched(one).cuts(flow) for flow in one.flows]
        assert cuts == [bool(doubts), False]


def test_the_same_is_seen_where_files_before_it_overlap(tmp_path: Path) -> None:
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR)
    for _ in range(12):
        wire.talk()
    frames = wire.frames
    paths = written(tmp_path, a=frames[:15], b=frames[10:20], d=frames[30:])
    (one,) = track_recordings(paths, PORTS)
    assert one.holes == ((frames[19].time, frames[30].time),)
    paths = written(tmp_path, a=frames[:15], b=frames[10:20], d=frames[20:])
    (one,) = track_recordings(paths, PORTS)
    assert (one.holes, one.doubts) == ((), ())


def test_pieces_behind_urls_are_one_recording_too(tmp_path: Path) -> None:
    wire = tape()
    paths = written(tmp_path, a=wire.frames[:12], b=wire.frames[12:])
    assert_equal(
        track_recordings([f"file://{path}" for path in paths[::-1]], PORTS), of(wire, tmp_path)
    )


@pytest.mark.parametrize("most", [1, 2, 5])
def test_of_many_files_that_overlap_few_are_open(most: int, tmp_path: Path) -> None:
    """As where a recording was split by connections, or by hosts."""
    wire = tape()
    frames = wire.frames
    parts = {f"f{n}": [*frames[:2], *frames[2 + n : -1 : 9], frames[-1]] for n in range(9)}
    paths = written(tmp_path, **parts)
    opened: list[int] = []

    def counted(self: Source, *given: Any) -> None:
        init(self, *given)
        sources.append(self)
        opened.append(sum(one.bound != NEVER_ENDS for one in sources))

    init, sources = Source.__init__, list[Source]()
    with patch.object(together, "_MOST_OPEN", most), patch.object(Source, "__init__", counted):
        assert_equal(track_recordings(paths, PORTS), of(wire, tmp_path))
    assert len(opened) == 9
    assert max(opened) <= most
