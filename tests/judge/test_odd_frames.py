"""Odd frames of every kind: of strangers they change no verdict on anybody; between the hosts of a
connection they leave open what they can have held, and nothing else."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from changed import RECORDINGS, Told, among, said, said_of, written
from frames import ethernet, tcp
from scene import DIR, DIRECTOR, FD1, FD3, NETWORK, SD1, Wire, audit, planted

import auditor

STRANGER, OTHER = "192.0.2.66", "192.0.2.67"
SIX = "2001:db8:66::1", "2001:db8:66::2"
_MACS = bytes.fromhex("02000000000102000000000c")
UDP, ESP, AH, GRE, IPCOMP, HOP, DESTINATION, ROUTING, FRAGMENT = 17, 50, 51, 47, 108, 0, 60, 43, 44
#: TCP of others, and an extension header of IPv6 that is followed by one of the same kind.
OTHERS = tcp((STRANGER, 22, OTHER, 40000), "A", 1, 1, 500)
_AGAIN = bytes([DESTINATION, 0]) + bytes(6)


def link(kind: int, data: bytes = bytes(46)) -> bytes:
    return _MACS + kind.to_bytes(2, "big") + data


def changed(frame: bytes, at: int, value: bytes) -> bytes:
    return frame[:at] + value + frame[at + len(value) :]


def v4(protocol: int, data: bytes = bytes(40)) -> bytes:
    return ethernet(STRANGER, OTHER, protocol, data)


def v6(protocol: int, data: bytes = bytes(40)) -> bytes:
    return ethernet(*SIX, protocol, data)


def datagram(port: int, data: bytes) -> bytes:
    return v4(UDP, struct.pack("!HHHH", port, port, 8 + len(data), 0) + data)


def snap(vendor: str, kind: int) -> bytes:
    """Return a frame of LLC and SNAP."""
    return _MACS + (60).to_bytes(2, "big") + b"\xaa\xaa\3" + bytes.fromhex(vendor) + link(kind)[12:]


def tunnelled(packet: bytes, depth: int) -> bytes:
    """Return an IP packet in so many others."""
    for _ in range(depth - 1):
        packet = v4(4, packet)[14:]
    return v4(4, packet)


_TCP = v4(6, OTHERS)
#: What holds no segment of Bareos, wherever and however often it passes.
NOTHING = {
    "PTP": link(0x88F7),
    "LACP": link(0x8809),
    "wake on LAN": link(0x0842, b"\xff" * 6 + _MACS[:6] * 16),
    "CDP": snap("00000c", 0x2000),
    "PVST": snap("00000c", 0x010B),
    "EAPOL before a handover": link(0x88C7),
    "PROFINET": link(0x8892),
    "an LLDP frame that ends early": link(0x88CC, b"\2")[:15],
    "VXLAN without its number": datagram(4789, bytes(8)),
    "VXLAN that ends inside a frame": datagram(4789, b"\x08" + bytes(7) + _MACS[:9]),
    "the first fragment of a datagram": changed(datagram(9, bytes(16)), 20, b"\x20\0"),
    "a datagram of nine thousand octets": datagram(9, bytes(9000)),
    "TCP whose header is too short": changed(_TCP, 46, b"\x40"),
    "TCP with every flag": changed(_TCP, 47, b"\xff"),
    "TCP with a wrong checksum": changed(_TCP, 50, b"\xbe\xef"),
    "IP with a wrong checksum": changed(_TCP, 24, b"\xbe\xef"),
    "UDP of a wrong length": changed(datagram(53, bytes(9)), 38, b"\xff\xff"),
    "IGMP": v4(2),
    "OSPF": v4(89),
    "VRRP": v4(112),
    "SCTP": v4(132),
    "ICMP that quotes too little": v4(1, b"\3\4" + bytes(6) + b"\x45"),
    "a router's advertisement": v6(58, b"\x86" + bytes(15)),
    "IPv6 with nothing behind it": v6(59),
    "an extension header that claims more than is there": v6(HOP, bytes([6, 9]) + bytes(6)),
    "the same of a routing header": v6(ROUTING, bytes([6, 40]) + bytes(6)),
    "IKE": datagram(4500, bytes(28)),
    "WireGuard's handshake": datagram(51820, b"\1\0\0\0" + bytes(140)),
}
#: What may have held one, but passed between strangers and was no tunnel.
THEIRS = {
    "IP of a wrong length": changed(_TCP, 16, b"\xff\xff"),
    "IPv6 of a wrong length": changed(v6(6, OTHERS), 18, b"\xff\xff"),
    "extension headers without end": v6(DESTINATION, _AGAIN * 9),
    "half an extension header": v6(HOP, bytes([6, 0, 0])),
    "a fragment of TCP without the first": changed(v4(6, bytes(24)), 20, b"\0\5"),
    "the same of IPv6": v6(FRAGMENT, bytes([6, 0, 0, 40]) + bytes(28)),
}
#: What may have held one of anybody, since it is a tunnel, or below IP: one of it is no connection.
TUNNELS = {
    "ESP": v4(ESP),
    "ESP over IPv6": v6(ESP),
    "AH around ESP": v4(AH, bytes([ESP, 4]) + bytes(62)),
    "compressed IP": v4(IPCOMP),
    "GRE of who knows what": v4(GRE, b"\0\0\x12\x35" + bytes(40)),
    "GRE with MACsec": v4(GRE, b"\0\0\x88\xe5\x2c" + bytes(40)),
    "an IP protocol that nobody knows": v4(253),
    "MACsec": link(0x88E5, b"\x2c" + bytes(45)),
    "TRILL": link(0x22F3),
    "B.A.T.M.A.N.": link(0x4305),
    "FabricPath": link(0x8903),
    "WireGuard": datagram(51820, b"\4\0\0\0" + bytes(60)),
    "ESP in UDP": datagram(4500, b"\1\2\3\4" + bytes(60)),
    "encrypted PPP": link(0x8864, bytes([0x11, 0, 0, 1, 0, 20, 0, 0x53]) + bytes(18)),
    "IP of no version": changed(_TCP, 14, b"\x75"),
    "an IP header that is too short": changed(_TCP, 14, b"\x43"),
    "tunnels without end": tunnelled(_TCP[14:], 12),
}


def whole(*frames: bytes) -> list[tuple[bytes, int]]:
    return [(frame, len(frame)) for frame in frames]


@pytest.mark.parametrize("name", RECORDINGS)
def test_odd_frames_of_strangers_change_no_verdict(name: str, tmp_path: Path) -> None:
    """Not one: neither of what can hold nothing, nor of what is theirs, nor of a single packet of
    each tunnel. So do the same from a thinned capture, by way of one recording."""
    often = among(name, *whole(*NOTHING.values(), *THEIRS.values()))
    once = among(name, *whole(*TUNNELS.values()), places=1)
    frames = [*often, *once[1 : 1 + len(TUNNELS)]]
    frames.sort(key=lambda one: one.time)
    assert said_of(written(tmp_path / "x.pcap", name, frames), name) == said(name)


NAME = "cases/19-client-initiated-heartbeat-at-director"


@pytest.mark.parametrize("what", [*NOTHING, *THEIRS, *TUNNELS])
def test_each_of_them_by_itself(what: str, tmp_path: Path) -> None:
    known = NOTHING | THEIRS | TUNNELS
    frames = among(NAME, *whole(known[what]), places=1 if what in TUNNELS else 7)
    path = written(tmp_path / "x.pcap", NAME, frames)
    assert said_of(path, NAME) == said(NAME)
    undecoded = auditor.audit(path, resolve=False).captures["undecoded"][0]
    assert (undecoded > 0) == (what not in NOTHING)


# ---------------------------------------------------------------------- between the hosts


def of(a: str, b: str) -> dict[str, Callable[[], bytes]]:
    """Return makers of what may hold a segment from one host to another."""
    segment = tcp((a, 40000, b, 9101), "A", 1, 1, 500)
    return {
        "ESP": lambda: ethernet(a, b, ESP, bytes(40)),
        "a wrong length": lambda: changed(ethernet(a, b, 6, segment), 16, b"\xff\xff"),
        "a fragment": lambda: changed(ethernet(a, b, 6, segment[:16]), 20, b"\0\5"),
        "a protocol that nobody knows": lambda: ethernet(a, b, 253, bytes(40)),
    }


KINDS = tuple(of(DIR, FD3))


def waits(wire: Wire, there: bytes, back: bytes) -> Wire:
    """Let two minutes pass in which each of two frames passes every thirty seconds, and both hosts
    are heard otherwise."""
    wire.dial(FD3, SD1, 9103).dial(DIR, FD1, 9102, DIRECTOR)
    for _ in range(4):
        wire.silence(29).talk().frame(there).frame(back)
    return wire.talk()


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_that_may_be_hidden_between_its_hosts_is_not_called_unseen(
    kind: str, tmp_path: Path
) -> None:
    there, back = of(FD3, DIR)[kind](), of(DIR, FD3)[kind]()
    row = unseen(waits(Wire(), there, back), tmp_path)
    assert f"8 packets between {DIR} and {FD3} that could not be decoded" in row


@pytest.mark.parametrize("kind", ["a wrong length", "a fragment"])
def test_what_strangers_damage_hides_it_not(kind: str, tmp_path: Path) -> None:
    there, back = of(STRANGER, DIR)[kind](), of(OTHER, STRANGER)[kind]()
    row = unseen(waits(Wire(), there, back), tmp_path)
    assert row == ""


def test_a_tunnel_of_strangers_hides_it_as_long_as_it_lasts(tmp_path: Path) -> None:
    there, back = of(STRANGER, OTHER)["ESP"](), of(OTHER, STRANGER)["ESP"]()
    row = unseen(waits(Wire(), there, back), tmp_path)
    assert f"between {STRANGER} and {OTHER} that could not be decoded (ESP)" in row


@pytest.mark.parametrize("kind", KINDS)
def test_cut_into_files_it_is_as_hidden(kind: str, tmp_path: Path) -> None:
    """Each packet counts once, in the file that has it; files are cut between the two of a pair."""
    wire = waits(Wire(), of(FD3, DIR)[kind](), of(DIR, FD3)[kind]())
    whole, frames = (
        unseen(wire, tmp_path),
        [Told(one.time, one.data, one.wire) for one in wire.frames],
    )
    cuts = [n for n in range(1, len(frames)) if frames[n].data == of(DIR, FD3)[kind]()]
    paths = []
    for begin, end in pairwise([0, *cuts, len(frames)]):
        paths.append(written(tmp_path / f"{begin}.pcap", "", frames[begin:end], link=1))
    result = auditor.audit(paths, config=tmp_path / "config", resolve=False)
    (row,) = (row for row in result.tables["expectations"].rows() if row["id"] == "4:fd3>dir")
    assert (len(paths), row["opportunity_reason"]) == (5, whole)


def unseen(wire: Wire, folder: Path) -> str:
    """Return why the waiting connection of FD3 is not called unseen, empty if it is, by the capture
    and by its evidence."""
    result = audit(folder, wire)
    thinned, config = folder / "thin.pcapng", planted(folder / "config", NETWORK)
    auditor.thin(folder / "tape.pcap", thinned, config=config)
    again = auditor.audit(thinned, config=config, resolve=False)
    reasons = []
    for one in (result, again):
        (row,) = (row for row in one.tables["expectations"].rows() if row["id"] == "4:fd3>dir")
        told = {found["rule"] for found in one.tables["findings"].rows()}
        is_told = "expected-connection-unseen" in told
        assert row["opportunity"] == is_told == (not row["opportunity_reason"])
        reasons.append(row["opportunity_reason"])
    assert reasons[0] == reasons[1]
    return str(reasons[0])
