"""``tshark`` in a process of nobody: what it says is read, and what it may do is nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from layering import frame, layer, outer, udp, vxlan
from pcapfile import pcap
from scene import DIR, DIRECTOR, SD1, Wire
from tape import SECOND, Endpoint, Tape

from auditor.errors import CaptureError, SecondOpinionError
from auditor.packets.decode_as import Watched
from auditor.second_opinion import wireshark
from auditor.second_opinion.wireshark import Ends, frames_at, program, sights

pytestmark = pytest.mark.tshark

PORTS = frozenset({9101, 9102, 9103})


@pytest.fixture
def capture(tmp_path: Path) -> str:
    path = tmp_path / "tape.pcap"
    path.write_bytes(Wire().dial(DIR, SD1, 9103, DIRECTOR).talk().beats(60, 2).pcap())
    return str(path)


def test_syns_keepalives_answers_and_names_are_seen(capture: str) -> None:
    found = [*sights(capture, PORTS)]
    assert [one.ends.destination_port for one in found if one.syn] == [9103]
    assert sum(one.probe for one in found) == sum(one.answer for one in found) == 2
    assert [one.identity for one in found if one.identity] == [b"R_DIRECTOR\x1edir"]
    assert [one.frame for one in found] == sorted(one.frame for one in found)
    assert all(one.time > 10**18 for one in found)


@pytest.mark.parametrize(("inner", "around"), [(4, 4), (6, 4), (4, 6), (6, 6)])
def test_of_a_tunnel_the_ends_are_those_within(tmp_path: Path, inner: int, around: int) -> None:
    ends = [Endpoint(f"{'2001:db8::' if inner == 6 else '10.0.0.'}{end}", 9103) for end in (1, 2)]
    ends[0] = replace(ends[0], port=40000)
    sent = Tape().syn(*ends).frames[0].data[14:]
    packets = [outer(around, 17, udp(port, vxlan(sent))) for port in (4789, 8472, 8473)]
    path = tmp_path / "tunnel.pcap"
    path.write_bytes(pcap([(k * SECOND, frame(layer(one))) for k, one in enumerate(packets)]))
    found = [*sights(str(path), Watched(dict.fromkeys(PORTS), ["udp.port==8473,vxlan"]))]
    assert [one.ends for one in found] == [(ends[0].address, 40000, ends[1].address, 9103)] * 3
    assert [one.frame for one in sights(str(path), PORTS)] == [1, 2]


def test_what_an_error_quotes_is_of_who_sends_the_error(tmp_path: Path) -> None:
    one, other = Endpoint("10.0.0.1", 40000), Endpoint("10.0.0.2", 9103)
    tape = Tape().syn(one, other).error("192.0.2.9", 3, 1, quote=20)
    path = tmp_path / "error.pcap"
    path.write_bytes(tape.pcap())
    assert [one.ends.source for one in sights(str(path), PORTS)][:1] == ["10.0.0.1"]


def test_other_ports_are_passed_over(capture: str) -> None:
    assert [*sights(capture, {9102})] == []


def test_frames_are_found_by_their_times(capture: str) -> None:
    probes = {one.time: one.frame for one in sights(capture, PORTS) if one.probe}
    assert frames_at(capture, PORTS, probes.keys()) == probes
    assert frames_at(capture, PORTS, {5}) == {}


def test_what_is_no_capture_is_said_by_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"no capture" * 1000)
    with pytest.raises(SecondOpinionError, match="tshark gave up with exit code"):
        [*sights(str(path), PORTS)]


def test_what_cannot_be_opened_is_said_by_us(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="does not exist"):
        [*sights(str(tmp_path / "none"), PORTS)]


def test_who_stops_early_leaves_no_process(capture: str) -> None:
    reading = sights(capture, PORTS)
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert "tshark" not in {child.name() for child in psutil.Process().children()}


def test_so_many_lines_are_enough(capture: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wireshark, "MOST_LINES", 2)
    with pytest.raises(SecondOpinionError, match="first 2 lines were compared"):
        [*sights(capture, PORTS)]


def program_that(tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program in the place of tshark."""
    tmp_path.chmod(0o755)
    path = tmp_path / "tshark"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    for folder in tmp_path.parents:
        if folder.owner() == "root" and folder.stat().st_mode & 0o777 == 0o700:
            folder.chmod(0o755)
    monkeypatch.setattr(wireshark, "_path", lambda: str(path))


def test_it_runs_as_nobody_with_an_environment_of_its_own(
    tmp_path: Path, capture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", "/tmp/evil")
    program_that(tmp_path, "id -u >&2; pwd >&2; env >&2; ulimit -v >&2; exit 3", monkeypatch)
    with pytest.raises(SecondOpinionError) as caught:
        [*sights(capture, PORTS)]
    said = str(caught.value)
    assert "exit code 3" in said
    assert "evil" not in said


@pytest.mark.root
def test_root_does_not_run_it(
    tmp_path: Path, capture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program_that(tmp_path, 'echo "user $(id -u) $(id -g) $(id -G)" >&2; exit 3', monkeypatch)
    with pytest.raises(SecondOpinionError, match="user 65534 65534 65534"):
        [*sights(capture, PORTS)]


@pytest.mark.parametrize(
    "line",
    ["", "a\\tb", "1\\tx\\t1\\t\\t1\\t2\\t\\t2\\t0x2\\t\\t\\t\\t\\tip", "9" * 5000],
)
def test_lines_that_are_none_are_passed_over(
    tmp_path: Path, capture: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = "4\\t1.5\\t10.0.0.1\\t\\t5\\t10.0.0.2\\t\\t9103\\t0x0002\\t\\t\\t\\t\\teth:ip:tcp"
    program_that(tmp_path, f"printf '{line}\\n{good}\\n'; cat >/dev/null", monkeypatch)
    (one,) = sights(capture, PORTS)
    assert (one.frame, one.time, one.syn) == (4, 1_500_000_000, True)
    assert one.ends == Ends("10.0.0.1", 5, "10.0.0.2", 9103)


def test_the_name_of_the_program_is_shown_safely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program().startswith("TShark (Wireshark) ")
    program_that(tmp_path, "printf 'T\\033[31m 9 (Git x)\\n'", monkeypatch)
    assert program() == "T?[31m 9"
    program_that(tmp_path, "exit 1", monkeypatch)
    with pytest.raises(SecondOpinionError, match="does not run"):
        program()


def test_without_it_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(SecondOpinionError, match="install the package tshark"):
        program()


def test_ends_are_written_as_people_write_them() -> None:
    assert str(Ends("10.0.0.1", 5, "fd00::1", 9103)) == "10.0.0.1:5 → [fd00::1]:9103"
