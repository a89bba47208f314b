"""Where files are kept, and whose is believed: it may be code, so only our own."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from strangers import STRANGER, folder_of_stranger, meddling

from auditor.outputs import kept_files
from auditor.outputs.kept_files import cache_directory, read, write


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


@pytest.mark.parametrize(("user", "root_s"), [(0, ["/var/cache/bareos-audit"]), (1000, [])])
def test_root_s_own_place_comes_before_what_sudo_leaves_of_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, root_s: list[str]
) -> None:
    """XDG_CACHE_HOME and HOME are the caller's; nobody sets the other two by mistake."""
    asked: list[str] = []
    monkeypatch.setattr(kept_files, "_may_make", lambda folder: asked.append(str(folder)))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert cache_directory() is None
    set_for_us = [str(tmp_path / name) for name in ("BAREOS_AUDIT_CACHE", "CACHE_DIRECTORY")]
    assert asked == [*set_for_us, *root_s, str(tmp_path / "XDG_CACHE_HOME" / "bareos-audit")]


@pytest.mark.parametrize(
    ("mode", "used"), [(0o700, True), (0o755, True), (0o775, False), (0o757, False)]
)
@pytest.mark.parametrize("there", [True, False])
def test_who_may_write_above_the_folder_could_swap_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, used: bool, there: bool
) -> None:
    above = tmp_path / "above"
    (above / "cache").mkdir(parents=True, mode=0o700)
    if not there:
        (above / "cache").rmdir()
    above.chmod(mode)
    monkeypatch.setenv("BAREOS_AUDIT_CACHE", str(above / "cache"))
    assert (cache_directory() == above / "cache") is used
    assert (above / "cache").exists() is (used or there)


@pytest.mark.root
@pytest.mark.parametrize(("owner", "used"), [(0, True), (STRANGER, False)])
def test_a_sticky_folder_above_is_no_harm_if_it_is_root_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int, used: bool
) -> None:
    above = tmp_path / "above"
    (above / "cache").mkdir(parents=True, mode=0o700)
    above.chmod(0o1777)
    os.chown(above, owner, owner)
    monkeypatch.setenv("BAREOS_AUDIT_CACHE", str(above / "cache"))
    assert (cache_directory() == above / "cache") is used


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


def age(path: Path, seconds: float) -> None:
    """Have a file be from so long ago."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_no_run_loads_any_more_goes(tmp_path: Path) -> None:
    days = {"used.o": 89, "old.o": 91, ".x.o.0123.part": 2, ".y.o.4567.part": 0, "z.1234": 2}
    for name, passed in days.items():
        (tmp_path / name).write_bytes(b"x")
        age(tmp_path / name, passed * 86400)
    (tmp_path / "a folder").mkdir()
    age(tmp_path / "a folder", 365 * 86400)
    write(tmp_path / "new.o", b"code")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"new.o", "used.o", ".y.o.4567.part", "a folder"}


def test_what_is_loaded_stays(tmp_path: Path) -> None:
    write(tmp_path / "one.o", b"code")
    age(tmp_path / "one.o", 91 * 86400)
    assert read(tmp_path / "one.o") == b"code"
    write(tmp_path / "new.o", b"code")
    assert read(tmp_path / "one.o") == b"code"


def test_beyond_its_bytes_what_was_loaded_longest_ago_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_files, "_MAX_BYTES", 3 * 132)
    for days in range(5):
        write(tmp_path / f"{days}.o", bytes(100))
        age(tmp_path / f"{days}.o", days * 86400)
    write(tmp_path / "new.o", bytes(100))
    assert {path.name for path in tmp_path.iterdir()} == {"new.o", "0.o", "1.o"}


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_a_folder_that_others_came_to_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    """Between the choice of the folder and the use of it."""
    write(tmp_path / "entry.o", b"code")
    tmp_path.chmod(mode)
    assert read(tmp_path / "entry.o") is None
    write(tmp_path / "entry.o", b"new")
    tmp_path.chmod(0o700)
    assert read(tmp_path / "entry.o") == b"code"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_could_write_is_not_code(tmp_path: Path, mode: int) -> None:
    write(tmp_path / "entry.o", b"code")
    (tmp_path / "entry.o").chmod(mode)
    assert read(tmp_path / "entry.o") is None


def test_a_link_is_not_followed_to_code_and_not_written_through(tmp_path: Path) -> None:
    write(tmp_path / "other.o", b"other")
    (tmp_path / "entry.o").symlink_to("other.o")
    assert read(tmp_path / "entry.o") is None
    write(tmp_path / "entry.o", b"code")
    assert (read(tmp_path / "entry.o"), read(tmp_path / "other.o")) == (b"code", b"other")


@pytest.mark.root
def test_a_file_of_somebody_else_is_not_code(tmp_path: Path) -> None:
    write(tmp_path / "entry.o", b"code")
    os.chown(tmp_path / "entry.o", STRANGER, STRANGER)
    assert read(tmp_path / "entry.o") is None


@pytest.mark.root
def test_root_makes_no_folder_through_a_home_that_sudo_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, goal = folder_of_stranger(tmp_path), tmp_path / "goal"
    goal.mkdir()
    (home / ".cache").symlink_to(goal)
    for name in ("BAREOS_AUDIT_CACHE", "CACHE_DIRECTORY", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    assert cache_directory() is None
    (home / ".cache").unlink()
    assert cache_directory() is None
    assert not list(goal.iterdir())
    assert not list(home.iterdir())


@pytest.mark.root
def test_of_who_swaps_folders_no_code_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = folder_of_stranger(tmp_path)
    good, bad = theirs / "good", theirs / "bad"
    for place in (good, bad):
        place.mkdir(mode=0o700)
        write(tmp_path / "entry.o", place.name.encode())
        (tmp_path / "entry.o").rename(place / "entry.o")
    monkeypatch.setenv("BAREOS_AUDIT_CACHE", str(good))

    def swap() -> None:
        good.rename(theirs / "kept")
        bad.rename(good)
        good.rename(bad)
        (theirs / "kept").rename(good)

    with meddling(swap):
        for _ in range(300):
            assert cache_directory() != good
            assert read(good / "entry.o") is None


def test_drafts_of_others_are_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"before")
    (tmp_path / f"entry.{os.getpid()}").symlink_to(target)
    write(tmp_path / "entry.o", b"code")
    assert target.read_bytes() == b"before"
    assert read(tmp_path / "entry.o") == b"code"
