"""No output replaces what is read, or what is no report: told by what a file is, not its name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.errors import OutputError
from auditor.outputs import (
    Guard,
    RefusedError,
    ReservedFile,
    atomic_file,
    evidence_guard,
    open_folder,
    open_recording,
    place,
)


def report(path: Path, guard: Guard) -> None:
    with atomic_file(str(path), guard=guard) as put:
        put(b"new")


def reserved(path: Path, guard: Guard) -> None:
    ReservedFile(str(path), guard=guard).write(b"new")


def recording(path: Path, guard: Guard) -> None:
    with open_folder(str(path)) as folder:
        fd = open_recording(folder, guard=guard)
        os.write(fd, b"new")
        os.close(fd)


ways = pytest.mark.parametrize("way", [report, reserved, recording])
Way = Callable[[Path, Guard], None]


@ways
def test_an_input_stays_whatever_it_is_called(tmp_path: Path, way: Way) -> None:
    capture = tmp_path / "z.pcap"
    capture.write_bytes(b"packets")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(capture)
    (tmp_path / "second").hardlink_to(capture)
    guard = Guard()
    guard.protect(str(tmp_path / "folder/../link"), "the capture")
    for name in ("z.pcap", "link", "second", "folder/../z.pcap"):
        with pytest.raises((OutputError, RefusedError), match="it is the capture"):
            way(tmp_path / name, guard)
    assert capture.read_bytes() == b"packets"
    way(tmp_path / "other", guard)
    assert (tmp_path / "other").read_bytes() == b"new"


@ways
@pytest.mark.parametrize("name", ["new.txt", "fd1.conf", "deep/er/new.txt"])
def test_nothing_is_written_into_a_folder_of_inputs(tmp_path: Path, way: Way, name: str) -> None:
    config = tmp_path / "bareos"
    (config / "deep/er").mkdir(parents=True)
    (config / "fd1.conf").write_text("Client {}")
    (tmp_path / "etc").symlink_to(config)
    guard = Guard()
    guard.protect(str(tmp_path / "etc"), "the configuration")
    for folder in ("bareos", "etc"):
        with pytest.raises((OutputError, RefusedError), match="lies in the configuration"):
            way(tmp_path / folder / name, guard)
    assert sorted(path.name for path in config.rglob("*")) == ["deep", "er", "fd1.conf"]
    way(tmp_path / "bareos.txt", guard)
    assert (tmp_path / "bareos.txt").read_bytes() == b"new"


@ways
def test_what_a_file_holds_decides(tmp_path: Path, way: Way) -> None:
    guard = Guard(lambda head: "" if head == b"ours" else f"it holds {head.decode()}")
    for name in ("ours", "theirs"):
        (tmp_path / name).write_text(name)
    way(tmp_path / "ours", guard)
    assert (tmp_path / "ours").read_bytes() == b"new"
    with pytest.raises((OutputError, RefusedError), match="it holds theirs"):
        way(tmp_path / "theirs", guard)
    assert (tmp_path / "theirs").read_text() == "theirs"


@ways
def test_an_empty_file_and_a_device_are_always_fine(tmp_path: Path, way: Way) -> None:
    guard = Guard(lambda _: "it is there")
    guard.protect("/dev/null", "a terminal, as it were")
    (tmp_path / "empty").touch()
    way(tmp_path / "empty", guard)
    assert (tmp_path / "empty").read_bytes() == b"new"
    way(Path("/dev/null"), guard)


@ways
def test_a_pipe_is_fine_unless_it_is_the_input(tmp_path: Path, way: Way) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    guard = Guard(lambda _: "it is there")
    guard.protect(str(tmp_path), "the folder that holds it")
    way(pipe, guard)
    assert os.read(reader, 9) == b"new"
    os.close(reader)
    guard.protect(str(pipe), "the capture")
    with pytest.raises((OutputError, RefusedError), match="it is the capture"):
        way(pipe, guard)


@pytest.mark.parametrize("target", ["-", "/dev/stdout", "/dev/fd/1"])
def test_standard_output_is_no_input(capfd: pytest.CaptureFixture[str], target: str) -> None:
    guard = Guard(lambda _: "it is there")
    guard.protect("/dev/fd/1", "the capture")
    with (
        pytest.raises(OutputError, match="cannot be written: it is the capture"),
        atomic_file(target, guard=guard) as put,
    ):
        put(b"new")
    with pytest.raises(RefusedError, match="it is the capture"):
        ReservedFile(target, guard=guard)
    report(Path("/dev/null"), guard)
    assert capfd.readouterr().out == ""
    with atomic_file(target, guard=Guard(lambda _: "it is there")) as put:
        put(b"new")
    assert capfd.readouterr().out == "new"


def test_standard_input_is_an_input(tmp_path: Path) -> None:
    (tmp_path / "z.pcap").write_bytes(b"packets")
    code = (
        "from auditor.outputs import Guard, open_folder\n"
        "guard = Guard()\n"
        "guard.protect('-', 'the capture')\n"
        f"with open_folder({str(tmp_path / 'z.pcap')!r}) as folder:\n    guard.check(folder)\n"
    )
    with (tmp_path / "z.pcap").open() as given:
        done = subprocess.run(
            [sys.executable, "-c", code], check=False, stdin=given, capture_output=True, text=True
        )
    assert "RefusedError: [Errno 1] it is the capture" in done.stderr


def test_what_is_not_there_is_no_input(tmp_path: Path) -> None:
    guard = Guard()
    guard.protect(str(tmp_path / "missing"), "the capture")
    guard.protect("nul\0", "the capture")
    report(tmp_path / "missing", guard)
    assert (tmp_path / "missing").read_bytes() == b"new"


def test_a_file_that_came_while_a_report_was_made_stays(tmp_path: Path) -> None:
    """The work takes minutes, and at its end the name may be that of another file."""
    guard = Guard(lambda _: "it is there")
    with (
        pytest.raises(OutputError, match="it is there"),
        atomic_file(str(tmp_path / "report"), guard=guard) as put,
    ):
        put(b"new")
        (tmp_path / "report").write_text("evidence")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["evidence"]


def test_what_is_open_already_is_the_file_that_is_looked_at(tmp_path: Path) -> None:
    """Somebody puts a harmless file under the name when the other one has been opened."""
    (tmp_path / "a").write_text("evidence")
    guard = Guard(lambda head: "it is there" if head else "")
    with open_folder(str(tmp_path / "a")) as folder, (tmp_path / "a").open() as opened:
        with pytest.raises(RefusedError, match="it is there"):
            guard.check(folder, os.fstat(opened.fileno()))
        (tmp_path / "b").touch()
        (tmp_path / "b").rename(tmp_path / "a")
        with pytest.raises(RefusedError, match="somebody else replaced it"):
            guard.check(folder, os.fstat(opened.fileno()))
        (tmp_path / "a").unlink()
        with pytest.raises(RefusedError, match="somebody else replaced it"):
            guard.check(folder, os.fstat(opened.fileno()))


@pytest.mark.parametrize("force", [False, True])
def test_evidence_is_replaced_by_force_only(tmp_path: Path, force: bool) -> None:
    (tmp_path / "evidence").write_bytes(b"old")
    guard = evidence_guard(force=force)
    if not force:
        with pytest.raises(RefusedError, match=r"there already; name another file, or .*--force"):
            recording(tmp_path / "evidence", guard)
    else:
        recording(tmp_path / "evidence", guard)
    assert (tmp_path / "evidence").read_bytes() == (b"new" if force else b"old")


def test_a_folder_above_that_may_not_be_left_is_the_last_that_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.open

    def closed(path: object, *more: object, **named: object) -> int:
        if path == "..":
            raise PermissionError
        return before(path, *more, **named)  # type: ignore[arg-type]

    guard = Guard()
    guard.protect("/", "everything")
    with open_folder(str(tmp_path / "a")) as folder:
        with pytest.raises(RefusedError, match="lies in everything"):
            guard.check(folder)
        monkeypatch.setattr(os, "open", closed)
        guard.check(folder)


@pytest.mark.parametrize("force", [False, True])
def test_what_may_not_be_read_is_replaced_by_force_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    (tmp_path / "theirs").write_bytes(b"old")
    before = os.open

    def closed(path: object, flags: int, *more: object, **named: object) -> int:
        if path == "theirs" and not flags & os.O_WRONLY:
            raise PermissionError
        return before(path, flags, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", closed)
    if not force:
        with pytest.raises(OutputError, match="it is there already"):
            report(tmp_path / "theirs", evidence_guard(force=False))
    else:
        report(tmp_path / "theirs", evidence_guard(force=True))
    monkeypatch.undo()
    assert (tmp_path / "theirs").read_bytes() == (b"new" if force else b"old")


def test_two_outputs_are_told_by_where_they_lead(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "second").hardlink_to(tmp_path / "a")
    (tmp_path / "to").symlink_to("folder")
    same = ["a", "link", "second", "folder/../a", "./a"]
    assert len({place(str(tmp_path / name)) for name in same}) == 1
    assert place(str(tmp_path / "to/new")) == place(str(tmp_path / "folder/new"))
    names = ["a", "b", "folder/a", "folder/b"]
    assert len({place(str(tmp_path / name)) for name in names}) == len(names)


def test_a_device_takes_any_number_of_outputs_and_standard_output_one() -> None:
    assert place("/dev/null") is None
    assert place("-") == place("/dev/stdout") == place("/proc/self/fd/1") is not None
