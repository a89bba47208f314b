"""The place of a report is reserved before the work, and nothing is left of one that never came."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from auditor.cli.preopened_output import PreopenedOutput
from auditor.errors import OutputError


@pytest.mark.parametrize("before", [None, "", "an old report, longer than the new one"])
def test_a_report_replaces_what_the_file_held(tmp_path: Path, before: str | None) -> None:
    target = tmp_path / "report"
    if before is not None:
        target.write_text(before)
    place = PreopenedOutput(str(target))
    assert target.read_text() == (before or ""), "until it comes, the old one stays"
    place.write("verdict: pass → 5a\n")
    place.close()
    assert target.read_text(encoding="utf-8") == "verdict: pass → 5a\n"


@pytest.mark.parametrize("before", [None, "an old report"])
def test_without_a_report_all_is_as_it_was(tmp_path: Path, before: str | None) -> None:
    target = tmp_path / "report"
    if before is not None:
        target.write_text(before)
    place = PreopenedOutput(str(target))
    place.close()
    place.close()
    assert (target.read_text() if target.exists() else None) == before


def test_a_new_file_that_somebody_else_removed_is_no_error(tmp_path: Path) -> None:
    place = PreopenedOutput(str(tmp_path / "report"))
    (tmp_path / "report").unlink()
    place.close()


def test_the_report_reaches_the_file_that_was_opened_although_the_folder_is_closed_now(
    tmp_path: Path,
) -> None:
    """As for the account that is left: the name means nothing to it any more."""
    place = PreopenedOutput(str(tmp_path / "report"))
    (tmp_path / "report").rename(tmp_path / "moved")
    place.write("report")
    assert [path.name for path in tmp_path.iterdir()] == ["moved"]
    assert (tmp_path / "moved").read_text() == "report"


def test_standard_output_is_written_to_and_not_closed(capfd: pytest.CaptureFixture[str]) -> None:
    place = PreopenedOutput("-")
    place.write("one")
    place.close()
    sys.stdout.write(" two")
    assert capfd.readouterr().out == "one two"


def test_a_pipe_is_filled_and_not_cut(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        place = PreopenedOutput(str(tmp_path / "pipe"))
        place.write("report")
        assert os.read(reader, 100) == b"report"
        assert (tmp_path / "pipe").exists()
    finally:
        os.close(reader)


def test_what_is_written_in_part_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, write = PreopenedOutput(str(tmp_path / "report")), os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:3]))
    place.write("0123456789")
    assert (tmp_path / "report").read_text() == "0123456789"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("", "is a directory: name a file in it."),
        ("nowhere/report", "cannot be written: the directory"),
        ("x" * 300, "cannot be written: File name too long."),
    ],
)
def test_a_place_that_cannot_be_had_is_refused_before_the_work(
    tmp_path: Path, target: str, sentence: str
) -> None:
    with pytest.raises(OutputError, match=sentence):
        PreopenedOutput(str(tmp_path / target))


def test_a_full_disk_is_a_sentence_and_the_file_is_closed() -> None:
    place = PreopenedOutput("/dev/full")
    with pytest.raises(OutputError, match=r"^/dev/full cannot be written: No space left on device"):
        place.write("report")
    place.close()
    assert Path("/dev/full").exists()
