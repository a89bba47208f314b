"""Every format is there, and every format can tell everything."""

from __future__ import annotations

import pytest
from audits import FINDING, FLOW, expected, made, recorded
from paths import CAPTURES

import auditor
from auditor.judge.rules.rule import load_rules
from auditor.judge.tables.columns import TABLES
from auditor.report import Format, RenderOptions, Report, TableName, reporter
from auditor.report.formats import LISTINGS
from auditor.site.middleboxes import middleboxes


@pytest.mark.parametrize("chosen", Format)
def test_every_format_has_a_report(chosen: Format) -> None:
    assert isinstance(reporter(chosen), Report)


@pytest.mark.parametrize("chosen", Format)
def test_every_format_tells_audits_expectations_and_rules(chosen: Format) -> None:
    report = reporter(chosen, RenderOptions())
    texts = [
        report.audit(recorded("trouble")),
        report.audit(made(flows=[FLOW], findings=[FINDING])),
        report.audit(made(captures=())),
        report.check(auditor.check(CAPTURES / "trouble" / "config", resolve=False)),
        report.check(auditor.check(network=auditor.load_network())),
    ]
    if chosen in LISTINGS:
        texts += listings(report)
    assert all(text.endswith("\n") and not text.endswith("\n\n") for text in texts)


def listings(report: Report) -> list[str]:
    return [
        report.expectations(expected("trouble")),
        report.expectations(made().tables["expectations"]),
        report.idle_limits([*middleboxes().values()]),
        report.rules(load_rules()),
        report.rules(load_rules()[:1]),
    ]


@pytest.mark.parametrize("chosen", Format)
def test_no_format_lets_a_name_move_the_cursor(chosen: Format) -> None:
    evil = "x\x1b[2J\x9b\u202e\x07[bold]y"
    flow = {**FLOW, "initiator_daemon": evil, "identity_name": evil, "connection": ""}
    finding = {**FINDING, "message": evil, "sources": [evil], "waived": evil}
    capture = {"name": evil, "incomplete": True, "incomplete_reason": evil, "notes": [evil]}
    audit = made(flows=[flow], findings=[finding], captures=[capture], problems=[evil])
    text = reporter(chosen).audit(audit)
    if chosen is not Format.CSV:  # the spreadsheet gets what the tables hold, which is clean
        assert not set(text) & set("\x1b\x9b\u202e\x07")
    assert "[bold]y" in text


def test_the_tables_to_choose_from_are_the_tables_there_are() -> None:
    assert {str(table) for table in TableName} == set(TABLES)
