"""Which flow a kept packet belongs to, and which way it went: the least that can be read of it.

Only kept packets come here, a few a flow, so plain Python does. Every read is bounded by the
bytes that are there. Link types are those of ``packets.link_types``; the kernels that read them in
``packets.link`` import numpy, which a recording process must not before it has dropped its rights.
"""

from __future__ import annotations

import socket
from ipaddress import IPv6Address
from typing import NamedTuple

from auditor.evidence.packet import Direction
from auditor.packets.link_types import (
    ADDRESS_FAMILY,
    COOKED,
    COOKED2,
    ETHERNET,
    IP_VERSION,
    IPV4,
    IPV6,
    LINK_TYPES,
    MAX_TAGS,
    VLAN_TAGS,
)

_TCP, _FRAGMENT, _AUTHENTICATION = 6, 44, 51
_EXTENSIONS = (0, 43, 44, 51, 60)
_MAX_EXTENSIONS = 8
_PPPOE_SESSION = 0x8864
#: The packet type of a cooked header (packet(7)): to us, and from us.
_TO_US, _FROM_US = 0, 4

End = tuple[str, int]


class Ends(NamedTuple):
    """Sender and receiver of a TCP segment, each as address (usual spelling) and port."""

    source: End
    destination: End


class Segment(NamedTuple):
    """What is read of a TCP segment."""

    ends: Ends
    flags: int
    """The low eight flag bits; 0 where the frame was cut before them."""


def ends_of(link: int, data: bytes) -> Ends | None:
    """Return the ends of the TCP segment in a frame of LINKTYPE_ ``link``, or None."""
    segment = segment_of(link, data)
    return segment.ends if segment is not None else None


def segment_of(link: int, data: bytes) -> Segment | None:
    """Return the TCP segment in a frame of LINKTYPE_ ``link``, or None."""
    kind, at = network_of(link, data)
    if kind == IPV4:
        return _ipv4(data, at)
    return _ipv6(data, at) if kind == IPV6 else None


def unmapped(end: End) -> End:
    """Return an end as ``ends_of`` spells it: IPv4 mapped into IPv6 becomes IPv4."""
    address, port = end
    if ":" in address:
        try:
            mapped = IPv6Address(address).ipv4_mapped
        except ValueError:
            return end
        return (str(mapped) if mapped else address), port
    return end


def direction_of(link: int, hardware: bytes, data: bytes) -> Direction:
    """Return which way a frame went through an interface with the address ``hardware``.

    A cooked header says it itself; on Ethernet the sender's address does. Loopback has no
    address, and a frame that is neither from nor to us (a mirror port) no direction.
    """
    if link in (COOKED, COOKED2):
        kind = _number(data, 0, 2) if link == COOKED else _number(data, 10, 1)
        return {_TO_US: Direction.INBOUND, _FROM_US: Direction.OUTBOUND}.get(
            kind, Direction.UNKNOWN
        )
    if link != ETHERNET or not any(hardware):
        return Direction.UNKNOWN
    if data[6:12] == hardware:
        return Direction.OUTBOUND
    return Direction.INBOUND if data[:6] == hardware else Direction.UNKNOWN


def _number(data: bytes, at: int, size: int) -> int:
    """Return a big-endian number, or -1 beyond the end."""
    field = data[at : at + size]
    return int.from_bytes(field, "big") if len(field) == size else -1


def network_of(link: int, data: bytes) -> tuple[int, int]:
    """Return the EtherType and offset of the network header; -1 is no EtherType."""
    layout = LINK_TYPES.get(link)
    if layout is not None and layout.protocol == IP_VERSION:
        return {4: IPV4, 6: IPV6}.get(_number(data, 0, 1) >> 4, -1), 0
    if layout is not None and layout.protocol == ADDRESS_FAMILY:
        version = _number(data, layout.header, 1) >> 4
        return {4: IPV4, 6: IPV6}.get(version, -1), layout.header
    if layout is None or layout.protocol < 0:
        return -1, 0
    kind, at = _number(data, layout.protocol, 2), layout.header
    for _ in range(MAX_TAGS):
        if kind not in VLAN_TAGS:
            break
        kind, at = _number(data, at + 2, 2), at + 4
    if kind == _PPPOE_SESSION:
        kind = {0x0021: IPV4, 0x0057: IPV6}.get(_number(data, at + 6, 2), -1)
        at += 8
    return kind, at


def _ipv4(data: bytes, at: int) -> Segment | None:
    header = (_number(data, at, 1) & 15) * 4
    if header < 20 or _number(data, at + 9, 1) != _TCP or _number(data, at + 6, 2) & 0x1FFF:
        return None
    return _segment(data, at + header, data[at + 12 : at + 16], data[at + 16 : at + 20])


def _ipv6(data: bytes, at: int) -> Segment | None:
    protocol, upper = _number(data, at + 6, 1), at + 40
    for _ in range(_MAX_EXTENSIONS):
        if protocol not in _EXTENSIONS:
            break
        if protocol == _FRAGMENT and _number(data, upper + 2, 2) & 0xFFF8:
            return None
        units = _number(data, upper + 1, 1)
        size = (units + 2) * 4 if protocol == _AUTHENTICATION else (units + 1) * 8
        protocol, upper = _number(data, upper, 1), upper + (8 if protocol == _FRAGMENT else size)
    if protocol != _TCP:
        return None
    return _segment(data, upper, data[at + 8 : at + 24], data[at + 24 : at + 40])


def _segment(data: bytes, at: int, source: bytes, destination: bytes) -> Segment | None:
    """Read the ports at ``at``; where they are there, so are the addresses before them."""
    sport, dport = _number(data, at, 2), _number(data, at + 2, 2)
    if dport < 0:
        return None
    flags = max(_number(data, at + 13, 1), 0)
    return Segment(Ends((_spelled(source), sport), (_spelled(destination), dport)), flags)


def _spelled(address: bytes) -> str:
    """Return the usual spelling; that of IPv4 in a fraction of what a class takes."""
    if len(address) == 4:
        return socket.inet_ntop(socket.AF_INET, address)
    return str(IPv6Address(address))
