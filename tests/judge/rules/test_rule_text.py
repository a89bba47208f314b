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


def test_a_notebook_shows_a_rule_whose_words_are_only_words() -> None:
    told = rule_text(load_rules()[0])
    assert f"({told.id}, {told.severity})" in told._repr_html_()
    own = told._replace(title="<b>", why="$x$ & y", remedy="", manual="Ports")._repr_html_()
    assert "<b>" not in own and "&lt;b&gt;" in own and "$x$ &amp; y" in own
    assert "<dt>manual</dt><dd>Ports</dd>" in own and "remedy" not in own
    assert "mathjax_ignore" in own
    assert repr(told._replace(title="A title")) == f"<Rule {told.id} ({told.severity}): A title>"
