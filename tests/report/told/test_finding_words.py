"""A finding in words."""

from __future__ import annotations

from audits import FINDING, FLOW, made

from auditor.report.told.finding_words import sentence, why_unsure
from auditor.report.told.view import View


def test_what_other_rules_found_is_told_with_it() -> None:
    row = {
        **FINDING,
        "rules": ["connection-refused", "x", "y"],
        "evidence": ["x: sd is down", "x: again", "port=1"],
    }
    view = View(made(flows=[FLOW], findings=[row]))
    assert sentence(view, view.findings[0]) == "sd refused; sd is down"


def test_who_is_not_sure_says_why() -> None:
    guess = {**FINDING, "confidence": "guess"}
    flow = {**FLOW, "match_reason": "only the port fits"}
    view = View(made(flows=[flow], findings=[FINDING, guess]))
    sure, unsure = view.findings
    assert why_unsure(sure, view.flows[0]) == ""
    assert why_unsure(unsure, view.flows[0]) == "guess: only the port fits"
    assert why_unsure(unsure, None) == "guess"
