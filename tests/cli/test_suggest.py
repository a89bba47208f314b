"""What a shell may complete, asked for as the scripts of ``completion`` ask."""

from __future__ import annotations

import json
import shlex
import socket
from pathlib import Path
from unittest.mock import patch

import pytest
from commandline import TROUBLE, run
from paths import CAPTURES

from auditor.errors import RuleError
from auditor.judge.rules.rule import load_configuration_rules, load_rules, rule_ids
from auditor.site.middleboxes import middleboxes

FULL = CAPTURES / "trouble" / "capture.pcap"


def completed(words: str) -> list[str]:
    """Return what completes these words; the last one has only begun."""
    given = f"bareos-audit {words}"
    count = len(shlex.split(given)) - (0 if words[-1:] in {"", " "} else 1)
    result = run(_BAREOS_AUDIT_COMPLETE="bash_complete", COMP_WORDS=given, COMP_CWORD=str(count))
    assert result.stderr == ""
    return [line.partition(",")[2] for line in result.stdout.splitlines() if line]


def test_the_ids_that_complete_are_those_of_the_rules() -> None:
    rules = (*load_rules(), *load_configuration_rules())
    assert completed("rules ") == rule_ids() == sorted(rule.id for rule in rules)
    assert completed("rules heartbeat-mi") == ["heartbeat-missing"]


def test_rules_of_a_site_complete_too(tmp_path: Path) -> None:
    (tmp_path / "zz-own.yaml").touch()
    assert completed(f"rules --rules {tmp_path} zz") == ["zz-own"]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("analyze --port d", ["director=9101", "dir=9101", "db=5432"]),
        ("check --port x", []),
        ("analyze --format ht", ["html"]),
        ("capture --backend eb", ["ebpf"]),
        ("check --table f", ["findings"]),
        ("completion z", ["zsh"]),
        ("check --idle-limit aws-na", ["aws-nat-gateway"]),
        ("rules --rules /nowhere heartbeat", []),
    ],
)
def test_values_that_only_the_program_knows(words: str, values: list[str]) -> None:
    assert completed(words) == values


def test_the_findings_of_the_report_on_the_line_complete(tmp_path: Path) -> None:
    saved = tmp_path / "audit.json"
    run(*TROUBLE, "-o", saved)
    ids = [row["id"] for row in json.loads(saved.read_text())["findings"]]
    assert completed(f"excerpt {saved} --finding ") == ids
    one = next(name for name in ids if name.startswith("connection-unanswered-"))
    assert completed(f"excerpt {saved} --finding {one[:-2]}") == [one]
    assert completed(f"excerpt {FULL} --finding ") == [], "its findings are not known yet"
    saved.write_text("{}")
    assert completed(f"excerpt {saved} --finding ") == []
    assert completed("excerpt --finding ") == []


def test_all_middleboxes_and_interfaces_are_offered() -> None:
    assert completed("check --idle-limit ") == [*middleboxes()]
    assert set(completed("capture ")) == {"any", *(name for _, name in socket.if_nameindex())}


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("analyze --port ", "auditor.site.connections.default_ports"),
        ("check --idle-limit ", "auditor.site.middleboxes.middleboxes"),
    ],
)
def test_what_is_lost_disturbs_nobody_who_types(words: str, asked: str) -> None:
    with patch(asked, side_effect=RuleError("the rules are missing", "here")):
        assert completed(words) == []
