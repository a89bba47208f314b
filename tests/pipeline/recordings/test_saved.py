"""In which captures a connection is, by the tables of an audit."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.judge.tables.table import build
from auditor.pipeline.recordings.saved import Captures

S = 1_000_000_000
ROWS: list[dict[str, Any]] = [
    {"name": name, "recording": recording, "first": first, "last": last}
    for name, recording, first, last in (
        ("a", 1, 0, 9 * S), ("b", 1, 10 * S, 19 * S), ("none", 1, None, None),
        ("c", 1, 20 * S, 29 * S), ("d", 1, 21 * S, 22 * S), ("z", 2, 0, 99 * S),
    )
]  # fmt: skip


def flow(first: str, last: str | None, started: int, seconds: float) -> dict[str, Any]:
    return {
        "capture": first, "last_capture": last, "started": started * S, "duration_s": seconds,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "names"),
    [
        (flow("a", "a", 1, 2), ["a"]),
        (flow("a", "d", 5, 17), ["a", "b", "c", "d"]),
        (flow("b", "c", 11, 9), ["b", "c"]),
        (flow("a", "c", 5, 14), ["a", "b"]),
        (flow("z", None, 5, 14), ["z"]),
        (flow("gone", "a", 5, 14), ["gone"]),
    ],
)
def test_a_flow_is_in_the_captures_of_its_time(row: dict[str, Any], names: list[str]) -> None:
    assert Captures(build("captures", ROWS)).of(row) == names


def test_captures_of_one_recording_have_that_in_common() -> None:
    captures = Captures(build("captures", ROWS))
    assert captures.recording("a") == captures.recording("d") != captures.recording("z")
    assert captures.recording("gone") == "gone"
    old = Captures(build("captures", [{"name": "p"}, {"name": "q"}]))
    assert (old.recording("p"), old.recording("q")) == ("p", "q")


def test_frames_of_a_recording_are_numbers_in_its_captures() -> None:
    rows = [
        {"name": "a", "recording": 1, "packets": 10, "frames_before": 0},
        {"name": "b", "recording": 1, "packets": 5, "frames_before": 10},
    ]
    captures = Captures(build("captures", rows))
    assert captures.numbers("a", [1, 10, 11]) == {1, 10}
    assert captures.numbers("b", [1, 10, 11, 15, 16]) == {1, 5}
    assert captures.numbers("gone", [7]) == {7}
    assert Captures(build("captures", [{"name": "old"}])).numbers("old", [7]) == {7}
