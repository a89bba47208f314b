"""One dumpcap process, its part being played by a shell script: how it begins and how it ends."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pcapfile import Pcapng

from auditor.capture.backend import Request
from auditor.capture.backends import dumpcap_process
from auditor.capture.backends.dumpcap_process import Dumpcap
from auditor.errors import CaptureError

REQUEST = Request(("eth0",), frozenset({9103}), queue_bytes=5 << 20)
#: Section and interface, as dumpcap begins.
SECTION = bytes(Pcapng(application="Dumpcap"))
HEAD = bytes(Pcapng(application="Dumpcap").interface(113, snaplen=4096))


@pytest.fixture
def started(tmp_path, monkeypatch):
    """Return what starts a script as dumpcap, as who is no root; each is ended with the test."""
    monkeypatch.setattr(dumpcap_process, "remaining_account", lambda: None)
    made: list[Dumpcap] = []

    def start(script: str, interface: str = "eth0", request: Request = REQUEST) -> Dumpcap:
        (tmp_path / "head").write_bytes(HEAD)
        program = tmp_path / "dumpcap"
        program.write_text(f"#!/bin/sh\ncd {shlex.quote(str(tmp_path))}\n{script}\n")
        program.chmod(0o755)
        made.append(Dumpcap(str(program), interface, request))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("interface", "ring", "buffer", "tagged"),
    [("eth0", 5 << 20, "5", True), ("eth0", 1000, "1", True), ("any", 8 << 20, "8", False)],
)
def test_it_is_asked_for_the_ports_alone_and_to_write_to_us(
    started, tmp_path, interface, ring, buffer, tagged
):
    request = Request((interface,), frozenset({9103}), queue_bytes=ring)
    program = started("printf '%s\\n' \"$@\" > args; cat head", interface, request)
    program.begin()
    told = (tmp_path / "args").read_text().splitlines()
    options = dict(zip(told[2::2], told[3::2], strict=True))
    assert told[:2] == ["-q", "-n"]
    assert "9103" in options["-f"] and ("vlan" in options["-f"]) == tagged
    assert (options["-i"], options["-B"], options["-w"]) == (interface, buffer, "-")


def test_it_has_begun_once_its_interface_is_described(started):
    program = started("cat head; printf more; cat head")
    program.begin()
    assert program.link == 113
    rest = program.head
    while not program.ended:
        rest += program.read()
    assert rest == HEAD + b"more" + HEAD, "nothing of the stream is lost"


@pytest.mark.parametrize("says", ["", "echo 'dumpcap: The network went down.' >&2"])
def test_one_that_gives_up_instead_says_why(started, says):
    with pytest.raises(CaptureError, match="went down" if says else "did not say why"):
        started(says).begin()


def test_one_that_never_begins_is_not_waited_for(started, monkeypatch):
    monkeypatch.setattr(dumpcap_process, "START_S", 0.02)
    program = started("head -c 20 head; exec sleep 60")
    with pytest.raises(CaptureError, match=r"did not begin within 0\.02 s on eth0"):
        program.begin()
    assert program._process.returncode == -15


def test_one_that_does_not_end_when_asked_to_is_killed(started, monkeypatch):
    monkeypatch.setattr(dumpcap_process, "END_S", 0.05)
    program = started("trap '' TERM; cat head; exec sleep 60")
    program.begin()
    program.close()
    program.close()
    assert program._process.returncode == -9


def _reading() -> Dumpcap:
    program = Dumpcap.__new__(Dumpcap)
    program.head, program.link = b"", 0
    return program


@given(st.integers(0, len(HEAD) + 40), st.integers(0, 0xFFFF))
def test_a_head_cut_anywhere_is_waited_for(cut, link):
    file = Pcapng(application="x").block(10, b"secrets").interface(link)
    head = bytes(file)
    program = _reading()
    program.head = (head + bytes(40))[:cut]
    assert program._has_interface() == (cut >= len(head))
    assert program.link == (link if cut >= len(head) else 0)


@pytest.mark.parametrize(
    "head",
    [
        bytes.fromhex("d4c3b2a1020004000000000000000000"),  # pcap, as before Wireshark 1.8
        SECTION + HEAD,  # a second section before any interface
        HEAD[:4] + bytes(8),  # a block of no length
        HEAD[len(SECTION) :] + HEAD,
    ],
    ids=["pcap", "two sections", "no length", "no section"],
)
def test_what_is_no_pcapng_of_this_machine_is_refused(head):
    program = _reading()
    program.head = head
    with pytest.raises(CaptureError, match="something other than pcapng"):
        program._has_interface()


@pytest.mark.parametrize(("mode", "needed"), [(0o755, False), (0o750, True), (0o4754, True)])
def test_who_may_not_execute_it_gets_its_group(tmp_path, mode, needed):
    program = tmp_path / "dumpcap"
    program.touch()
    program.chmod(mode)
    expected = [Path(program).stat().st_gid] if needed else []
    assert dumpcap_process._groups(str(program)) == expected
