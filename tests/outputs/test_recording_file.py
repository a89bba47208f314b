"""The file of a recording is new, of one recording only, and what was there goes as a whole."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from strangers import STRANGER, folder_of_stranger, meddling, secret, untouched

from auditor.outputs.folder import Folder, RefusedError, open_folder
from auditor.outputs.new_file import Draft, Owner, lock
from auditor.outputs.recording_file import open_recording
from auditor.outputs.reserved_file import ReservedFile

THEM = Owner(STRANGER, STRANGER)


def recorded(path: Path, owner: Owner | None = None, text: bytes = b"new") -> None:
    """Make a recording and end it."""
    with open_folder(str(path)) as folder:
        fd = open_recording(folder, owner)
    os.write(fd, text)
    os.close(fd)


@pytest.mark.parametrize("before", [None, b"", b"an older and longer one"])
def test_an_older_recording_is_replaced_and_not_written_into(
    tmp_path: Path, before: bytes | None
) -> None:
    target = tmp_path / "a.pcapng"
    if before is not None:
        target.write_bytes(before)
        target.chmod(0o644)
        (tmp_path / "other name").hardlink_to(target)
    recorded(target)
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o7777 == 0o600
    if before is not None:
        assert (tmp_path / "other name").read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_two_recordings_of_one_name_are_one_too_many(tmp_path: Path) -> None:
    with open_folder(str(tmp_path / "a")) as folder:
        fd = open_recording(folder)
        for _ in range(2):
            with pytest.raises(
                RefusedError, match="another capture is writing it; name another file"
            ):
                open_recording(folder)
        os.write(fd, b"first")
        os.close(fd)
    assert (tmp_path / "a").read_bytes() == b"first"
    recorded(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.parametrize("before", [True, False])
def test_of_many_that_begin_at_once_one_goes_on(tmp_path: Path, before: bool) -> None:
    if before:
        (tmp_path / "a").touch()
    begun: list[int] = []
    start = threading.Barrier(6)

    def begin() -> None:
        with open_folder(str(tmp_path / "a")) as folder:
            start.wait()
            try:
                begun.append(open_recording(folder))
            except RefusedError:
                return

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (fd,) = begun
    assert os.path.samestat(os.fstat(fd), (tmp_path / "a").stat()), "and it has the name"
    os.close(fd)


@pytest.mark.parametrize("reserved", [False, True])
def test_a_new_file_that_lost_its_name_before_it_was_held_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reserved: bool
) -> None:
    """Another recording found it before it was held, and put its own in its place."""
    others: list[int] = []

    def lose(fd: int) -> None:
        monkeypatch.undo()
        with open_folder(str(tmp_path / "a")) as folder:
            others.append(open_recording(folder))
        lock(fd)

    monkeypatch.setattr("auditor.outputs.new_file.lock", lose)
    with pytest.raises(RefusedError, match=r"another capture is writing it|replaced it meanwhile"):
        if reserved:
            ReservedFile(str(tmp_path / "a"))
        else:
            recorded(tmp_path / "a")
    (other,) = others
    assert os.path.samestat(os.fstat(other), (tmp_path / "a").stat())
    os.close(other)


@pytest.mark.parametrize("owner", [None, THEM])
def test_a_link_in_a_folder_of_somebody_else_is_not_followed(
    tmp_path: Path, owner: Owner | None
) -> None:
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)
    (theirs / "a").symlink_to(kept)
    with pytest.raises(RefusedError, match="is a link"):
        recorded(theirs / "a", owner)
    assert untouched(kept)


def test_a_second_name_of_a_file_is_taken_from_it_and_nothing_else(tmp_path: Path) -> None:
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)
    (theirs / "a").hardlink_to(kept)
    recorded(theirs / "a", THEM)
    assert untouched(kept)
    assert (theirs / "a").stat().st_uid == STRANGER


def test_somebody_else_s_file_is_not_replaced(tmp_path: Path) -> None:
    for folder in (folder_of_stranger(tmp_path), tmp_path):
        target = folder / "a"
        target.write_bytes(b"theirs")
        os.chown(target, STRANGER + 1, STRANGER)
        with pytest.raises(RefusedError, match=f"belongs to user {STRANGER + 1}"):
            recorded(target, THEM)
        assert target.read_bytes() == b"theirs"


def test_a_pipe_of_somebody_else_gets_nothing(tmp_path: Path) -> None:
    theirs = folder_of_stranger(tmp_path)
    os.mkfifo(theirs / "a")
    os.chown(theirs / "a", STRANGER + 1, 0)
    with pytest.raises(RefusedError, match="lies in a folder that others can write to"):
        recorded(theirs / "a", THEM)


@pytest.mark.parametrize("plant", ["link", "hard link", "file"])
def test_who_changes_names_while_we_open_gets_no_file_of_ours(tmp_path: Path, plant: str) -> None:
    """Issue 8: a link to a file of root made that file the stranger's."""
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)

    def swap() -> None:
        if plant == "link":
            (theirs / "x").symlink_to(kept)
        elif plant == "hard link":
            (theirs / "x").hardlink_to(kept)
        else:
            (theirs / "x").write_bytes(b"planted")
        (theirs / "x").rename(theirs / "a")
        (theirs / "a").unlink()

    with meddling(swap):
        for _ in range(500):
            try:
                recorded(theirs / "a", THEM)
            except OSError:
                continue
    assert untouched(kept)


def test_a_name_that_is_taken_again_and_again_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody removes the file whenever we look, and makes it whenever we make it."""

    def taken(*_: object) -> int:
        raise FileExistsError

    monkeypatch.setattr("auditor.outputs.recording_file.create", taken)
    with (
        open_folder(str(tmp_path / "a")) as folder,
        pytest.raises(RefusedError, match="replaces it again and again"),
    ):
        open_recording(folder)


def test_an_older_file_that_goes_while_it_is_looked_at_is_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def gone(folder: Folder) -> None:
        monkeypatch.undo()
        os.unlink(folder.name, dir_fd=folder.fd)

    monkeypatch.setattr("auditor.outputs.recording_file.open_locked", gone)
    recorded(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_draft_that_cannot_be_put_in_place_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def full(_: Draft) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Draft, "put", full)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with (
        open_folder(str(tmp_path / "a")) as folder,
        pytest.raises(OSError, match="No space left on device"),
    ):
        open_recording(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"
    assert len(list(Path("/proc/self/fd").iterdir())) == before
