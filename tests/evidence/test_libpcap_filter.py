"""The capture filter lets through every segment of interest, however it is wrapped."""

from __future__ import annotations

import subprocess

import pytest
from capture_stage import IP, TCP, Ether, IPv6
from pcapfile import pcap
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6ExtHdrDestOpt
from scapy.layers.l2 import Dot1Q

from auditor.evidence.libpcap_filter import capture_filter

_TCP = TCP(sport=40000, dport=9103)
_ANSWER = TCP(sport=9101, dport=40000)


def _passes(frame, filter_text: str) -> bool:
    done = subprocess.run(
        ["tcpdump", "-n", "-r", "-", "-w", "-", filter_text],
        input=pcap([(0, bytes(frame))]),
        capture_output=True,
        check=True,
    )
    return len(done.stdout) > 24


@pytest.mark.parametrize(
    "frame",
    [
        Ether() / IP() / _TCP,
        Ether() / IP() / _ANSWER,
        Ether() / IPv6() / _TCP,
        Ether() / IPv6() / IPv6ExtHdrDestOpt() / _TCP,
        Ether() / Dot1Q(vlan=5) / IP() / _TCP,
        Ether() / Dot1Q(vlan=5) / IPv6() / _ANSWER,
        Ether() / Dot1Q(vlan=5) / Dot1Q(vlan=6) / IP() / _TCP,
    ],
    ids=lambda frame: frame.summary(),
)
def test_segments_on_the_ports_pass(frame):
    assert _passes(frame, capture_filter({9101, 9103}))


def _error(version: int, kind: int, inner) -> bytes:
    """An ICMP error of a router that quotes ``inner``, as bytes behind an IP header."""
    quoted = bytes(inner)
    if version == 6:
        return IPv6(nh=58) / (bytes([kind, 0, 0, 0, 0, 0, 0, 0]) + quoted)
    return IP(proto=1) / (bytes([kind, 10, 0, 0, 0, 0, 0, 0]) + quoted)


@pytest.mark.parametrize("tags", [0, 1, 2])
@pytest.mark.parametrize(("version", "kind"), [(4, 3), (4, 11), (6, 1), (6, 2), (6, 3)], ids=str)
def test_icmp_errors_about_tcp_pass(version, kind, tags):
    inner = (IPv6() if version == 6 else IP()) / _TCP
    frame = Ether()
    for tag in range(tags):
        frame = frame / Dot1Q(vlan=5 + tag)
    assert _passes(frame / _error(version, kind, inner), capture_filter({9103}))


@pytest.mark.parametrize(
    ("version", "kind", "inner"),
    [
        (4, 3, IP() / UDP()),
        (4, 0, IP() / _TCP),
        (4, 8, IP() / _TCP),
        (6, 1, IPv6() / UDP()),
        (6, 128, IPv6() / _TCP),
        (6, 135, IPv6() / _TCP),
    ],
)
def test_other_icmp_messages_stay_outside(version, kind, inner):
    assert not _passes(Ether() / _error(version, kind, inner), capture_filter({9103}))


@pytest.mark.parametrize(
    "frame",
    [
        Ether() / IP() / TCP(sport=40000, dport=22),
        Ether() / IP() / UDP(sport=40000, dport=9103),
        Ether() / Dot1Q(vlan=5) / IP() / TCP(sport=40000, dport=22),
    ],
    ids=lambda frame: frame.summary(),
)
def test_everything_else_stays_outside(frame):
    assert not _passes(frame, capture_filter({9101, 9103}))


@pytest.mark.root
def test_the_any_device_takes_the_filter_without_tags():
    command = ["tcpdump", "-i", "any", "-d", capture_filter({9103}, tagged=False)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_without_tags_nothing_is_asked_for_behind_them():
    """Each ``vlan`` moves the offsets of all that follows, so the tagged filter only adds to it."""
    plain = capture_filter({9103, 9101}, tagged=False)
    assert plain.startswith("tcp port 9101 or tcp port 9103 or ip6[6] == 0")
    assert "vlan" not in plain
    tagged = capture_filter({9103, 9101})
    assert tagged == f"{plain} or (vlan and ({plain} or (vlan and ({plain}))))"
