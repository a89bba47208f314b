"""DataFrames for Python: the columns, dtypes and values that ``docs/columns.md`` promises."""

from __future__ import annotations

import pandas as pd
import pytest
from audits import recorded

from auditor.judge.tables.columns import TABLES
from auditor.judge.tables.frames import frame
from auditor.judge.tables.table import build

_DTYPES = {
    "str": "str",
    "Int64": "Int64",
    "Float64": "Float64",
    "bool": "bool",
    "time": "datetime64[ns, UTC]",
    "list": "object",
}


def test_every_table_has_its_columns_whatever_its_rows_leave_out() -> None:
    for name, columns in TABLES.items():
        for rows in ([], [{}]):
            table = frame(build(name, rows))
            assert list(table.columns) == list(columns)
            assert len(table) == len(rows)
        assert all((table[c] == "").all() for c, k in columns.items() if k.dtype == "str")


def test_a_missing_number_is_na_and_a_missing_time_nat() -> None:
    table = frame(build("flows", [{}]))
    assert table["heartbeat_expected_s"].isna().all()
    assert table["ended"].iloc[0] is pd.NaT
    assert table["expectation_sources"].iloc[0] == []
    assert not table["numbered"].any()


@pytest.mark.parametrize("rows", [[], [{}], [{}] * 3000])
@pytest.mark.parametrize("name", TABLES)
def test_every_column_has_its_dtype_however_many_rows_there_are(
    name: str, rows: list[dict[str, object]]
) -> None:
    found = frame(build(name, rows)).dtypes
    for column, of in TABLES[name].items():
        ordered = pd.CategoricalDtype(["", *of.ordered_words()], ordered=True)
        plain = pd.Series([], dtype=_DTYPES[of.dtype]).dtype
        assert found[column] == (ordered if of.rising else plain), column


@pytest.mark.parametrize("name", TABLES)
def test_an_audits_dataframe_holds_what_its_table_does(name: str) -> None:
    audit = recorded("heartbeat")
    table, rows = audit.tables[name], getattr(audit, name)
    assert rows.index.equals(pd.RangeIndex(len(table)))
    for column, of in table.columns.items():
        cells = [None if pd.api.types.is_scalar(v) and pd.isna(v) else v for v in rows[column]]
        if of.dtype == "time":
            cells = [None if v is None else v.value for v in cells]
        assert cells == table.values(column), column


@pytest.mark.parametrize(
    ("table", "column", "rising"),
    [
        ("findings", "severity", ["", "info", "low", "medium", "high"]),
        ("findings", "confidence", ["", "guess", "likely", "certain"]),
        ("findings", "verdict", ["", "note", "unknown", "fail"]),
        ("sockets", "verdict", ["", "notapplicable", "pass", "unknown", "fail"]),
        ("flows", "heartbeat_verdict", ["", "notapplicable", "pass", "unknown", "fail"]),
        *(
            (table, "connection", ["", "1", "2", "3", "4", "5a", "5b", *map(str, range(6, 13))])
            for table in ("flows", "probes", "expectations", "sockets")
        ),
    ],
)
def test_words_with_an_order_sort_and_compare_by_it(
    table: str, column: str, rising: list[str]
) -> None:
    rows = frame(build(table, [{column: word} for word in sorted(rising)]))
    assert list(rows.sort_values(column)[column]) == rising
    for place, word in enumerate(rising):
        assert list(rows.query(f"{column} > '{word}'")[column].sort_values()) == rising[place + 1 :]
        assert list(rows.query(f"{column} == '{word}'")[column]) == [word]
        assert len(rows.query(f"{column} in ['{word}', 'never']")) == 1


def test_what_has_no_order_stays_text() -> None:
    rows = frame(build("flows", [{"outcome": "refused"}]))
    assert rows["outcome"].dtype == "str" and rows["transport"].dtype == "str"


def test_a_dataframe_is_made_once_and_changing_it_changes_no_table() -> None:
    audit = recorded("modes")
    assert audit.flows is audit.flows
    rows = frame(audit.tables["flows"])
    before = audit.tables["flows"].values("syns"), audit.tables["flows"].values("hello")
    rows["syns"] = rows["syns"] + 1
    rows.loc[0, "hello"] = "x"
    assert (audit.tables["flows"].values("syns"), audit.tables["flows"].values("hello")) == before
