"""The eBPF backend on real connections: interfaces, offloading, keepalive trains, rights."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from bpf_recording import MARKER, Dialogue, payload_of, recording
from netns import Namespace, connected, injector, join, namespaces, need, why_no_bpf
from paths import ROOT

from auditor.capture.backend import Request
from auditor.capture.backends.ebpf import EbpfBackend
from auditor.errors import CaptureError
from auditor.evidence.packet import Direction

#: Connections in the tests that make many: a prime number.
MANY = 17
MEGABYTES = 64
V4 = ("10.77.0.2", 9103)
HELLO = b"\0\0\0\x17Hello Client fd calling"


@pytest.fixture(scope="module")
def ends() -> Iterator[list[Namespace]]:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair)
        yield pair


def talk(client: Namespace, server: Namespace, address: tuple[str, int]) -> None:
    """Say hello, move a little data, and part."""
    with connected(client, server, address) as (initiator, acceptor):
        initiator.sendall(HELLO)
        assert acceptor.recv(100) == HELLO
        acceptor.sendall(b"\0\0\0\x041000")
        initiator.recv(100)
        for _ in range(10):
            initiator.sendall(MARKER * 50)
            acceptor.recv(10000)
        initiator.shutdown(socket.SHUT_WR)
        while acceptor.recv(10000):
            pass
        acceptor.close()
        assert initiator.recv(1) == b""


@pytest.mark.parametrize("address", [V4, ("fd77::2", 9103)], ids=["ipv4", "ipv6"])
def test_both_directions_of_a_prime_number_of_connections(
    ends: list[Namespace], address: tuple[str, int]
) -> None:
    with recording(ends[0]) as tape:
        for _ in range(MANY):
            talk(*ends, address)
        kept = tape.finish()
        count = tape.count
    syns = [p for p in kept if p.data[14 + (20 if ":" not in address[0] else 40) + 13] == 2]
    assert len(syns) == MANY
    assert {p.direction for p in syns} == {Direction.OUTBOUND}
    assert {p.direction for p in kept} == {Direction.OUTBOUND, Direction.INBOUND}
    assert sum(HELLO in p.data for p in kept) == MANY
    assert not any(b"1000" in p.data for p in kept), "which is no part of a hello"
    assert count.lost == count.dropped == 0


def test_on_loopback_each_packet_is_seen_once() -> None:
    need(why_no_bpf())
    with namespaces(1) as (home,), recording(home, "lo") as tape:
        for _ in range(MANY):
            talk(home, home, ("127.0.0.1", 9103))
        kept = tape.finish()
        interfaces = tape.backend.interfaces
    assert interfaces == (("lo", 1),)
    assert sum(HELLO in p.data for p in kept) == MANY
    assert {p.direction for p in kept} == {Direction.INBOUND}


def test_any_is_every_interface_there_is(ends: list[Namespace]) -> None:
    with recording(ends[0], "any") as tape:
        talk(ends[0], ends[0], ("127.0.0.1", 9103))
        talk(*ends, V4)
        kept = tape.finish()
        names = [interface.name for interface in tape.backend.interfaces]
        blind = " ".join(tape.backend.blind)
    hellos = [names[p.interface] for p in kept if HELLO in p.data]
    assert hellos == ["lo", "wire0"]
    assert "Interfaces that appear after the start are not captured from" in blind


def test_bulk_data_is_counted_and_next_to_nothing_is_stored(ends: list[Namespace]) -> None:
    with recording(ends[0]) as tape, connected(*ends, V4) as (initiator, acceptor):
        reader = threading.Thread(target=_drain, args=(acceptor,))
        reader.start()
        for _ in range(MEGABYTES):
            initiator.sendall(MARKER * (1_000_000 // len(MARKER)))
        initiator.close()
        reader.join()
        kept = tape.finish()
        count = tape.count
    stored = sum(len(p.data) for p in kept)
    assert count.lost == 0
    assert stored * 1000 < MEGABYTES * 1_000_000
    assert max(p.length for p in kept) <= 70_000


def _drain(acceptor: socket.socket) -> None:
    while acceptor.recv(1 << 20):
        pass


@pytest.mark.slow
def test_a_real_keepalive_train_is_kept_probe_by_probe(ends: list[Namespace]) -> None:
    with (
        recording(ends[0]) as tape,
        connected(*ends, V4, idle=1, interval=1) as (initiator, _),
    ):
        initiator.sendall(HELLO)
        tape.run(3.6)
        kept = tape.finish()
    probes = [p for p in kept[5:] if p.direction == Direction.OUTBOUND]
    answers = [p for p in kept[5:] if p.direction == Direction.INBOUND]
    assert (len(probes), len(answers)) == (3, 3)
    gaps = [(b.time - a.time) / 1e9 for a, b in pairwise(probes)]
    assert all(0.9 <= gap <= 1.125 + 0.1 for gap in gaps)
    assert not any(payload_of(p) for p in kept[5:])


def test_an_interface_without_link_header() -> None:
    need(why_no_bpf() or ("" if Path("/dev/net/tun").exists() else "there is no /dev/net/tun"))
    with namespaces(1) as (home,):
        home.run("ip", "tuntap", "add", "tun9", "mode", "tun")
        home.run("ip", "addr", "add", "10.78.0.1/24", "dev", "tun9")
        home.run("ip", "link", "set", "tun9", "up")
        with recording(home, "tun9") as tape:
            interfaces = tape.backend.interfaces
            tape.finish()
    assert interfaces == (("tun9", 101),)


def test_an_interface_that_does_not_exist_is_named() -> None:
    need(why_no_bpf())
    backend = EbpfBackend()
    with pytest.raises(CaptureError, match="interface nosuch0 cannot be captured from"):
        backend.open(Request(("nosuch0",), frozenset({9103})))


def test_an_interface_that_is_removed_ends_the_capture_with_its_name() -> None:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair, addresses=False)
        with recording(pair[0]) as tape, injector(pair[1]) as raw:
            raw.send(Dialogue().frame(0, "S"))
            pair[0].run("ip", "link", "del", "wire0")
            with pytest.raises(CaptureError, match="interface wire0 has been removed"):
                tape.run(3)
            assert len(tape.finish()) == 1


def test_an_interface_that_is_only_down_is_waited_for() -> None:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair, addresses=False)
        with recording(pair[0]) as tape, injector(pair[1]) as raw:
            pair[0].run("ip", "link", "set", "wire0", "down")
            tape.run(0.6)
            pair[0].run("ip", "link", "set", "wire0", "up")
            time.sleep(0.1)  # until the carrier is there
            raw.send(Dialogue().frame(0, "S"))
            assert len(tape.finish()) == 1


#: Opens with exactly three capabilities as nobody, gives up all, and only then reads.
WITHOUT_RIGHTS = """
import json, os, socket, sys
from auditor.capture.rights import capabilities, capset
from auditor.capture.backends.ebpf import EbpfBackend
from auditor.capture.backends.interface_pipeline import default_thinning, prepare
from auditor.capture.backend import Request
from auditor.capture.recording.recorder import Recorder
from auditor.capture.rights.privileges import drop_everything

prepare(default_thinning)  # what it loads, nobody may not read
granted = [capabilities.Capability[name] for name in sys.argv[1].split(",")]
mask = sum(1 << one for one in granted)
with capset.passed_on(granted):
    os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
    capset.write_sets(effective=mask, permitted=mask, inheritable=mask)
    backend = EbpfBackend()
    backend.open(Request(("lo",), frozenset({9103})))
    drop_everything()
    server = socket.create_server(("127.0.0.1", 9103))
    client = socket.socket()  # create_connection would import, from where nobody may not read
    client.connect(("127.0.0.1", 9103))
    kept = [packet for _ in range(4) for packet in backend.poll(0.5)]
    client.close()
    kept += backend.flush()
    facts = backend.facts()
    sets = capabilities.read_sets()
    print(json.dumps([
        os.getuid(), sets.effective | sets.permitted, len(kept), len(facts),
        backend.counters()[0].seen,
    ]))
    backend.close()
    os._exit(0)
"""


def without_rights(home: Namespace, *capabilities: str) -> subprocess.CompletedProcess[str]:
    with home.entered():
        return subprocess.run(
            [sys.executable, "-c", WITHOUT_RIGHTS, ",".join(capabilities)],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": "."},
        )


@pytest.mark.slow
def test_three_rights_open_everything_and_none_is_needed_afterwards() -> None:
    need(why_no_bpf())
    with namespaces(1) as (home,):
        done = without_rights(home, "CAP_NET_RAW", "CAP_BPF", "CAP_PERFMON")
    assert done.stderr == ""
    uid, rights, kept, facts, seen = json.loads(done.stdout)
    assert (uid, rights) == (65534, 0)
    assert (kept >= 4, facts >= 1, seen >= kept) == (True, True, True)


@pytest.mark.parametrize("lacking", ["CAP_NET_RAW", "CAP_BPF", "CAP_PERFMON"])
def test_a_right_that_is_missing_is_named(lacking: str) -> None:
    need(why_no_bpf())
    rights = {"CAP_NET_RAW", "CAP_BPF", "CAP_PERFMON"} - {lacking}
    with namespaces(1) as (home,):
        done = without_rights(home, *sorted(rights))
    assert f"CaptureError: {lacking} missing" in done.stderr
