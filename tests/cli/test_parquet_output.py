"""``-o NAME.parquet``: one file a table, held to what holds for every output."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
from audits import recorded
from commandline import TROUBLE, refused, run
from pandas.testing import assert_frame_equal
from paths import CAPTURES

from auditor.outputs.guard import HEAD

CONFIG = CAPTURES / "trouble" / "config"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_analyze_writes_every_table_beside_other_reports(tmp_path: Path) -> None:
    target, page = tmp_path / "a.parquet", tmp_path / "a.json"
    for _ in range(2):  # an earlier one is replaced
        assert run(*TROUBLE, "--exit-zero", "-o", target, "-o", page).exit_code == 0
    assert names(tmp_path) == [
        "a.captures.parquet", "a.expectations.parquet", "a.findings.parquet", "a.flows.parquet",
        "a.json", "a.probes.parquet",
    ]  # fmt: skip
    kept = pd.read_parquet(tmp_path / "a.flows.parquet", columns=["id", "connection", "started"])
    assert_frame_equal(kept, recorded("trouble").flows[["id", "connection", "started"]])
    again = tmp_path / "b.PARQUET"
    assert run("report", page, "--exit-zero", "-o", again).exit_code == 0
    one, other = ((tmp_path / f"{n}.findings.parquet").read_bytes() for n in "ab")
    assert one == other


def test_check_writes_the_tables_that_it_has(tmp_path: Path) -> None:
    result = run("check", "-c", CONFIG, "--no-resolve", "--exit-zero", "-o", tmp_path / "c.parquet")
    assert result.exit_code == 0, result.output
    assert names(tmp_path) == ["c.expectations.parquet", "c.findings.parquet"]


def test_format_says_it_too(tmp_path: Path) -> None:
    wanted = ("check", "-c", CONFIG, "--no-resolve", "--exit-zero", "-f", "parquet")
    assert run(*wanted, "-o", tmp_path / "c").exit_code == 0
    assert names(tmp_path) == ["c.expectations.parquet", "c.findings.parquet"]
    assert "-o NAME.parquet" in refused(*wanted)


def test_somebody_elses_file_stays(tmp_path: Path) -> None:
    theirs = tmp_path / "a.flows.parquet"
    pd.DataFrame({"x": range(1_000_000)}).to_parquet(theirs, compression=None)
    before = theirs.read_bytes()
    assert len(before) > HEAD
    told = refused(*TROUBLE, "-o", tmp_path / "a.parquet")
    assert "a.flows.parquet" in told and "is no report of ours" in told
    assert theirs.read_bytes() == before and names(tmp_path) == ["a.flows.parquet"]
    assert run(*TROUBLE, "--exit-zero", "--force", "-o", tmp_path / "a.parquet").exit_code == 0


def test_a_large_file_of_ours_is_known_by_its_end(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    from auditor.report.parquet import WRITER

    rows = pa.table({"x": pa.array(range(1_000_000))}).replace_schema_metadata({WRITER: b"0"})
    parquet.write_table(rows, tmp_path / "a.flows.parquet", compression="none")
    assert (tmp_path / "a.flows.parquet").stat().st_size > HEAD
    assert run(*TROUBLE, "--exit-zero", "-o", tmp_path / "a.parquet").exit_code == 0


def test_one_of_its_files_may_be_no_other_output(tmp_path: Path) -> None:
    told = refused(*TROUBLE, "-o", tmp_path / "a.parquet", "-f", "json", "-o",
                   tmp_path / "a.flows.parquet")  # fmt: skip
    assert names(tmp_path) == [] and told


@pytest.mark.parametrize("command", ["rules", "sockets"])
def test_other_commands_write_none(command: str, tmp_path: Path) -> None:
    assert "writes no parquet" in refused(command, "-o", tmp_path / "r.parquet")


def test_without_pyarrow_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    told = refused("analyze", tmp_path / "none.pcap", "-o", tmp_path / "a.parquet")
    assert "pip install 'bareos-audit[parquet]'" in told
