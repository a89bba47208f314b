"""An audit keeps of a rule what people are told of it."""

from __future__ import annotations

from auditor.judge.rules.rule import load_rules
from auditor.judge.rules.rule_text import rule_text


def test_every_shipped_rule_is_told_in_whole_lines() -> None:
    for rule in load_rules():
        told = rule_text(rule)
        assert (told.id, told.title, told.about) == (rule.id, rule.title, rule.about)
        assert (told.severity, told.explains, told.manual) == (
            rule.severity,
            rule.explains,
            rule.manual,
        )
        assert told.why.split() == rule.why.split()
        assert "\n" not in told.why + told.remedy
