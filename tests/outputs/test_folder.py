"""A folder is entered step by step, and no link that others could have made is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from strangers import STRANGER, folder_of_stranger, meddling

from auditor.outputs.folder import Folder, RefusedError, open_folder, others_may_replace


def leads_to(folder: Folder) -> Path:
    """Return the path of an open folder and the name in it, and close it."""
    with folder:
        return Path(f"/proc/self/fd/{folder.fd}").readlink() / folder.name


@pytest.mark.parametrize(
    "path",
    ["a/b/new", "a//b/./new", "./a/b/new", "a/../a/b/new", "to_b/new", "a/up/a/b/new", "link"],
)
def test_a_path_in_our_own_folder_leads_where_open_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "to_b").symlink_to("a/b")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to("to_b/new")
    for given in (path, str(tmp_path / path)):
        folder = open_folder(given)
        assert not folder.foreign
        assert leads_to(folder) == tmp_path / "a" / "b" / "new"


@pytest.mark.parametrize("path", ["", ".", "/", "a", "a/", "a/.", "a/new/", "a/..", "to_a", "a/b/"])
def test_a_path_that_names_no_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "to_a").symlink_to("a")
    with pytest.raises((IsADirectoryError, FileNotFoundError)):
        open_folder(path)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("none/new", FileNotFoundError),
        ("file/new", NotADirectoryError),
        ("a\0b", FileNotFoundError),
        ("round", OSError),
        ("n" * 300, OSError),
    ],
)
def test_what_open_refuses_is_refused(tmp_path: Path, path: str, error: type[OSError]) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "round").symlink_to("round")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(error):
        open_folder(f"{tmp_path}/{path}")
    assert len(list(Path("/proc/self/fd").iterdir())) == before, "nothing stays open"


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
@pytest.mark.parametrize("path", ["link", "folder/new"])
def test_a_link_in_a_folder_that_others_can_write_to_is_not_followed(
    tmp_path: Path, mode: int, path: str
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "link").symlink_to(tmp_path / "new")
    (shared / "folder").symlink_to(tmp_path)
    shared.chmod(mode)
    with pytest.raises(RefusedError) as refused:
        open_folder(str(shared / path))
    assert refused.value.strerror is not None
    assert refused.value.strerror.endswith(
        "is a link in a folder that others can write to; name what it leads to"
    )


def test_a_link_of_ours_may_lead_into_a_folder_of_others_but_not_on_from_there(
    tmp_path: Path,
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (tmp_path / "out").symlink_to(shared / "new")
    with open_folder(str(tmp_path / "out")) as folder:
        assert folder.foreign
    (shared / "new").symlink_to(tmp_path / "new")
    with pytest.raises(RefusedError):
        open_folder(str(tmp_path / "out"))


def test_our_own_folder_in_a_sticky_one_is_ours_and_in_a_shared_one_is_not(tmp_path: Path) -> None:
    """As below /tmp: who may not move a folder away cannot put another in its place."""
    shared = tmp_path / "shared"
    (shared / "own").mkdir(parents=True)
    for mode, foreign in ((0o1777, False), (0o777, True), (0o755, False)):
        shared.chmod(mode)
        with open_folder(str(shared / "own" / "new")) as folder:
            assert folder.foreign is foreign


def test_links_are_not_followed_below_a_folder_of_somebody_else(tmp_path: Path) -> None:
    """Not even in our own folder there: its owner can put another folder of ours in its place."""
    theirs = folder_of_stranger(tmp_path)
    (theirs / "ours").mkdir()
    (theirs / "ours" / "link").symlink_to(tmp_path / "new")
    with open_folder(str(theirs / "ours" / "new")) as folder:
        assert folder.foreign
    with pytest.raises(RefusedError):
        open_folder(str(theirs / "ours" / "link"))


def test_a_folder_of_somebody_else_in_a_sticky_one_is_foreign(tmp_path: Path) -> None:
    theirs = folder_of_stranger(tmp_path)
    tmp_path.chmod(0o1777)
    with open_folder(str(theirs / "new")) as folder:
        assert folder.foreign
    assert others_may_replace(tmp_path.stat(), theirs.stat())


def test_who_swaps_folders_for_links_leads_us_nowhere_else(tmp_path: Path) -> None:
    theirs, goal = folder_of_stranger(tmp_path), tmp_path / "goal"
    goal.mkdir()
    (theirs / "real").mkdir()
    (theirs / "link").symlink_to(goal)
    names = [theirs / "real", theirs / "link", theirs / "way"]

    def swap() -> None:
        for one, other in ((0, 2), (2, 0), (1, 2), (2, 1)):
            names[one].rename(names[other])

    entered = 0
    with meddling(swap):
        for _ in range(2000):
            try:
                with open_folder(str(theirs / "way" / "new")) as folder:
                    entered += 1
                    assert os.fstat(folder.fd).st_ino != goal.stat().st_ino
            except (RefusedError, FileNotFoundError, NotADirectoryError):
                continue
    assert not list(goal.iterdir())
    assert theirs.stat().st_uid == STRANGER
