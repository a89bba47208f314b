"""CSV: one table that a spreadsheet can open without running anything."""

from __future__ import annotations

import csv
import io

import pytest
from audits import CAPTURE, FINDING, FLOW, expected, made, recorded
from hypothesis import given
from hypothesis import strategies as st

from auditor.judge.rules.rule import load_rules
from auditor.judge.tables.columns import TABLES
from auditor.report import Format, RenderOptions, TableName, reporter
from auditor.report.csv_table import cell


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("table", TableName)
def test_every_table_has_its_columns_and_rows(table: TableName) -> None:
    audit = recorded("heartbeat")
    text = reporter(Format.CSV, RenderOptions(table=table)).audit(audit)
    assert text.splitlines()[0].split(",") == list(TABLES[table])
    assert len(read(text)) == len(getattr(audit, table))


def test_flows_are_the_default() -> None:
    row = read(reporter(Format.CSV).audit(made(flows=[FLOW])))[0]
    assert (row["initiator_address"], row["heartbeat_expected_s"]) == ("192.0.2.10", "60")
    assert (row["numbered"], row["ambiguous"], row["ended"]) == ("true", "false", "")
    assert row["started"] == "2027-01-15T08:00:00.123456789Z"


def test_lists_are_joined() -> None:
    text = reporter(Format.CSV, RenderOptions(table=TableName.FINDINGS)).audit(
        made(findings=[FINDING])
    )
    assert read(text)[0]["sources"] == "dir.conf:10; dir.conf:2"


def test_expectations_come_without_what_was_seen() -> None:
    rows = read(reporter(Format.CSV).expectations(expected("trouble")))
    assert len(rows) == len(expected("trouble"))
    assert "exercised" not in rows[0]


def test_the_catalogue_is_a_table_too() -> None:
    rows = read(reporter(Format.CSV).rules(load_rules()))
    assert [row["id"] for row in rows] == [rule.id for rule in load_rules()]


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"])
def test_no_text_is_a_formula(evil: str) -> None:
    row = {**FLOW, "identity_name": evil, "identity_sources": [evil]}
    read_back = read(reporter(Format.CSV).audit(made(flows=[row])))[0]
    assert read_back["identity_name"].startswith("'")
    assert read_back["identity_sources"].startswith("'")


def test_a_negative_number_stays_a_number() -> None:
    text = reporter(Format.CSV).audit(made(flows=[{**FLOW, "rtt_ms": -0.5}]))
    assert read(text)[0]["rtt_ms"] == "-0.5"


def test_a_table_without_rows_has_its_header() -> None:
    text = reporter(Format.CSV, RenderOptions(table=TableName.CAPTURES)).audit(made(captures=()))
    assert text == ",".join(TABLES["captures"]) + "\n"
    assert CAPTURE.keys() <= TABLES["captures"].keys()


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    told = cell(text)
    assert not told.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not set(told) & set("\r\n\t\0")
    assert len(told) <= len(text) + 1
