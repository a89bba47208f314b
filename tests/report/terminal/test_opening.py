"""The first lines: the verdict, what it rests on, and what was read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from audits import CAPTURE, FINDING, FLOW, made

from auditor.report.interface import RenderOptions
from auditor.report.terminal.opening import render_captures, render_opening
from auditor.report.terminal.screen import Screen
from auditor.report.told.view import View

DAY_NS = 86_400_000_000_000
STRANGER = {**FLOW, "connection": "", "numbered": False}
UNDECIDED = {**FINDING, "verdict": "unknown"}
WAIVED = {**FINDING, "waived": "known"}
ROW = {"id": "3:dir>fd", "connection": "3"}
NOTE = {**FINDING, "severity": "info", "verdict": "note"}
LOW, HIGH = ({**FINDING, "severity": severity} for severity in ("low", "high"))


def opening(look: RenderOptions | None = None, **rows: Any) -> list[str]:
    screen = Screen(look or RenderOptions(width=200))
    render_opening(screen, View(made(captures=(), **rows)))
    return screen.text().splitlines()


CONFIGURED = {"expectations": [ROW]}
PROVEN = "who dials whom: 1 proven; heartbeats: 1 proven"


@pytest.mark.parametrize(
    ("findings", "lines"),
    [
        ([], [f"pass: {PROVEN}"]),
        ([UNDECIDED, WAIVED], [f"pass: {PROVEN}; 1 undecided, 1 waived"]),
        ([LOW], ["fail (low): 1 finding", PROVEN.capitalize()]),
        ([LOW, HIGH, LOW], ["fail (high): 3 findings (1 high, 2 low)", PROVEN.capitalize()]),
        ([LOW, NOTE], ["fail (low): 1 finding", PROVEN.capitalize()]),
    ],
)
def test_the_verdict_counts_what_failed_and_says_what_was_proven(
    findings: Any, lines: list[str]
) -> None:
    about_another = [{**row, "flow": "f9"} for row in findings]
    assert opening(flows=[FLOW], findings=about_another, **CONFIGURED) == lines


def test_what_the_headline_counts_as_open_is_not_counted_twice() -> None:
    first = opening(flows=[FLOW], findings=[{**HIGH, "verdict": "unknown"}], **CONFIGURED)[0]
    assert first == "unknown: 1 finding that would be high could not be decided"
    both = [{**row, "verdict": "unknown"} for row in (HIGH, LOW)]
    assert opening(flows=[FLOW], findings=both, **CONFIGURED)[0].endswith("; 2 undecided")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"confidence": "likely"},
            "who dials whom: 1 likely; heartbeats: 1 proven",
        ),
        (
            {"heartbeat_verdict": "unknown"},
            "who dials whom: 1 proven; heartbeats: 0 proven, 1 not observable",
        ),
        (
            {"heartbeat_verdict": "unknown", "socket_verdict": "pass"},
            "who dials whom: 1 proven; heartbeats: 1 proven",
        ),
        (
            {"heartbeat_verdict": "notapplicable"},
            "who dials whom: 1 proven",
        ),
    ],
    ids=["likely", "nothing seen", "by the socket", "none due"],
)
def test_a_pass_is_only_of_what_was_proven(change: dict[str, str], line: str) -> None:
    assert opening(flows=[{**FLOW, **change}], **CONFIGURED) == [f"pass: {line}"]


def test_without_a_configuration_a_pass_is_of_ports_and_hellos() -> None:
    assert opening(flows=[FLOW]) == [
        "pass: ports and hellos show nothing wrong in 1 connection; heartbeats: 1 proven"
    ]


@pytest.mark.parametrize(("flow", "known"), [("", "1 connection"), (FLOW["id"], "No connection")])
def test_without_one_what_fails_is_not_among_those_with_nothing_wrong(
    flow: str, known: str
) -> None:
    line = opening(flows=[FLOW], findings=[{**LOW, "flow": flow, "flows": [flow]}])[1]
    assert line.partition(";")[0] == f"{known} in which ports and hellos show nothing wrong"


def test_a_flow_that_fails_proves_nothing() -> None:
    lines = opening(flows=[FLOW], findings=[LOW], **CONFIGURED)
    assert lines[1] == "Who dials whom: none proven"


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ({}, "the captures hold no TCP segment on any of the site's ports"),
        ({"flows": [{**FLOW, "outcome": "unanswered"}]}, "no connection was accepted"),
        (
            {"flows": [{**FLOW, "confidence": "guess"}]},
            "what each connection is can only be guessed",
        ),
        ({"flows": [STRANGER]}, "no connection has the number of a Bareos connection"),
        (
            {"flows": [STRANGER], "expectations": [ROW]},
            "this configuration describes none of the connections: is it that of another network?",
        ),
    ],
    ids=["no flow", "no answer", "only guesses", "no number", "another network"],
)
def test_an_audit_that_could_not_look_says_why(rows: dict[str, Any], why: str) -> None:
    assert opening(**rows)[0] == f"could not look: {why}"


def captures(*changes: dict[str, Any], width: int = 100) -> list[str]:
    screen = Screen(RenderOptions(width=width))
    render_captures(screen, View(made(captures=[{**CAPTURE, **one} for one in changes])))
    return screen.text().splitlines()[2:]


def test_one_capture_of_which_nothing_is_to_be_said_is_in_the_opening_only() -> None:
    assert captures({}) == []
    screen = Screen(RenderOptions())
    render_opening(screen, View(made()))
    assert "a.pcap: 9 packets, 90 s, 2027-01-15 08:00:00 – 08:01:30 UTC" in screen.text()


def test_a_capture_with_a_long_path_is_called_by_its_name() -> None:
    screen = Screen(RenderOptions(width=80))
    render_opening(screen, View(made(captures=[{**CAPTURE, "name": f"/{'a' * 40}/b.pcap"}])))
    assert "\nb.pcap: 9 packets, 90 s, " in screen.text()


def test_many_captures_are_counted_in_the_opening() -> None:
    screen = Screen(RenderOptions())
    render_opening(screen, View(made(captures=[CAPTURE, {**CAPTURE, "name": "b.pcap"}])))
    assert "2 captures, 18 packets" in screen.text()


def test_of_very_many_captures_those_that_lack_something_are_told_first() -> None:
    """A ring may have ten thousand files."""
    plain: list[dict[str, Any]] = [{"name": f"{number}.pcap"} for number in range(60)]
    plain[7] |= {"notes": ["Nobody recorded."]}
    plain[55] |= {"incomplete": True, "incomplete_reason": "cut"}
    lines = captures(*plain)
    named = [line.split(":")[0].split()[-1] for line in lines if ".pcap:" in line]
    assert named == [f"{number}.pcap" for number in (*range(39), 55)]
    assert any("Nobody recorded." in line for line in lines)
    assert any("incomplete: cut" in line for line in lines)
    assert lines[-1].endswith("and 20 more captures; the JSON report has each")
    assert "more" not in captures(*plain[:40])[-1]


def test_a_capture_over_midnight_has_both_dates() -> None:
    line, _ = captures({"last": CAPTURE["first"] + DAY_NS, "duration_s": 86400.0}, {})
    assert line.endswith("24 h, 2027-01-15 08:00:00 – 2027-01-16 08:00:00 UTC")


def test_losses_and_notes_are_below_their_capture() -> None:
    broken = {"incomplete": True, "incomplete_reason": "3 packets were lost", "notes": ["a", "b"]}
    assert captures(broken, {"name": "b.pcap"})[1:4] == [
        "    incomplete: 3 packets were lost",
        "    a",
        "    b",
    ]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("/etc/bareos",), "configuration in /etc/bareos"),
        (("a", "/b", "c"), "configuration in a, /b and 1 more"),
    ],
)
def test_without_a_folder_that_holds_all_places_it_names_what_was_given(
    given: tuple[str, ...], line: str
) -> None:
    screen = Screen(RenderOptions(width=200))
    audit = made(captures=(), flows=[FLOW])
    render_opening(screen, View(replace(audit, basis=replace(audit.basis, configuration=given))))
    assert screen.text().splitlines()[-1] == line
