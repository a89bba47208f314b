"""What is said of the times between files in which nobody recorded, or may not have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cutting import cut
from paths import CAPTURES

from auditor.api import audit
from auditor.pipeline.recordings.rows import capture_rows
from auditor.pipeline.track_capture import TrackedCapture, track_capture

NS = 1_000_000_000


@pytest.fixture
def tracked() -> TrackedCapture:
    return track_capture(str(CAPTURES / "trouble" / "capture.pcap"), {9101, 9102, 9103})


def notes(one: TrackedCapture) -> list[list[str]]:
    return [row["notes"] for row in capture_rows([one], lambda _: [])]


def test_a_hole_is_told_of_the_file_that_goes_on_after_it(tracked: TrackedCapture) -> None:
    since, until = 1_800_000_000 * NS, 1_800_000_044 * NS
    files = tuple(
        replace(tracked.info, name=name, first=first)
        for name, first in (("a", since - NS), ("b", until), ("c", until + NS))
    )
    one = replace(tracked, files=files, flows=(), holes=((since, until),))
    assert notes(one) == [
        [],
        [
            "Nobody recorded from 2027-01-15 08:00:00 to 2027-01-15 08:00:44 UTC (44 s): "
            "no silence that this cuts is judged."
        ],
        [],
    ]


def test_what_nothing_shows_is_told_as_that(tracked: TrackedCapture) -> None:
    assert tracked.info.first is not None
    begin = tracked.info.first
    ((said,),) = notes(replace(tracked, doubts=((begin, begin + 150 * NS),)))
    assert said.startswith("Nothing shows whether anybody recorded from 2026-11-22 22:35:11 to ")
    assert "(2 min 30 s)" in said


def test_times_within_a_file_are_its_own_and_few_are_named(tracked: TrackedCapture) -> None:
    assert tracked.info.first is not None
    begin = tracked.info.first
    holes = tuple((begin + n * NS, begin + n * NS + 1) for n in range(5))
    ((said,),) = notes(replace(tracked, holes=holes))
    assert said.count("from 2026") == 3
    assert "and 2 more: no silence" in said


def test_an_audit_of_files_of_which_one_is_missing_says_so(tmp_path: Path) -> None:
    first, missing, last = cut(CAPTURES / "heartbeat" / "capture.pcap", [715, 1430], tmp_path)
    with_hole = audit([last, first]).captures["notes"].tolist()
    assert [len(some) for some in with_hole] == [0, 1]
    assert "(43.7 s)" in with_hole[1][0]
    assert audit([last, missing, first]).captures["notes"].tolist() == [[], [], []]
