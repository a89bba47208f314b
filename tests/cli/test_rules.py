"""``rules``: the catalogue, and one rule with all that is to be said of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from audits import ROOT
from commandline import refused, run

from auditor.judge.rules.rule import load_configuration_rules, load_rules, worst_first
from auditor.site.middleboxes import middleboxes


def test_the_catalogue_has_every_rule_worst_first() -> None:
    text = run("rules").stdout
    rules = worst_first((*load_rules(), *load_configuration_rules()))
    assert [line.split()[1] for line in text.splitlines() if line[:1] != " "] == [
        rule.id for rule in rules
    ]


def test_one_rule_is_explained() -> None:
    text = run("rules", "heartbeat-missing").stdout
    for part in ("severity", "judges", "when", "fails if", "in doubt if", "blind if", "why", "do"):
        assert f"\n{part} " in text


def test_a_rule_of_a_configuration_is_explained_and_listed() -> None:
    text = run("rules", "time-in-months").stdout
    assert "\njudges       every row of problems\n" in text
    assert "time-in-months" in run("rules").stdout
    document = json.loads(run("rules", "time-in-months", "-f", "json").stdout)
    assert [rule["about"] for rule in document["rules"]] == ["problems"]


@pytest.mark.parametrize(
    ("misspelt", "hint"),
    [
        ("time-in-month", "did you mean time-in-months"),
        ("heartbeat-mising", "did you mean heartbeat-missing or "),
        ("xyz", "bareos-audit rules lists all."),
    ],
)
def test_a_misspelt_rule_is_told_from_those_that_there_are(misspelt: str, hint: str) -> None:
    assert hint in run("rules", misspelt).stderr


def test_one_rule_as_json_is_a_catalogue_of_one() -> None:
    document = json.loads(run("rules", "heartbeat-missing", "-f", "json").stdout)
    assert [rule["id"] for rule in document["rules"]] == ["heartbeat-missing"]


def test_further_rules_are_listed_too(tmp_path: Path) -> None:
    shipped = (ROOT / "rules/connection-refused.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(shipped.replace("connection-refused", "mine"))
    assert "mine" in run("rules", "--rules", tmp_path).stdout
    assert run("rules", "mine", "--rules", tmp_path).stdout.startswith("mine\n")


def test_a_further_rule_about_problems_is_explained_and_listed(tmp_path: Path) -> None:
    shipped = (ROOT / "rules/configuration/time-in-months.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(shipped.replace("id: time-in-months", "id: mine"))
    assert " mine " in run("rules", "--rules", tmp_path).stdout
    assert run("rules", "mine", "--rules", tmp_path).stdout.startswith("mine\n")


def test_middleboxes_are_listed_shortest_limit_first_with_their_source() -> None:
    text = run("rules", "--idle-limits").stdout
    names = [line.split()[0] for line in text.splitlines() if line[:1] != " "]
    boxes = middleboxes()
    assert sorted(names) == [*boxes]
    assert [boxes[name].limit for name in names] == sorted(box.limit for box in boxes.values())
    assert "aws-nat-gateway      5 min 50 s  answered by RST" in text
    assert text.count("read on") + text.count("read\n") == len(boxes)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_middleboxes_are_there_for_programs_too(form: str) -> None:
    text = run("rules", "--idle-limits", "-f", form).stdout
    rows = (
        json.loads(text)["idle_limits"]
        if form == "json"
        else list(csv.DictReader(text.splitlines()))
    )
    assert {row["name"]: int(row["limit_s"]) for row in rows} == {
        name: box.limit for name, box in middleboxes().items()
    }
    assert all(row["source"] and row["read"] for row in rows)


@pytest.mark.parametrize("more", [["heartbeat-missing"], ["--rules", "x"]])
def test_middleboxes_are_no_rules(more: list[str]) -> None:
    assert "--idle-limits lists no rules" in refused("rules", "--idle-limits", *more)
