"""Builds pcap and pcapng files byte by byte, also such as no program would write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Order = Literal["big", "little"]

ETHERNET, RAW = 1, 101


def pcap(
    packets: Iterable[tuple[int, bytes]],
    *,
    order: Order = "little",
    nanoseconds: bool = False,
    link: int = ETHERNET,
    snaplen: int = 262144,
    modified: bool = False,
    version: tuple[int, int] = (2, 4),
) -> bytes:
    """Return a pcap file of (time in ns, frame); a frame longer than ``snaplen`` is cut to it."""
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2CD34 if modified else 0xA1B2C3D4
    major, minor = version
    parts = [_u(magic, 4, order), _u(major, 2, order), _u(minor, 2, order), bytes(8)]
    parts += [_u(snaplen, 4, order), _u(link, 4, order)]
    unit = 1 if nanoseconds else 1000
    for time, frame in packets:
        data = frame[:snaplen]
        parts += [_u(time // 10**9, 4, order), _u(time % 10**9 // unit, 4, order)]
        parts += [_u(len(data), 4, order), _u(len(frame), 4, order)]
        parts += [bytes(8) if modified else b"", data]
    return b"".join(parts)


class Pcapng:
    """A pcapng file under construction; every method adds a block and returns the file.

    ``bytes(file)`` is the file so far. Times are raw ticks: what they mean is the interface's
    business.
    """

    def __init__(self, order: Order = "little", application: str = "") -> None:
        self._parts: list[bytes] = []
        self.section(order, application)

    def __bytes__(self) -> bytes:
        return b"".join(self._parts)

    def block(self, kind: int, body: bytes) -> Pcapng:
        """Add any block, padded to 32 bits."""
        padded = body + bytes(-len(body) % 4)
        size = _u(len(padded) + 12, 4, self.order)
        self._parts.append(_u(kind, 4, self.order) + size + padded + size)
        return self

    def raw(self, data: bytes) -> Pcapng:
        """Add bytes as they are."""
        self._parts.append(data)
        return self

    def section(self, order: Order, application: str = "") -> Pcapng:
        """Begin a section in a byte order of its own, without interfaces."""
        self.order = order
        body = _u(0x1A2B3C4D, 4, order) + _u(1, 2, order) + _u(0, 2, order) + b"\xff" * 8
        if application:
            body += self.option(4, application.encode()) + bytes(4)
        return self.block(0x0A0D0D0A, body)

    def interface(
        self,
        link: int = ETHERNET,
        *,
        snaplen: int = 0,
        tsresol: int | None = None,
        tsoffset: int | None = None,
    ) -> Pcapng:
        """Describe an interface; ``tsresol`` is the option's byte, ``tsoffset`` seconds."""
        body = _u(link, 2, self.order) + bytes(2) + _u(snaplen, 4, self.order)
        if tsresol is not None:
            body += self.option(9, bytes([tsresol]))
        if tsoffset is not None:
            body += self.option(14, tsoffset.to_bytes(8, self.order, signed=True))
        return self.block(1, body + bytes(4))

    def enhanced(
        self,
        ticks: int,
        data: bytes,
        *,
        interface: int = 0,
        wire: int | None = None,
        options: bytes = b"",
    ) -> Pcapng:
        """Add an Enhanced Packet Block; ``wire`` is the original length if it was cut."""
        packet = self._packet(ticks, data, wire)
        padded = packet + bytes(-len(packet) % 4) + options
        return self.block(6, _u(interface, 4, self.order) + padded)

    def obsolete(
        self, ticks: int, data: bytes, *, interface: int = 0, drops: int = 0xFFFF
    ) -> Pcapng:
        """Add an obsolete Packet Block, before which so many were dropped (0xffff: not known)."""
        number = _u(interface, 2, self.order) + _u(drops, 2, self.order)
        return self.block(2, number + self._packet(ticks, data, None))

    def simple(self, data: bytes, *, wire: int | None = None) -> Pcapng:
        """Add a Simple Packet Block."""
        return self.block(3, _u(len(data) if wire is None else wire, 4, self.order) + data)

    def statistics(self, interface: int, *, ifdrop: int | None, osdrop: int | None) -> Pcapng:
        """Add an Interface Statistics Block."""
        body = _u(interface, 4, self.order) + bytes(8)
        for code, count in ((5, ifdrop), (7, osdrop)):
            if count is not None:
                body += self.option(code, _u(count, 8, self.order))
        return self.block(5, body + bytes(4))

    def option(self, code: int, value: bytes) -> bytes:
        """Return one option."""
        head = _u(code, 2, self.order) + _u(len(value), 2, self.order)
        return head + value + bytes(-len(value) % 4)

    def _packet(self, ticks: int, data: bytes, wire: int | None) -> bytes:
        return b"".join(
            (
                _u(ticks >> 32, 4, self.order),
                _u(ticks & 0xFFFFFFFF, 4, self.order),
                _u(len(data), 4, self.order),
                _u(len(data) if wire is None else wire, 4, self.order),
                data,
            )
        )


def _u(value: int, size: int, order: Order) -> bytes:
    return value.to_bytes(size, order)


def shortened(capture: bytes, snaplen: int, told: int | None = None) -> bytes:
    """Return a little-endian pcap file of which each packet is cut to ``snaplen`` octets, which
    its header says, or that it is ``told``."""
    parts = [capture[:16], _u(snaplen if told is None else told, 4, "little"), capture[20:24]]
    at = 24
    while at < len(capture):
        size = int.from_bytes(capture[at + 8 : at + 12], "little")
        kept = min(size, snaplen)
        parts += [capture[at : at + 8], _u(kept, 4, "little"), capture[at + 12 : at + 16 + kept]]
        at += 16 + size
    return b"".join(parts)
