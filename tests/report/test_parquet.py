"""Parquet: all tables, and what pandas reads of them."""

from __future__ import annotations

import builtins
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from audits import made, recorded
from pandas.testing import assert_frame_equal

import auditor
from auditor.errors import OutputError
from auditor.judge.tables.columns import ALL_TABLES, TABLES
from auditor.judge.tables.frames import frame
from auditor.judge.tables.table import Table, build
from auditor.report.parquet import WRITER, parquet_bytes, parquet_names, save_parquet


def read(file: Any, like: pd.DataFrame) -> pd.DataFrame:
    """Return what was read with lists where pandas gives arrays; of a table without rows Parquet
    keeps no words."""
    rows = pd.read_parquet(file)
    arrays = [name for name in rows if rows[name].dtype == object]
    rows = rows.assign(**{name: rows[name].map(list) for name in arrays})
    words = [name for name in rows if isinstance(rows[name].dtype, pd.CategoricalDtype)]
    return rows if len(rows) else rows.astype({name: like[name].dtype for name in words})


def written(table: Table) -> io.BytesIO:
    return io.BytesIO(b"".join(parquet_bytes(table)))


@pytest.mark.parametrize("recording", ["heartbeat", "trouble", "cleartext"])
def test_every_table_reads_back_equal(recording: str, tmp_path: Path) -> None:
    audit = recorded(recording)
    files = audit.save(tmp_path / "a.parquet")
    assert [path.name for path in files] == [f"a.{table}.parquet" for table in audit.tables]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    for table, file in zip(audit.tables, files, strict=True):
        rows = getattr(audit, table)
        assert_frame_equal(read(file, rows), rows)


@pytest.mark.parametrize("name", ALL_TABLES)
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_tables_without_values_keep_their_types(name: str, rows: int) -> None:
    table = build(name, [{}] * rows)
    assert_frame_equal(read(written(table), frame(table)), frame(table))


def test_times_missing_numbers_and_odd_text_survive() -> None:
    evil = '=1+1\t<b>"\u202e漢' + "x" * 4096
    flow = {"id": "f1", "started": 1_800_000_000_123_456_789, "syns": None, "hello": evil,
            "expectation_sources": ["a:1", ""], "connection": "5a"}  # fmt: skip
    table = build("flows", [flow, {}])
    rows = read(written(table), frame(table))
    assert rows["started"][0].value == flow["started"] and rows["started"].isna()[1]
    assert rows["hello"].tolist() == [evil, ""]
    assert rows["syns"].isna().all()
    assert rows["expectation_sources"].tolist() == [["a:1", ""], []]
    assert (rows["connection"] > "3").tolist() == [True, False]


def test_a_file_says_who_wrote_it() -> None:
    from pyarrow import parquet

    data = b"".join(parquet_bytes(build("captures", [])))
    assert data[:4] == data[-4:] == b"PAR1"
    metadata = parquet.read_metadata(io.BytesIO(data)).metadata
    assert metadata[WRITER].decode() == auditor.__version__


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("a.parquet", "a.flows.parquet"),
        ("/x/A.PARQUET", "/x/A.flows.parquet"),
        ("a.b.parquet", "a.b.flows.parquet"),
        ("plain", "plain.flows.parquet"),
    ],
)
def test_names_are_made_of_the_one_that_is_given(target: str, file: str) -> None:
    names = parquet_names(made().tables, target)
    assert names["flows"] == file
    assert set(names) == set(TABLES)


def test_without_pyarrow_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(OutputError, match=r"pip install 'bareos-audit\[parquet\]'"):
        save_parquet(made().tables, str(tmp_path / "a.parquet"))
    assert [*tmp_path.iterdir()] == []


def test_an_earlier_file_is_replaced_and_a_missing_folder_told(tmp_path: Path) -> None:
    (tmp_path / "a.flows.parquet").write_bytes(b"old")
    save_parquet(made().tables, str(tmp_path / "a.parquet"))
    assert len(pd.read_parquet(tmp_path / "a.flows.parquet")) == 0
    with pytest.raises(OutputError, match="cannot be written"):
        save_parquet(made().tables, str(tmp_path / "none" / "a.parquet"))
