"""The chain of IPv6 extension headers (RFC 8200 §4)."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.integers import be16, u8
from auditor.packets.layers import UNREADABLE
from auditor.packets.segments import Array

TCP = 6
_HOP_BY_HOP, _ROUTING, _FRAGMENT, AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
EXTENSIONS = (_HOP_BY_HOP, _ROUTING, _DESTINATION, AUTHENTICATION, _FRAGMENT)
#: What stands for the protocol of a fragment that may be of a TCP segment, or of a tunnel.
PIECE = -2
_NO_NEXT_HEADER = 59
#: RFC 8200 §4.1 orders at most seven; a longer chain is an attack on its reader.
_MAX_EXTENSIONS = 8


#: Protocols that carry no IP: ICMP, IGMP, EGP, IGP, XNS-IDP, DCCP, RSVP, ICMPv6, nothing, EIGRP,
#: OSPF, PIM, VRRP and CARP, PGM, SCTP, HIP, UDP-Lite, Shim6, pfsync.
WITHOUT_IP = (1, 2, 8, 9, 22, 33, 46, 58, 59, 88, 89, 103, 112, 113, 132, 135, 136, 139, 140, 240)


@kernel
def upper_layer(buffer: Array, at: int, stop: int, protocol: int) -> tuple[int, int]:
    """Walk IPv6 extension headers; return (protocol, offset) of what follows them."""
    for _ in range(_MAX_EXTENSIONS):
        if protocol not in EXTENSIONS:
            return protocol, at
        if stop - at < 8:
            return UNREADABLE, at
        size = (u8(buffer, at + 1) + 1) * 8
        if protocol == _FRAGMENT:
            if be16(buffer, at + 2) & 0xFFF9:
                return (_NO_NEXT_HEADER if u8(buffer, at) in WITHOUT_IP else PIECE), at
            size = 8
        elif protocol == AUTHENTICATION:  # counts 4 bytes, less 2 (RFC 4302 §2.2)
            size = (u8(buffer, at + 1) + 2) * 4
        protocol = u8(buffer, at)
        at += size
    return UNREADABLE, at
