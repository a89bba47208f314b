"""What each connection survives: nothing that was not seen is called kept."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FLOW, made, recorded

from auditor.report.told.survival import Survival, survivals
from auditor.report.told.view import View

ROW = {
    "id": "5a:dir>sd",
    "connection": "5a",
    "permission": "allowed",
    "heartbeat_s": 60,
    "idle_s": 60,
    "heartbeat_reason": "r",
}
SEEN = {**FLOW, "expectation": "5a:dir>sd", "silence_survived_s": 60.5}


def one(row: dict[str, Any] | None = None, *flows: dict[str, Any]) -> Survival:
    audit = made(expectations=[{**ROW, **(row or {})}], flows=[{**SEEN, **flow} for flow in flows])
    (found,) = survivals(View(audit))
    return found


@pytest.mark.parametrize(
    ("row", "set_to", "survives"),
    [
        ({}, "60 s", "67.5 s"),
        ({"heartbeat_s": 0, "idle_s": 7200}, "system", "2 h 15 min"),
        ({"heartbeat_s": 900, "idle_s": 900}, "900 s", "16 min 52 s"),
        ({"heartbeat_s": None, "idle_s": None}, "?", "?"),
        ({"heartbeat_s": 60, "idle_s": None}, "60 s", "?"),
    ],
)
def test_its_first_probe_is_an_eighth_late_at_most(
    row: dict[str, Any], set_to: str, survives: str
) -> None:
    assert (one(row).set_to, one(row).survives) == (set_to, survives)


def test_of_what_was_not_seen_there_is_no_verdict() -> None:
    assert (one().verdict, one().reason, one().seen) == ("", "r", "")


def test_the_worst_verdict_counts() -> None:
    fail = {"heartbeat_verdict": "fail", "heartbeat_fault": "missing", "heartbeat_reason": "none"}
    found = one({}, {}, fail)
    assert (found.verdict, found.reason, found.flows) == ("fail", "none", 2)


def test_a_socket_proves_what_no_probe_could() -> None:
    told = {"heartbeat_verdict": "unknown", "socket_verdict": "pass", "socket_reason": "it is set"}
    assert (one({}, told).verdict, one({}, told).reason) == ("pass", "it is set")


def test_probes_and_silences_are_taken_together() -> None:
    found = one({}, {}, {"heartbeat_observed_s": 66.0, "silence_survived_s": 70.0})
    assert (found.seen, found.probes, found.answered, found.silence) == ("60.5–66 s", 6, 6, 70.0)
    assert one({}, {}).seen == "60.5 s"


def test_what_is_forbidden_survives_nothing() -> None:
    assert survivals(View(made(expectations=[{**ROW, "permission": "forbidden"}]))) == []


def test_the_intervals_of_a_recording() -> None:
    found = {(s.row["id"], s.set_to, s.verdict) for s in survivals(View(recorded("heartbeat")))}
    assert ("4:fd3>bareos-dir", "5 s", "pass") in found
    assert ("12:bareos-dir>MyCatalog", "system", "unknown") in found
