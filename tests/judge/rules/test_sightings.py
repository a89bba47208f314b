"""What is found several times under one id is one row, and nothing of it is lost."""

from __future__ import annotations

from typing import Any

import pytest
from audits import recorded

from auditor.judge.rules.sightings import sightings_together

Row = dict[str, Any]


def row(flow: str = "f1", message: str = "it failed", **changes: Any) -> Row:
    return {
        "id": "rule-1",
        "rule": "rule",
        "verdict": "fail",
        "waived": "",
        "confidence": "certain",
        "message": message,
        "count": 1,
        "first": 5,
        "last": 5,
        "flow": flow,
        "flows": [flow],
        "rules": ["rule"],
        "affects": ["3:a>b"],
        "sources": [f"{flow}.conf:1"],
        "evidence": ["syns=1"],
        **changes,
    }


@pytest.mark.parametrize("times", [2, 1234])
def test_what_is_said_alike_is_said_once_with_how_often(times: int) -> None:
    rows = [
        row(f"f{n}", f"after {n}.5 s (limit {n})", first=n + 1, last=n + 10) for n in range(times)
    ]
    (one,) = sightings_together(rows)
    assert one["message"] == f"after 0.5 s (limit 0) (× {times:,})"
    assert (one["count"], one["first"], one["last"]) == (times, 1, times + 9)
    assert one["flows"] == [f"f{n}" for n in range(min(times, 1000))]
    assert one["evidence"] == ["syns=1"]
    assert len(one["sources"]) == times


def test_what_is_said_otherwise_is_kept_as_evidence() -> None:
    rows = [row(message="sent 3 SYN to 10.0.0.20"), row("f2", "sent 4 SYN to 10.0.0.21")]
    (one,) = sightings_together([*rows, row("f3", "sent 9 SYN to 10.0.0.21 (× 4)", count=4)])
    assert one["message"] == "sent 3 SYN to 10.0.0.20"
    assert one["evidence"] == ["syns=1", "rule: sent 4 SYN to 10.0.0.21 (× 5)"]
    many = sightings_together([row(message=f"to tap{n}.pcap") for n in range(30)])[0]
    assert len(many["evidence"]) == 10
    assert many["evidence"][-1] == "and 21 other messages"


def test_the_surest_is_told_and_what_was_told_apart_comes_before_a_crowd() -> None:
    crowd = row("f9", "maybe", confidence="likely", count=5000)
    (one,) = sightings_together([crowd, row("f7", count=400), row("f8")])
    assert (one["flow"], one["confidence"], one["message"]) == (
        "f8",
        "certain",
        "it failed (× 401)",
    )
    assert one["flows"] == ["f8", "f7", "f9"]


@pytest.mark.parametrize("what", [{"id": "rule-2"}, {"verdict": "unknown"}, {"waived": "known"}])
def test_others_stay_apart(what: Row) -> None:
    rows = [row(), row("f2", **what)]
    assert sightings_together(rows) == rows


def test_of_captures_there_are_no_times() -> None:
    (one,) = sightings_together([row(first=None, last=None), row("f2", first=None, last=None)])
    assert (one["first"], one["last"], one["count"]) == (None, None, 2)


@pytest.mark.parametrize("name", ["cleartext", "trouble", "heartbeat"])
def test_no_recording_has_two_rows_of_one_finding(name: str) -> None:
    table = recorded(name).tables["findings"]
    keys = list(zip(*(table.values(one) for one in ("id", "verdict", "waived")), strict=True))
    assert len(keys) == len(set(keys)) > 0
