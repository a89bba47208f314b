"""JSON Lines hold what the JSON report does, row after row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from audits import FINDING, FLOW, expected, made, recorded
from paths import CAPTURES

import auditor
from auditor.judge.rules.rule import load_rules
from auditor.judge.tables.columns import ALL_TABLES
from auditor.judge.tables.table import build
from auditor.report import Format, Report, reporter
from auditor.report.json_lines import TEXTS
from auditor.site.middleboxes import middleboxes

Tell = Callable[[Report], str]
TOLD: dict[str, Tell] = {
    "trouble": lambda report: report.audit(recorded("trouble")),
    "heartbeat": lambda report: report.audit(recorded("heartbeat")),
    "nothing": lambda report: report.audit(made(captures=())),
    "check": lambda report: report.check(
        auditor.check(CAPTURES / "trouble" / "config", resolve=False)
    ),
    "expect": lambda report: report.expectations(expected("trouble"), ["a: b", "c"]),
    "sockets": lambda report: report.sockets(build("sockets", ())),
    "rules": lambda report: report.rules(load_rules()),
    "idle limits": lambda report: report.idle_limits([*middleboxes().values()]),
    "compare": lambda report: report.comparison(
        auditor.compare(recorded("heartbeat"), recorded("trouble"))
    ),
}


def together(lines: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Return the JSON report that lines were cut from."""
    summary = next(lines)
    assert summary.pop("table") == "summary"
    document = {**summary, "schema": summary["schema"].replace("-lines", "")}
    for row in lines:
        table = row.pop("table")
        document.setdefault(table, []).append(row[TEXTS[table]] if table in TEXTS else row)
    return document


@pytest.mark.parametrize("tell", TOLD.values(), ids=TOLD)
def test_they_are_the_json_report(tell: Tell) -> None:
    lines = tell(reporter(Format.JSONL)).splitlines()
    document = json.loads(tell(reporter(Format.JSON)))
    found = together(json.loads(line) for line in lines)
    empty = [key for key, value in document.items() if value == []]
    assert found == {key: value for key, value in document.items() if key not in empty}
    assert found["schema"].startswith("bareos-")
    assert len(lines) == 1 + sum(len(v) for v in document.values() if isinstance(v, list))


def test_a_hostile_name_begins_no_line() -> None:
    evil = 'x\n{"table": "findings", "verdict": "pass"}\u2028\x1b[2J'
    audit = made(
        flows=[{**FLOW, "initiator_daemon": evil}], findings=[{**FINDING, "message": evil}]
    )
    text = reporter(Format.JSONL).audit(audit)
    assert text.isascii()
    found = [json.loads(line) for line in text.split("\n")[:-1]]
    assert [row["message"] for row in found if row["table"] == "findings"] == [evil]


def test_no_table_has_a_column_of_that_name() -> None:
    assert not any("table" in columns for columns in ALL_TABLES.values())


def test_rows_are_made_one_after_the_other() -> None:
    parts = reporter(Format.JSONL).audit_parts(recorded("trouble"))
    assert [json.loads(next(parts))["table"] for _ in range(3)] == ["summary", "captures", "flows"]
