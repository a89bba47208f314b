"""Whose a socket is, among processes that may end or be closed to us at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.capture.sockets.owners import Owner, find_owners


@pytest.fixture
def proc(tmp_path):
    """Return what makes a process with descriptors of these kinds."""

    def process(pid: int, *links: str, comm: bytes | None = b"bareos-fd\n") -> Path:
        folder = tmp_path / str(pid)
        (folder / "fd").mkdir(parents=True)
        for number, link in enumerate(links):
            (folder / "fd" / str(number)).symlink_to(link)
        if comm is not None:
            (folder / "comm").write_bytes(comm)
        return folder

    return process


def test_a_process_may_hold_many_sockets_and_other_things(proc, tmp_path):
    proc(7, "/dev/null", "socket:[5]", "pipe:[6]", "socket:[8]", "socket:[99]")
    owner = Owner(7, "bareos-fd")
    assert find_owners([5, 6, 8], tmp_path) == {5: owner, 8: owner}


def test_of_several_that_share_one_it_is_the_one_that_forked(proc, tmp_path):
    for pid in (1000, 200, 30):
        proc(pid, "socket:[5]")
    assert find_owners([5], tmp_path)[5].pid == 30, "by number, not as text"


def test_a_process_without_descriptors_to_see_is_passed_over(proc, tmp_path):
    (tmp_path / "3").mkdir()  # it has just ended
    (tmp_path / "4").mkdir()
    (tmp_path / "4" / "fd").write_text("closed to us")
    (proc(5) / "fd" / "0").write_text("a descriptor that has just been closed is no link")
    (proc(6, "socket:[5]") / "comm").unlink()
    assert find_owners([5], tmp_path) == {5: Owner(6, "")}


def test_once_all_are_found_nobody_else_is_looked_at(proc, tmp_path, monkeypatch):
    proc(1, "socket:[5]")
    proc(2, "socket:[6]")
    looked: list[str] = []
    iterdir = Path.iterdir

    def noted(path: Path):
        looked.append(path.parent.name)
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", noted)
    find_owners([5], tmp_path)
    assert "1" in looked and "2" not in looked
    looked.clear()
    assert find_owners([0], tmp_path) == {}, "an inode of 0 is none"
    assert not {"1", "2"} & set(looked)


def test_a_name_is_text_whatever_a_process_calls_itself(proc, tmp_path):
    proc(1, "socket:[5]", comm=b"x\xff y\n")
    assert find_owners([5], tmp_path)[5].name == "x\ufffd y"
