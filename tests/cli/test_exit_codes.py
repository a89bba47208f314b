"""The exit code is the verdict (design.md, "Commands")."""

from __future__ import annotations

import struct
from pathlib import Path
from unittest.mock import patch

import pytest
from audits import FINDING, FLOW, made
from commandline import HEARTBEAT, TROUBLE, run

import auditor
from auditor.cli.errors import ExitCode


def exit_of(audit: auditor.Audit, *options: str) -> int:
    with patch("auditor.api.audit", return_value=audit):
        return run("analyze", "a.pcap", *options).exit_code


@pytest.mark.parametrize(
    ("severity", "verdict", "code"),
    [("low", "fail", 12), ("medium", "fail", 13), ("high", "fail", 14), ("info", "note", 0)],
)
def test_a_fail_exits_with_the_code_of_its_severity(severity: str, verdict: str, code: int) -> None:
    found = {**FINDING, "severity": severity, "verdict": verdict}
    assert exit_of(made(flows=[FLOW], findings=[found])) == code


def test_the_worst_severity_decides() -> None:
    rows = [{**FINDING, "severity": severity} for severity in ("low", "high", "medium")]
    assert exit_of(made(flows=[FLOW], findings=rows)) == 14


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("low", "low", 12),
        ("low", "medium", 0),
        ("low", "high", 0),
        ("medium", "low", 13),
        ("medium", "medium", 13),
        ("medium", "high", 0),
        ("high", "high", 14),
    ],
)
def test_only_what_is_grave_enough_counts_and_the_report_says_so(
    severity: str, fail_on: str, code: int
) -> None:
    audit = made(flows=[FLOW], findings=[{**FINDING, "severity": severity}])
    with patch("auditor.api.audit", return_value=audit):
        result = run("analyze", "a.pcap", "--fail-on", fail_on, COLUMNS="140")
    assert result.exit_code == code
    assert result.stdout.startswith(f"fail ({severity}): ")
    assert ("counts for the exit code (--fail-on " in result.stdout) == (code == 0)


def test_what_does_not_count_hides_nothing_that_is_open() -> None:
    lesser = {**FINDING, "severity": "low"}
    undecided = {**FINDING, "severity": "high", "verdict": "unknown"}
    grave = made(flows=[FLOW], findings=[lesser, undecided])
    assert exit_of(grave, "--fail-on=medium") == 3, "green would not be proven"
    assert exit_of(made(flows=(), findings=[lesser]), "--fail-on=high") == 3
    assert exit_of(grave, "--fail-on=low") == 12


def test_check_counts_in_the_same_way() -> None:
    check = ("check", "--config=captures/trouble/config", "--no-resolve", "--idle-limit=60m")
    assert run(*check).exit_code == 13
    done = run(*check, "--fail-on=high")
    assert done.exit_code == 0
    assert "only what is high counts for the exit code (--fail-on high)" in done.stdout


def test_what_is_waived_or_undecided_fails_nothing() -> None:
    rows = [{**FINDING, "waived": "known"}, {**FINDING, "verdict": "unknown"}]
    assert exit_of(made(flows=[FLOW], findings=rows)) == 0


def test_a_capture_without_a_segment_exits_with_3() -> None:
    assert exit_of(made(captures=[{"name": "a.pcap", "segments": 0}])) == 3


def test_captures_without_a_connection_of_bareos_exit_with_3() -> None:
    assert exit_of(made(flows=[{**FLOW, "connection": "", "numbered": False}])) == 3


@pytest.mark.parametrize("severity", ["low", "high"])
def test_exit_zero_silences_every_verdict(severity: str) -> None:
    assert (
        exit_of(made(flows=[FLOW], findings=[{**FINDING, "severity": severity}]), "--exit-zero")
        == 0
    )
    assert exit_of(made(captures=[{"name": "a.pcap", "segments": 0}]), "--exit-zero") == 0


def test_ctrl_c_is_quiet() -> None:
    with patch("auditor.api.audit", side_effect=KeyboardInterrupt):
        result = run("analyze", "a.pcap")
    assert (result.exit_code, result.output) == (ExitCode.INTERRUPTED, "")


def test_the_recordings_exit_as_they_should(tmp_path: Path) -> None:
    assert run(*TROUBLE, "-o", tmp_path / "r").exit_code == 14
    assert run(*HEARTBEAT, "-o", tmp_path / "r").exit_code == 0


def test_a_capture_of_nothing_is_no_pass(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    result = run("analyze", empty)
    assert result.exit_code == 3
    assert "could not look" in result.stdout
