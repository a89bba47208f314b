"""A JSON report is the whole audit: it reads back to an equal one, or is refused in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from audits import FINDING, FLOW, RECORDINGS, Row, made, recorded
from paths import ROOT

import auditor
from auditor.errors import ReportError
from auditor.judge.tables.columns import TABLES
from auditor.report import Format, reporter
from auditor.report.interface import RenderOptions, TableName
from auditor.report.json_reader import parse_report, read_report
from auditor.result import Audit, Check


def whole(table: str, row: Row) -> Row:
    """Return a row with the words that an audit always knows."""
    words = {
        n: c.listed_words()[-1] for n, c in TABLES[table].items() if c.words and not c.optional
    }
    return {**words, **row}


ONE = made(flows=[whole("flows", FLOW)], findings=[whole("findings", FINDING)], problems=["a: b"])


def saved(audit: Audit) -> bytes:
    report = reporter(Format.JSON)
    text = report.check(audit) if isinstance(audit, Check) else report.audit(audit)
    return text.encode()


@pytest.mark.parametrize("configured", [True, False])
@pytest.mark.parametrize("name", RECORDINGS)
def test_an_audit_reads_back_to_an_equal_one(name: str, configured: bool) -> None:
    audit = recorded(name, configured=configured)
    read = parse_report(saved(audit), "a.json")
    assert read == audit
    assert read.summary() == audit.summary()


@pytest.mark.parametrize("case", sorted((ROOT / "captures" / "cases").glob("*/config")), ids=str)
def test_so_does_a_check(case: Path) -> None:
    check = auditor.check(case, resolve=False)
    assert parse_report(saved(check), "a.json") == check


@pytest.mark.parametrize("chosen", Format)
@pytest.mark.parametrize("name", ["trouble", "heartbeat"])
def test_every_format_of_the_file_equals_that_of_the_audit(name: str, chosen: Format) -> None:
    audit = recorded(name)
    read = parse_report(saved(audit), "a.json")
    for table in TableName if chosen is Format.CSV else (TableName.FLOWS,):
        report = reporter(chosen, RenderOptions(table=table))
        assert report.audit(read) == report.audit(audit)


def test_what_only_some_flows_know_is_kept() -> None:
    flows = [
        {**FLOW, "identity_type": "", "identity_name": "", "identity_mismatch": True},
        {**FLOW, "socket_side": "initiator", "socket_verdict": "pass", "socket_idle_s": 60.0},
        {**FLOW, "socket_verdict": "notapplicable", "icmp_count": 1 << 62, "rtt_ms": 0.1},
    ]
    audit = made(flows=[whole("flows", flow) for flow in flows])
    assert parse_report(saved(audit), "a.json") == audit


def changed(change: Callable[[Any], object]) -> bytes:
    document = json.loads(saved(ONE))
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("flows"), "'flows' is missing"),
        (lambda d: d.update(flows={}), "must be a list"),
        (lambda d: d["flows"].append(3), "no object"),
        (lambda d: d["flows"][0].update(connection="13"), "is never"),
        (lambda d: d["flows"][0].update(outcome=None), "a word is missing"),
        (lambda d: d["flows"][0].update(started="yesterday"), "no time"),
        (lambda d: d["flows"][0].update(syns=1 << 70), "int"),
        (lambda d: d["flows"][0].update(rtt_ms="1"), "cannot hold str"),
        (lambda d: d["flows"][0].update(hello=["a"]), "must be text"),
        (lambda d: d["findings"][0].update(rule="other"), "'other'"),
        (lambda d: d["rules"][0].update(severity="dire"), "not a valid Severity"),
        (lambda d: d["rules"][0].update(passed=-1), "must be a count"),
        (lambda d: d.update(summary=None), ""),
        (lambda d: d.update(basis=[]), ""),
    ],
)
def test_what_no_audit_can_hold_is_refused(change: Callable[[Any], object], words: str) -> None:
    with pytest.raises(ReportError, match=r"^a\.json is not as bareos-audit writes") as caught:
        parse_report(changed(change), "a.json")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is no JSON report"),
        (b"\xd4\xc3\xb2\xa1", "is no JSON report"),
        (b"[" * 100_000, "is no JSON report"),
        (b'{"schema": "bareos-audit/1", "x": NaN}', "is no JSON report"),
        (b"[]", "is no report of an audit"),
        (b'{"schema": ["bareos-audit/1"]}', "is no report of an audit"),
        (b'{"schema": "bareos-expect/1"}', "is no report of an audit"),
        (b'{"schema": "bareos-audit/1", "flows": []}', "does not hold the whole audit"),
    ],
)
def test_what_is_no_saved_audit_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ReportError, match=words):
        parse_report(data, "a.json")


def test_keys_of_a_later_version_are_passed_over() -> None:
    def later(document: Any) -> None:
        document["more"] = 1
        document["flows"][0]["more"] = {"of": "it"}
        document["flows"][0]["initiator"]["more"] = 2
        document["findings"][0]["more"] = None

    assert parse_report(changed(later), "a.json") == ONE


def test_nothing_that_somebody_wrote_into_it_moves_a_cursor() -> None:
    evil = "a\x1b[31m\u202eb"
    audit = parse_report(
        changed(lambda d: d["flows"][0]["initiator"].update(daemon=evil)), "a.json"
    )
    assert list(audit.flows["initiator_daemon"]) == ["a?[31m?b"]


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(saved(ONE))
    assert read_report(tmp_path / "a.json") == ONE
    with pytest.raises(ReportError, match=r"none\.json cannot be read: No such file"):
        read_report(tmp_path / "none.json")


def test_a_file_without_end_is_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.report.json_reader.MAX_BYTES", 1 << 12)
    with pytest.raises(ReportError, match="larger than"):
        read_report("/dev/zero")
