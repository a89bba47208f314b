"""How each number stands: green is proven, and what is red was found."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FINDING, FLOW, made, recorded

import auditor
from auditor.report.told.standing import Standing, State, numbers_of, standings, state_of
from auditor.report.told.view import View

ROW = {"id": "5a:dir>sd", "connection": "5a", "permission": "allowed"}
PROVEN = {**FLOW, "expectation": "5a:dir>sd"}
OTHER = {**FINDING, "flow": "", "flows": []}


def of(number: str, **rows: Any) -> Standing:
    rows = {"expectations": [ROW], **rows}
    return next(one for one in standings(View(made(**rows))) if one.number == number)


def test_there_are_thirteen() -> None:
    assert [one.number for one in standings(View(made()))] == [
        *("1", "2", "3", "4", "5a", "5b", "6", "7", "8", "9", "10", "11", "12")
    ]


def test_what_is_proven_passes() -> None:
    standing = of("5a", flows=[PROVEN])
    assert (standing.state, standing.told) == (State.PASS, "1 seen, 1 proven")


@pytest.mark.parametrize(
    "change",
    [
        {"identity_proven": False},
        {"confidence": "likely"},
        {"confidence": "guess"},
        {"expectation": ""},
        {"outcome": "unanswered"},
        {"login_refused": True},
        {"numbered": False},
    ],
)
def test_what_is_not_proven_never_passes(change: dict[str, Any]) -> None:
    standing = of("5a", flows=[PROVEN, {**PROVEN, "id": "f2", **change}])
    assert (standing.state, standing.told) == (State.UNKNOWN, "2 seen, 1 proven")


def test_without_a_configuration_nothing_passes() -> None:
    standing = of("5a", flows=[PROVEN], expectations=())
    assert standing.state is State.UNKNOWN
    assert "no configuration says" in standing.told


@pytest.mark.parametrize(
    "finding",
    [
        FINDING,
        {**OTHER, "affects": ["5a:director dir>storage daemon sd"]},
        {**OTHER, "expectation": "5a:dir>sd"},
    ],
)
def test_a_finding_fails_its_number(finding: dict[str, Any]) -> None:
    assert of("5a", flows=[PROVEN], findings=[finding]).state is State.FAIL
    assert of("6", flows=[PROVEN], findings=[finding]).state is State.IDLE


@pytest.mark.parametrize(
    "excuse", [{"waived": "agreed"}, {"known_since": 1_700_000_000_000_000_000}]
)
def test_what_does_not_count_fails_no_number_and_is_no_proof(excuse: dict[str, Any]) -> None:
    finding = {**FINDING, **excuse}
    standing = of("5a", flows=[PROVEN], findings=[finding])
    assert (standing.state, standing.fails) == (State.UNKNOWN, 0)
    assert standing.told == "1 waived or known; 1 seen, 0 proven"
    assert of("5a", flows=[PROVEN], findings=[finding, FINDING]).state is State.FAIL
    view = View(made(flows=[PROVEN], findings=[finding]))
    assert state_of(view, view.flows[0]) is State.UNKNOWN


def test_what_could_not_be_decided_is_no_pass() -> None:
    standing = of("5a", flows=[PROVEN], findings=[{**FINDING, "verdict": "unknown"}])
    assert (standing.state, standing.undecided) == (State.UNKNOWN, 1)


def test_what_is_forbidden_everywhere_and_was_not_seen_is_told_so() -> None:
    forbidden = {**ROW, "permission": "forbidden"}
    assert of("5a", expectations=[forbidden]).state is State.FORBIDDEN
    assert of("5a", expectations=[forbidden, ROW]).state is State.IDLE
    assert of("5a", expectations=[forbidden], flows=[{**PROVEN, "confidence": "likely"}]).state is (
        State.UNKNOWN
    )


def test_each_flow_stands_for_itself() -> None:
    flows = [PROVEN, {**PROVEN, "id": "f2"}, {**PROVEN, "id": "f3", "confidence": "guess"}]
    view = View(made(flows=flows, findings=[{**FINDING, "flow": "f2", "flows": ["f2"]}]))
    assert [state_of(view, row) for row in view.flows] == [State.PASS, State.FAIL, State.UNKNOWN]


def test_a_number_that_is_none_is_not_shown() -> None:
    view = View(made(findings=[{**OTHER, "affects": ["<b>:x>y", "3:a>b"]}]))
    assert numbers_of(view, view.findings[0]) == {"3"}


def test_in_a_configuration_alone_nothing_was_seen() -> None:
    audit = made(expectations=[ROW])
    check = auditor.Check(audit.tables, {}, {}, audit.rules, ())
    told = {one.number: one.told for one in standings(View(check))}
    assert (told["5a"], told["6"]) == ("called for", "not called for")


def test_all_thirteen_pass_in_the_recording_that_has_them() -> None:
    assert {one.state for one in standings(View(recorded("modes")))} == {State.PASS}
