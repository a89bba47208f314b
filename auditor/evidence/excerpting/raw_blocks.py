"""Packets of a capture file as pcapng blocks, untouched but for comments that are added.

A pcapng file's own blocks are copied: sections, interfaces, names, statistics and packets, in their
byte order. Secrets (Decryption Secrets Blocks) and what is not known are left out. Records of a
pcap file become blocks of one section (draft-ietf-opsawg-pcapng §4).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from auditor.packets.byte_stream import DamagedStreamError, Stream
from auditor.packets.pcap import HEADER_SIZE, PcapScanner
from auditor.packets.pcapng_block_options import ENHANCED_HEAD
from auditor.packets.pcapng_options import Order
from auditor.packets.pcapng_scanner import (
    ENHANCED,
    INTERFACE,
    MAX_BLOCK,
    SECTION,
    STATISTICS,
)
from auditor.packets.scanner import MAX_CAPTURED

_OBSOLETE, _SIMPLE, _NAMES = 2, 3, 4
_PACKETS = frozenset({_OBSOLETE, _SIMPLE, ENHANCED})
_COPIED = frozenset({INTERFACE, _NAMES, STATISTICS})
_MAGIC = SECTION.to_bytes(4, "big")
_SECTION_HEAD = 24
_ORDERS: dict[bytes, Order] = {b"\x1a\x2b\x3c\x4d": "big", b"\x4d\x3c\x2b\x1a": "little"}
_HEADS = {"big": struct.Struct(">II").unpack_from, "little": struct.Struct("<II").unpack_from}
_COMMENT, _TSRESOL, _FCSLEN = 1, 9, 13
_CHUNK = 1 << 20
#: Octets of a comment: the format's own bound is 65535.
_MAX_COMMENT = 4096

#: Tells whether a packet is wanted, by its number (from 1) and its bytes.
Wants = Callable[[int, memoryview], bool]


class Block(NamedTuple):
    """One block of a pcapng file."""

    kind: int
    number: int
    """Which packet of its capture it is, from 1; 0: it is none."""
    data: bytes
    order: Order

    def commented(self, comments: Sequence[str]) -> bytes:
        """Return its bytes with these comments before its own options; a Simple Packet Block has
        no room for any."""
        at = self._options_at()
        if not comments or not at:
            return self.data
        body, rest = self.data[8:at], self.data[at:-4]
        added = b"".join(_option(_COMMENT, _utf8(one), self.order) for one in comments)
        return _block(self.kind, body + added + (rest or bytes(4)), self.order)

    def _options_at(self) -> int:
        if self.kind == SECTION:
            return _SECTION_HEAD
        if self.kind not in {ENHANCED, _OBSOLETE}:
            return 0
        captured = int.from_bytes(self.data[20:24], self.order)
        at = ENHANCED_HEAD + captured + (-captured & 3)
        return at if at <= len(self.data) - 4 else 0


def raw_blocks(path: str, wants: Wants) -> Iterator[Block]:
    """Yield what describes a capture, and of its packets those that are wanted, in order.

    It ends where a reader of the capture ends: at a record that cannot be true, or is not whole.
    Raises CaptureError if the file is gone or may not be read.
    """
    source = _Source(Stream(path))
    try:
        if not source.refill(0, HEADER_SIZE):
            return
        if bytes(source.data[:4]) == _MAGIC:
            yield from _of_pcapng(source, wants)
        else:
            yield from _of_pcap(source, wants)
    finally:
        source.close()


class _Source:
    """The bytes of a stream, a part of which is at hand."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.data = memoryview(b"")

    def refill(self, at: int, count: int) -> bool:
        """Have ``data`` begin where it was ``at``, with at least so many bytes; tell whether there
        are so many."""
        left = bytes(self.data[at:])
        while len(left) < count:
            chunk = bytearray(max(_CHUNK, count))
            try:
                filled = self._stream.fill(memoryview(chunk))
            except DamagedStreamError:
                filled = 0
            if not filled:
                return False
            left += memoryview(chunk)[:filled]
        self.data = memoryview(left)
        return True

    def close(self) -> None:
        self._stream.close()


def _of_pcap(source: _Source, wants: Wants) -> Iterator[Block]:
    head = bytes(source.data[:HEADER_SIZE])
    scanner = PcapScanner.open(head)
    if scanner is None:
        return
    yield Block(SECTION, 0, _section(), "little")
    yield Block(INTERFACE, 0, _interface(scanner, head), "little")
    fields = struct.Struct(">IIII" if scanner.big else "<IIII").unpack_from
    header, ticks = scanner.header, 1_000_000_000 // scanner.unit
    data, at, number = source.data, HEADER_SIZE, 0
    while True:  # one turn a packet of the capture: what is done here is done often
        if len(data) - at < header:
            if not source.refill(at, header):
                return
            data, at = source.data, 0
        seconds, fraction, captured, wire = fields(data, at)
        if captured > MAX_CAPTURED:
            return
        if len(data) - at < header + captured:
            if not source.refill(at, header + captured):
                return
            data, at = source.data, 0
        number += 1
        at += header + captured
        packet = data[at - captured : at]
        if wants(number, packet):
            time = seconds * ticks + fraction
            body = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, captured, wire)
            body += bytes(packet) + bytes(-captured & 3)
            yield Block(ENHANCED, number, _block(ENHANCED, body, "little"), "little")


def _section() -> bytes:
    return _block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1), "little")


def _interface(scanner: PcapScanner, head: bytes) -> bytes:
    """Return what a pcap header says as an Interface Description Block."""
    order: Order = "big" if scanner.big else "little"
    # The upper half of the link type: how long a frame check sequence is, in units of 16 bits.
    link = int.from_bytes(head[20:24], order)
    options = _option(_TSRESOL, b"\x06" if scanner.unit == 1000 else b"\x09", "little")
    if link & 0x0400_0000:
        options += _option(_FCSLEN, bytes([(link >> 28) * 16 & 0xFF]), "little")
    fields = struct.pack("<HHI", scanner.link, 0, scanner.snaplen)
    return _block(INTERFACE, fields + options + bytes(4), "little")


def _of_pcapng(source: _Source, wants: Wants) -> Iterator[Block]:
    order: Order = "little"
    data, at, number = source.data, 0, 0
    while True:
        if len(data) - at < 12:
            if not source.refill(at, 12):
                return
            data, at = source.data, 0
        if data[at : at + 4] == _MAGIC:
            found = _ORDERS.get(bytes(data[at + 8 : at + 12]))
            if found is None:
                return
            order = found
        kind, size = _HEADS[order](data, at)
        least = _SECTION_HEAD + 4 if kind == SECTION else 12
        if size < least or size & 3 or size > MAX_BLOCK:
            return
        if len(data) - at < size:
            if not source.refill(at, size):
                return
            data, at = source.data, 0
        block = data[at : at + size]
        at += size
        if block[-4:] != block[4:8]:
            return
        if kind in _PACKETS:
            number += 1
            if wants(number, block[8:-4]):
                yield Block(kind, number, bytes(block), order)
        elif kind == SECTION:
            if int.from_bytes(block[12:14], order) != 1:  # major version
                return
            # How long the section is, is not known yet.
            yield Block(kind, 0, bytes(block[:16]) + b"\xff" * 8 + bytes(block[24:]), order)
        elif kind in _COPIED:
            yield Block(kind, 0, bytes(block), order)


def _option(code: int, value: bytes, order: Order) -> bytes:
    head = code.to_bytes(2, order) + len(value).to_bytes(2, order)
    return head + value + bytes(-len(value) % 4)


def _block(kind: int, body: bytes, order: Order) -> bytes:
    size = (len(body) + 12).to_bytes(4, order)
    return kind.to_bytes(4, order) + size + body + size


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")[:_MAX_COMMENT].decode("utf-8", "ignore").encode()
