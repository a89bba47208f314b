"""Rows as JSON: what ``json.dumps`` of each row would be, some at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from audits import FLOW, made, recorded
from hypothesis import given
from hypothesis import strategies as st

from auditor.judge.tables.column import Column
from auditor.judge.tables.table import Table
from auditor.report import Format, reporter
from auditor.report.cells import records
from auditor.report.json_rows import NULLABLE, flow_texts, group_of, row_texts

COLUMNS = {
    "text": Column("str", "a text"),
    "whole": Column("Int64", "a whole number"),
    "real": Column("Float64", "a real number"),
    "flag": Column("bool", "a flag"),
    "at": Column("time", "a time"),
    "list": Column("list", "a list"),
}
TEXT = st.text(max_size=5) | st.sampled_from(["%s", '"', "é", "\ud800"])
ROW = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXT,
        "whole": st.integers(-(1 << 63), (1 << 63) - 1),
        "real": st.floats(),
        "flag": st.booleans(),
        "at": st.integers(0, 1 << 62),
        "list": st.lists(TEXT, max_size=3),
    },
)


@given(st.lists(ROW, max_size=4))
def test_a_row_is_what_dumps_would_make_of_it(rows: list[dict[str, Any]]) -> None:
    table = Table(COLUMNS, rows)
    assert list(row_texts(table)) == [json.dumps(row) for row in records(table)]
    without = [{k: v for k, v in row.items() if k != "list"} for row in records(table)]
    assert list(row_texts(table, without={"list"})) == [json.dumps(row) for row in without]


def test_a_flow_has_its_groups_as_objects() -> None:
    table = recorded("trouble").tables["flows"]
    for text, row in zip(flow_texts(table), records(table), strict=True):
        shown = json.loads(text)
        for column, value in row.items():
            group, key = group_of(column)
            if not group:
                assert shown[column] == value
            elif shown[group] is not None:
                assert shown[group][key] == value
            else:
                assert value in (None, False, [], NULLABLE[group].get(column))


class _Watched(Table):
    """A table that notes how many rows are asked for at a time."""

    def __init__(self, table: Table) -> None:
        self.__dict__.update(table.__dict__)
        self.asked: list[int] = []

    def values(self, name: str, start: int = 0, stop: int | None = None) -> list[Any]:
        self.asked.append((len(self) if stop is None else stop) - start)
        return super().values(name, start, stop)


@pytest.mark.parametrize("shown", [Format.JSON, Format.CSV])
def test_of_many_flows_few_are_made_at_a_time(shown: Format) -> None:
    audit = made(flows=[{**FLOW, "id": f"f{number}"} for number in range(3000)])
    flows = _Watched(audit.tables["flows"])
    object.__setattr__(audit, "tables", {**audit.tables, "flows": flows})
    report = reporter(shown)
    parts: Iterator[str] = report.audit_parts(audit)
    flows.asked.clear()
    largest = max(map(len, parts))
    assert largest < 10_000
    assert max(flows.asked) < 1000
    assert sum(flows.asked) < 1.1 * len(flows.columns) * 3000
