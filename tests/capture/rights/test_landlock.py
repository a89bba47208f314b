"""What is asked of Landlock, by every version of its interface."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.capture.rights import confinement, landlock
from auditor.capture.rights.landlock import READ, REMOVE, WRITE, restrict, version

_CREATE, _ADD, _RESTRICT = 444, 445, 446


class Kernel:
    """A kernel with a version of Landlock; ``failing`` is the call that it refuses."""

    def __init__(self, known: int, failing: int = 0) -> None:
        self.known, self.failing = known, failing
        self.handled: tuple[int, ...] = ()
        self.allowed: list[tuple[int, str]] = []
        self.restricted = False
        self.rules = -1

    def syscall(self, number: int, *arguments: object) -> int:
        if number == _CREATE and arguments[0] is None:
            return self.known or -1
        if number == self.failing:
            ctypes.set_errno(errno.EPERM)
            return -1
        if number == _CREATE:
            attributes = arguments[0]
            assert isinstance(attributes, bytes)
            self.handled = struct.unpack(f"={len(attributes) // 8}Q", attributes)
            self.rules = os.open("/dev/null", os.O_RDONLY)
            return self.rules
        if number == _ADD:
            attributes = arguments[2]
            assert isinstance(attributes, bytes)
            access, folder = struct.unpack("=Qi", attributes)
            self.allowed.append((access, str(Path(f"/proc/self/fd/{folder}").readlink())))
            return 0
        assert number == _RESTRICT
        self.restricted = arguments[0] == self.rules
        return 0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        yield fd
    finally:
        os.close(fd)


@pytest.mark.parametrize(
    ("known", "kinds", "fields"), [(1, 13, 1), (2, 14, 1), (3, 15, 1), (5, 16, 2), (9, 16, 3)]
)
def test_all_that_the_version_knows_is_closed_and_given_back_by_folder(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    folder: int,
    known: int,
    kinds: int,
    fields: int,
) -> None:
    kernel = Kernel(known)
    monkeypatch.setattr(landlock, "_libc", kernel)
    assert version() == known
    assert restrict(["/proc", str(tmp_path / "not there")], {folder: WRITE})
    handled = (1 << kinds) - 1
    assert kernel.handled == (handled, 3, 1)[:fields]
    assert kernel.allowed == [(READ, "/proc"), (WRITE & handled, str(tmp_path))]
    assert kernel.restricted
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(kernel.rules)


def test_the_network_stays_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(6)
    monkeypatch.setattr(landlock, "_libc", kernel)
    assert restrict([], {}, network=True)
    assert kernel.handled[1:] == (0, 0)


def test_a_kernel_without_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "_libc", Kernel(0))
    assert (version(), restrict(["/proc"], {})) == (0, False)


@pytest.mark.parametrize("failing", [_CREATE, _ADD, _RESTRICT])
def test_what_the_kernel_refuses_is_an_error(
    monkeypatch: pytest.MonkeyPatch, folder: int, failing: int
) -> None:
    kernel = Kernel(6, failing)
    monkeypatch.setattr(landlock, "_libc", kernel)
    with pytest.raises(PermissionError):
        restrict(["/proc"], {folder: REMOVE})
    assert not kernel.restricted


class Asked:
    """What a recording asks of both."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, there: bool, fails: bool) -> None:
        self.folders: dict[int, int] = {}
        self.readable: list[str] = []
        self.seccomp: list[tuple[list[int], bool]] = []
        self.fails = fails
        monkeypatch.setattr(confinement.landlock, "restrict", self.restrict)
        monkeypatch.setattr(confinement.seccomp, "available", lambda: there)
        monkeypatch.setattr(confinement.seccomp, "allow_recording", self.allow)

    def restrict(self, readable: list[str], folders: dict[int, int]) -> bool:
        self.readable, self.folders = list(readable), folders
        self._fail()
        return True

    def allow(self, children: list[int], *, new_files: bool) -> None:
        self.seccomp.append((children, new_files))
        self._fail()

    def _fail(self) -> None:
        if self.fails:
            raise OSError(errno.EINVAL, "not here")


@pytest.mark.parametrize("fails", [False, True], ids=["both", "neither works"])
@pytest.mark.parametrize(
    ("new_files", "unfinished", "folders"),
    [
        (None, (), {}),
        (7, (), {7: WRITE}),
        (None, (8,), {8: REMOVE}),
        (None, (8, 9), {8: REMOVE, 9: REMOVE}),
        (7, (8,), {7: WRITE, 8: REMOVE}),
        (7, (8, 7, 9), {7: WRITE, 8: REMOVE, 9: REMOVE}),
    ],
)
def test_a_recording_asks_for_no_more_than_its_folders(
    monkeypatch: pytest.MonkeyPatch,
    new_files: int | None,
    unfinished: tuple[int, ...],
    folders: dict[int, int],
    fails: bool,
) -> None:
    asked = Asked(monkeypatch, there=True, fails=fails)
    confinement.confine_recording(new_files, unfinished, [4711])
    assert asked.folders == folders
    assert asked.readable[:2] == ["/proc", "/sys"]
    assert "/" not in asked.readable
    assert asked.seccomp == [([4711], new_files is not None)]


def test_without_seccomp_there_is_still_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, there=False, fails=False)
    confinement.confine_recording(7, (), [])
    assert (asked.folders, asked.seccomp) == ({7: WRITE}, [])
