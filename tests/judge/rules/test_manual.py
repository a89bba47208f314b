"""Every rule says where Bareos' manual has its subject, and that is a page of the manual."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.errors import RuleError
from auditor.judge.rules import manual as module
from auditor.judge.rules.manual import manual_url
from auditor.judge.rules.rule import Rule, load_configuration_rules, load_rules

RULES = (*load_rules(), *load_configuration_rules())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_each_rule_has_a_page(rule: Rule) -> None:
    page = manual_url(rule.manual)
    if not rule.manual:  # it is about the site file, which is ours: docs/site-file.md
        assert rule.id.startswith(("waiver-", "site-file-")), rule.id
        return
    assert re.fullmatch(r"https://docs\.bareos\.org/[A-Za-z/]+\.html(#[a-z0-9-]+)?", page), page


def test_each_page_is_of_some_rule() -> None:
    assert {*module.manual_pages()} == {rule.manual for rule in RULES if rule.manual}


@pytest.mark.parametrize("section", ["", "network setup", "https://evil.example/", "Nowhere"])
def test_no_address_is_taken_from_whoever_writes_a_rule_or_a_report(section: str) -> None:
    assert manual_url(section) == ""


@pytest.mark.parametrize("content", ["[]\n", "Network setup: 3\n", ""])
def test_a_list_of_pages_that_is_none_is_refused(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manual.yaml").write_text(content)
    monkeypatch.setattr(module, "rules_directory", lambda: tmp_path)
    module.manual_pages.cache_clear()
    with pytest.raises(RuleError, match="each section needs a page"):
        manual_url("Network setup")
    module.manual_pages.cache_clear()
