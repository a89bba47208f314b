from __future__ import annotations

from math import inf, nan

import pytest
from audits import CAPTURE, FLOW, made, recorded

from auditor.judge.tables.columns import TABLES
from auditor.report.cells import PlainRows, iter_records, number, records, text, texts


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_is_a_plain_value(table: str) -> None:
    rows = records(recorded("heartbeat").tables[table])
    kinds = {type(cell) for row in rows for cell in row.values()}
    assert kinds <= {str, int, float, bool, list, type(None)}


def test_what_is_missing_is_none() -> None:
    (row,) = records(made(flows=[{"id": "f1"}]).tables["flows"])
    missing = {
        name for name, column in TABLES["flows"].items() if column.dtype not in ("bool", "list")
    }
    assert {name for name, value in row.items() if value is None} == missing - {"id"}


def test_columns_keep_their_order() -> None:
    (row,) = records(made().tables["captures"])
    assert list(row) == list(TABLES["captures"])


def test_a_time_keeps_its_nanoseconds() -> None:
    (row,) = records(made(captures=[{"first": 1}]).tables["captures"])
    assert row["first"] == "1970-01-01T00:00:00.000000001Z"


def test_a_number_that_json_does_not_have_is_none() -> None:
    rows = records(made(captures=[{"duration_s": inf}, {"duration_s": nan}]).tables["captures"])
    assert [row["duration_s"] for row in rows] == [None, None]


def test_cells_are_read_by_their_kind() -> None:
    (flow,) = records(made(flows=[FLOW]).tables["flows"])
    (capture,) = records(made(captures=[{**CAPTURE, "notes": ["a"]}]).tables["captures"])
    assert (text(flow, "id"), text(flow, "hello")) == ("f1", "")
    assert (number(flow, "initiator_port"), number(flow, "rtt_ms")) == (40000, None)
    assert texts(capture, "notes") == ["a"]


def test_rows_made_when_asked_for_are_the_same() -> None:
    table = recorded("trouble").tables["flows"]
    rows = PlainRows(table)
    assert [dict(row) for row in rows] == records(table)
    assert (len(rows), dict(rows[-1]), len(rows[0])) == (
        len(table),
        records(table)[-1],
        len(table.columns),
    )
    assert [dict(row) for row in rows[1:3]] == records(table)[1:3]
    with pytest.raises(IndexError):
        rows[len(table)]
    assert [*iter_records(table, ["id", "ended"])] == [
        {"id": row["id"], "ended": row["ended"]} for row in records(table)
    ]
