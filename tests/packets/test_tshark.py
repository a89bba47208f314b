"""Captures that Wireshark reads for us."""

from __future__ import annotations

import io
import os
import subprocess
import tempfile
from contextlib import closing

import psutil
import pytest
from decoding import PORTS, SECOND, ethernet
from foreign import WRITABLE, converted, erf, iptrace, snoop
from packed import PACKERS
from pcapfile import Pcapng, pcap

from auditor.errors import CaptureError
from auditor.packets import read_capture, tshark
from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.magic import is_capture, recognise
from auditor.packets.tshark import Conversion, nobody, tshark_path

TIME = 1_700_000_000 * SECOND + 1_000_000
PACKETS = [(TIME + n * SECOND, ethernet(b"x" * n)) for n in range(5)]
runs_tshark = pytest.mark.tshark


def times(path):
    found = []
    with read_capture(str(path), PORTS) as reader:
        for batch in reader:
            found += batch.segments["time"].tolist()
    return found, reader.info


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.dat"
    path.write_bytes(snoop(PACKETS))
    return path


@runs_tshark
@pytest.mark.parametrize("pack", [bytes, *PACKERS.values()], ids=["plain", *PACKERS])
def test_a_file_of_another_format_is_read_packed_or_not(file, pack):
    file.write_bytes(pack(file.read_bytes()))
    found, info = times(file)
    assert found == [time for time, _ in PACKETS]
    assert (info.format, info.backend, info.truncated, info.packets) == ("snoop", "file", False, 5)
    (note,) = info.notes
    assert note.startswith("It is a file of the format snoop, which TShark (Wireshark) ")
    assert note.endswith(" read.")


@runs_tshark
@pytest.mark.parametrize("name", WRITABLE)
def test_every_such_format_gives_the_packets_of_the_original(tmp_path, name):
    (tmp_path / "a").write_bytes(pcap(PACKETS))
    converted(tmp_path / "a", tmp_path / "b", name)
    found, info = times(tmp_path / "b")
    assert (info.format, len(found), info.undecoded) == (WRITABLE[name], 5, 0)
    steps = {(found[n + 1] - found[n] + SECOND // 1000) // (SECOND // 100) for n in range(4)}
    assert steps == {100}, "whatever precision the format has"


@runs_tshark
@pytest.mark.parametrize(("name", "write"), [("iptrace", iptrace), ("erf", erf)])
def test_what_aix_and_endace_cards_write_is_read(file, name, write):
    file.write_bytes(write(PACKETS))
    found, info = times(file)
    assert (found, info.format) == ([time for time, _ in PACKETS], name)


@runs_tshark
def test_standard_input_and_pipes_are_read_too(file, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    assert len(times("-")[0]) == 5


@runs_tshark
def test_what_is_cut_is_read_as_far_as_it_goes_and_told(file):
    file.write_bytes(file.read_bytes()[:-30])
    found, info = times(file)
    assert (len(found), info.truncated) == (4, True)
    assert "tshark gave up with exit code 2: " in info.unread
    assert "cut short" in info.unread


@runs_tshark
def test_what_is_packed_and_cut_between_two_records_is_told(file):
    whole = snoop(PACKETS[:3])
    file.write_bytes(PACKERS["zstd"](whole) + b"\x28\xb5\x2f\xfd")
    found, info = times(file)
    assert (len(found), info.truncated) == (3, True)
    assert "its packed data end early" in info.unread


@runs_tshark
def test_what_it_cannot_read_is_refused_with_its_words(file):
    file.write_bytes(b"snoop\0\0\0" + b"\xff" * 100)
    with pytest.raises(
        CaptureError, match=r"cannot be read: tshark gave up with exit code 2: .*snoop"
    ):
        times(file)


def test_without_it_the_sentence_says_what_to_install(file, monkeypatch):
    monkeypatch.setattr(tshark, "tshark_path", lambda: None)
    with pytest.raises(CaptureError) as refusal:
        times(file)
    assert str(refusal.value) == (
        f"{file} cannot be read: it takes Wireshark to read snoop: install the package tshark."
    )


def test_a_program_that_does_not_start_is_told(file, monkeypatch):
    monkeypatch.setattr(tshark, "tshark_path", lambda: "/nonexistent/program")
    with pytest.raises(CaptureError, match=r"cannot be read: tshark does not run: .*No such file"):
        times(file)


def test_what_is_no_such_file_never_reaches_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tshark, "tshark_path", lambda: pytest.fail("it was asked"))
    (tmp_path / "a").write_bytes(b"some text, or noise" * 10)
    with pytest.raises(CaptureError, match="is not a capture"):
        times(tmp_path / "a")


def test_it_is_known_without_being_read(file, monkeypatch):
    monkeypatch.setattr(tshark, "tshark_path", lambda: pytest.fail("it was asked"))
    assert is_capture(str(file))
    assert recognise(PACKERS["bzip2"](file.read_bytes())) == "snoop"


@runs_tshark
def test_who_stops_early_leaves_no_process(file):
    with closing(Stream(str(file))) as stream:
        assert stream.fill(memoryview(bytearray(10))) == 10
        assert stream.position == stream.size
        assert stream.foreign == "snoop"
    assert "tshark" not in {child.name() for child in psutil.Process().children()}


def test_it_may_do_nothing():
    command = ["sh", "-c", "id -u; ulimit -v; ulimit -t; pwd"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, **nobody()).stdout
    user = 65534 if os.geteuid() == 0 else os.geteuid()
    assert said.split() == [str(user), str(4 << 20), "3600", "/"]


@runs_tshark
def test_a_reason_to_end_early_is_the_last_that_is_read():
    program = tshark_path()
    assert program is not None
    with tempfile.TemporaryFile() as source:
        source.write(pcap(PACKETS))
        source.seek(0)
        conversion = Conversion(source, program, "it was cut")
        with closing(conversion), pytest.raises(OSError, match="it was cut"):
            while conversion.readinto(memoryview(bytearray(1000))):
                pass


def test_damage_of_the_medium_is_told_as_for_any_file(file, monkeypatch):
    monkeypatch.setattr(tshark, "tshark_path", lambda: None)
    with closing(Stream(str(file))) as stream:
        for _ in range(2):
            with pytest.raises(DamagedStreamError, match="install the package tshark"):
                stream.fill(memoryview(bytearray(10)))


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A program that says and writes what it is told, whatever it is given."""

    def install(written: bytes, said: str = "", code: int = 0) -> None:
        (tmp_path / "written").write_bytes(written)
        (tmp_path / "said").write_text(said)
        script = tmp_path / "program"
        script.write_text(
            f"#!/bin/sh\ncat {tmp_path}/written\ncat {tmp_path}/said >&2\nexit {code}\n"
        )
        script.chmod(0o755)
        monkeypatch.setattr(tshark, "tshark_path", lambda: str(script))
        monkeypatch.setattr(tshark, "nobody", dict)  # who may not look into our folder

    return install


NG = bytes(Pcapng(application="A reader 1.0 (Git x)").interface().enhanced(1, ethernet(b"x")))


@pytest.mark.parametrize("pack", [bytes, PACKERS["zstd"]], ids=["plain", "zstd"])
def test_what_the_program_writes_is_read(file, stand_in, pack):
    stand_in(NG)
    file.write_bytes(pack(file.read_bytes()))
    found, info = times(file)
    assert (len(found), info.format, info.backend) == (1, "snoop", "file")
    assert info.notes == ("It is a file of the format snoop, which A reader 1.0 read.",)


def test_why_the_program_gave_up_is_said_inert_and_short(file, stand_in):
    stand_in(NG, "Some chatter\ntshark: It is cut\x1b[31m short.\n(snoop: really)\n" * 50, 2)
    found, info = times(file)
    assert (len(found), info.truncated) == (1, True)
    said = "tshark gave up with exit code 2: It is cut?[31m short. (snoop: really) It is cut"
    assert said in info.unread
    assert len(info.unread) < 450


def test_where_the_program_is_read_is_where_the_reading_is(file, stand_in):
    stand_in(NG)
    with closing(Stream(str(file))) as stream:
        assert stream.fill(memoryview(bytearray(10))) == 10
        assert 0 <= stream.position <= stream.size
        assert stream.fill(memoryview(bytearray(1 << 16))) == len(NG) - 10
        assert stream.fill(memoryview(bytearray(10))) == 0
        place = stream.position
    assert stream.position == place, "also when it is closed"


def test_it_is_looked_for_where_systems_have_it(monkeypatch):
    asked = []
    monkeypatch.setattr(tshark.shutil, "which", lambda name, path: asked.append((name, path)))
    assert tshark_path() is None
    assert asked == [("tshark", "/usr/bin:/usr/local/bin:/bin:/opt/homebrew/bin")]


def test_it_is_bounded(monkeypatch):
    limits = []
    monkeypatch.setattr(tshark.resource, "setrlimit", lambda *limit: limits.append(limit))
    nobody()["preexec_fn"]()
    resource = tshark.resource
    assert limits == [
        (resource.RLIMIT_AS, (4 << 30, 4 << 30)),
        (resource.RLIMIT_CPU, (3600, 3600)),
    ]
