"""Files are whole after every write, private, and end with a clear sentence."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from auditor.capture.recording import output as module
from auditor.capture.recording.limits import Limits
from auditor.capture.recording.output import Output
from auditor.errors import CaptureError

_BLOCK = bytes(1024)


@pytest.fixture
def present(monkeypatch):
    """Stay who we are."""
    monkeypatch.setattr(module, "remaining_account", lambda: None)


@pytest.mark.usefixtures("present")
def test_a_recording_is_private_even_where_a_public_file_was(tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(bytes(9999))
    path.chmod(0o644)
    output = Output(str(path), Limits())
    output.open()
    output.write(_BLOCK)
    output.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size == 1024


@pytest.mark.root
def test_the_file_belongs_to_who_is_left_without_rights(tmp_path):
    output = Output(str(tmp_path / "a.pcapng"), Limits())
    output.open()
    output.close()
    status = (tmp_path / "a.pcapng").stat()
    account = module.remaining_account()
    assert account is not None
    assert (status.st_uid, status.st_gid) == account


@pytest.mark.usefixtures("present")
def test_a_ring_keeps_the_latest_files_under_dumpcaps_names(tmp_path):
    output = Output(str(tmp_path / "a.pcapng"), Limits(file_bytes=4096, ring=2))
    output.open()
    for _ in range(3):
        output.write(_BLOCK * 4)
        assert output.full(0)
        output.rotate()
    output.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [Path(name).name for name in output.files]
    assert [name[:8] for name in names] == ["a_00003_", "a_00004_"]
    assert all(len(name) == len("a_00001_20261124140000.pcapng") for name in names)


@pytest.fixture
def noon(monkeypatch):
    """A clock that stands still, so that names can be known beforehand."""
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    monkeypatch.setattr(module, "datetime", SimpleNamespace(now=lambda _: moment))


@pytest.mark.usefixtures("present", "noon")
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("plant", ["link", "link to nothing", "file"])
def test_no_file_of_a_ring_is_made_where_something_lies(tmp_path, number, plant):
    secret, place = tmp_path / "secret", tmp_path / f"a_{number:05}_20261124120000.pcapng"
    secret.write_bytes(b"kept")
    if plant == "file":
        place.write_bytes(b"kept")
    else:
        place.symlink_to(secret if plant == "link" else tmp_path / "nothing")
    output = Output(str(tmp_path / "a.pcapng"), Limits(file_bytes=4096, ring=2))
    with pytest.raises(CaptureError, match="File exists"):
        output.open()
        output.rotate()
    output.close()
    assert secret.read_bytes() == b"kept"
    assert place.is_symlink() if plant != "file" else place.read_bytes() == b"kept"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.usefixtures("present", "noon")
def test_a_ring_goes_on_in_the_folder_that_was_opened(tmp_path):
    (tmp_path / "ours").mkdir()
    output = Output(str(tmp_path / "ours" / "a.pcapng"), Limits(file_bytes=4096, ring=2))
    output.open()
    (tmp_path / "ours").rename(tmp_path / "moved")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").symlink_to(tmp_path / "theirs")
    output.rotate()
    output.close()
    assert len(list((tmp_path / "moved").iterdir())) == 2
    assert not list((tmp_path / "theirs").iterdir())


@pytest.mark.root
def test_a_ring_that_could_not_be_continued_does_not_begin(tmp_path):
    tmp_path.chmod(0o755)
    output = Output(str(tmp_path / "a.pcapng"), Limits(file_bytes=4096, ring=2))
    with pytest.raises(CaptureError, match=r"may not create files in .*: give it the directory"):
        output.open()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.root
def test_a_ring_begins_where_who_is_left_may_write(tmp_path):
    account = module.remaining_account()
    assert account is not None
    os.chown(tmp_path, account.uid, account.gid)
    output = Output(str(tmp_path / "a.pcapng"), Limits(file_bytes=4096, ring=2))
    output.open()
    output.close()
    assert os.geteuid() == 0 and len(list(tmp_path.iterdir())) == 1


@pytest.mark.root
@pytest.mark.usefixtures("present")
def test_a_full_disk_leaves_whole_blocks_and_says_so(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], check=True)
    try:
        path = tmp_path / "a.pcapng"
        output = Output(str(path), Limits())
        output.open()
        with pytest.raises(CaptureError, match=r"a\.pcapng .*: the disk is full\. What was"):
            for _ in range(100):
                output.write(bytes(3000))
        output.close()
        assert path.stat().st_size % 3000 == 0 and path.stat().st_size > 0
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.usefixtures("present")
def test_a_closed_pipe_ends_with_a_sentence(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    output = Output(str(fifo), Limits())
    output.open()
    output.write(_BLOCK)
    assert os.read(reader, 4096) == _BLOCK
    os.close(reader)
    with pytest.raises(CaptureError, match="has closed the pipe"):
        output.write(_BLOCK)
    output.close()


@pytest.mark.parametrize(
    ("path", "limits", "says"),
    [
        ("a", Limits(ring=3), "--filesize"),
        ("a", Limits(ring=0, file_bytes=1 << 20), "holds nothing"),
        ("a", Limits(file_bytes=10), "too small"),
        ("-", Limits(file_bytes=1 << 20), "Standard output"),
    ],
)
def test_limits_that_make_no_sense_are_refused_at_once(path, limits, says):
    with pytest.raises(CaptureError, match=says):
        Output(path, limits)


@pytest.mark.usefixtures("present")
def test_a_directory_that_does_not_exist_is_named(tmp_path):
    output = Output(str(tmp_path / "none" / "a.pcapng"), Limits())
    with pytest.raises(CaptureError, match=r"none/a\.pcapng cannot be written: No such file"):
        output.open()
