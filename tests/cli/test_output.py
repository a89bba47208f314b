"""The report is written whole or not at all."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from commandline import HEARTBEAT, run

from auditor.cli.output import check, write
from auditor.errors import OutputError


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    write("é\n", str(target))
    assert target.read_bytes() == "é\n".encode()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o777])
def test_a_new_report_is_for_its_owner_only_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write("x", str(tmp_path / "report"))
    finally:
        os.umask(before)
    assert (tmp_path / "report").stat().st_mode & 0o7777 == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o666, 0o400])
def test_a_report_that_was_there_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "report"
    target.touch()
    target.chmod(mode)
    write("x", str(target))
    assert target.stat().st_mode & 0o7777 == mode
    assert target.read_text() == "x"


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_text("a long older report")
    write("new", str(target))
    assert target.read_text() == "new"


def test_an_older_report_stays_when_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_text("older")
    full = OSError(28, "No space left on device")
    with patch("os.fsync", side_effect=full), pytest.raises(OutputError, match="No space left"):
        write("new", str(target))
    assert target.read_text() == "older"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("older")
    (tmp_path / "link").symlink_to("real")
    write("new", str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_device_is_written_to_and_never_replaced() -> None:
    write("gone", "/dev/null")
    assert Path("/dev/null").is_char_device()


def test_a_full_device_is_told() -> None:
    with pytest.raises(OutputError, match="/dev/full cannot be written: No space left"):
        write("x", "/dev/full")


def test_standard_output_is_never_checked() -> None:
    check("-")


def test_a_file_in_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        check(str(tmp_path / "no" / "report"))


@pytest.mark.parametrize(
    ("target", "reason"),
    [("new/", "the directory {0}/new does not exist"), ("", "the empty path is a directory")],
)
def test_what_names_no_file_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match=reason.format(tmp_path)):
        check(target)


def test_a_directory_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    with patch("os.access", return_value=False), pytest.raises(OutputError, match="you may not"):
        check(str(tmp_path / "report"))


def test_a_terminal_without_unicode_gets_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    write("über → x\n", "-")
    assert raw.getvalue() == b"?ber ? x\n"


def test_the_command_writes_what_it_would_print(tmp_path: Path) -> None:
    printed = run(*HEARTBEAT, "-f", "json").stdout
    written = run(*HEARTBEAT, "-f", "json", "-o", tmp_path / "report.json")
    assert written.output == ""
    assert (tmp_path / "report.json").read_text() == printed


def test_a_report_in_pieces_is_written_in_blocks_and_never_held_whole(tmp_path: Path) -> None:
    target = tmp_path / "report"
    held: list[int] = []

    def pieces() -> Iterator[str]:
        for _ in range(100):
            yield "é" * 10_000
            held.append(sum(path.stat().st_size for path in tmp_path.iterdir()))

    write(pieces(), str(target))
    assert target.read_text() == "é" * 1_000_000
    assert all(40_000 * wrote <= 2 * size + 400_000 for wrote, size in enumerate(held))


def test_a_report_in_pieces_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    write(iter(["a", "é", "\n"]), "-")
    assert capsys.readouterr().out == "aé\n"


def test_when_making_a_piece_fails_the_older_report_stays(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_text("older")

    def pieces() -> Iterator[str]:
        yield "x" * 200_000
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(pieces(), str(target))
    assert target.read_text() == "older"
    assert list(tmp_path.iterdir()) == [target]
