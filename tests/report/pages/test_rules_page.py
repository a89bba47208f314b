"""The page of rules says what the rules say."""

from paths import ROOT

from auditor.judge.rules.rule import load_configuration_rules, load_rules
from auditor.report.pages.rules_page import rules_page

RULES = (load_rules(), load_configuration_rules())
PAGE = ROOT / "docs" / "rules.md"


def test_the_page_is_up_to_date() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert shown == rules_page(*RULES), (
        "run python -m auditor.report.pages.rules_page > docs/rules.md"
    )


def test_every_rule_has_its_section_and_its_remedy() -> None:
    page = rules_page(*RULES)
    for rule in (*RULES[0], *RULES[1]):
        assert f"\n## {rule.id}\n" in page
        assert " ".join(rule.remedy.split()) in page
