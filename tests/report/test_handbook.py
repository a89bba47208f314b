"""The page of rules says what the rules say."""

from pathlib import Path

from auditor.judge.rules import load_rules
from auditor.report.handbook import handbook

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_page_is_up_to_date() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert shown == handbook(load_rules()), "run python -m auditor.report.handbook > docs/rules.md"


def test_every_rule_has_its_section_and_its_remedy() -> None:
    page = handbook(load_rules())
    for rule in load_rules():
        assert f"\n## {rule.id}\n" in page
        assert " ".join(rule.remedy.split()) in page
