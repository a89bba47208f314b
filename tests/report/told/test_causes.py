"""What was seen, and the mistake in the configuration that explains it, are told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from audits import FINDING, FLOW, made

from auditor.judge.rules.rule import load_configuration_rules, load_rules
from auditor.report.told.causes import Cause, causes
from auditor.report.told.view import View

REFUSED = {**FINDING, "affects": ["6:file daemon fd>storage daemon sd"], "sources": ["dir.conf:3"]}
LISTENS = {
    "rule": "listens-on-loopback",
    "verdict": "fail",
    "severity": "high",
    "confidence": "certain",
    "message": "sd listens on this machine only",
    "affects": ["6:*>storage daemon sd", "7:storage daemon sd>*"],
    "sources": ["sd.conf:3", "dir.conf:3"],
    "remedy": "Remove the address at sd.conf:3.",
}
PASSWORDS = {**LISTENS, "rule": "password-differs", "remedy": "Write the same."}


def found(*findings: dict[str, Any]) -> tuple[View, list[Cause]]:
    audit = made(flows=[FLOW], findings=findings)
    view = View(replace(audit, rules=(*load_rules(), *load_configuration_rules())))
    return view, causes(view)


def messages(view: View, cause: Cause) -> tuple[list[Any], list[Any]]:
    told, why = cause.happened(view), cause.reasons(view)
    return [group.first["message"] for group in told], [group.first["message"] for group in why]


def test_a_mistake_that_explains_what_was_seen_is_told_with_it() -> None:
    view, (cause,) = found(REFUSED, LISTENS)
    assert messages(view, cause) == (["sd refused"], ["sd listens on this machine only"])
    assert cause.severity == "high"
    assert cause.sources() == ["sd.conf:3", "dir.conf:3"]
    assert cause.remedy == "Remove the address at sd.conf:3."


@pytest.mark.parametrize(
    "change",
    [
        {"affects": ["7:storage daemon sd>file daemon fd"]},
        {"affects": ["6:*>storage daemon other"]},
        {"affects": []},
        {"rule": "time-negative"},
    ],
    ids=["another number", "another end", "none in particular", "it explains nothing"],
)
def test_another_mistake_is_told_apart(change: dict[str, Any]) -> None:
    view, both = found(REFUSED, {**LISTENS, **change})
    assert [messages(view, cause)[0] for cause in both] == [
        ["sd listens on this machine only"],
        ["sd refused"],
    ]


def test_a_finding_that_names_the_lines_itself_is_not_explained_again() -> None:
    said = {**REFUSED, "rule": "login-refused", "severity": "high", "sources": LISTENS["sources"]}
    view, (cause,) = found(said, PASSWORDS)
    assert messages(view, cause) == (["sd refused"], [])
    assert cause.remedy == "Start it."


def test_it_is_named_though_not_told_again() -> None:
    said = {**REFUSED, "rule": "login-refused", "severity": "high", "sources": LISTENS["sources"]}
    _, (cause,) = found(said, PASSWORDS)
    assert cause.others == ["password-differs"]
    _, (cause,) = found(REFUSED, LISTENS)
    assert cause.others == []


def test_a_mistake_whose_lines_a_connection_without_a_number_names_is_told_with_it() -> None:
    said = {**REFUSED, "affects": [], "sources": LISTENS["sources"]}
    view, (cause,) = found(said, LISTENS)
    assert messages(view, cause) == (["sd refused"], [])
    _, both = found({**said, "sources": ["dir.conf:3"]}, LISTENS)
    assert len(both) == 2


def test_what_one_mistake_breaks_twice_is_told_with_it_once() -> None:
    other = {**REFUSED, "message": "sd refused another", "remedy": "Look elsewhere."}
    view, both = found(REFUSED, other, LISTENS)
    assert sum(len(cause.reasons(view)) for cause in both) == 1


def test_what_is_only_written_is_told_for_itself() -> None:
    view, (cause,) = found(LISTENS)
    assert messages(view, cause) == (["sd listens on this machine only"], [])


def test_the_worst_comes_first_and_what_was_seen_before_what_is_written() -> None:
    low = {**REFUSED, "severity": "low", "rule": "capture-incomplete"}
    high = {**REFUSED, "severity": "high", "rule": "identity-mismatch"}
    _, all_ = found(low, {**LISTENS, "affects": []}, high)
    assert [(cause.severity, bool(cause.seen)) for cause in all_] == [
        ("high", True),
        ("high", False),
        ("low", True),
    ]


def test_what_two_rules_say_is_to_be_done_is_told_once() -> None:
    """The probes and the socket of one connection come at the same wrong interval."""
    socket = {**REFUSED, "rule": "socket-heartbeat-wrong", "message": "its socket says so"}
    view, (cause,) = found(REFUSED, socket)
    assert messages(view, cause)[0] == ["sd refused", "its socket says so"]
    _, apart = found(REFUSED, {**socket, "remedy": "Look elsewhere."})
    assert len(apart) == 2


def test_where_all_is_waived_nothing_is_to_be_done() -> None:
    _, (cause,) = found({**REFUSED, "waived": "known"})
    assert cause.remedy == ""


def test_mistakes_are_held_only_against_what_names_their_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thousands of each, where no connection has a number, were held against each other."""
    compared: list[str] = []
    monkeypatch.setattr(
        "auditor.report.told.causes._names_all", lambda *_: bool(compared.append("")) or False
    )
    seen = [{**REFUSED, "affects": [], "sources": [f"d:{n}"], "remedy": f"a{n}"} for n in range(40)]
    written = [
        {**LISTENS, "affects": [], "sources": [f"d:{n}"], "remedy": f"b{n}"} for n in range(40)
    ]
    assert len(found(*seen, *written)[1]) == 80
    assert len(compared) == 40
