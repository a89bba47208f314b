"""A report's place is reserved in what is ours to write, and nothing else is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from strangers import STRANGER, folder_of_stranger, meddling, secret, untouched

from auditor.outputs.folder import RefusedError, open_folder
from auditor.outputs.new_file import Owner
from auditor.outputs.recording_file import open_recording
from auditor.outputs.reserved_file import ReservedFile

THEM = Owner(STRANGER, STRANGER)


def test_a_new_one_is_private_and_belongs_to_whom_it_is_for(tmp_path: Path) -> None:
    theirs = folder_of_stranger(tmp_path)
    ReservedFile(str(theirs / "r"), THEM).write(b"report")
    state = (theirs / "r").stat()
    assert (state.st_uid, state.st_gid, state.st_mode & 0o7777) == (*THEM, 0o600)


def test_one_that_was_there_keeps_owner_mode_and_place(tmp_path: Path) -> None:
    theirs = folder_of_stranger(tmp_path)
    target = theirs / "r"
    target.write_bytes(b"the report of last night")
    target.chmod(0o640)
    os.chown(target, STRANGER, 7)
    before = target.stat().st_ino
    ReservedFile(str(target), THEM).write(b"report")
    state = target.stat()
    assert (state.st_uid, state.st_gid, state.st_mode & 0o7777, state.st_ino) == (
        STRANGER,
        7,
        0o640,
        before,
    )
    assert target.read_bytes() == b"report"


@pytest.mark.parametrize("plant", ["link", "hard link", "file of a third"])
def test_what_somebody_else_put_there_is_refused(tmp_path: Path, plant: str) -> None:
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)
    if plant == "link":
        (theirs / "r").symlink_to(kept)
    elif plant == "hard link":
        (theirs / "r").hardlink_to(kept)
    else:
        (theirs / "r").touch()
        os.chown(theirs / "r", STRANGER + 1, 0)
    with pytest.raises(RefusedError):
        ReservedFile(str(theirs / "r"), THEM)
    assert untouched(kept)


@pytest.mark.parametrize("before", [True, False])
def test_a_place_is_reserved_once(tmp_path: Path, before: bool) -> None:
    """Neither two reports nor a report and a recording share a file."""
    if before:
        (tmp_path / "r").write_bytes(b"before")
    place = ReservedFile(str(tmp_path / "r"))
    with pytest.raises(RefusedError, match="another capture is writing it"):
        ReservedFile(str(tmp_path / "r"))
    with open_folder(str(tmp_path / "r")) as folder, pytest.raises(RefusedError):
        open_recording(folder)
    place.write(b"report")
    assert (tmp_path / "r").read_bytes() == b"report"


def test_what_takes_the_name_meanwhile_is_neither_written_nor_removed(tmp_path: Path) -> None:
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)
    for write in (True, False):
        place = ReservedFile(str(theirs / "r"), THEM)
        (theirs / "r").unlink()
        (theirs / "r").symlink_to(kept)
        if write:
            place.write(b"report")
        place.close()
        assert (theirs / "r").is_symlink()
        (theirs / "r").unlink()
    assert untouched(kept)


def test_who_changes_names_while_we_reserve_gets_no_file_of_ours(tmp_path: Path) -> None:
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)

    def swap() -> None:
        (theirs / "x").symlink_to(kept)
        (theirs / "y").hardlink_to(kept)
        (theirs / "x").rename(theirs / "r")
        (theirs / "y").rename(theirs / "r")
        (theirs / "r").unlink()

    with meddling(swap):
        for _ in range(500):
            try:
                ReservedFile(str(theirs / "r"), THEM).write(b"report")
            except OSError:
                continue
    assert untouched(kept)
