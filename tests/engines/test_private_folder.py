"""A folder of evidence is its user's alone, and no link in it leads out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.engines.private_folder import PrivateFolder
from auditor.errors import OutputError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def folder(path: Path) -> PrivateFolder:
    return PrivateFolder(str(path), "name another")


def test_what_is_written_is_read_and_private(path: Path, folder: PrivateFolder) -> None:
    assert folder.write("a", b"first") == str(path / "a")
    folder.write("a", b"second")
    folder.add("b", b"one ")
    folder.add("b", b"two")
    assert (folder.read("a"), folder.read("b"), folder.read("c")) == (b"second", b"one two", None)
    assert {file.name: file.stat().st_mode & 0o777 for file in path.iterdir()} == {
        "a": 0o600,
        "b": 0o600,
    }
    assert path.stat().st_mode & 0o777 == 0o700


def test_no_link_is_followed(path: Path, folder: PrivateFolder, tmp_path: Path) -> None:
    """A folder may have come out of an archive that somebody else made."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    for name in ("manifest", "evidence"):
        (path / name).symlink_to(precious)
    assert folder.read("manifest") is None
    with pytest.raises(OutputError, match=r"cannot hold the evidence: .*; name another"):
        folder.add("manifest", b"line")
    folder.write("evidence", b"evidence")
    assert precious.read_bytes() == b"precious"
    assert (path / "evidence").read_bytes() == b"evidence"


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a\0b"])
def test_no_name_leads_out(name: str, folder: PrivateFolder, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("out")
    assert folder.read(name) is None


def test_what_is_no_file_holds_nothing(path: Path, folder: PrivateFolder) -> None:
    os.mkfifo(path / "pipe")
    (path / "folder").mkdir()
    for name in ("pipe", "folder"):
        assert folder.read(name) is None
        with pytest.raises(OutputError, match="cannot hold the evidence"):
            folder.add(name, b"line")


def test_a_file_that_cannot_be_written_leaves_nothing(
    path: Path, folder: PrivateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match="No space left on device; name another"):
        folder.write("a", b"evidence")
    assert not list(path.iterdir())


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720])
def test_a_folder_that_others_can_write_to_is_refused(mode: int, path: Path) -> None:
    path.mkdir()
    path.chmod(mode)
    with pytest.raises(OutputError, match="others can write to it; name another"):
        PrivateFolder(str(path), "name another")
