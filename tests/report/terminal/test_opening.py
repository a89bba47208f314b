"""What was read, and the verdict in one line."""

from __future__ import annotations

from typing import Any

import pytest
from audits import CAPTURE, FINDING, FLOW, made

from auditor.report.interface import RenderOptions
from auditor.report.terminal.opening import render_captures, render_verdict
from auditor.report.terminal.screen import Screen
from auditor.report.terminal.view import View

DAY_NS = 86_400_000_000_000
STRANGER = {**FLOW, "connection": "", "numbered": False}
UNDECIDED = {**FINDING, "verdict": "unknown"}
WAIVED = {**FINDING, "waived": "known"}
ROW = {"id": "3:dir>fd", "connection": "3"}
NOTE = {**FINDING, "severity": "info", "verdict": "note"}
LOW, HIGH = ({**FINDING, "severity": severity} for severity in ("low", "high"))


def verdict(**rows: Any) -> str:
    screen = Screen(RenderOptions())
    render_verdict(screen, View(made(**rows)))
    return screen.text().strip()


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        ([], "pass: nothing failed; 4 checks passed"),
        ([UNDECIDED, WAIVED], "pass: nothing failed; 4 checks passed, 1 undecided, 1 waived"),
        ([LOW], "fail (low): 1 finding; 4 checks passed"),
        ([LOW, HIGH, LOW], "fail (high): 3 findings (1 high, 2 low); 4 checks passed"),
        (
            [LOW, {**FINDING, "severity": "info", "verdict": "note"}],
            "fail (low): 1 finding; 4 checks passed",
        ),
    ],
)
def test_the_verdict_counts_what_failed_and_what_else_there_is(findings: Any, line: str) -> None:
    assert verdict(flows=[FLOW], findings=findings) == line


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ({}, "the captures hold no TCP segment on any of the site's ports"),
        ({"flows": [STRANGER]}, "no connection has the number of a Bareos connection"),
        (
            {"flows": [STRANGER], "expectations": [ROW]},
            "this configuration describes none of the connections: is it that of another network?",
        ),
    ],
    ids=["no flow", "no number", "another network"],
)
def test_an_audit_that_could_not_look_says_why(rows: dict[str, Any], why: str) -> None:
    assert verdict(**rows) == f"could not look: {why}"


def captures(*changes: dict[str, Any], width: int = 100) -> list[str]:
    screen = Screen(RenderOptions(width=width))
    render_captures(screen, View(made(captures=[{**CAPTURE, **one} for one in changes])))
    return screen.text().splitlines()


def test_a_capture_over_midnight_has_both_dates() -> None:
    (line,) = captures({"last": CAPTURE["first"] + DAY_NS, "duration_s": 86400.0})
    assert line.endswith("24 h, 2027-01-15 08:00:00 – 2027-01-16 08:00:00 UTC")


def test_a_capture_takes_a_second_line_only_where_it_must() -> None:
    (line,) = captures({}, width=200)
    assert captures({}, width=len(line)) == [line]
    assert captures({}, width=len(line) - 1) == ["a.pcap", line.replace("a.pcap", "").rstrip()]


def test_losses_and_notes_are_below_their_capture() -> None:
    broken = {"incomplete": True, "incomplete_reason": "3 packets were lost", "notes": ["a", "b"]}
    assert captures(broken, {"name": "b.pcap"})[1:4] == [
        "  ! incomplete: 3 packets were lost",
        "  • a",
        "  • b",
    ]
