"""What an audit comes to: the verdict, the worst severity that failed, and the summary."""

from __future__ import annotations

from typing import Any

import pytest
from audits import CAPTURE, FINDING, FLOW, made
from hypothesis import given
from hypothesis import strategies as st
from paths import CAPTURES

import auditor
from auditor.cli.errors import ExitCode, exit_code
from auditor.judge.verdicts import FOUND, Severity
from auditor.site.connections import connections

STRANGER = {**FLOW, "id": "f2", "connection": "", "numbered": False, "heartbeat_verdict": "unknown"}
WAIVED = {**FINDING, "severity": "high", "waived": "agreed with the owner"}
UNDECIDED = {**FINDING, "severity": "high", "verdict": "unknown"}
NOTE = {**FINDING, "severity": "info", "verdict": "note"}


def finding(severity: str) -> dict[str, Any]:
    return {**FINDING, "severity": severity}


@pytest.mark.parametrize(
    ("findings", "severity", "verdict"),
    [
        ([], "", "pass"),
        ([NOTE], "", "pass"),
        ([WAIVED, UNDECIDED | {"severity": "medium"}], "", "pass"),
        ([UNDECIDED], "", "unknown"),
        ([UNDECIDED, finding("low")], "low", "fail"),
        ([UNDECIDED | {"waived": "known"}], "", "pass"),
        ([finding("low"), NOTE], "low", "fail"),
        ([finding("low"), finding("high"), finding("medium")], "high", "fail"),
        ([WAIVED, finding("medium"), finding("low")], "medium", "fail"),
    ],
    ids=[
        "nothing",
        "note",
        "waived or undecided",
        "grave and open",
        "grave, open, and a fail",
        "grave and waived",
        "low",
        "the worst counts",
        "beside a waived",
    ],
)
def test_the_worst_fail_that_no_waiver_covers_decides(
    findings: list[dict[str, Any]], severity: str, verdict: str
) -> None:
    audit = made(flows=[FLOW], findings=findings)
    assert (audit.severity, audit.verdict) == (severity, verdict)


def test_fails_are_counted_by_severity_worst_first() -> None:
    found = [finding("low"), finding("high"), finding("low"), WAIVED, UNDECIDED]
    counts = made(findings=found).fails_by_severity
    assert list(counts) == ["high", "medium", "low"]
    assert list(counts.values()) == [1, 0, 2]


def test_notes_are_counted_apart_from_what_fails() -> None:
    found = [finding("low"), NOTE, NOTE, {**NOTE, "waived": "known"}]
    audit = made(findings=found)
    assert audit.summary()["by_severity"] == {"high": 0, "medium": 0, "low": 1, "info": 2}
    assert list(audit.fails["severity"]) == ["low"]


_FOUND = st.fixed_dictionaries(
    {"waived": st.sampled_from(["", "known"])},
).flatmap(
    lambda cells: st.sampled_from(
        [{**FINDING, **cells, "severity": s, "verdict": v} for s in Severity for v in FOUND]
    )
)


@given(st.lists(_FOUND.filter(lambda row: row["severity"] != "info" or row["verdict"] != "fail")))
def test_an_audit_fails_exactly_where_a_finding_does_that_nobody_waived(
    found: list[dict[str, Any]],
) -> None:
    audit = made(flows=[FLOW], findings=found)
    fails = any(row["verdict"] == "fail" and not row["waived"] for row in found)
    assert (audit.verdict == "fail") is (audit.summary()["verdict"] == "fail") is fails
    assert (exit_code(audit) >= ExitCode.LOW) is fails


@pytest.mark.parametrize(
    ("flows", "blind"),
    [([], True), ([STRANGER], True), ([STRANGER, FLOW], False)],
    ids=["no flow", "no number", "one number"],
)
def test_an_audit_without_a_numbered_flow_saw_nothing_to_judge(
    flows: list[dict[str, Any]], blind: bool
) -> None:
    audit = made(flows=flows)
    assert audit.blind is blind
    assert audit.verdict == ("unknown" if blind else "pass")


def test_a_fail_outweighs_that_nothing_else_could_be_judged() -> None:
    audit = made(flows=[STRANGER], findings=[finding("low")])
    assert (audit.blind, audit.verdict) == (True, "fail")


@pytest.mark.parametrize(
    ("flows", "findings", "shown"),
    [
        ([], [], "<Audit unknown: 0 flows, 0 fails>"),
        ([FLOW], [], "<Audit pass: 1 flows, 0 fails>"),
        ([FLOW], [finding("low"), finding("high")], "<Audit fail (high): 1 flows, 2 fails>"),
    ],
)
def test_its_repr_is_the_verdict_in_a_line(flows: Any, findings: Any, shown: str) -> None:
    assert repr(made(flows=flows, findings=findings)) == shown


def test_the_summary_has_verdict_counts_and_coverage() -> None:
    expectations = [
        {"id": "3:dir>fd", "connection": "3", "exercised": True},
        {"id": "6:fd>sd", "connection": "6", "exercised": False},
    ]
    second = {**FLOW, "id": "f3", "connection": "3"}
    audit = made(
        flows=[FLOW, STRANGER, second],
        findings=[finding("low"), WAIVED, UNDECIDED],
        expectations=expectations,
    )
    assert audit.summary() == {
        "verdict": "fail",
        "by_severity": {"high": 0, "medium": 0, "low": 1, "info": 0},
        "statements": [],
        "by_connection": {**dict.fromkeys(connections(), 0), "3": 1, "5a": 1},
        "coverage": {
            "flows": 3,
            "unnumbered": 1,
            "proven": 1,
            "likely": 0,
            "heartbeats_proven": 1,
            "heartbeats_unobserved": 1,
            "expectations": 2,
            "exercised": 1,
            "heartbeats": {"pass": 2, "unknown": 1},
            "unknowns": 1,
            "waived": 1,
            "known": 0,
            "passed": 4,
            "unobserved": 0,
            "complete": True,
        },
    }


def test_one_incomplete_capture_makes_the_whole_incomplete() -> None:
    broken = {**CAPTURE, "name": "b.pcap", "incomplete": True}
    coverage = made(captures=[CAPTURE, broken]).summary()["coverage"]
    assert isinstance(coverage, dict)
    assert coverage["complete"] is False


def test_each_table_is_a_frame_with_its_rows() -> None:
    row = {"id": "3:dir>fd", "connection": "3"}
    probe = {"flow": "f1", "capture": "a.pcap", "side": "initiator"}
    audit = made(flows=[FLOW], findings=[FINDING], expectations=[row], probes=[probe])
    assert audit.captures["name"].tolist() == ["a.pcap"]
    assert audit.flows["id"].tolist() == ["f1"]
    assert audit.probes["side"].tolist() == ["initiator"]
    assert audit.expectations["id"].tolist() == ["3:dir>fd"]
    assert audit.findings["rule"].tolist() == ["connection-refused"]
    assert audit.flows is audit.flows


def test_the_fails_are_the_findings_that_count() -> None:
    named = {**finding("low"), "rule": "identity-mismatch"}
    assert made(findings=[WAIVED, UNDECIDED, named]).fails["rule"].tolist() == ["identity-mismatch"]


def test_what_a_baseline_had_does_not_count() -> None:
    known = {**FINDING, "known_since": 1_700_000_000_000_000_000}
    audit = made(flows=[FLOW], findings=[known, {**known, "waived": "old"}])
    assert (audit.verdict, audit.known, len(audit.fails)) == ("pass", 1, 0)
    assert audit.summary()["coverage"]["known"] == 1  # type: ignore[index]
    assert made(flows=[FLOW], findings=[known, FINDING]).verdict == "fail"
    assert audit.proof.certain == made(flows=[FLOW], findings=[FINDING]).proof.certain == 0


def test_rules_that_judge_nothing_here_are_no_pass():
    """Green is what was proven: who chooses a rule that judges no row has looked at nothing."""
    recording = CAPTURES / "cleartext" / "capture.pcap"
    chosen = auditor.audit(recording, only_rules=["heartbeat-missing"], resolve=False)
    assert not any(chosen.passed.values()) and chosen.findings.empty
    assert (chosen.blind, chosen.verdict) == (True, "unknown")


@pytest.mark.parametrize(
    "options", [{}, {"only_rules": ["unknown-initiator"]}, {"skip_rules": ["heartbeat-missing"]}]
)
def test_rules_that_judge_something_are_one(options):
    recording = CAPTURES / "heartbeat"
    audit = auditor.audit(
        recording / "capture.pcap", config=recording / "config", resolve=False, **options
    )
    assert (audit.blind, audit.verdict) == (False, "pass")
