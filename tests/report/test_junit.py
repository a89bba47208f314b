"""JUnit: green is what was proven, and the published schema takes every report."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from audits import FINDING, FLOW, made, recorded
from forge import EVIL
from paths import CAPTURES

import auditor
from auditor.judge.verdicts import Severity
from auditor.report import Format, reporter
from auditor.result import Audit, Basis

RULE = FINDING["rule"]


@cache
def schema() -> Any:
    etree: Any = import_module("lxml.etree")
    path = Path(__file__).parent / "published" / "junit-10.xsd"
    return etree, etree.XMLSchema(etree.parse(str(path)))


def read(text: str) -> dict[tuple[str, str], ElementTree.Element | None]:
    """Return the outcome of each test case, by suite and name; None: it passed."""
    etree, published = schema()
    published.assertValid(etree.fromstring(text.encode()))
    root = ElementTree.fromstring(text)
    cases = {
        (suite.attrib["name"], case.attrib["name"]): next(
            (child for child in case if child.tag != "system-out"), None
        )
        for suite in root
        for case in suite
    }
    assert int(root.attrib["tests"]) == len(cases)
    for mark in ("failure", "error"):
        found = sum(one is not None and one.tag == mark for one in cases.values())
        assert int(root.attrib[f"{mark}s"]) == found
    return cases


def told(audit: Audit) -> dict[tuple[str, str], str]:
    cases = read(reporter(Format.JUNIT).audit(audit))
    return {key: "pass" if one is None else one.tag for key, one in cases.items()}


@pytest.mark.parametrize("name", ["trouble", "heartbeat", "modes", "lan"])
def test_each_rule_and_each_expectation_is_a_case(name: str) -> None:
    audit = recorded(name)
    found = told(audit)
    rules = {rule for suite, rule in found if suite == "rules"}
    assert rules == {rule.id for rule in audit.rules}
    listed = {case for suite, case in found if suite.startswith("connection ")}
    assert listed == set(audit.tables["expectations"].values("id"))
    failed = {rule for (suite, rule), tag in found.items() if (suite, tag) == ("rules", "failure")}
    assert failed == set(audit.fails["rule"])


@pytest.mark.parametrize("name", ["trouble", "heartbeat", "modes", "lan"])
def test_green_is_what_passed_somewhere_and_failed_nowhere(name: str) -> None:
    audit = recorded(name)
    spoiled = set(audit.findings["rule"])
    for (suite, case), tag in told(audit).items():
        if suite == "rules" and tag == "pass":
            assert audit.passed[case] > 0
            assert case not in spoiled
        if suite.startswith("connection ") and tag == "pass":
            flows = audit.flows.query("expectation == @case")
            assert {"certain"} <= set(flows["confidence"])


def test_a_healthy_network_has_no_failure_and_no_error() -> None:
    assert not {"failure", "error"} & set(told(recorded("heartbeat")).values())


def test_a_failure_says_where_and_what_to_do() -> None:
    cases = read(reporter(Format.JUNIT).audit(recorded("trouble")))
    one = cases["rules", "connection-unanswered"]
    assert one is not None
    assert one.attrib["type"] == "medium"
    assert "sent 7 SYN to storage daemon sd1" in one.attrib["message"]
    lines = (one.text or "").splitlines()
    assert "  see captures/trouble/config/dir/etc/bareos-dir.d/client/fd2.conf:3" in lines
    assert any(line.startswith("  do: Open the port") for line in lines)
    assert any(line.startswith("  finding connection-unanswered-") for line in lines)


def test_a_connection_that_failed_is_red_and_one_that_was_not_seen_is_neither() -> None:
    found = told(recorded("trouble"))
    by_name = {name: tag for (suite, name), tag in found.items() if suite.startswith("connection")}
    assert by_name["3:bareos-dir>fd2"] == "failure"
    assert by_name["3:bareos-dir>fd1"] == "pass"
    assert by_name["3:bareos-dir>fd3"] == "skipped", "forbidden, and not seen is not proven"


@pytest.mark.parametrize(
    ("severities", "fail_on", "outcome", "kind"),
    [
        (["medium"], "high", "skipped", "medium"),
        (["medium", "high"], "high", "failure", "high"),
        (["low", "medium"], "medium", "failure", "medium"),
        (["low", "low"], "medium", "skipped", "low"),
        (["medium"], "medium", "failure", "medium"),
    ],
)
def test_what_is_less_than_counts_is_no_failure_and_is_told(
    severities: list[str], fail_on: str, outcome: str, kind: str
) -> None:
    rows = [
        {**FINDING, "id": f"{RULE}-{number}", "severity": severity, "message": f"{number} is so"}
        for number, severity in enumerate(severities)
    ]
    audit = made(flows=[FLOW], findings=rows)
    audit = replace(audit, basis=replace(audit.basis, fail_on=Severity(fail_on)))
    one = read(reporter(Format.JUNIT).audit(audit))["rules", RULE]
    assert one is not None
    assert (one.tag, one.attrib["type"]) == (outcome, kind)
    said = f"does not count with --fail-on {fail_on}: "
    assert one.attrib["message"].startswith(said) == (outcome == "skipped")
    assert all(f"{number} is so" in (one.text or "") for number in range(len(rows)))


def test_something_grave_and_undecided_is_an_error_beside_what_does_not_count() -> None:
    lesser = {**FINDING, "severity": "low"}
    grave = {**FINDING, "id": f"{RULE}-1", "severity": "high", "verdict": "unknown"}
    audit = made(flows=[FLOW], findings=[lesser, grave])
    audit = replace(audit, basis=replace(audit.basis, fail_on=Severity.MEDIUM))
    assert told(audit)["rules", RULE] == "error"


@pytest.mark.parametrize(
    ("row", "outcome", "kind"),
    [
        ({}, "failure", "medium"),
        ({"verdict": "unknown", "severity": "high"}, "error", "high"),
        ({"verdict": "unknown", "severity": "medium"}, "skipped", "medium"),
        ({"verdict": "note", "severity": "info"}, "skipped", "info"),
        ({"waived": "we know"}, "skipped", "waived"),
        ({"known_since": 1_800_000_000_000_000_000}, "skipped", "waived"),
    ],
)
def test_a_finding_is_what_it_counts_for(row: dict[str, Any], outcome: str, kind: str) -> None:
    finding = {**FINDING, "severity": "medium", **row}
    cases = read(reporter(Format.JUNIT).audit(made(flows=[FLOW], findings=[finding])))
    one = cases["rules", RULE]
    assert one is not None
    assert (one.tag, one.attrib["type"]) == (outcome, kind)


def test_what_holds_nothing_is_an_error() -> None:
    """Every rule is skipped then: who counts failures would take it for well."""
    found = told(made(captures=()))
    assert found["audit", "there is something to judge"] == "error"
    assert set(found.values()) == {"error", "skipped", "pass"}
    assert [name for (_, name), tag in found.items() if tag == "pass"] == [RULE], "made so"
    assert told(made(flows=[FLOW]))["audit", "there is something to judge"] == "pass"


def test_a_configuration_alone_proves_no_connection() -> None:
    check = auditor.check(CAPTURES / "trouble" / "config", resolve=False, idle_limit="60m")
    found = told(check)
    marks = {tag for (suite, _), tag in found.items() if suite.startswith("connection ")}
    assert marks == {"skipped"}
    assert found["rules", "heartbeat-too-slow"] == "failure"


@pytest.mark.parametrize("evil", [*EVIL, "]]>", "\ufffe\uffff\x00\x0b", "a\"b'c<d>&e", "x" * 5000])
def test_a_hostile_text_is_text(evil: str) -> None:
    row = {**FINDING, "message": evil, "remedy": evil, "sources": [evil], "expectation": evil}
    planned = {"id": evil, "connection": "3", "initiator": evil, "acceptor": evil}
    audit = made(flows=[{**FLOW, "initiator_daemon": evil}], findings=[row], expectations=[planned])
    text = reporter(Format.JUNIT).audit(audit)
    assert not set(text) & set("\x1b\u202e\x00\ufffe")
    cases = read(text)
    assert len([1 for suite, _ in cases if suite.startswith("connection ")]) == 1


def test_many_lines_are_counted() -> None:
    rows = [{**FINDING, "id": f"a-{number}"} for number in range(40)]
    one = read(reporter(Format.JUNIT).audit(made(findings=rows)))["rules", RULE]
    assert one is not None
    assert (one.text or "").endswith(" more lines")


def test_when_it_was_made_is_told() -> None:
    audit = made(flows=[FLOW])
    object.__setattr__(audit, "basis", Basis(made=1_800_000_000_000_000_000))
    assert 'timestamp="2027-01-15T08:00:00"' in reporter(Format.JUNIT).audit(audit)
