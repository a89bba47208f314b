"""The JSON report: the keys that other programs rely on, and what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from audits import FINDING, FLOW, made, recorded

from auditor.report import Format, reporter

#: design.md, "The JSON report".
PROMISED = {
    "captures": "name packets segments first last backend link dropped",
    "flows": "id capture initiator acceptor initiator_evidence connection confidence outcome "
    "started ended transport identity heartbeat expectation",
    "expectations": "id connection initiator acceptor address port permission heartbeat_s "
    "heartbeat_source sources exercised",
    "findings": "rule verdict severity confidence flow expectation message evidence sources remedy",
}


def told(**rows: Any) -> Any:
    return json.loads(reporter(Format.JSON).audit(made(**rows)))


def test_the_promised_keys_are_there() -> None:
    document = json.loads(reporter(Format.JSON).audit(recorded("trouble")))
    assert document.keys() >= {"schema", "summary", *PROMISED}
    for table, keys in PROMISED.items():
        assert document[table][0].keys() >= set(keys.split())
    assert document["summary"].keys() >= {"verdict", "by_severity", "by_connection", "coverage"}


def test_the_ends_of_a_flow_are_objects() -> None:
    flow = told(flows=[FLOW])["flows"][0]
    end = flow["initiator"]
    assert (end["address"], end["port"], end["daemon"]) == ("192.0.2.10", 40000, "director dir")
    assert flow["acceptor"]["daemon"] == "storage daemon sd"
    assert flow["initiator_evidence"] == "syn"


def test_the_heartbeat_is_an_object() -> None:
    beat = told(flows=[FLOW])["flows"][0]["heartbeat"]
    keys = ("expected_s", "source", "observed_s", "probes", "answered", "verdict", "reason")
    assert [beat[key] for key in keys] == [
        60, None, 60.5, 3, 3, "pass", "probes came every 60.5 s"
    ]  # fmt: skip


def test_without_an_identity_it_is_null() -> None:
    nobody = {**FLOW, "identity_type": "", "identity_name": "", "identity_proven": False}
    flows = told(flows=[FLOW, nobody])["flows"]
    assert (flows[0]["identity"]["type"], flows[0]["identity"]["name"]) == ("R_DIRECTOR", "dir")
    assert flows[1]["identity"] is None


def test_times_are_utc_with_nanoseconds() -> None:
    flow = told(flows=[FLOW])["flows"][0]
    assert flow["started"] == "2027-01-15T08:00:00.123456789Z"
    assert flow["ended"] is None


@pytest.mark.parametrize("column", ["connection", "hello", "rtt_ms", "expected_address"])
def test_what_is_missing_is_null(column: str) -> None:
    row = {key: value for key, value in FLOW.items() if key != column}
    assert told(flows=[row])["flows"][0][column] is None


def test_what_is_no_number_is_null() -> None:
    flows = [{**FLOW, "rtt_ms": float("nan")}, {**FLOW, "rtt_ms": float("inf")}]
    assert [flow["rtt_ms"] for flow in told(flows=flows)["flows"]] == [None, None]


def test_nothing_unprintable_reaches_the_text() -> None:
    evil = "a\x1b[31mb\u202ec\x9bd\ne"
    text = reporter(Format.JSON).audit(made(flows=[{**FLOW, "identity_name": evil}]))
    assert text.isascii()
    assert set(text) - {"\n"} == {c for c in text if c.isprintable()}
    assert json.loads(text)["flows"][0]["identity"]["name"] == evil


def test_every_row_is_a_line() -> None:
    text = reporter(Format.JSON).audit(made(flows=[FLOW, {**FLOW, "id": "f2"}]))
    rows = [line.strip().rstrip(",") for line in text.splitlines() if '"id": "f' in line]
    assert [json.loads(row)["id"] for row in rows] == ["f1", "f2"]


def test_it_says_how_many_rows_each_rule_passed() -> None:
    rules = {rule["id"]: rule["passed"] for rule in told()["rules"]}
    assert rules["connection-refused"] == 4
    assert rules["heartbeat-missing"] == 0


def test_problems_and_findings_are_complete() -> None:
    document = told(flows=[FLOW], findings=[FINDING] * 30, problems=["x:1: odd"] * 30)
    assert (len(document["findings"]), len(document["problems"])) == (30, 30)


def test_the_same_audit_gives_the_same_text() -> None:
    report = reporter(Format.JSON)
    assert report.audit(recorded("trouble")) == report.audit(recorded("trouble"))
