"""Arbitrary bytes as packets between the hosts of a small Bareos network, one after the other.

Random frames never get past the first check of a decoder. Here most choices make packets that fit
to those before them, so that what tracks, thins and judges connections is reached.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from fuzz import support
from fuzz.draws import Draws

_DIRECTOR, _CLIENT = b"R_DIRECTOR\x1edir", b"R_CLIENT\x1efd1"
#: What a side may say; the first is nothing.
SAID = (
    b"",
    support.record(support.client_hello(support.versions(0x0304), support.keys(_DIRECTOR))),
    support.record(support.client_hello(support.versions(0x0304), support.keys(_CLIENT))),
    *support.handshake_of("tls13-psk"),
    *support.handshake_of("tls12-certificate"),
    *support.cleartext(b"Hello Director dir calling\n"),
    support.message(b"Hello *UserAgent* calling\n"),
    support.challenge(b"R_STORAGE::sd1"),
    support.startup(user="bareos", database="catalog"),
    support.request(80877103),
    b"N",
    bytes.fromhex("15030300020228"),
    bytes.fromhex("1703030020") + bytes(32),
    b"\0",
    b"\xff\xff\xff\xfc",
)
#: Nanoseconds from one packet to the next; time may also go back.
STEPS = (10**6, 0, 10**3, 4 * 10**8, 6 * 10**8, 10**9, 9 * 10**9, 30 * 10**9, 75 * 10**9)
STEPS += (600 * 10**9, 7200 * 10**9, -(10**6), -(10**9), 2 * 10**9)
#: (host of the first side, its port, host of the second, its port): 10.0.0.x and fd00::x.
PAIRS = (
    (10, 40001, 31, 9102),
    (10, 40002, 20, 9103),
    (31, 40003, 20, 9103),
    (66, 40004, 20, 9103),
    (40, 40005, 10, 9101),
    (10, 9101, 66, 9102),
    (10, 40006, 5, 5432),
    (31, 40001, 10, 40001),
)
_FLAGS = (0x10, 0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14, 0x01, 0x29, 0x00, 0xC2)
_TTLS = (64, 63, 1, 255, 128)


@dataclass
class _Side:
    next: int = 1000
    ident: int = 1


@dataclass
class Conversation:
    """Turns bytes into the frames of one capture."""

    sides: dict[tuple[int, bool], _Side] = field(default_factory=dict)
    now: int = 1_800_000_000 * 10**9
    last: bytes = b""

    def frames(self, draws: Draws, most: int = 400) -> list[tuple[int, bytes]]:
        """Return (time in ns, Ethernet frame) of each packet, at most so many."""
        found = []
        while draws.more() and len(found) < most:
            self.now += draws.choice(STEPS)
            found.append((self.now, self._frame(draws)))
        return found

    def _frame(self, draws: Draws) -> bytes:
        how = draws.number()
        pair, turned, ipv6, shape = how & 7, bool(how & 8), bool(how & 16), how >> 5
        first, sport, second, dport = PAIRS[pair]
        one, other = self._side(pair, turned), self._side(pair, not turned)
        ends = (first, sport, second, dport) if not turned else (second, dport, first, sport)
        packet = self._segment(draws, one, other, ends, ipv6)
        if shape == 5:
            packet = _error(self.last, ends, ipv6)
        elif shape == 6 and not ipv6:
            cut = draws.number() & ~7
            half = packet[20 : 20 + cut] if draws.number() & 1 else packet[20 + cut :]
            rest = cut >> 3 if half is not packet[20 : 20 + cut] else 0x2000
            packet = (
                packet[:2]
                + struct.pack(">HHH", 20 + len(half), one.ident, rest)
                + (packet[8:20] + half)
            )
        elif shape == 7:
            packet = packet[: draws.number()] + draws.take(draws.number())
        self.last = packet
        return bytes(12) + (b"\x86\xdd" if ipv6 else b"\x08\x00") + packet

    def _side(self, pair: int, turned: bool) -> _Side:
        return self.sides.setdefault((pair, turned), _Side())

    def _segment(
        self, draws: Draws, one: _Side, other: _Side, ends: tuple[int, int, int, int], ipv6: bool
    ) -> bytes:
        flags, place = draws.choice(_FLAGS), draws.number()
        data = SAID[draws.number() % (len(SAID) + 1) - 1]
        if data == SAID[-1]:
            data = draws.take(draws.number())
        jump = {1: -1, 2: 1 << 16, 3: 1 << 21, 4: 1 << 31, 5: -1000, 6: 700}.get(place & 15, 0)
        seq, ack = one.next + jump, other.next + (draws.number(2) if place & 16 else 0)
        if place & 15 == 0:
            one.next += len(data) + bool(flags & 3)
        window = 0 if place & 32 else 502
        options = struct.pack(">BBII", 8, 10, self.now // 10**6 & 0xFFFFFFFF, 1) + b"\1\1"
        options = options if place & 64 else b""
        header = struct.pack(
            ">HHIIBBHHH",
            *(ends[1], ends[3], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF),
            *(5 + len(options) // 4 << 4, flags, window, 0, 0),
        )
        one.ident += 1
        return _packet(ends, header + options + data, 6, ipv6, one.ident, draws, place)


def _address(host: int, ipv6: bool) -> bytes:
    return bytes.fromhex("fd00") + bytes(13) + bytes([host]) if ipv6 else bytes([10, 0, 0, host])


def _packet(
    ends: tuple[int, int, int, int],
    body: bytes,
    protocol: int,
    ipv6: bool,
    ident: int,
    draws: Draws | None = None,
    place: int = 0,
) -> bytes:
    """Return an IP packet around a TCP segment, whose checksum is right unless bit 7 of ``place``
    says otherwise."""
    source, target = _address(ends[0], ipv6), _address(ends[2], ipv6)
    ttl = draws.choice(_TTLS) if draws is not None and place & 128 else 64
    if protocol == 6 and not (place & 128 and ttl == 1):
        pseudo = source + target + struct.pack(">II", len(body), protocol)
        body = body[:16] + struct.pack(">H", _checksum(pseudo + body)) + body[18:]
    if ipv6:
        return struct.pack(">IHBB", 6 << 28, len(body), protocol, ttl) + source + target + body
    header = struct.pack(
        ">BBHHHBBH", 0x45, 0, 20 + len(body) & 0xFFFF, ident & 0xFFFF, 0, ttl, protocol, 0
    )
    return header + source + target + body


def _checksum(data: bytes) -> int:
    words = struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) & 1))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def _error(quoted: bytes, ends: tuple[int, int, int, int], ipv6: bool) -> bytes:
    """Return an ICMP error that quotes the packet before."""
    if ipv6:
        return _packet(ends, struct.pack(">BBHI", 1, 4, 0, 0) + quoted[:200], 58, True, 0)
    return _packet(ends, struct.pack(">BBHI", 3, 13, 0, 0) + quoted[:64], 1, False, 0)


def pcap(frames: list[tuple[int, bytes]], link: int = 1) -> bytes:
    """Return frames as a pcap file with nanoseconds; those before 1970 are of 1970."""
    placed = ((max(time, 0), frame) for time, frame in frames)
    return support.pcap(placed, nanoseconds=True, link=link)
