"""Ethernet frames of IP, TCP and UDP, byte by byte.

A tape is some dozens of them, a test thousands, and scapy takes a millisecond a frame. That these
are the frames that scapy builds is what ``test_frames.py`` holds.
"""

from __future__ import annotations

import socket
import struct
from functools import cache

_FLAGS = {letter: 1 << bit for bit, letter in enumerate("FSRPAUEC")}
_MACS = bytes.fromhex("02000000000b02000000000a")
#: MSS 1460, SACK permitted, a filler, window scale 7, and the end of the list.
_SYN_OPTIONS = bytes.fromhex("020405b40402010303070000")


def ethernet(src: str, dst: str, protocol: int, body: bytes, **options: int) -> bytes:
    """Return the frame of an IP packet; ``options``: ``ttl``, and ``ident`` or ``label``."""
    header = _ipv6 if ":" in src else _ipv4
    return _MACS + header(_packed(src), _packed(dst), protocol, len(body), **options) + body


def tcp(
    ends: tuple[str, int, str, int],
    flags: str,
    seq: int,
    ack: int,
    window: int,
    data: bytes = b"",
    stamps: tuple[int, int] | None = None,
) -> bytes:
    """Return a TCP segment from one address and port to the other; SYNs carry the usual options,
    and with ``stamps`` (TSval, TSecr) all do."""
    src, sport, dst, dport = ends
    options = _SYN_OPTIONS if "S" in flags else b""
    if stamps is not None:
        options = struct.pack("!4B2I", 1, 1, 8, 10, *stamps) + options
    place = (5 + len(options) // 4) << 4
    bits = sum(_FLAGS[letter] for letter in flags)
    header = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, place, bits, window, 0, 0)
    return with_checksum(src, dst, socket.IPPROTO_TCP, header + options + data, 16)


def udp(src: str, dst: str, sport: int = 53, dport: int = 53) -> bytes:
    """Return an empty UDP datagram."""
    return with_checksum(src, dst, socket.IPPROTO_UDP, struct.pack("!HHHH", sport, dport, 8, 0), 6)


def header_length(frame: bytes) -> int:
    """Return the length of the Ethernet and IP headers of such a frame."""
    return 14 + (40 if frame[12:14] == b"\x86\xdd" else 20)


def _ipv4(
    src: bytes, dst: bytes, protocol: int, length: int, ttl: int = 64, ident: int = 1
) -> bytes:
    fields = (0x45, 0, 20 + length, ident, 0, ttl, protocol)
    first, last = struct.pack("!BBHHHBB", *fields), src + dst
    return b"\x08\x00" + first + _checksum(first + last).to_bytes(2, "big") + last


def _ipv6(
    src: bytes, dst: bytes, protocol: int, length: int, ttl: int = 64, label: int = 0
) -> bytes:
    return b"\x86\xdd" + struct.pack("!IHBB", 6 << 28 | label, length, protocol, ttl) + src + dst


def with_checksum(src: str, dst: str, protocol: int, message: bytes, at: int) -> bytes:
    """Return a message with its checksum, which covers a pseudo header (RFC 9293 §3.1)."""
    pseudo = _packed(src) + _packed(dst) + struct.pack("!II", protocol, len(message))
    found = _checksum(pseudo + message).to_bytes(2, "big")
    return message[:at] + found + message[at + 2 :]


def _checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071) of data that is not all zero."""
    even = data if len(data) % 2 == 0 else data + b"\0"
    return 0xFFFF - (sum(struct.unpack(f"!{len(even) // 2}H", even)) % 0xFFFF or 0xFFFF)


@cache
def _packed(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
