"""What became of findings from one audit to a later one, and what is not known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from audits import FINDING, FLOW, made, recorded

import auditor
from auditor.comparison import State, compare
from auditor.result import Audit, Basis

GIVEN = Basis(made=1, configuration=("/etc/bareos",))
SEEN = "5a:director dir>storage daemon sd"
ONE = {**FINDING, "id": "connection-refused-1", "affects": [SEEN]}


def audit(*findings: Mapping[str, Any], flows: Any = (FLOW,), basis: Basis = GIVEN) -> Audit:
    return replace(made(flows=flows, findings=findings), basis=basis)


def states(old: Audit, new: Audit) -> list[tuple[str, State, str]]:
    return [(one.id, one.state, one.reason) for one in compare(old, new).findings]


def test_what_both_have_is_unchanged() -> None:
    compared = compare(audit(ONE), audit({**ONE, "message": "sd refused again"}))
    (one,) = compared.findings
    assert (one.state, one.reason, one.message) == (State.UNCHANGED, "", "sd refused again")
    assert not compared.differs


def test_what_only_the_later_has_is_opened() -> None:
    assert states(audit(), audit(ONE)) == [(ONE["id"], State.OPENED, "")]


@pytest.mark.parametrize(
    ("was", "reason"),
    [
        ({"severity": "low"}, "it was low before"),
        ({"waived": "old printer"}, "the waiver for it (old printer) has ended"),
        ({"verdict": "unknown"}, "it could not be decided before"),
    ],
)
def test_what_counted_less_before_is_opened(was: Mapping[str, str], reason: str) -> None:
    assert states(audit({**ONE, **was}), audit(ONE)) == [(ONE["id"], State.OPENED, reason)]


def test_what_became_less_bad_is_unchanged() -> None:
    assert states(audit(ONE), audit({**ONE, "severity": "low"}))[0][1] is State.UNCHANGED


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ({"waived": "known"}, "it is waived: known"),
        ({"verdict": "unknown"}, "it can no longer be decided"),
    ],
)
def test_what_only_counts_no_longer_is_closed_with_that_reason(
    now: Mapping[str, str], reason: str
) -> None:
    assert states(audit(ONE), audit({**ONE, **now})) == [(ONE["id"], State.CLOSED, reason)]


def test_what_was_seen_to_be_right_is_closed() -> None:
    flow = {**FLOW, "connection": "5a"}
    assert states(audit(ONE), audit(flows=[flow])) == [(ONE["id"], State.CLOSED, "")]


def test_of_what_was_not_seen_again_nobody_knows() -> None:
    unseen = "not known to be mended: no such connection was seen"
    for flows in ((), [{**FLOW, "connection": "5a", "acceptor_daemon": "storage daemon sd2"}]):
        assert states(audit(ONE), audit(flows=flows)) == [(ONE["id"], State.CLOSED, unseen)]


def test_a_stranger_that_is_gone_was_not_seen_again() -> None:
    gone = {**ONE, "rule": "unknown-initiator", "affects": []}
    assert states(audit(gone), audit())[0][2] == "it was not seen again"


def test_a_rule_that_was_not_applied_closes_nothing_for_sure() -> None:
    new = audit()
    new = replace(new, rules=tuple(rule for rule in new.rules if rule.id != ONE["rule"]))
    assert states(audit(ONE), new)[0][2] == (
        "not known to be mended: the rule connection-refused was not applied"
    )


@pytest.mark.parametrize("rule", ["connection-refused", "expected-connection-unseen"])
def test_nor_does_a_rule_that_was_left_out(rule: str) -> None:
    new = audit(basis=replace(GIVEN, left_out=(rule,)))
    assert states(audit({**ONE, "rule": rule}), new)[0][2] == (
        f"not known to be mended: the rule {rule} was left out"
    )


def test_nor_does_an_audit_without_a_configuration() -> None:
    written = {**ONE, "rule": "expected-connection-unseen", "affects": []}
    assert states(audit(written), audit(basis=Basis()))[0][2] == (
        "not known to be mended: no configuration was given"
    )
    assert states(audit(written), audit())[0][2] == ""


def test_what_failed_in_neither_is_not_told() -> None:
    note = {**ONE, "verdict": "note", "severity": "info"}
    unknown = {**ONE, "id": "x", "verdict": "unknown"}
    assert states(audit(note, unknown), audit(unknown)) == []


def test_the_weightiest_of_one_id_counts() -> None:
    doubtful = {**ONE, "verdict": "unknown", "severity": "high"}
    for rows in ((ONE, doubtful), (doubtful, ONE)):
        assert states(audit(ONE), audit(*rows))[0][1] is State.UNCHANGED


def test_opened_ones_come_first_and_the_worst_first() -> None:
    def finding(name: str, severity: str) -> Mapping[str, Any]:
        return {**ONE, "id": name, "severity": severity}

    old = audit(finding("a", "low"), finding("b", "high"), finding("same", "high"))
    new = audit(finding("same", "high"), finding("c", "low"), finding("d", "high"))
    assert [one[0] for one in states(old, new)] == ["d", "c", "b", "a", "same"]
    assert compare(old, new).differs
    assert len(compare(old, new).of(State.OPENED)) == 2


def test_an_audit_of_captures_and_one_of_a_configuration_are_not_compared() -> None:
    check = auditor.check(network=auditor.load_network())
    with pytest.raises(ValueError, match="cannot be compared"):
        compare(audit(), check)


def test_an_audit_does_not_differ_from_itself() -> None:
    same = compare(recorded("trouble"), recorded("trouble"))
    assert {one.state for one in same.findings} == {State.UNCHANGED}
    assert len(same.findings) == 3


def test_a_problem_of_the_configuration_is_over_when_it_is_no_longer_read() -> None:
    old = recorded("trouble")
    rule = old.rules[0]._replace(id="password-differs", about="problems")
    old = replace(audit({**ONE, "rule": rule.id}), rules=(*old.rules, rule))
    assert states(old, audit())[0][2] == "what was read of the configuration no longer has it"


def test_a_notebook_shows_what_became_of_findings_and_nothing_in_them_is_markup() -> None:
    others = [{**ONE, "id": f"x-{n}", "message": f"<b>{n}"} for n in range(60)]
    told = compare(audit(ONE, *others), audit(*others))._repr_html_()
    assert "0 opened, 1 closed, 60 unchanged; 11 are not shown" in told
    assert "<td>closed</td><td>medium</td><td>sd refused</td>" in told
    assert told.count("<tr>") == 51 and "<b>" not in told and "&lt;b&gt;48" in told
    assert "not shown" not in compare(audit(ONE), audit())._repr_html_()
    assert repr(compare(audit(ONE), audit())) == "<Comparison 0 opened, 1 closed, 0 unchanged>"
