"""A file appears whole or not at all, and only its owner may read it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from auditor.errors import OutputError
from auditor.outputs import atomic_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_under_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "evidence.pcapng"
    with atomic_file(str(target)) as write:
        write(b"one ")
        write(b"two")
        (half,) = names(tmp_path)
        assert half.startswith(".evidence.pcapng.")
        assert half.endswith(".part")
    assert names(tmp_path) == ["evidence.pcapng"]
    assert target.read_bytes() == b"one two"


@pytest.mark.parametrize("before", [None, b"before"])
def test_when_writing_fails_everything_is_as_it_was(tmp_path: Path, before: bytes | None) -> None:
    target = tmp_path / "evidence.pcapng"
    if before is not None:
        target.write_bytes(before)
    with pytest.raises(KeyboardInterrupt), atomic_file(str(target)) as write:
        write(b"half")
        raise KeyboardInterrupt
    assert names(tmp_path) == ([] if before is None else ["evidence.pcapng"])
    assert before is None or target.read_bytes() == before


def test_nobody_else_may_read_it_whatever_the_file_before_allowed(tmp_path: Path) -> None:
    target = tmp_path / "evidence.pcapng"
    target.touch(0o644)
    with atomic_file(str(target)) as write:
        write(b"x")
        (half,) = tmp_path.glob(".*.part")
        assert half.stat().st_mode & 0o777 == 0o600
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "evidence.pcapng"
    link.symlink_to(tmp_path / "disk" / "real.pcapng")
    with atomic_file(str(link)) as write:
        write(b"x")
    assert link.is_symlink()
    assert (tmp_path / "disk" / "real.pcapng").read_bytes() == b"x"


def test_the_longest_name_that_a_file_may_have_leaves_room_for_the_other_one(
    tmp_path: Path,
) -> None:
    target = tmp_path / ("n" * 255)
    with atomic_file(str(target)) as write:
        write(b"x")
    assert names(tmp_path) == [target.name]


def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with atomic_file(str(pipe)) as write:
        write(b"through")
    reader.join(10)
    assert read == [b"through"]
    assert names(tmp_path) == ["pipe"]


def test_a_dash_is_standard_output_which_stays_open(capfdbinary: pytest.CaptureFixture[bytes]):
    for _ in range(2):
        with atomic_file("-") as write:
            write(b"bytes")
    assert capfdbinary.readouterr().out == b"bytesbytes"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    target = str(tmp_path / "no\nfolder" / "x")
    with pytest.raises(OutputError) as error, atomic_file(target):
        pass
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(
        "folder/x cannot be written: No such file or directory; name another file with -o."
    )


def test_a_full_device_is_one_sentence() -> None:
    with pytest.raises(OutputError) as error, atomic_file("/dev/full") as write:
        write(b"x")
    assert str(error.value) == (
        "/dev/full cannot be written: No space left on device; name another file with -o."
    )


def test_a_closed_standard_output_goes_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "dup", closed)
    with pytest.raises(OutputError, match=r"^standard output cannot be written: Bad file"):
        atomic_file("-").__enter__()
