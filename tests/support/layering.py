"""IP packets on every link, behind every tag, in every tunnel, and in fragments, byte by byte.

A *packet* is an IP packet. What is wrapped around it is known by its EtherType until it is on a
link.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping
from itertools import pairwise

IPV4, IPV6, MPLS, ETHER = 0x0800, 0x86DD, 0x8847, 0x6558
_PPP = {IPV4: 0x21, IPV6: 0x57, MPLS: 0x281}
_NLPID = {IPV4: 0xCC, IPV6: 0x8E}
_FAMILY = {IPV4: 2, IPV6: 10}
_MACS = bytes.fromhex("02000000001602000000001a")

Layer = tuple[int, bytes]


def layer(packet: bytes) -> Layer:
    """Return an IP packet with its EtherType."""
    return (IPV4 if packet[0] >> 4 == 4 else IPV6), packet


def frame(inner: Layer) -> bytes:
    """Return an Ethernet frame."""
    return _MACS + _u16(inner[0]) + inner[1]


def _erf(inner: bytes) -> bytes:
    """Return a record of an Endace card: when, type, flags, its size, losses, size on the wire."""
    return struct.pack(">8xBBHHHxx", 2, 4, 18 + len(inner), 0, len(inner) + 4) + inner


def _u16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def llc(inner: Layer) -> bytes:
    """Return LLC with SNAP."""
    return b"\xaa\xaa\x03\0\0\0" + _u16(inner[0]) + inner[1]


def ppp(inner: Layer, *, address: bool = True, short: bool = False) -> bytes:
    """Return PPP, without its first two bytes or the first of its protocol if that is asked."""
    number = _PPP[inner[0]]
    protocol = bytes([number]) if short else _u16(number)
    return b"\xff\x03" * address + protocol + inner[1]


def wifi(inner: Layer, flags: int = 1, *, quality: bytes = b"", pad: bytes = b"") -> bytes:
    """Return a frame of 802.11 with data; ``flags`` is its second byte."""
    addresses = bytes(22 + (6 if flags & 3 == 3 else 0))
    return bytes([0x88 if quality else 0x08, flags]) + addresses + quality + pad + llc(inner)


def _nflog(inner: Layer, order: str) -> bytes:
    family = _FAMILY.get(inner[0], 0)
    head = bytes([family, 0, 0, 1]) + struct.pack(order + "HH", 8, 1) + _u16(inner[0]) + bytes(2)
    return head + struct.pack(order + "HH", len(inner[1]) + 4, 9) + inner[1]


#: By name: the LINKTYPE_ number, and what a frame of it is.
LINKS: Mapping[str, tuple[int, Callable[[Layer], bytes]]] = {
    "Ethernet": (1, frame),
    "802.3 with LLC/SNAP": (1, lambda of: _MACS + _u16(len(of[1]) + 8) + llc(of)),
    "NULL": (0, lambda of: struct.pack("<I", {IPV4: 2, IPV6: 30}[of[0]]) + of[1]),
    "SLIP": (8, lambda of: bytes(16) + of[1]),
    "PPP": (9, ppp),
    "PPP with compressed protocol": (9, lambda of: ppp(of, address=False, short=True)),
    "FDDI": (10, lambda of: b"\x50" + _MACS + llc(of)),
    "serial PPP": (50, ppp),
    "serial Cisco HDLC": (50, lambda of: b"\x0f\0" + _u16(of[0]) + of[1]),
    "PPPoE": (51, lambda of: b"\x11\0\0\1" + _u16(len(of[1]) + 2) + ppp(of, address=False)),
    "LLC over ATM": (100, llc),
    "raw IP": (101, lambda of: of[1]),
    "Cisco HDLC": (104, lambda of: b"\x0f\0" + _u16(of[0]) + of[1]),
    "802.11": (105, wifi),
    "802.11 with four addresses": (105, lambda of: wifi(of, 3)),
    "frame relay": (107, lambda of: b"\x18\x41\x03" + bytes([_NLPID[of[0]]]) + of[1]),
    "frame relay with SNAP": (107, lambda of: b"\x18\x41\x03\0\x80" + llc(of)[3:]),
    "frame relay of Cisco": (107, lambda of: b"\x18\x41" + _u16(of[0]) + of[1]),
    "LOOP": (108, lambda of: struct.pack(">I", {IPV4: 2, IPV6: 24}[of[0]]) + of[1]),
    "IPsec of OpenBSD": (
        109,
        lambda of: struct.pack("<I8x", {IPV4: 2, IPV6: 24}[of[0]]) + of[1],
    ),
    "Linux cooked": (113, lambda of: bytes(14) + _u16(of[0]) + of[1]),
    "Linux cooked with LLC": (113, lambda of: bytes(14) + _u16(4) + llc(of)),
    "pflog": (117, lambda of: bytes([61, {IPV4: 2, IPV6: 24}[of[0]]]) + bytes(62) + of[1]),
    "Prism": (119, lambda of: struct.pack("<II136x", 0x44, 144) + wifi(of)),
    "AVS in place of Prism": (119, lambda of: struct.pack(">II56x", 0x80211001, 64) + wifi(of)),
    "radiotap": (127, lambda of: bytes.fromhex("0000080000000000") + wifi(of)),
    "radiotap with padding": (
        127,
        lambda of: (
            bytes.fromhex("0000190003000000")
            + bytes(8)
            + b"\x20"
            + bytes(8)
            + wifi(of, 2, quality=b"\0\0", pad=b"\0\0")
        ),
    ),
    "IP over FireWire": (138, lambda of: bytes(16) + _u16(of[0]) + of[1]),
    "AVS": (163, lambda of: struct.pack(">II56x", 0x80211001, 64) + wifi(of)),
    "ERF": (197, lambda of: _erf(frame(of))),
    "PPI": (192, lambda of: struct.pack("<BBHI", 0, 0, 8, 105) + wifi(of)),
    "PPP with direction": (204, lambda of: b"\1" + ppp(of)),
    "frame relay with direction": (
        206,
        lambda of: b"\0\x18\x41\x03" + bytes([_NLPID[of[0]]]) + of[1],
    ),
    "NFLOG": (239, lambda of: _nflog(of, "<")),
    "NFLOG of a big-endian host": (239, lambda of: _nflog(of, ">")),
    "IP over InfiniBand": (242, lambda of: bytes(40) + _u16(of[0]) + bytes(2) + of[1]),
    "PKTAP": (258, lambda of: struct.pack("<III96x", 108, 1, 1) + frame(of)),
    "Linux cooked v2": (276, lambda of: _u16(of[0]) + bytes(18) + of[1]),
}


def _tagged(kind: int, body: bytes) -> Callable[[Layer], Layer]:
    return lambda of: (kind, body + _u16(of[0]) + of[1])


def labelled(inner: Layer, *labels: int) -> Layer:
    """Return a packet, or a frame behind a control word, behind MPLS labels."""
    words = [label << 12 | 64 for label in labels]
    words[-1] |= 0x100
    body = inner[1] if inner[0] != ETHER else bytes(4) + inner[1]
    return MPLS, b"".join(word.to_bytes(4, "big") for word in words) + body


#: By name: what stands between the frame's addresses and the packet.
TAGS: Mapping[str, Callable[[Layer], Layer]] = {
    "none": lambda of: of,
    "VLAN": _tagged(0x8100, b"\0\x07"),
    "two VLANs": lambda of: _tagged(0x88A8, b"\0\x07")(_tagged(0x8100, b"\0\x08")(of)),
    "two old VLANs": lambda of: _tagged(0x9100, b"\0\x07")(_tagged(0x8100, b"\0\x08")(of)),
    "VN-tag": _tagged(0x8926, b"\0\1\0\2"),
    "E-tag": _tagged(0x893F, b"\0\1\0\2\0\0"),
    "HSR": _tagged(0x892F, b"\0\x34\0\1"),
    "open MACsec": _tagged(0x88E5, b"\x20\0" + bytes(12)),
    "MPLS": lambda of: labelled(of, 100, 200),
    "frame over MPLS": lambda of: labelled((ETHER, frame(of)), 300),
    "PBB": lambda of: (0x88E7, b"\0\0\x10\1" + frame(of)),
    "PPPoE": lambda of: (
        0x8864,
        b"\x11\0\0\1" + _u16(len(of[1]) + 2) + ppp(of, address=False),
    ),
    "PPPoE with compressed protocol": lambda of: (
        0x8864,
        b"\x11\0\0\1" + _u16(len(of[1]) + 1) + ppp(of, address=False, short=True),
    ),
    "NSH": lambda of: (
        0x894F,
        struct.pack(">HBBI16x", 0x0FC6, 1, {IPV4: 1, IPV6: 2}[of[0]], 0x0101FF) + of[1],
    ),
}


def outer(version: int, protocol: int, body: bytes, ident: int = 1) -> bytes:
    """Return an IP packet between two ends of a tunnel."""
    if version == 4:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), ident, 0, 64, protocol, 0)
        head += bytes([192, 0, 2, 1, 192, 0, 2, 2])
        return head[:10] + checksum(head) + head[12:] + body
    ends = (socket.inet_pton(socket.AF_INET6, f"2001:db8:ffff::{end}") for end in (1, 2))
    return struct.pack("!IHBB", 6 << 28, len(body), protocol, 64) + b"".join(ends) + body


def checksum(data: bytes) -> bytes:
    """Return the Internet checksum."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return _u16(0xFFFF - (total % 0xFFFF or 0xFFFF))


def udp(port: int, body: bytes, source: int = 49152) -> bytes:
    """Return a UDP datagram without checksum."""
    return struct.pack("!4H", source, port, 8 + len(body), 0) + body


def _gre(flags: int, kind: int, body: bytes) -> tuple[int, bytes]:
    return 47, _u16(flags) + _u16(kind) + body


def vxlan(packet: bytes, number: int = 77) -> bytes:
    """Return a VXLAN header and a frame."""
    return b"\x08\0\0\0" + number.to_bytes(3, "big") + b"\0" + frame(layer(packet))


def _l2tp3(packet: bytes) -> bytes:
    return struct.pack("!II", 2, 0x01020304) + frame(layer(packet))


_ERSPAN2 = struct.pack("!II", 1 << 28 | 3 << 16 | 5, 0)
_ERSPAN3 = struct.pack("!III", 2 << 28 | 3 << 16 | 5, 0, 0)

#: By name: IP protocol and what stands between the outer IP header and an inner packet.
TUNNELS: Mapping[str, Callable[[bytes], tuple[int, bytes]]] = {
    "IP in IP": lambda of: (4 if of[0] >> 4 == 4 else 41, of),
    "GRE": lambda of: _gre(0, layer(of)[0], of),
    "GRE with key": lambda of: _gre(0x2000, layer(of)[0], bytes.fromhex("00000005") + of),
    "GRE with all": lambda of: _gre(0xB000, layer(of)[0], bytes(4) + b"\0\0\0\5\0\0\0\1" + of),
    "GRE with routes": lambda of: _gre(
        0x4000, layer(of)[0], bytes(4) + b"\x08\0\0\4\xc0\0\2\3" + bytes(4) + of
    ),
    "PPTP": lambda of: _gre(
        0x3081, 0x880B, _u16(len(of) + 4) + b"\0\1" + bytes(8) + ppp(layer(of))
    ),
    "frame over GRE": lambda of: _gre(0, ETHER, frame(layer(of))),
    "NVGRE": lambda of: _gre(0x2000, ETHER, b"\0\x50\1\7" + frame(layer(of))),
    "ERSPAN I": lambda of: _gre(0, 0x88BE, frame(layer(of))),
    "ERSPAN II": lambda of: _gre(0x1000, 0x88BE, bytes(4) + _ERSPAN2 + frame(layer(of))),
    "ERSPAN III": lambda of: _gre(0x1000, 0x22EB, bytes(4) + _ERSPAN3 + frame(layer(of))),
    "MPLS over GRE": lambda of: _gre(0, MPLS, labelled(layer(of), 9)[1]),
    "frame in IP": lambda of: (97, b"\x30\0" + frame(layer(of))),
    "MPLS in IP": lambda of: (137, labelled(layer(of), 9)[1]),
    "AH": lambda of: (51, bytes([4 if of[0] >> 4 == 4 else 41, 4]) + bytes(22) + of),
    "L2TPv3": lambda of: (115, _l2tp3(of)),
    "VXLAN": lambda of: (17, udp(4789, vxlan(of))),
    "VXLAN of Linux": lambda of: (17, udp(8472, vxlan(of))),
    "VXLAN-GPE": lambda of: (
        17,
        udp(4790, bytes([12, 0, 0, 1 if of[0] >> 4 == 4 else 2, 0, 0, 77, 0]) + of),
    ),
    "GENEVE": lambda of: (
        17,
        udp(6081, b"\x02\0" + _u16(ETHER) + b"\0\0\x4d\0" + bytes(8) + frame(layer(of))),
    ),
    "IP over GENEVE": lambda of: (17, udp(6081, b"\0\0" + _u16(layer(of)[0]) + b"\0\0M\0" + of)),
    "GTP-U": lambda of: (17, udp(2152, struct.pack("!BBHI", 0x30, 255, len(of), 7) + of)),
    "GTP-U with extension": lambda of: (
        17,
        udp(
            2152,
            struct.pack("!BBHIHBB4s", 0x34, 255, len(of) + 8, 7, 0, 0, 0x85, b"\1\0\1\0") + of,
        ),
    ),
    "L2TPv2": lambda of: (17, udp(1701, struct.pack("!HHH", 2, 1, 2) + ppp(layer(of)), 1701)),
    "L2TPv2 with all": lambda of: (
        17,
        udp(
            1701,
            struct.pack("!HHHHHHHH", 0x4A02, len(of) + 20, 1, 2, 0, 0, 2, 0) + ppp(layer(of)),
            1701,
        ),
    ),
    "L2TPv3 over UDP": lambda of: (17, udp(1701, struct.pack("!HH", 3, 0) + _l2tp3(of), 1701)),
    "MPLS over UDP": lambda of: (17, udp(6635, labelled(layer(of), 9)[1])),
    "GRE over UDP": lambda of: (17, udp(4754, bytes(2) + _u16(layer(of)[0]) + of)),
    "TZSP": lambda of: (17, udp(37008, b"\1\0\0\1\x0a\1\xc8\0\1" + frame(layer(of)))),
}


def tunnelled(packet: bytes, name: str, version: int = 4, ident: int = 1) -> bytes:
    """Return the IP packet of ``version`` that carries ``packet`` in the tunnel of that name."""
    return outer(version, *TUNNELS[name](packet), ident)


def fragments(packet: bytes, *places: int, ident: int = 1) -> list[bytes]:
    """Return an IP packet cut at these places of its payload, multiples of 8."""
    version, size = packet[0] >> 4, 20 if packet[0] >> 4 == 4 else 40
    head, payload = packet[:size], packet[size:]
    bounds = [0, *(place for place in places if place < len(payload)), len(payload)]
    cut = []
    for begin, end in pairwise(bounds):
        more, part = end < len(payload), payload[begin:end]
        if version == 4:
            place = begin // 8 | (0x2000 if more else 0)
            made = head[:2] + struct.pack("!HHH", 20 + len(part), ident, place) + head[8:10]
            cut.append(made + checksum(made + head[12:]) + head[12:] + part)
        else:
            made = head[:4] + _u16(8 + len(part)) + bytes([44]) + head[7:]
            piece = struct.pack("!BBHI", head[6], 0, begin | more, ident)
            cut.append(made + piece + part)
    return cut
