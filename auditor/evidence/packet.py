"""One kept packet, where it was captured, and what was counted there; how much of it is kept."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

#: Bytes of a side's stream that are kept at most under TLS: what the connection tracker reads.
HELLO_BYTES = 4096

#: A silence this long (ns) begins and ends with a segment whose header is kept.
SILENCE_NS = 500_000_000

#: Headers are kept to this length at most: Ethernet, two VLAN tags, IPv6 with extension headers
#: and TCP with all options fit.
HEADER_BYTES = 192


class Direction(IntEnum):
    """Direction of a packet as pcapng's epb_flags has it."""

    UNKNOWN = 0
    INBOUND = 1
    OUTBOUND = 2


class Packet(NamedTuple):
    """One kept packet, cut to what is kept of it."""

    time: int
    """ns UTC."""
    interface: int
    """Index into the backend's ``interfaces``."""
    data: bytes
    """From the link header on, without anything that may not be kept."""
    length: int
    """Length on the wire."""
    direction: Direction = Direction.UNKNOWN
    comment: str = ""
    """Text for the packet's opt_comment, one for each line."""
    bare: int = 0
    """Bytes of its headers, if they are kept for the payload behind them alone; else 0."""


class Interface(NamedTuple):
    """One interface that is captured from."""

    name: str
    link: int
    """LINKTYPE_ number (1: Ethernet, 113 and 276: Linux cooked, 101: raw IP)."""


class Counters(NamedTuple):
    """What happened to the packets of one interface so far."""

    seen: int = 0
    """Packets that the backend looked at."""
    matched: int = 0
    """TCP segments on the ports asked for, and ICMP errors that quote one."""
    kept: int = 0
    """Packets handed on."""
    dropped: int = 0
    """Packets lost before the backend saw them (kernel queue)."""
    lost: int = 0
    """Packets that were to be kept and could not be (ring buffer full, flow table full)."""
    withheld: int = 0
    """Packets that open connections over which nothing was said, left out since more came than
    could be recorded. Of a connection that says something nothing is missing by that."""
    lost_new: int = 0
    """Of ``lost`` those that hide no probe of a connection that is older than ``NEW_NS``: they
    belong to one that is not, that sent one way only, or are no segment of it; or their header is
    there."""
