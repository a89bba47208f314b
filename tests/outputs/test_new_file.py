"""What we make is new, ours or whom it is for, private, and held while it is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from strangers import STRANGER, folder_of_stranger, secret, untouched

from auditor.outputs.folder import RefusedError, open_folder
from auditor.outputs.new_file import (
    Draft,
    Owner,
    check_owner,
    check_planted,
    create,
    lock,
    open_locked,
    ours,
)


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_a_new_file_is_for_us_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with open_folder(str(tmp_path / "new")) as folder:
            os.close(create(folder))
    finally:
        os.umask(before)
    state = (tmp_path / "new").stat()
    assert (state.st_mode & 0o7777, state.st_uid) == (0o600, os.geteuid())


@pytest.mark.parametrize("kind", ["file", "link", "dead link", "pipe"])
def test_what_is_there_is_never_opened(tmp_path: Path, kind: str) -> None:
    kept, place = secret(tmp_path), tmp_path / "new"
    with open_folder(str(place)) as folder:
        if kind == "file":
            place.touch()
        elif kind == "pipe":
            os.mkfifo(place)
        else:
            place.symlink_to(kept if kind == "link" else tmp_path / "none")
        with pytest.raises(FileExistsError):
            create(folder)
    assert untouched(kept)
    assert not (tmp_path / "none").exists()


def test_it_is_given_away_by_its_descriptor(tmp_path: Path) -> None:
    theirs, kept = folder_of_stranger(tmp_path), secret(tmp_path)
    with open_folder(str(theirs / "new")) as folder:
        fd = create(folder, Owner(STRANGER, STRANGER + 1))
        (theirs / "new").rename(theirs / "moved")
        (theirs / "new").symlink_to(kept)
        os.close(fd)
    state = (theirs / "moved").stat()
    assert (state.st_uid, state.st_gid, state.st_mode & 0o7777) == (STRANGER, STRANGER + 1, 0o600)
    assert untouched(kept)


def test_a_draft_takes_its_place_or_goes(tmp_path: Path) -> None:
    target = tmp_path / ("é" * 127)  # 254 bytes
    with open_folder(str(target)) as folder:
        for put in (True, False):
            draft = Draft(folder)
            os.write(draft.fd, b"x")
            os.close(draft.fd)
            if put:
                draft.put()
            draft.discard()
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_drafts_cannot_be_guessed(tmp_path: Path) -> None:
    with open_folder(str(tmp_path / "x")) as folder:
        fds = [Draft(folder).fd for _ in range(50)]
    names = {path.name for path in tmp_path.iterdir()}
    assert len(names) == 50
    assert all(len(name) == len(".x..part") + 16 for name in names)
    for fd in fds:
        os.close(fd)


def test_a_file_that_is_held_is_not_taken(tmp_path: Path) -> None:
    with open_folder(str(tmp_path / "x")) as folder:
        assert open_locked(folder) is None, "there is none"
        fd = create(folder)
        lock(fd)
        with pytest.raises(RefusedError, match="another capture is writing it"):
            open_locked(folder)
        os.close(fd)
        held = open_locked(folder)
        assert held is not None
        os.close(held)


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_only_a_regular_file_can_be_held(tmp_path: Path, what: str) -> None:
    with open_folder(str(tmp_path / "x")) as folder:
        if what == "link":
            (tmp_path / "x").symlink_to(secret(tmp_path))
            with pytest.raises(OSError, match="Too many levels"):
                open_locked(folder)
            return
        os.mkfifo(tmp_path / "x") if what == "pipe" else (tmp_path / "x").mkdir()
        assert open_locked(folder) is None


def test_a_system_without_locks_is_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with open_folder(str(tmp_path / "x")) as folder:
        fd = create(folder)
        lock(fd)
        os.close(fd)


def test_whose_files_are_ours() -> None:
    assert ours() == {0, os.geteuid()}
    assert ours(Owner(STRANGER, 1)) == {0, os.geteuid(), STRANGER}


def test_a_file_of_somebody_else_is_theirs(tmp_path: Path) -> None:
    theirs = folder_of_stranger(tmp_path)
    os.chown(secret(tmp_path), STRANGER + 1, 0)
    (tmp_path / "secret").rename(theirs / "x")
    state = (theirs / "x").stat()
    with open_folder(str(theirs / "x")) as folder:
        for check in (
            lambda: check_owner(state, ours()),
            lambda: check_planted(folder, state, ours()),
        ):
            with pytest.raises(RefusedError, match=f"belongs to user {STRANGER + 1}"):
                check()
        os.chown(theirs / "x", STRANGER, 0)
        check_planted(folder, (theirs / "x").stat(), ours())
