"""Frames as a tap sees them beyond a NAT or a firewall that numbers segments anew."""

from __future__ import annotations

import socket
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from frames import ethernet, header_length, with_checksum
from tape import Endpoint, Frame

_ACK, _SPACE = 0x10, 1 << 32


class Middlebox(NamedTuple):
    """What a device changes of the segments that pass it."""

    addresses: Mapping[str, str] = {}
    """What stands there for an address; of either family."""
    ends: Mapping[Endpoint, Endpoint] = {}
    """What stands there for an address and port."""
    renumbers: int = 0
    """Drawn at random by whoever numbers anew; 0: nobody does."""
    stamps: bool = True
    """Timestamps pass; else fillers stand in their place."""

    def beyond(self, frames: Iterable[Frame], ttl: int = 63) -> list[Frame]:
        """Return frames of TCP as they are beyond it."""
        return [self._changed(one, ttl) for one in frames]

    def _end(self, address: str, port: int) -> tuple[str, int]:
        there = self.ends.get(Endpoint(address, port))
        if there is not None:
            return there.address, there.port
        return self.addresses.get(address, address), port

    def _changed(self, frame: Frame, ttl: int) -> Frame:
        start = header_length(frame.data)
        source, target = _addresses(frame.data)
        sport, dport, seq, ack = struct.unpack_from("!HHII", frame.data, start)
        ways = (f"{source} {sport} {target} {dport}", f"{target} {dport} {source} {sport}")
        if self.renumbers:
            seq = (seq + self._shift(ways[0])) % _SPACE
            ack = (ack + self._shift(ways[1])) % _SPACE if frame.data[start + 13] & _ACK else ack
        (src, sport), (dst, dport) = self._end(source, sport), self._end(target, dport)
        rest = bytearray(frame.data[start + 12 :])
        rest[4:6] = b"\0\0"
        if not self.stamps:
            _blank_stamps(rest)
        segment = struct.pack("!HHII", sport, dport, seq, ack) + rest
        data = ethernet(src, dst, 6, with_checksum(src, dst, 6, segment, 16), ttl=ttl)
        return Frame(frame.time, data, len(data))

    def _shift(self, way: str) -> int:
        return zlib.crc32(way.encode(), self.renumbers) | 1


def _addresses(data: bytes) -> tuple[str, str]:
    if data[12:14] == b"\x86\xdd":
        return tuple(socket.inet_ntop(socket.AF_INET6, data[at : at + 16]) for at in (22, 38))  # type: ignore[return-value]
    return socket.inet_ntoa(data[26:30]), socket.inet_ntoa(data[30:34])


def _blank_stamps(rest: bytearray) -> None:
    """Put fillers in the place of timestamps; ``rest`` begins with the header's length."""
    at, end = 8, 4 * (rest[0] >> 4) - 12
    while at < end and rest[at]:
        size = 1 if rest[at] == 1 else rest[at + 1]
        if rest[at] == 8:
            rest[at : at + size] = b"\1" * size
        at += size


def without_probes(frames: Sequence[Frame]) -> list[Frame]:
    """Return what passes a device that answers probes itself."""
    apart = [b.time - a.time for a, b in pairwise(frames)]
    begins = [at + 1 for at, gap in enumerate(apart) if gap > 10**9]
    gone = {at + k for at in begins for k in (0, 1)}
    return [frame for at, frame in enumerate(frames) if at not in gone]
