"""scapy's sockets do where nothing better exists, and say what is missing."""

from __future__ import annotations

import builtins
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest
from capture_stage import KeepSyns, delete_link, namespace

from auditor.capture.backend import Request
from auditor.capture.backends import scapy_sockets
from auditor.capture.backends.scapy_sockets import ScapyBackend
from auditor.errors import CaptureError
from auditor.evidence.endpoints import ends_of
from auditor.packets.link_types import RAW

_PORT = 9103


@pytest.fixture
def backend():
    backend = ScapyBackend(KeepSyns)
    yield backend
    backend.close()
    backend.close()


def test_loopback_shows_each_packet_once(backend):
    with namespace():
        backend.open(Request(("lo",), frozenset({_PORT})))
        with socket.create_server(("127.0.0.1", _PORT)):
            for _ in range(7):
                socket.create_connection(("127.0.0.1", _PORT)).close()
        kept = list(backend.poll(2.0)) + list(backend.flush())
        assert len(kept) == 14
        assert all(ends_of(1, packet.data) for packet in kept)
        assert [packet.time for packet in kept] == sorted(packet.time for packet in kept)
        assert backend.counters()[0].dropped == 0


def test_what_waits_at_the_end_is_taken_or_counted_as_lost(backend, monkeypatch):
    def connect(times):
        with socket.create_server(("127.0.0.1", _PORT)):
            for _ in range(times):
                socket.create_connection(("127.0.0.1", _PORT)).close()

    with namespace():
        backend.open(Request(("lo",), frozenset({_PORT})))
        assert not any("rmem_max" in sentence for sentence in backend.blind)
        connect(7)
        assert len(backend.flush()) == 14
        assert backend.counters()[0].dropped == 0
        seen = backend.counters()[0].seen
        monkeypatch.setattr(scapy_sockets, "_LONGEST_S", -1)
        connect(5)
        assert backend.flush() == []
        assert backend.counters()[0].seen == seen
        assert backend.counters()[0].dropped >= 5 * 5


def test_sockets_that_the_system_keeps_small_are_told():
    one = SimpleNamespace(ins=SimpleNamespace(getsockopt=lambda *_: 2 << 20))
    assert list(scapy_sockets._narrow([one], 1 << 20)) == []
    (sentence,) = scapy_sockets._narrow([one, one], (1 << 20) + 1)
    assert "buffers hold 1024 KiB" in sentence
    assert list(scapy_sockets._narrow([SimpleNamespace()], 1)) == []


def test_any_is_every_interface(backend):
    with namespace():
        backend.open(Request(("any",), frozenset({_PORT})))
        assert {interface.name for interface in backend.interfaces} == {"lo", "bas0", "bas1"}


def test_a_removed_interface_ends_with_a_sentence(backend):
    with namespace():
        backend.open(Request(("bas0",), frozenset({_PORT})))
        delete_link("bas0")
        backend.poll(2.0)
        with pytest.raises(CaptureError, match="Interface bas0 is gone"):
            backend.poll(2.0)


def test_an_interface_that_is_not_there_is_named(backend):
    with pytest.raises(CaptureError, match="nosuch0"):
        backend.open(Request(("nosuch0",), frozenset({_PORT})))


def test_without_scapy_it_says_what_to_install(backend, monkeypatch):
    usual = builtins.__import__

    def no_scapy(name, *rest):
        if name.startswith("scapy"):
            raise ImportError(name)
        return usual(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_scapy)
    with pytest.raises(CaptureError, match="scapy is not installed: install it with"):
        backend.open(Request(("lo",), frozenset({_PORT})))


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (PermissionError(1, "Operation not permitted"), "run it as root with sudo"),
        (OSError(105, "No buffer space available"), "Interface lo cannot be opened: No buffer"),
    ],
)
def test_a_socket_that_cannot_be_opened_is_one_sentence(backend, monkeypatch, refusal, sentence):
    def refuse(*_):
        raise refusal

    monkeypatch.setattr(scapy_sockets, "_listen", refuse)
    with pytest.raises(CaptureError, match=sentence):
        backend.open(Request(("lo",), frozenset({_PORT})))


def test_frames_of_a_link_that_is_not_known_are_refused():
    with pytest.raises(CaptureError, match="Frames of interface odd0 cannot be decoded"):
        scapy_sockets._link(SimpleNamespace(lvl=2, LL=None), "odd0")
    assert scapy_sockets._link(SimpleNamespace(lvl=3), "tun0") == RAW


def test_a_system_that_counts_no_losses_has_none():
    assert scapy_sockets._counted(SimpleNamespace()) == (0, 0)


def test_scapy_keeps_nothing_in_a_home_that_may_be_somebody_elses(tmp_path):
    """Root that writes below it follows links that their owner put there, and its cache is read."""
    program = (
        "from auditor.capture.backends.scapy_sockets import _scapy_conf\n"
        "import os, sys\n"
        "before = dict(os.environ)\n"
        "_scapy_conf()\n"
        "assert 'scapy.data' in sys.modules and os.environ == before\n"
    )
    folders = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "given")}
    environment = {**os.environ, **folders}
    environment.pop("XDG_DATA_HOME", None)
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
