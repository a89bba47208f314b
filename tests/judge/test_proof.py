"""What an audit's flows prove: nothing that was guessed, refused or found to be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FLOW, made

from auditor.judge.proof import Proof, proof
from auditor.judge.tables.table import build


def proven(*changes: dict[str, Any], failed: set[str] | None = None) -> Proof:
    rows = [{**FLOW, "id": f"f{n}", **change} for n, change in enumerate(changes, 1)]
    return proof(build("flows", rows), failed or set())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (1, 0, 1, 0)),
        ({"confidence": "likely"}, (0, 1, 1, 0)),
        ({"confidence": "guess"}, (0, 0, 0, 1)),
        ({"identity_proven": False}, (0, 1, 1, 0)),
        ({"identity_proven": False, "identity_type": ""}, (1, 0, 1, 0)),
        ({"configured": True}, (0, 0, 0, 1)),
        ({"configured": True, "expectation": "5a:dir>sd"}, (1, 0, 1, 0)),
        ({"numbered": False}, (0, 0, 0, 1)),
        ({"outcome": "midstream"}, (1, 0, 1, 0)),
        ({"outcome": "refused", "heartbeat_verdict": "notapplicable"}, (0, 0, 0, 0)),
        ({"login_refused": True}, (0, 0, 0, 1)),
        ({"heartbeat_verdict": "unknown"}, (1, 0, 0, 1)),
        ({"heartbeat_verdict": "unknown", "socket_verdict": "pass"}, (1, 0, 1, 0)),
        ({"socket_verdict": "fail"}, (1, 0, 0, 1)),
    ],
)
def test_a_flow_proves_what_was_seen_of_it(
    change: dict[str, Any], expected: tuple[int, int, int, int]
) -> None:
    assert tuple(proven(change)) == expected


def test_a_flow_that_a_finding_fails_proves_nothing() -> None:
    found = proven({}, {}, failed={"f2"})
    assert (found.certain, found.heartbeats, found.numbered) == (1, 1, 1)


def test_an_audit_of_guesses_alone_could_not_look() -> None:
    audit = made(flows=[{**FLOW, "confidence": "guess"}])
    assert (audit.blind, audit.verdict) == (True, "unknown")
