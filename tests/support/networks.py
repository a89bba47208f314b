"""Recordings put into VLANs: of two networks with the same addresses, or of one that a tap sees in
several VLANs."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from changed import Told
from talking import connected
from tape import PORTS, SECOND, Endpoint, Frame, Tape

from auditor.flows import Flow

_IPV4, _IPV6, _TCP, _ICMP = 0x0800, 0x86DD, 6, 1
_SPACE = 1 << 32
#: What ``anew`` may add to numbers and (ns) to times.
SHIFT, LATER = 0x3A7B1C5D, 413_000_777


def tagged(frame: Told, vlan: int) -> Told:
    """Return an Ethernet frame with one VLAN tag more; 0: as it is."""
    if vlan == 0:
        return frame
    tag = struct.pack("!HH", 0x8100, vlan)
    data = frame.data[:12] + tag + frame.data[12:]
    return frame._replace(data=data, wire=frame.wire + 4)


def together(*recordings: Iterable[Told]) -> list[Told]:
    """Return the frames of recordings in order of time."""
    return sorted((frame for one in recordings for frame in one), key=lambda frame: frame.time)


def routed(frames: Iterable[Told], one: int, other: int, *, later: int = 20_000) -> Iterator[Told]:
    """Yield each packet in a VLAN and, ``later`` (ns), behind a router in another."""
    for frame in frames:
        yield tagged(frame, one)
        yield tagged(_behind_a_router(frame), other)._replace(time=frame.time + later)


def by_direction(frames: Iterable[Told], one: int, other: int) -> Iterator[Told]:
    """Yield what goes up in addresses and ports in a VLAN, and what goes down in another."""
    for frame in frames:
        ends = _ends(frame.data)
        yield tagged(frame, one if ends is None or ends[0] < ends[1] else other)


def anew(frames: Iterable[Told], shift: int, later: int) -> Iterator[Told]:
    """Yield what other hosts with the same addresses and ports might have said ``later`` (ns): with
    their own sequence numbers, those of each side further by another multiple of ``shift``."""
    for frame in frames:
        data = bytearray(frame.data)
        at, protocol = _upper(frame.data)
        ends = _ends(frame.data)
        if protocol == _TCP and ends is not None and len(data) >= at + 18:
            _renumber(data, at, shift, ends[0] < ends[1])
        elif protocol == _ICMP and len(data) >= at + 8 + 28 and data[at] == 3:
            quoted = at + 8
            source, target = data[quoted + 12 : quoted + 16], data[quoted + 16 : quoted + 20]
            inner = quoted + (data[quoted] & 15) * 4
            way = (source, data[inner : inner + 2]) < (target, data[inner + 2 : inner + 4])
            _add(data, inner + 4, shift * (1 if way else 3))
        yield Told(frame.time + later, bytes(data), frame.wire)


def _renumber(data: bytearray, at: int, shift: int, up: bool) -> None:
    before = bytes(data[at + 4 : at + 12])
    _add(data, at + 4, shift * (1 if up else 3))
    if data[at + 13] & 0x10:
        _add(data, at + 8, shift * (3 if up else 1))
    total = (~struct.unpack_from("!H", data, at + 16)[0]) & 0xFFFF
    total += sum(0xFFFF - word for word in struct.unpack("!4H", before))
    total += sum(struct.unpack_from("!4H", data, at + 4))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("!H", data, at + 16, ~total & 0xFFFF)


def _add(data: bytearray, at: int, number: int) -> None:
    struct.pack_into("!I", data, at, (struct.unpack_from("!I", data, at)[0] + number) % _SPACE)


def _upper(data: bytes) -> tuple[int, int]:
    """Return where what IP carries begins, and its protocol."""
    kind = int.from_bytes(data[12:14], "big")
    if kind == _IPV4 and len(data) >= 34:
        return 14 + (data[14] & 15) * 4, data[23]
    return (54, data[20]) if kind == _IPV6 and len(data) >= 54 else (0, -1)


def _ends(data: bytes) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]] | None:
    """Return source and target of a TCP segment, each with its port."""
    at, protocol = _upper(data)
    if protocol != _TCP:
        return None
    first, size = (26, 4) if at != 54 or data[12:14] == b"\x08\x00" else (22, 16)
    source, target = data[first : first + size], data[first + size : first + 2 * size]
    return (source, data[at : at + 2]), (target, data[at + 2 : at + 4])


def _behind_a_router(frame: Told) -> Told:
    """Return an IPv4 packet with a TTL that is less by one, its checksum changed with it (RFC
    1624), or one of IPv6."""
    data = bytearray(frame.data)
    if data[12:14] == b"\x08\x00":
        data[22] -= 1
        total = struct.unpack_from("!H", data, 24)[0] + 0x100
        struct.pack_into("!H", data, 24, (total & 0xFFFF) + (total >> 16))
    elif data[12:14] == b"\x86\xdd":
        data[21] -= 1
    return frame._replace(data=bytes(data))


def told(tape: Tape) -> list[Told]:
    """Return the frames of a tape."""
    return [Told(one.time, one.data, one.wire) for one in tape.frames]


def followed(frames: Iterable[Told], ports: Collection[int] = PORTS) -> tuple[Flow, ...]:
    """Return what tracking makes of frames."""
    tape = Tape()
    tape.frames = [Frame(*one) for one in frames]
    return tape.follow(ports, capture_end=1_800_001_000 * SECOND).flows


def facts(flow: Flow) -> tuple[Any, ...]:
    """Return what must be the same wherever a connection is seen."""
    sides = [
        (side.address, side.port, side.payload_bytes, side.missing, side.retransmissions)
        for side in (flow.initiator, flow.acceptor)
    ]
    probes = [(probe.silence, probe.answered is not None) for probe in flow.initiator.probes]
    return flow.outcome, flow.how.ending, flow.tampering_count, sides, probes


def beating(ends: tuple[Endpoint, Endpoint], every: float, times: int = 3) -> Tape:
    """Return a connection whose initiator probes."""
    tape = connected(*ends)
    for _ in range(times):
        tape.silence(every).probe(ends[0]).answer()
    return tape


def in_vlan(frames: Iterable[Told], number: int) -> list[Told]:
    """Return frames with one VLAN tag more; 0: as they are."""
    return [tagged(one, number) for one in frames]
