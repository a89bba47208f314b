"""The page of rules says what the rules say."""

from paths import ROOT

from auditor.judge.rules.rule import load_configuration_rules, load_rules
from auditor.report.pages.handbook import handbook

RULES = (load_rules(), load_configuration_rules())
PAGE = ROOT / "docs" / "rules.md"


def test_the_page_is_up_to_date() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert shown == handbook(*RULES), "run python -m auditor.report.pages.handbook > docs/rules.md"


def test_every_rule_has_its_section_and_its_remedy() -> None:
    page = handbook(*RULES)
    for rule in (*RULES[0], *RULES[1]):
        assert f"\n## {rule.id}\n" in page
        assert " ".join(rule.remedy.split()) in page
