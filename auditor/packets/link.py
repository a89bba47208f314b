"""Link layers: where in a frame the network header begins, and which protocol it is.

Numbers from the registry of link types at https://www.tcpdump.org/linktypes.html, which pcap and
pcapng share, and from the IEEE registry of EtherTypes.
"""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.integers import be16, be32, le32, u8
from auditor.packets.segments import Array

IPV4 = 0x0800
IPV6 = 0x86DD
UNREADABLE = -1
OTHER = 0  # neither IPv4 nor IPv6, and rightly so

_ETHERNET, _NULL, _LOOP, _COOKED, _COOKED2 = 1, 0, 108, 113, 276
_PPPOE_SESSION, _PPP_IPV4, _PPP_IPV6 = 0x8864, 0x0021, 0x0057
#: More tags than any switch stacks, and a bound for frames that are made of nothing else.
_MAX_TAGS = 8

#: Link types that can be decoded, by number. 12 and 14 are what raw IP was called on several
#: systems before it got a number of its own.
LINK_NAMES = {
    _NULL: "NULL",
    _ETHERNET: "Ethernet",
    12: "Raw IP",
    14: "Raw IP",
    101: "Raw IP",
    _LOOP: "LOOP",
    _COOKED: "Linux cooked",
    228: "Raw IPv4",
    229: "Raw IPv6",
    _COOKED2: "Linux cooked v2",
}


def link_name(link: int) -> str:
    """Return the name of a link type, or ``link type N`` for one that cannot be decoded."""
    return LINK_NAMES.get(link, f"link type {link}")


@kernel
def _tagged(buffer: Array, at: int, stop: int, kind: int) -> tuple[int, int]:
    """Step over VLAN tags (802.1Q, 802.1ad, 0x9100) and a PPPoE session header (RFC 2516)."""
    for _ in range(_MAX_TAGS):
        if kind in (0x8100, 0x88A8, 0x9100):
            if stop - at < 4:
                return UNREADABLE, at
            kind = be16(buffer, at + 2)
            at += 4
        elif kind == _PPPOE_SESSION:
            if stop - at < 8:
                return UNREADABLE, at
            inner = be16(buffer, at + 6)
            if inner == _PPP_IPV4:
                return IPV4, at + 8
            return (IPV6 if inner == _PPP_IPV6 else OTHER), at + 8
        else:
            return kind, at
    return UNREADABLE, at


@kernel
def _family(buffer: Array, at: int) -> int:
    """Return the protocol of a NULL or LOOP header, an address family of the capturing system.

    LOOP is in network order, NULL in that of the capturing host, which need not be that of the
    file; families are small numbers, so the wrong order is recognised by its size.
    """
    family = be32(buffer, at)
    if family > 0xFFFF:
        family = le32(buffer, at)
    if family == 2:
        return IPV4
    # AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS
    return IPV6 if family in (10, 24, 28, 30) else OTHER


@kernel
def _other(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int]:
    size = stop - at
    if link in (_NULL, _LOOP) and size >= 4:
        return _family(buffer, at), at + 4
    if link == _COOKED and size >= 16:
        return _tagged(buffer, at + 16, stop, be16(buffer, at + 14))
    if link == _COOKED2 and size >= 20:
        return _tagged(buffer, at + 20, stop, be16(buffer, at))
    if link in (12, 14, 101, 228, 229) and size >= 1:
        version = u8(buffer, at) >> 4
        if version == 4 and link != 229:
            return IPV4, at
        if version == 6 and link != 228:
            return IPV6, at
    return UNREADABLE, at


@kernel
def network_layer(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int]:
    """Return (EtherType, offset of the network header) of the frame ``buffer[at:stop]``.

    The EtherType is ``UNREADABLE`` when the frame ends inside its link header, when there are
    more tags than sane, or when the link type is not one of ``LINK_NAMES``.
    """
    if link != _ETHERNET:
        return _other(buffer, at, stop, link)
    if stop - at < 14:
        return UNREADABLE, at
    kind = be16(buffer, at + 12)
    if kind == IPV4:
        return IPV4, at + 14
    return _tagged(buffer, at + 14, stop, kind)
