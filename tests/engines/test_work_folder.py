"""Evidence is kept beside a manifest, and believed only if it is whole and of the same state."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from auditor.engines import work_folder
from auditor.engines.work_folder import MANIFEST, WorkFolder
from auditor.errors import OutputError

PORTS = (9101, 9102, 9103)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work"


def test_what_was_kept_is_known_to_the_next_run(path: Path) -> None:
    kept = WorkFolder(str(path), PORTS).keep("/taps/a.pcap", "100:5:7", b"evidence", 100)
    again = WorkFolder(str(path), (9103, 9102, 9101)).known("/taps/a.pcap", "100:5:7")
    assert again == kept
    assert (path / kept.evidence).read_bytes() == b"evidence"
    assert path.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("name", "state", "ports"),
    [
        ("/taps/b.pcap", "100:5:7", PORTS),
        ("/taps/a.pcap", "101:6:7", PORTS),
        ("/taps/a.pcap", "", PORTS),
        ("/taps/a.pcap", "100:5:7", (9101, 9102)),
    ],
)
def test_another_capture_state_or_port_is_not_known(
    path: Path, name: str, state: str, ports: tuple[int, ...]
) -> None:
    WorkFolder(str(path), PORTS).keep("/taps/a.pcap", "100:5:7", b"evidence", 100)
    assert WorkFolder(str(path), ports).known(name, state) is None


def test_other_tunnels_are_not_known(path: Path) -> None:
    rules = ["udp.port==8473,vxlan"]
    kept = WorkFolder(str(path), PORTS, rules).keep("/taps/a.pcap", "1:1:1", b"evidence", 1)
    assert WorkFolder(str(path), PORTS, rules).known("/taps/a.pcap", "1:1:1") == kept
    assert WorkFolder(str(path), PORTS).known("/taps/a.pcap", "1:1:1") is None


def test_another_version_of_the_program_thins_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WorkFolder(str(path), PORTS).keep("/taps/a.pcap", "1:1:1", b"evidence", 1)
    monkeypatch.setattr(work_folder, "__version__", "99.0")
    assert WorkFolder(str(path), PORTS).known("/taps/a.pcap", "1:1:1") is None


@pytest.mark.parametrize("damage", [b"", b"evidencE", b"evidence and more"])
def test_evidence_that_is_not_what_was_kept_is_not_believed(path: Path, damage: bytes) -> None:
    kept = WorkFolder(str(path), PORTS).keep("/taps/a.pcap", "1:1:1", b"evidence", 1)
    (path / kept.evidence).write_bytes(damage)
    assert WorkFolder(str(path), PORTS).known("/taps/a.pcap", "1:1:1") is None


def test_evidence_that_is_gone_is_not_believed(path: Path) -> None:
    folder = WorkFolder(str(path), PORTS)
    kept = folder.keep("/taps/a.pcap", "1:1:1", b"evidence", 1)
    (path / kept.evidence).rename(path / "elsewhere")
    assert folder.known("/taps/a.pcap", "1:1:1") is None


@pytest.mark.parametrize(
    "line",
    [
        b'{"path": "/taps/b.pcap", "sta',
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b'{"ports": 5}',
        b'{"path":["/taps/b.pcap"],"state":"1:1:1","ports":[9101,9102,9103],"decode_as":[],'
        b'"program":"0.1.0","evidence":"e","sha256":"","octets":1}',
        b'{"path":"/taps/b.pcap","state":"1:1:1","ports":[9101,9102,9103],"decode_as":[],'
        b'"program":"0.1.0","evidence":5,"sha256":"","octets":1}',
        b'{"path":"/taps/b.pcap","state":"1:1:1","ports":[9101,9102,9103],"decode_as":[],'
        b'"program":"0.1.0","evidence":"e","sha256":"","octets":1e999}',
        b'{"path": 1, "ports": [1], "unknown": 2}',
        b'{"path":"/taps/b.pcap","state":"1:1:1","ports":[9101,9102,9103],"decode_as":[],"program":"0.1.0",'
        b'"evidence":"../../etc/passwd","sha256":"","octets":1}',
    ],
)
def test_a_line_that_is_torn_or_foreign_is_passed_over(path: Path, line: bytes) -> None:
    WorkFolder(str(path), PORTS).keep("/taps/a.pcap", "1:1:1", b"evidence", 1)
    with (path / MANIFEST).open("ab") as file:
        file.write(line + b"\n")
    folder = WorkFolder(str(path), PORTS)
    assert folder.known("/taps/a.pcap", "1:1:1") is not None
    assert folder.known("/taps/b.pcap", "1:1:1") is None


def test_a_line_after_a_torn_one_is_read(path: Path) -> None:
    """A run that is taken up again writes on where another was killed."""
    WorkFolder(str(path), PORTS).keep("/taps/a.pcap", "1:1:1", b"first", 1)
    with (path / MANIFEST).open("ab") as file:
        file.write(b'{"path": "/taps/t')
    WorkFolder(str(path), PORTS).keep("/taps/b.pcap", "1:1:1", b"second", 1)
    assert WorkFolder(str(path), PORTS).known("/taps/b.pcap", "1:1:1") is not None


def test_the_manifest_names_digests(path: Path) -> None:
    WorkFolder(str(path), PORTS).keep("/taps/a.pcap", "1:1:1", b"evidence", 8)
    line = json.loads((path / MANIFEST).read_text())
    assert line["sha256"] == hashlib.sha256(b"evidence").hexdigest()
    assert line["path"] == "/taps/a.pcap"


def test_a_folder_that_others_can_write_to_is_refused(path: Path) -> None:
    path.mkdir()
    os.chmod(path, 0o777)  # noqa: PTH101
    with pytest.raises(OutputError, match="others can write to it; name another --work"):
        WorkFolder(str(path), PORTS)


def test_a_file_in_the_place_of_the_folder_is_refused(path: Path) -> None:
    path.write_text("a report")
    with pytest.raises(OutputError, match="name another --work"):
        WorkFolder(str(path), PORTS)
    assert path.read_text() == "a report"
