"""The chain of IPv6 extension headers (RFC 8200 §4)."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.integers import be16, u8
from auditor.packets.link import UNREADABLE
from auditor.packets.segments import Array

TCP = 6
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
#: What stands for the protocol of a fragment that may be of a TCP segment.
PIECE = -2
_NO_NEXT_HEADER = 59
#: RFC 8200 §4.1 orders at most seven; a longer chain is an attack on its reader.
_MAX_EXTENSIONS = 8


@kernel
def _may_lead_to_tcp(protocol: int) -> bool:
    return protocol in (TCP, _HOP_BY_HOP, _ROUTING, _DESTINATION, _AUTHENTICATION)


@kernel
def upper_layer(buffer: Array, at: int, stop: int, protocol: int) -> tuple[int, int]:
    """Walk IPv6 extension headers; return (protocol, offset) of what follows them."""
    for _ in range(_MAX_EXTENSIONS):
        if protocol not in (_HOP_BY_HOP, _ROUTING, _DESTINATION, _AUTHENTICATION, _FRAGMENT):
            return protocol, at
        if stop - at < 8:
            return UNREADABLE, at
        size = (u8(buffer, at + 1) + 1) * 8
        if protocol == _FRAGMENT:
            if be16(buffer, at + 2) & 0xFFF9:
                return (PIECE if _may_lead_to_tcp(u8(buffer, at)) else _NO_NEXT_HEADER), at
            size = 8
        elif protocol == _AUTHENTICATION:  # counts 4 bytes, less 2 (RFC 4302 §2.2)
            size = (u8(buffer, at + 1) + 2) * 4
        protocol = u8(buffer, at)
        at += size
    return UNREADABLE, at
