"""Nothing is read but what lies in the paths given, also while somebody moves things about."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from bareosconf import MINIMAL, plant

from auditor.config.given_paths import GivenPaths, is_dir, is_file
from auditor.config.problem_kinds import ProblemKind
from auditor.config.reading import read_configuration
from auditor.errors import ConfigurationError


def content(given: GivenPaths, path: Path) -> bytes:
    descriptor, _ = given.open(path)
    with open(descriptor, "rb") as file:  # noqa: PTH123
        return file.read()


@pytest.mark.parametrize("given", ["tree", "link", ".", "tree/a/x.txt"])
def test_a_path_that_was_given_is_read_also_where_it_is_a_link(tmp_path: Path, given: str) -> None:
    plant(tmp_path, {"tree/a/x.txt": "x"})
    (tmp_path / "link").symlink_to("tree")
    assert content(GivenPaths.of([tmp_path / given]), tmp_path / "tree/a/x.txt") == b"x"


@pytest.mark.parametrize("path", ["treetop/x", "x", "tree/../x", "tree/out", "tree/up/x", "gone"])
def test_what_lies_elsewhere_is_not_read(tmp_path: Path, path: str) -> None:
    plant(tmp_path, {"tree/a": "", "treetop/x": "", "x": ""})
    (tmp_path / "tree/out").symlink_to("../x")
    (tmp_path / "tree/up").symlink_to("..")
    given = GivenPaths.of([tmp_path / "tree"])
    assert not given.hold(tmp_path / path)
    with pytest.raises(ConfigurationError, match="outside of the paths given"):
        given.open(tmp_path / path)


def test_all_of_the_disk_may_be_given() -> None:
    assert GivenPaths.of(["/"]).hold("/etc/passwd")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        GivenPaths.of(["/"]).open(Path("/"))


@pytest.mark.parametrize("moved", ["file", "folder", "top"])
def test_a_link_that_is_put_there_meanwhile_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: str
) -> None:
    """The attacker waits until the path has been looked at, and puts a link in its place."""
    plant(tmp_path, {"tree/sub/x.conf": "harmless", "other/sub/x.conf": "secret"})
    given = GivenPaths.of([tmp_path / "tree"])
    swapped = {"file": "tree/sub/x.conf", "folder": "tree/sub", "top": "tree"}[moved]
    to = {"file": "other/sub/x.conf", "folder": "other/sub", "top": "other"}[moved]
    hold = GivenPaths.hold

    def late(self: GivenPaths, path: Any, **how: Any) -> bool:
        held = hold(self, path, **how)
        (tmp_path / swapped).rename(tmp_path / "aside")
        (tmp_path / swapped).symlink_to(tmp_path / to)
        return held

    monkeypatch.setattr(GivenPaths, "hold", late)
    with pytest.raises((OSError, ConfigurationError), match=r"symbolic|Not a dir|not a regular"):
        given.open(tmp_path / "tree/sub/x.conf")


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
def test_only_a_regular_file_is_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.conf"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        os.mknod(path, 0o140600)
    with pytest.raises(ConfigurationError, match="not a regular file"):
        GivenPaths.of([tmp_path]).open(path)


def test_a_pipe_that_takes_the_place_of_a_file_meanwhile_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.conf"
    path.touch()
    regular = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr("auditor.config.given_paths.os.stat", lambda *_, **__: regular)
    with pytest.raises(ConfigurationError, match="not a regular file"):
        GivenPaths.of([tmp_path]).open(path)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/x.conf": ""})
    before = len([*Path("/proc/self/fd").iterdir()])
    for path in (tmp_path / "a/b/x.conf", tmp_path / "a/b", tmp_path / "a/gone"):
        with suppress(OSError, ConfigurationError):
            os.close(GivenPaths.of([tmp_path]).open(path)[0])
    assert len([*Path("/proc/self/fd").iterdir()]) == before


@pytest.mark.parametrize(
    ("given", "path", "held"),
    [
        ("h/bareos-dir.conf", "h/clients.d/a.conf", True),
        ("h/bareos-dir.conf", "h/clients.d/a.txt", False),
        ("h/bareos-dir.conf", "h/.pgpass.conf", False),
        ("h/bareos-dir.conf", "x.conf", False),
        ("h/bareos-dir.d", "h/bareos-dir.d/client/any", True),
        ("h/bareos-dir.d", "h/a.conf", True),
        ("h/bareos-dir.d/client", "h/a.conf", True),
        ("h/bareos-dir.d/client/a.conf", "h/a.conf", True),
        ("h/bareos-dir.d", "h/a.txt", False),
        ("h", "h/a.txt", True),
        ("h", "x.conf", False),
    ],
)
def test_beside_a_file_or_a_tree_lie_its_configurations(
    tmp_path: Path, given: str, path: str, held: bool
) -> None:
    files = ("bareos-dir.conf", "bareos-dir.d/client/a.conf")
    plant(tmp_path / "h", dict.fromkeys(files, ""))
    assert GivenPaths.of([tmp_path / given]).hold(tmp_path / path) is held


@pytest.mark.parametrize("home", ["/etc/bareos", "/usr/local/etc/bareos", "/opt/bacula/etc"])
def test_where_packages_keep_configurations_all_is_theirs(home: str) -> None:
    given = GivenPaths.of([f"{home}/bareos-dir.d"])
    assert given.hold(f"{home}/passwords.txt")
    assert not given.hold(f"{home}-old/x.conf")
    assert not given.hold("/etc/shadow")


def test_a_name_that_cannot_be_is_neither_file_nor_folder(tmp_path: Path) -> None:
    for name in ("x" * 300, "a\0b"):
        assert not is_file(tmp_path / name)
        assert not is_dir(tmp_path / name)


# ------------------------------------------------------------------ links that discovery meets


TREE = {"bareos-fd.d/client/me.conf": MINIMAL["bareos-fd"]}


@pytest.mark.parametrize(
    ("link", "to", "kind"),
    [
        ("bareos-fd.d/director/d.conf", "x.conf", ProblemKind.INCLUDE_OUTSIDE_TREE),
        ("bareos-fd.d/director", ".", ProblemKind.INCLUDE_OUTSIDE_TREE),
        ("bareos-dir.conf", "x.conf", ProblemKind.INCLUDE_OUTSIDE_TREE),
        ("bareos-dir.d", "folder", ProblemKind.INCLUDE_OUTSIDE_TREE),
        ("more", ".", ProblemKind.FILE_NOT_READ),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_a_link_out_of_the_path_given_is_noted_and_not_followed(
    tmp_path: Path, link: str, to: str, kind: ProblemKind, there: bool
) -> None:
    files = {"x.conf": "secret", "folder/director/x.conf": "secret", "bareos-sd.conf": "secret"}
    elsewhere = plant(tmp_path / "elsewhere", files if there else {})
    tree = plant(tmp_path / "tree", TREE)
    (tree / link).parent.mkdir(parents=True, exist_ok=True)
    (tree / link).symlink_to(elsewhere / to)
    configuration = read_configuration([tree])
    (problem,) = configuration.problems
    assert problem.kind is kind
    assert str(tree / link) in problem.message
    assert "secret" not in str(configuration)
    (program,) = configuration.programs
    assert program.whole is not link.startswith("bareos-fd.d")


def test_links_within_the_path_given_are_followed(tmp_path: Path) -> None:
    """As some keep their files: the names of Bareos are links into a folder beside them."""
    plant(tmp_path / "bareos", {"store/fd/client/me.conf": MINIMAL["bareos-fd"]})
    (tmp_path / "bareos/bareos-fd.d").symlink_to("store/fd")
    (tmp_path / "etc").symlink_to("bareos")
    for given in (tmp_path / "etc", tmp_path / "bareos", tmp_path / "bareos/bareos-fd.d"):
        configuration = read_configuration([given])
        assert configuration.programs[0].whole
        assert not configuration.problems


def test_a_path_with_links_that_lead_out_only_says_so(tmp_path: Path) -> None:
    plant(tmp_path, {"elsewhere/bareos-fd.conf": MINIMAL["bareos-fd"]})
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/bareos-fd.conf").symlink_to("../elsewhere/bareos-fd.conf")
    with pytest.raises(ConfigurationError, match="give what it leads to"):
        read_configuration([tmp_path / "tree"])
    allowed = read_configuration([tmp_path / "tree"], include_root=[tmp_path / "elsewhere"])
    assert len(allowed.programs) == 1
