"""A folder of new files is private, and holds nothing else that is read with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from strangers import folder_of_stranger, secret, untouched

from auditor.errors import OutputError
from auditor.outputs.new_tree import NewTree

FILES = {Path("a.conf"): b"one", Path("b/c/d.conf"): b"two", Path("b/hosts"): b""}


def filled(folder: Path, *, force: bool = False) -> Path:
    tree = NewTree(str(folder), force=force)
    tree.check([])
    tree.write(FILES)
    return folder


def held(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in files}


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("spelling", ["new", "new/", "./new//"])
def test_the_files_are_there_and_nobody_else_may_read_them(
    tmp_path: Path, there: bool, spelling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if there:
        (tmp_path / "new").mkdir(0o700)
    tree = NewTree(spelling, force=False)
    tree.check([])
    tree.write(FILES)
    assert held(tmp_path / "new") == FILES
    for path in (tmp_path / "new", *(tmp_path / "new").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_what_is_there_already_is_replaced_by_force_only(tmp_path: Path) -> None:
    filled(tmp_path / "new")
    (tmp_path / "new/a.conf").write_bytes(b"changed")
    with pytest.raises(OutputError, match="it holds something already"):
        filled(tmp_path / "new")
    assert held(filled(tmp_path / "new", force=True)) == FILES


def test_what_would_be_left_of_an_earlier_tree_is_no_part_of_this_one(tmp_path: Path) -> None:
    filled(tmp_path / "new")
    (tmp_path / "new/b/capture.pcapng").write_bytes(b"of the same network")
    filled(tmp_path / "new", force=True)
    (tmp_path / "new/b/e.conf").write_bytes(b"left")
    (tmp_path / "new/a.conf").write_bytes(b"changed")
    with pytest.raises(OutputError, match=r"it holds .*e\.conf, which would be left"):
        filled(tmp_path / "new", force=True)
    assert (tmp_path / "new/a.conf").read_bytes() == b"changed"


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("file", "it is no folder"),
        ("link", "it is no folder"),
        ("none/new", "No such file"),
        ("file/new", "Not a directory"),
        ("in", "which is read"),
        ("in/new", "which is read"),
        ("in/../in/sub/new", "which is read"),
    ],
)
def test_a_folder_that_will_not_do_is_one_sentence(tmp_path: Path, folder: str, why: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "in/sub").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match=why) as error:
        NewTree(str(tmp_path / folder), force=True).check([str(tmp_path / "in")])
    assert "\n" not in str(error.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_what_fails_later_is_one_sentence_too(tmp_path: Path) -> None:
    (tmp_path / "new/b").mkdir(parents=True)
    (tmp_path / "new/b/c").write_text("in the way")
    with pytest.raises(OutputError, match=r"new cannot be written: .*File exists"):
        filled(tmp_path / "new", force=True)
    os.unlink(tmp_path / "new/b/c")  # noqa: PTH108
    (tmp_path / "new/a.conf").mkdir()
    with pytest.raises(OutputError, match=r"new cannot be written: .*a\.conf: Is a directory"):
        filled(tmp_path / "new", force=True)


def test_no_link_of_a_stranger_is_followed(tmp_path: Path) -> None:
    theirs, ours = folder_of_stranger(tmp_path), secret(tmp_path)
    (theirs / "new").symlink_to(tmp_path)
    with pytest.raises(OutputError, match="is a link in a folder that others can write to"):
        filled(theirs / "new", force=True)
    (theirs / "new").unlink()
    filled(theirs / "new")
    (theirs / "new/a.conf").unlink()
    (theirs / "new/a.conf").symlink_to(ours)
    with pytest.raises(OutputError, match="is a link in a folder that others can write to"):
        filled(theirs / "new", force=True)
    assert untouched(ours)


def test_a_folder_that_a_stranger_put_in_the_way_is_refused(tmp_path: Path) -> None:
    theirs = folder_of_stranger(tmp_path)
    everybodys = tmp_path / "tmp"
    everybodys.mkdir()
    everybodys.chmod(0o1777)
    theirs.rename(everybodys / "new")
    with pytest.raises(OutputError, match="is there already and belongs to user 54321"):
        filled(everybodys / "new", force=True)
    assert held(filled(everybodys / "other")) == FILES
