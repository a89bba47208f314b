"""Where machine code is kept, and whose file is believed: it is code, so only our own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.kernels.object_store import cache_directory, read, write


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four places, in the order in which they are asked for; root's own is left out."""
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid or 1)
    for name in ("BAREOS_AUDIT_CACHE", "CACHE_DIRECTORY", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.mark.parametrize(
    ("unset", "found"),
    [
        ([], "BAREOS_AUDIT_CACHE"),
        (["BAREOS_AUDIT_CACHE"], "CACHE_DIRECTORY"),
        (["BAREOS_AUDIT_CACHE", "CACHE_DIRECTORY"], "XDG_CACHE_HOME/bareos-audit"),
        (["BAREOS_AUDIT_CACHE", "CACHE_DIRECTORY", "XDG_CACHE_HOME"], "HOME/.cache/bareos-audit"),
    ],
)
def test_the_first_place_that_is_set_is_taken_and_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unset: list[str], found: str
) -> None:
    for name in unset:
        monkeypatch.delenv(name)
    assert cache_directory() == tmp_path / found
    assert (tmp_path / found).stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("wrong", ["relative", "a file", "a link"])
def test_a_place_that_is_no_folder_of_its_own_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    place = tmp_path / "BAREOS_AUDIT_CACHE"
    if wrong == "relative":
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("BAREOS_AUDIT_CACHE", "here")
    elif wrong == "a file":
        place.touch()
    else:
        (tmp_path / "elsewhere").mkdir(0o700)
        place.symlink_to(tmp_path / "elsewhere")
    assert cache_directory() == tmp_path / "CACHE_DIRECTORY"
    assert not (tmp_path / "here").exists()


def test_without_any_place_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BAREOS_AUDIT_CACHE", "CACHE_DIRECTORY", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, "relative" if name == "XDG_CACHE_HOME" else "")
    assert cache_directory() is None


@pytest.mark.parametrize("body", [b"", b"code", bytes(100_000)])
def test_what_is_written_is_read_back(tmp_path: Path, body: bytes) -> None:
    write(tmp_path / "entry.o", body)
    assert read(tmp_path / "entry.o") == body
    assert [path.name for path in tmp_path.iterdir()] == ["entry.o"]


def test_a_later_version_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    for body in (b"old", b"new"):
        write(tmp_path / "entry.o", body)
    assert read(tmp_path / "entry.o") == b"new"


def test_every_byte_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "entry.o"
    write(path, b"code")
    stored = path.read_bytes()
    for at in range(len(stored)):
        path.write_bytes(stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :])
        assert read(path) is None


@pytest.mark.parametrize("thing", ["nothing", "a folder", "a pipe"])
def test_what_is_no_file_is_not_read_and_not_waited_for(tmp_path: Path, thing: str) -> None:
    path = tmp_path / "entry.o"
    if thing == "a folder":
        path.mkdir()
    elif thing == "a pipe":
        os.mkfifo(path, 0o600)
    assert read(path) is None


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    write(tmp_path / "none" / "entry.o", b"code")
    assert list(tmp_path.iterdir()) == []


def test_a_draft_that_somebody_left_is_not_written_through(tmp_path: Path) -> None:
    """It could be a link to a file that only we may write."""
    target = tmp_path / "target"
    target.write_bytes(b"before")
    (tmp_path / f"entry.{os.getpid()}").symlink_to(target)
    write(tmp_path / "entry.o", b"code")
    assert target.read_bytes() == b"before"
    assert read(tmp_path / "entry.o") is None
