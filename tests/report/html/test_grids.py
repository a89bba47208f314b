"""Tables of any length."""

from __future__ import annotations

import json

import pytest
from audits import FLOW, made, recorded

from auditor.report.html import grids
from auditor.report.html.grids import flow_grid, grid
from auditor.report.told.view import View


def test_every_flow_is_a_row_that_begins_with_its_number() -> None:
    table = flow_grid(View(recorded("trouble")))
    assert table.total == len(recorded("trouble").tables["flows"])
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert [row[0] for row in table.rows].count("–") == 5
    assert table.rows[0][:5] == ("2", "pass", "*UserAgent*", "10.77.0.40:50268", "bareos-dir")
    assert json.loads(table.data) == [list(row) for row in table.rows]


def test_several_captures_are_told_apart() -> None:
    view = View(made(flows=[FLOW], captures=[{"name": "a.pcap"}, {"name": "b.pcap"}]))
    assert flow_grid(view).rows[0][-1] == "f1 in a.pcap"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "60 s pass"),
        ({"heartbeat_verdict": "notapplicable"}, ""),
        ({"heartbeat_expected_s": None, "heartbeat_verdict": "unknown"}, "unknown"),
    ],
)
def test_a_heartbeat_is_told_in_one_cell(change: dict[str, object], told: str) -> None:
    assert flow_grid(View(made(flows=[{**FLOW, **change}]))).rows[0][7] == told


def test_a_browser_holds_so_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "MOST_LISTED", 3)
    table = grid("things", "Things", ["no."], ([str(n)] for n in range(10)))
    assert (len(table.rows), table.total) == (3, 10)
    assert table.first == [["0"], ["1"], ["2"]]
