"""Devices, pipes and a program's own descriptors are written to, never made anew or cut."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.outputs.folder import RefusedError, open_folder
from auditor.outputs.new_file import ours
from auditor.outputs.special_file import is_special, open_special, own_descriptor


@pytest.mark.parametrize("path", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_any_name_is_the_one_there_is(
    path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    fd = own_descriptor(path)
    assert fd is not None
    os.write(fd, path.encode())
    os.close(fd)
    assert capfd.readouterr().out == path


def test_an_own_descriptor_goes_on_where_it_stands(tmp_path: Path) -> None:
    """As in a shell: what was written before to the same file stays."""
    with (tmp_path / "all").open("wb", buffering=0) as file:
        file.write(b"before ")
        fd = own_descriptor(f"/dev/fd/{file.fileno()}")
        assert fd is not None
        os.write(fd, b"after")
        os.close(fd)
    assert (tmp_path / "all").read_bytes() == b"before after"


@pytest.mark.parametrize("path", ["", "stdout", "/dev/null", "/dev/stdout/x", "/dev/fd/", "./-"])
def test_any_other_path_is_a_path(path: str) -> None:
    assert own_descriptor(path) is None


def test_a_descriptor_that_is_closed_is_an_error() -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        own_descriptor("/dev/fd/9999")


def test_a_device_is_opened_as_it_is() -> None:
    with open_folder("/dev/null") as folder:
        state = folder.state()
        assert is_special(state) and state is not None
        os.close(open_special(folder, state, ours()))


def test_what_took_the_place_of_a_device_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "new").touch()
    with open_folder(str(tmp_path / "new")) as folder:
        with pytest.raises(RefusedError, match="somebody else replaced it meanwhile"):
            open_special(folder, Path("/dev/null").stat(), ours())
        assert not is_special(folder.state())
    assert not is_special(None)
