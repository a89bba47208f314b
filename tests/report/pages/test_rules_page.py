"""The page of rules says what the rules say."""

from __future__ import annotations

import re
from pathlib import Path

from paths import ROOT
from scene import Wire, tls

import auditor
from auditor.judge.rules.rule import load_configuration_rules, load_rules
from auditor.judge.rules.rule_file import _OPTIONAL, _REQUIRED
from auditor.report.pages.rules_page import rules_page

RULES = (load_rules(), load_configuration_rules())
PAGE = ROOT / "docs" / "rules.md"
GUIDE = ROOT / "docs" / "writing-rules.md"


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


def test_the_guide_names_every_key_of_a_rule() -> None:
    table = GUIDE.read_text(encoding="utf-8").partition("## The keys")[2].partition("\n## ")[0]
    named = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row[:60])}
    assert named >= {*_REQUIRED, *_OPTIONAL}


def test_the_rule_in_the_guide_can_be_written_so(tmp_path: Path) -> None:
    example = GUIDE.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "old-tls.yaml").write_text(example)
    (own,) = [rule for rule in load_rules([tmp_path]) if rule.id == "old-tls"]
    wire = Wire().dial("10.0.0.10", "10.0.0.20", 9103, tls("R_DIRECTOR\x1edir"))
    (tmp_path / "tape.pcap").write_bytes(wire.pcap())
    found = auditor.audit(tmp_path / "tape.pcap", rules=tmp_path)
    assert own.id in {rule.id for rule in found.rules}
    assert found.passed["old-tls"] == int(found.flows["tls_version"][0] == "1.3")
