"""``rules``: the catalogue, and one rule with all that is to be said of it."""

from __future__ import annotations

import json
from pathlib import Path

from audits import ROOT
from commandline import run

from auditor.judge.rules.rule import load_rules


def test_the_catalogue_has_every_rule_worst_first() -> None:
    text = run("rules").stdout
    places = [text.index(f" {rule.id} ") for rule in load_rules()]
    assert places == sorted(places)


def test_one_rule_is_explained() -> None:
    text = run("rules", "heartbeat-missing").stdout
    for part in ("severity", "judges", "when", "fails if", "abstains if", "why", "do", "manual"):
        assert f"\n{part} " in text


def test_one_rule_as_json_is_a_catalogue_of_one() -> None:
    document = json.loads(run("rules", "heartbeat-missing", "-f", "json").stdout)
    assert [rule["id"] for rule in document["rules"]] == ["heartbeat-missing"]


def test_further_rules_are_listed_too(tmp_path: Path) -> None:
    shipped = (ROOT / "rules/connection-refused.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(shipped.replace("connection-refused", "mine"))
    assert "mine" in run("rules", "--rules", tmp_path).stdout
    assert run("rules", "mine", "--rules", tmp_path).stdout.startswith("mine\n")
