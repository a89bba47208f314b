from __future__ import annotations

import pandas as pd
import pytest
from audits import CAPTURE, FLOW, made, recorded

from auditor.judge.tables.columns import TABLES
from auditor.report.cells import iso, number, records, text, texts


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_is_a_plain_value(table: str) -> None:
    rows = records(table, getattr(recorded("heartbeat"), table))
    kinds = {type(cell) for row in rows for cell in row.values()}
    assert kinds <= {str, int, float, bool, list, type(None)}


def test_what_is_missing_is_none() -> None:
    (row,) = records("flows", made(flows=[{"id": "f1"}]).flows)
    missing = {
        name for name, column in TABLES["flows"].items() if column.dtype not in ("bool", "list")
    }
    assert {name for name, value in row.items() if value is None} == missing - {"id"}


def test_columns_keep_their_order() -> None:
    (row,) = records("captures", made().captures)
    assert list(row) == list(TABLES["captures"])


def test_a_time_keeps_its_nanoseconds() -> None:
    time = pd.Timestamp(1, unit="ns", tz="Europe/Berlin")
    assert iso(time) == "1970-01-01T00:00:00.000000001Z"


def test_cells_are_read_by_their_kind() -> None:
    (flow,) = records("flows", made(flows=[FLOW]).flows)
    (capture,) = records("captures", made(captures=[{**CAPTURE, "notes": ["a"]}]).captures)
    assert (text(flow, "id"), text(flow, "hello")) == ("f1", "")
    assert (number(flow, "initiator_port"), number(flow, "rtt_ms")) == (40000, None)
    assert texts(capture, "notes") == ["a"]
