"""What an audit counts is true of every recording, with all of its configuration and with parts."""

from __future__ import annotations

from functools import cache

import pytest
from paths import CAPTURES

import auditor
from auditor.cli.errors import ExitCode, exit_code
from auditor.judge.rules.rule import load_rules

HEARTBEATS = ("heartbeat-missing", "heartbeat-interval-wrong")
RECORDINGS = ("heartbeat", "trouble", "refusals", "beat-other")
#: The whole configuration, and each host's own.
PARTS = [
    (recording, part)
    for recording in RECORDINGS
    for part in ("", *(p.name for p in sorted((CAPTURES / recording / "config").iterdir())))
]


@cache
def audited(recording: str, part: str) -> auditor.Audit:
    folder = CAPTURES / recording
    return auditor.audit(folder / "capture.pcap", config=folder / "config" / part, resolve=False)


@pytest.mark.parametrize(("recording", "part"), PARTS)
def test_an_audit_fails_exactly_where_a_finding_does(recording: str, part: str) -> None:
    audit = audited(recording, part)
    found = audit.findings
    fails = bool(((found["verdict"] == "fail") & (found["waived"] == "")).any())
    assert (audit.verdict == "fail") is (exit_code(audit) >= ExitCode.LOW) is fails
    assert not (found.query("verdict == 'fail'")["severity"] == "info").any()


@pytest.mark.parametrize(("recording", "part"), PARTS)
def test_a_rule_abstains_only_where_it_would_fail(recording: str, part: str) -> None:
    audit = audited(recording, part)
    table = audit.tables["flows"]
    for rule in (rule for rule in load_rules() if rule.about == "flows"):
        would = {table.row(int(index))["id"] for index in rule.fail.mask(table).nonzero()[0]}
        of_rule = audit.findings[audit.findings["rule"] == rule.id]
        abstains = of_rule[of_rule["verdict"] == "unknown"]["flows"].explode()
        assert set(abstains.dropna()) <= would, rule.id


@pytest.mark.parametrize(("recording", "part"), PARTS)
def test_no_heartbeat_passes_that_was_not_seen(recording: str, part: str) -> None:
    audit = audited(recording, part)
    seen = audit.flows.query("heartbeat_verdict == 'pass' and confidence != 'guess'")
    for rule in HEARTBEATS:
        assert audit.passed[rule] <= len(seen)
    by_socket = audit.flows.query("socket_verdict == 'pass'")
    assert audit.proof.heartbeats <= len(seen) + len(by_socket)


@pytest.mark.parametrize(("recording", "part"), PARTS)
def test_a_guess_neither_fails_nor_proves_anything(recording: str, part: str) -> None:
    audit = audited(recording, part)
    guessed = set(audit.flows.query("confidence == 'guess'")["id"])
    whatever = {rule.id for rule in load_rules() if rule.any_number}
    fails = audit.fails[~audit.fails["rule"].isin(whatever)]
    assert guessed.isdisjoint(fails["flows"].explode().dropna())
    assert audit.proof.numbered <= len(audit.flows) - len(guessed)


def test_what_was_seen_of_the_recorded_heartbeats_and_what_was_not() -> None:
    proof = audited("heartbeat", "").proof
    assert (proof.heartbeats, proof.unobserved) == (13, 12)
