"""The first sentences: they are the terminal's and the page's alike."""

from __future__ import annotations

import pytest
from audits import CAPTURE, FINDING, FLOW, made

import auditor
from auditor.report.told.verdict import (
    aside,
    basis,
    checked_aside,
    headline,
    is_open,
)
from auditor.report.told.verdict import what_was_read as read
from auditor.report.told.view import View
from auditor.site.model import Role

ROW = {"id": "3:dir>fd", "connection": "3"}
OPEN = {**FINDING, "severity": "high", "verdict": "unknown", "flow": "f9"}


def view(**rows: object) -> View:
    return View(made(expectations=[ROW], **rows))  # type: ignore[arg-type]


def test_a_pass_says_what_it_is_said_of() -> None:
    proven = "who dials whom: 1 proven; heartbeats: 1 proven"
    assert headline(view(flows=[FLOW])) == (f"pass: {proven}", "pass")
    assert basis(view(flows=[FLOW])) == proven


def test_a_fail_counts_by_severity() -> None:
    found = [FINDING, {**FINDING, "severity": "high"}]
    told = headline(view(flows=[FLOW], findings=found))
    assert told == ("fail (high): 2 findings (1 high, 1 medium)", "fail")


def test_what_is_open_is_no_pass() -> None:
    there = view(flows=[FLOW], findings=[OPEN])
    assert is_open(there)
    assert headline(there)[1] == "unknown"
    assert aside(there) == ""
    assert aside(view(flows=[FLOW], findings=[{**OPEN, "severity": "low"}])) == "; 1 undecided"


def test_nothing_seen_is_no_pass() -> None:
    told, style = headline(view())
    assert (told, style) == (
        "could not look: the captures hold no TCP segment on any of the site's ports",
        "unknown",
    )


def test_nothing_seen_because_nothing_could_be_read_is_told_by_layer() -> None:
    layer = {**CAPTURE, "undecoded": 9, "undecoded_layers": ["link type 189 (USB of Linux): 9"]}
    told, style = headline(view(captures=[layer]))
    assert told.endswith("site's ports that can be read (link type 189 (USB of Linux): 9)")
    assert style == "unknown"


@pytest.mark.parametrize(
    ("severity", "verdict", "told"),
    [
        ("high", "fail", "fail (high): 1 finding"),
        ("high", "unknown", "unknown: 1 finding that would be high could not be decided"),
        ("low", "unknown", "pass: nothing is wrong in what was read"),
    ],
)
def test_a_configuration_alone_has_a_verdict_too(severity: str, verdict: str, told: str) -> None:
    row = {**FINDING, "flow": "", "severity": severity, "verdict": verdict}
    assert headline(View(check([row])))[0] == told


def test_of_nothing_read_there_is_no_verdict() -> None:
    audit = made()
    empty = auditor.Check(audit.tables, {}, {}, audit.rules, ())
    assert headline(View(empty))[0].startswith("could not look: ")
    assert read(empty) == "Read: no daemon's own files; what was read calls for no connection."


def test_what_does_not_count_in_a_configuration_stands_beside_it() -> None:
    row = {**FINDING, "flow": ""}
    assert checked_aside(check([row])) == ""
    rows = [{**row, "waived": "agreed"}, {**row, "known_since": 1}, row]
    assert checked_aside(check(rows)) == "; 1 waived, 1 known"


def test_whose_configuration_was_read_is_told_by_role() -> None:
    assert read(check([])) == (
        "Read: the configuration of director d, file daemons f1, f2; what was read calls for "
        "1 connection."
    )
    many = read(check([], clients=30))
    assert "f11 and 19 more; what" in many


def check(findings: list[dict[str, object]], clients: int = 2) -> auditor.Check:
    audit = made(expectations=[ROW], findings=findings)
    names = (f"{Role.DIRECTOR} d", *(f"{Role.FILE_DAEMON} f{n + 1}" for n in range(clients)))
    return auditor.Check(audit.tables, {}, {}, audit.rules, (), described=names)
