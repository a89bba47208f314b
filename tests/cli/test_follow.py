"""``analyze --follow``: shown while it is written, and at the end judged as the whole file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from commandline import refused, run
from cutting import cut
from paths import CAPTURES

from auditor.cli.follow import read_on

FULL = CAPTURES / "trouble" / "capture.pcap"
GIVEN = ("-c", CAPTURES / "trouble" / "config", "--no-resolve", "-f", "json")
FOLLOW = ("--follow", "--until-idle", "0.001s")


def told(text: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(text)
    for name in ("basis", "invocation"):
        report.pop(name, None)
    return report


def test_it_comes_to_the_audit_of_the_whole_file(tmp_path: Path) -> None:
    followed = run("analyze", FULL, *GIVEN, *FOLLOW, "-o", tmp_path / "a.json")
    whole = run("analyze", FULL, *GIVEN, "-o", tmp_path / "b.json")
    assert followed.exit_code == whole.exit_code == 14
    assert told((tmp_path / "a.json").read_text()) == told((tmp_path / "b.json").read_text())
    lines = followed.stderr.splitlines()
    assert lines[0] == f"Following {FULL}; Ctrl-C ends it."
    assert any("FAIL unknown-initiator" in line for line in lines)


@pytest.mark.parametrize("places", [[], [300], [100, 200, 500, 700]])
def test_a_ring_is_followed_by_its_name(tmp_path: Path, places: list[int]) -> None:
    """What is found is found in the file in which the packets are, as when all is written."""
    folder = tmp_path / "pieces"
    folder.mkdir()
    pieces = cut(FULL, places, folder)
    for number, piece in enumerate(pieces, 2):
        piece.rename(tmp_path / f"r_{number:05d}_20261126{number:06d}.pcap")
    (tmp_path / "r_00001_20261126000000.pcap").write_bytes(FULL.read_bytes()[:24])
    followed = run("analyze", tmp_path / "r.pcap", *GIVEN, *FOLLOW)
    whole = run("analyze", tmp_path / "r.pcap", *GIVEN)
    assert followed.exit_code == whole.exit_code == 14
    one, other = told(followed.stdout), told(whole.stdout)
    assert one == other
    assert len(one["captures"]) == len(pieces) + 1


def test_ctrl_c_ends_it_with_the_report() -> None:
    reads, writes = os.pipe()
    os.write(writes, FULL.read_bytes()[:40_000])
    command = [sys.executable, "-m", "auditor", "analyze", "-", "--follow", *map(str, GIVEN)]
    with subprocess.Popen(
        command, stdin=reads, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr is not None
        said = []  # that kernels are compiled, at first
        for line in child.stderr:
            said.append(line)
            if "established" in line:
                break
        child.send_signal(signal.SIGINT)
        report = json.loads(child.communicate()[0])
    os.close(reads)
    os.close(writes)
    assert "Following standard input; Ctrl-C ends it.\n" in said
    assert child.returncode == 0, "its first half second holds nothing that fails"
    (capture,) = report["captures"]
    assert (capture["name"], capture["incomplete"]) == ("-", False)
    assert 20 < capture["packets"] < 762


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((FULL, FULL, "--follow"), "--follow reads one capture"),
        ((FULL, "--until-idle", "3s"), "--until-idle is for --follow"),
        ((FULL, "--follow", "--second-opinion"), "--follow has no second opinion"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[Any, ...], why: str) -> None:
    assert why in refused("analyze", *arguments)


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    for data, why in ((b"some text that is no capture", "is not a capture"), (b"", "is empty")):
        (tmp_path / "a").write_bytes(data)
        result = run("analyze", tmp_path / "a", *FOLLOW)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"bareos-audit: {tmp_path / 'a'} {why}" in result.stderr.splitlines()[-1]


class Scripted:
    """A capture, an audit and its watcher, of which the script says what comes when."""

    ended = False
    latest = 1
    path = "one"

    def __init__(self, *script: bytes | None) -> None:
        self.script, self.done, self.now = list(script), [], 0.0

    def read(self, patience: float) -> bytes | None:
        self.now += patience
        if self.script[0] == b"next file":
            self.path = str(self.script.pop(0))
        return self.script.pop(0)

    def begin_file(self, path: str) -> None:
        assert path == self.path
        self.done.append("begin")

    def written(self, data: bytes) -> None:
        self.done.append(data)
        self.ended = data == b"damage"

    def tick(self) -> None:
        self.done.append("tick")

    def look(self) -> None:
        self.done.append("look")

    def follow(self, stop: Event, until_idle: float | None) -> list[Any]:
        source: Any = self
        read_on(source, source, source, stop, until_idle, lambda: self.now)
        return self.done


def test_it_ends_with_the_capture() -> None:
    one = Scripted(b"a", b"", None)
    assert one.follow(Event(), None) == [b"a", "tick", "tick", "look"]


def test_what_is_of_the_next_file_is_said_to_be() -> None:
    one = Scripted(b"a", b"next file", b"b", b"", None)
    assert one.follow(Event(), None) == [b"a", "tick", "begin", b"b", "tick", "tick", "look"]


def test_it_ends_where_a_record_is_damaged() -> None:
    assert Scripted(b"damage").follow(Event(), None) == [b"damage", "tick", "look"]


def test_it_ends_when_nothing_was_written_for_so_long() -> None:
    one = Scripted(b"", b"", b"a", b"", b"", b"", b"", b"never")
    assert one.follow(Event(), 1.0) == ["tick", "tick", b"a", *["tick"] * 4, "look"]
    assert one.script == [b"never"]


def test_nothing_is_looked_at_before_there_is_something() -> None:
    one = Scripted(b"", None)
    one.latest = 0
    assert one.follow(Event(), None) == []


def test_it_ends_when_it_is_told_to() -> None:
    stop = Event()
    stop.set()
    assert Scripted().follow(stop, None) == ["look"]
