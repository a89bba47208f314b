"""Statements are written of known words and of what stands for others."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.config.problem_kinds import ProblemKind
from auditor.config.reading import read_configuration, read_written
from auditor.config.written import Said
from auditor.pipeline.anonymizing.stand_ins import StandIns
from auditor.pipeline.anonymizing.statements_anew import Writer

OWN = "Director { Name = d; Password = p\n"


def anew(folder: Path, line: str, key: bytes = b"a key") -> str:
    (folder / "bareos-dir.conf").write_text(f"{OWN}{line}\n}}\n")
    (program,) = read_written([folder])[1]
    (statements,) = program.statements().values()
    (said,) = [one for one in statements if isinstance(one, Said) and one.at.line == 2]
    return Writer(StandIns(key), bacula=False).text(said, str)


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("heart beat interval=1h 30 min # x", "HeartbeatInterval = 1h 30 min;"),
        ("FD Connect Timeout = 2 days, 3", "FdConnectTimeout = 2 days, left out;"),
        ("Tls Enable = TRUE", 'TlsEnable = "true";'),
        ("Maximum Concurrent Jobs = +7.9", "MaximumConcurrentJobs = 7;"),
        ("DirPort = 9111x", "Port = 9111;"),
        ("Plugin Names = a, b", 'PluginNames = "left out";'),
        ("Query File = /x", 'QueryFile = "left out";'),
    ],
)
def test_a_value_is_written_by_its_kind(tmp_path: Path, line: str, written: str) -> None:
    assert anew(tmp_path, line) == written


def test_a_long_time_is_written_in_short(tmp_path: Path) -> None:
    assert anew(tmp_path, f"FdConnectTimeout = {'0' * 60}9 min") == "FdConnectTimeout = 540;"


@pytest.mark.parametrize("key", [bytes([number]) * 3 for number in range(1, 40)])
def test_a_dropped_blank_stays_if_the_like_begins_with_a_letter(tmp_path: Path, key: bytes) -> None:
    (tmp_path / "bareos-dir.conf").write_text(f"{OWN}}}\nPool {{\n Name = a b-c\n}}\n")
    (program,) = read_written([tmp_path])[1]
    (statements,) = program.statements().values()
    (said,) = [one for one in statements if isinstance(one, Said) and one.at.line == 4]
    written = Writer(StandIns(key), bacula=False).text(said, str)
    (tmp_path / "bareos-dir.conf").write_text(f"{OWN}}}\nPool {{\n {written}\n}}\n")
    configuration = read_configuration([tmp_path])
    name = StandIns(key).name("ab-c")
    assert configuration.programs[0].resources[1].name == name
    odd = [ProblemKind.BLANKS_DROPPED] if name[0].isalpha() else []
    assert [one.kind for one in configuration.problems] == odd
