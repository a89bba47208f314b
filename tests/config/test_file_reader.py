"""Files of a configuration, which may be hostile, are read within bounds."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from auditor.config import file_reader
from auditor.config.file_reader import FileReader, cannot_read
from auditor.config.given_paths import GivenPaths
from auditor.errors import ConfigurationError
from auditor.text import read_text


def test_a_text_keeps_its_name_and_knows_where_it_really_is(tmp_path: Path) -> None:
    (tmp_path / "real.conf").write_bytes(b"\xef\xbb\xbfName = M\xfcller\r\n")
    (tmp_path / "link.conf").symlink_to("real.conf")
    text = FileReader(GivenPaths.of([tmp_path])).read(tmp_path / "link.conf")
    assert text.name == str(tmp_path / "link.conf")
    assert text.identity == os.path.realpath(tmp_path / "real.conf")
    assert text.content == "Name = M\udcfcller\r\n"


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_only_a_regular_file_is_read(tmp_path: Path, kind: str) -> None:
    """A pipe without a writer must not keep the audit waiting."""
    path = tmp_path / "x.conf"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(ConfigurationError, match=r"cannot be read|not a regular file") as caught:
        FileReader(GivenPaths.of([tmp_path])).read(path)
    assert caught.value.file == str(path)


def test_what_calls_itself_a_file_and_has_nothing_to_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As /proc/kmsg does; here a pipe with a writer, taken for a file."""
    os.mkfifo(tmp_path / "x.conf")
    writer = os.open(tmp_path / "x.conf", os.O_RDWR)
    monkeypatch.setattr(stat, "S_ISREG", lambda _: True)
    try:
        with pytest.raises(ConfigurationError, match="nothing is there to be read"):
            FileReader(GivenPaths.of([tmp_path])).read(tmp_path / "x.conf")
        with pytest.raises(OSError, match="nothing is there to be read"):
            read_text(tmp_path / "x.conf", 10)
    finally:
        os.close(writer)


def test_where_only_the_right_to_read_is_missing_it_says_what_to_do() -> None:
    assert cannot_read(PermissionError(13, "Permission denied")) == (
        "cannot be read: Permission denied; run this as root, or as a user who may"
    )
    assert cannot_read(OSError(5, "Input/output error")) == "cannot be read: Input/output error"


@pytest.mark.parametrize(("size", "fits"), [(7, True), (8, True), (9, False)])
def test_a_file_may_be_just_as_large_as_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, fits: bool
) -> None:
    monkeypatch.setattr(file_reader, "MAX_FILE_BYTES", 8)
    (tmp_path / "x.conf").write_bytes(b"a" * size)
    reader = FileReader(GivenPaths.of([tmp_path]))
    if fits:
        assert len(reader.read(tmp_path / "x.conf").content) == reader.total == size
    else:
        with pytest.raises(ConfigurationError, match="too large"):
            reader.read(tmp_path / "x.conf")


@pytest.mark.parametrize(("bound", "value"), [("MAX_TOTAL_BYTES", 8), ("MAX_FILES", 2)])
def test_a_file_that_is_read_twice_counts_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(file_reader, bound, value)
    (tmp_path / "x.conf").write_bytes(b"abcd")
    reader = FileReader(GivenPaths.of([tmp_path]))
    for _ in range(2):
        reader.read(tmp_path / "x.conf")
    assert (reader.files, reader.total) == (2, 8)
    with pytest.raises(ConfigurationError):
        reader.read(tmp_path / "x.conf")
