"""docs/classification.md is made from the decision table and its steps."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from audits import ROOT

from auditor.judge.matching.classification import STEPS, Step
from auditor.judge.matching.decision import PREFERENCES, TABLE
from auditor.judge.matching.port_classifier import PORT_RULES
from auditor.report.pages.classification import classification_page


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs/classification.md").read_text(encoding="utf-8")
    command = "python -m auditor.report.pages.classification > docs/classification.md"
    assert written == classification_page(), command


def test_it_has_every_line_preference_rule_and_step() -> None:
    page = classification_page()
    assert all(page.count(f"| {line.why} |\n") == 1 for line in TABLE)
    assert all(page.count(f"| {preference.why} |\n") == 1 for preference in PREFERENCES)
    assert page.partition("## Without")[2].count("\n| ") == len(PORT_RULES) + 1
    assert page.partition("## What is compared")[0].count(". **") == len(STEPS)


def test_no_row_breaks_its_table() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", classification_page(), re.M):
        assert len({row.count("|") for row in table.splitlines()}) == 1, table


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_names_code_that_exists(step: Step) -> None:
    module, _, name = step.code.partition(".")
    assert hasattr(import_module(f"auditor.judge.matching.{module}"), name)


def test_every_section_that_is_cited_exists() -> None:
    facts = (ROOT / "docs/bareos.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^#+ (\d+(?:\.\d+)?)\b", facts, re.M))
    rules = {f"9.{item}" for item in re.findall(r"^(\d+)\. ", facts.partition("## 9.")[2], re.M)}
    assert set(re.findall(r"§(\d+(?:\.\d+)?)", classification_page())) <= sections | rules
