"""dumpcap captures for us, as an account without rights, and its failures become sentences."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest
from capture_stage import KeepSyns, delete_link, namespace, tshark
from paths import ROOT, SUPPORT

from auditor.capture.backend import Request
from auditor.capture.backends import dumpcap
from auditor.capture.backends.dumpcap import DumpcapBackend
from auditor.capture.backends.dumpcap_errors import why_ended
from auditor.capture.recording import output as output_module
from auditor.capture.recording.limits import Limits
from auditor.capture.recording.output import Output
from auditor.capture.recording.recorder import Recorder
from auditor.capture.rights.capabilities import Capability
from auditor.capture.rights.privileges import remaining_account
from auditor.errors import CaptureError
from auditor.evidence.endpoints import ends_of
from auditor.packets import read_capture

_CONNECTIONS = 11
_PORT = 9103


def _connect(address: str, times: int = _CONNECTIONS) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, _PORT), family=family):
        for _ in range(times):
            with socket.create_connection((address, _PORT)):
                pass


def _poll(backend, wanted: int) -> list:
    kept = []
    until = time.monotonic() + 5
    while len(kept) < wanted and time.monotonic() < until:
        kept += backend.poll(0.2)
    return kept


@pytest.fixture
def opened():
    """Return a function that opens a backend, which is closed in the end."""
    backends = []

    def opened(*interfaces: str) -> DumpcapBackend:
        backend = DumpcapBackend(KeepSyns)
        backends.append(backend)
        backend.open(Request(interfaces, frozenset({_PORT})))
        return backend

    yield opened
    for backend in backends:
        backend.close()
        backend.close()


def test_every_syn_of_both_families_arrives_once_and_in_order(opened):
    with namespace():
        backend = opened("lo")
        _connect("127.0.0.1")
        kept = _poll(backend, 2 * _CONNECTIONS) + list(backend.flush())
        assert len(kept) == 2 * _CONNECTIONS  # SYN and SYN-ACK
        assert [packet.time for packet in kept] == sorted(packet.time for packet in kept)
        assert all(ends_of(1, packet.data) for packet in kept)
        counters = backend.counters()[0]
        assert counters.kept == len(kept) and counters.dropped == 0
        assert counters.seen >= counters.matched > counters.kept
        assert backend.facts() == () and backend.interfaces == (("lo", 1),)


def test_what_dumpcap_may_not_have_read_is_counted_as_lost(opened, monkeypatch):
    """It throws away what is in the kernel's buffer when it is told to end, and says nothing."""
    monkeypatch.setattr(dumpcap, "_LONGEST_S", 0.05)
    with namespace():
        backend = opened("lo")
        (process,) = backend.children
        os.kill(process, signal.SIGSTOP)
        _connect("127.0.0.1")
        stop = backend._running[0].stop
        backend._running[0].stop = lambda: (stop(), os.kill(process, signal.SIGCONT))
        kept = backend.flush()
        lost = backend.counters()[0].dropped
    assert len(kept) == 2 * _CONNECTIONS or lost > 0


def test_two_interfaces_come_as_one_stream(opened):
    with namespace():
        backend = opened("lo", "bas0")
        _connect("127.0.0.1")
        kept = list(backend.poll(1.0)) + list(backend.flush())
        assert len(kept) == 2 * _CONNECTIONS
        assert {packet.interface for packet in kept} == {0}
        assert [interface.name for interface in backend.interfaces] == ["lo", "bas0"]


def test_dumpcap_runs_as_who_is_left_and_with_one_capability_at_most(opened):
    with namespace():
        opened("lo")
        children = Path("/proc/thread-self/children").read_text().split()
        statuses = [Path(f"/proc/{child}/status").read_text() for child in children]
        status = next(text for text in statuses if text.startswith("Name:\tdumpcap"))
        account = remaining_account()
        assert account is not None
        assert f"Uid:\t{account.uid}\t{account.uid}\t{account.uid}" in status
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert int(fields["CapPrm"], 16) & ~(1 << Capability.CAP_NET_RAW) == 0
        assert int(fields["CapEff"], 16) & ~(1 << Capability.CAP_NET_RAW) == 0


def test_no_dumpcap_stays_behind(opened):
    with namespace():
        backend = opened("lo")
        process = backend._running[0]._process
        backend.close()
        assert process.returncode is not None


def test_a_removed_interface_ends_the_recording_with_a_sentence_and_a_valid_file(
    tmp_path, monkeypatch, opened
):
    monkeypatch.setattr(output_module, "remaining_account", lambda: None)
    path = tmp_path / "gone.pcapng"
    with namespace():
        backend = opened("bas0")
        output = Output(str(path), Limits())
        output.open()
        delete_link("bas0")
        with pytest.raises(CaptureError, match="Interface bas0 was removed: the recording ends"):
            Recorder(backend, output, Limits(duration=10), filter_text="").run(Event())
    with read_capture(str(path), {_PORT}) as reader:
        assert list(reader) == []
        assert not reader.info.truncated and reader.info.dropped == 0


def test_what_was_captured_is_in_the_file_with_its_direction(tmp_path, monkeypatch, opened):
    monkeypatch.setattr(output_module, "remaining_account", lambda: None)
    path = tmp_path / "a.pcapng"
    with namespace():
        backend = opened("bas0")
        output = Output(str(path), Limits())
        output.open()
        with socket.socket() as nobody_answers:
            nobody_answers.setblocking(False)
            subprocess.run(
                ["ip", "neigh", "add", "10.77.0.2", "lladdr", "02:00:00:00:00:09", "dev", "bas0"],
                check=True,
            )
            nobody_answers.connect_ex(("10.77.0.2", _PORT))
            summary = Recorder(backend, output, Limits(duration=0.1), filter_text="").run(Event())
    rows = tshark(path, "frame.packet_flags_direction", "tcp.dstport", "tcp.flags.syn")
    assert len(rows) == summary.packets > 0
    assert rows[0] == ["0x00000002", "9103", "1"]


_WITHOUT_RIGHTS = """
import os, socket, sys
sys.path[:0] = sys.argv[2:]
from threading import Event, Timer
from capture_stage import KeepSyns
from auditor.capture.backends.dumpcap import DumpcapBackend
from auditor.capture.backend import Request
from auditor.capture.recording.limits import Limits
from auditor.capture.recording.output import Output
from auditor.capture.rights.privileges import drop_everything
from auditor.capture.recording.recorder import Recorder

backend, output, stop = DumpcapBackend(KeepSyns), Output(sys.argv[1], Limits()), Event()
backend.open(Request(("lo",), frozenset({9103})))
output.open()
drop_everything()
with socket.socket() as acceptor, socket.socket() as initiator:
    acceptor.bind(("127.0.0.1", 9103))
    acceptor.listen()
    initiator.connect(("127.0.0.1", 9103))
    stop.set()
    summary = Recorder(backend, output, Limits(), filter_text="").run(stop)
children = [dumpcap._process for dumpcap in backend._running]
backend.close()
print(summary.packets, summary.ended, [child.returncode for child in children], os.geteuid())
"""


def test_the_recording_is_made_and_ended_without_any_right(tmp_path):
    roots = [str(SUPPORT), str(ROOT)]
    with namespace():
        done = subprocess.run(
            [sys.executable, "-c", _WITHOUT_RIGHTS, str(tmp_path / "a.pcapng"), *roots],
            capture_output=True,
            text=True,
            check=True,
        )
    account = remaining_account()
    assert account is not None
    assert done.stdout.split() == ["2", "stopped", "[0]", str(account.uid)]


@pytest.mark.root
def test_an_interface_that_is_not_there_is_named(opened):
    with pytest.raises(CaptureError, match="There is no interface nosuch0"):
        opened("nosuch0")


def test_without_dumpcap_it_says_what_to_install(monkeypatch, opened):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CaptureError, match="dumpcap is not installed: install"):
        opened("lo")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("dumpcap: You do not have permission to capture on device.", "CAP_NET_RAW missing"),
        ('dumpcap: The network adapter "a" is no longer attached;', "was removed"),
        ("dumpcap: The network went down.", "went down"),
        ("Capturing on 'a'\ndumpcap: Something\x1b[2J new.\n(why)", r"Something\?\[2J new\. \(why"),
        ("", "did not say why"),
    ],
)
def test_what_dumpcap_says_becomes_one_sentence(said, told):
    with pytest.raises(CaptureError, match=told):
        raise CaptureError(why_ended(said, "eth0"))
