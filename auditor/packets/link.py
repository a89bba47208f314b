"""Link layers: where in a frame the network header begins, and which protocol it is.

What tells networks apart that have the same addresses (VLAN ids and the like) becomes one number of
16 bits: 0 is the network without any, a single VLAN its own id.
"""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel
from auditor.packets.integers import be16, be32, int64, le32, u8
from auditor.packets.link_types import (
    ADDRESS_FAMILY,
    ETHERNET,
    IPV4,
    IPV6,
    LINK_TYPES,
    MAX_TAGS,
    RAW_IPV4,
    RAW_IPV6,
    VLAN_TAGS,
)
from auditor.packets.segments import Array

UNREADABLE = -1
OTHER = 0  # neither IPv4 nor IPv6, and rightly so

_PPPOE_SESSION, _PPP_IPV4, _PPP_IPV6 = 0x8864, 0x0021, 0x0057
_ETHERNET_HEADER, _ETHERTYPE = LINK_TYPES[ETHERNET].header, LINK_TYPES[ETHERNET].protocol
_UNKNOWN = -3
_MIX = 0x9E35
#: ``LinkType.header`` and ``LinkType.protocol`` by number of the link type.
_HEADERS, _PROTOCOLS = np.full((2, max(LINK_TYPES) + 1), _UNKNOWN)
for _number, _type in LINK_TYPES.items():
    _HEADERS[_number], _PROTOCOLS[_number] = _type.header, _type.protocol


@kernel
def within(network: int, number: int) -> int:
    """Return the network that has this number (0: none) within ``network``."""
    if number == 0:
        return network
    mixed = (network * _MIX + number + (number >> 16)) & 0xFFFF
    return mixed if mixed else 1


@kernel
def _tagged(buffer: Array, at: int, stop: int, kind: int) -> tuple[int, int, int]:
    """Step over VLAN tags (802.1Q, 802.1ad, 0x9100) and a PPPoE session header (RFC 2516)."""
    network = 0
    for _ in range(MAX_TAGS):
        if kind in VLAN_TAGS:
            if stop - at < 4:
                return UNREADABLE, at, network
            network = within(network, be16(buffer, at) & 0xFFF)
            kind = be16(buffer, at + 2)
            at += 4
        elif kind == _PPPOE_SESSION:
            if stop - at < 8:
                return UNREADABLE, at, network
            inner = be16(buffer, at + 6)
            if inner == _PPP_IPV4:
                return IPV4, at + 8, network
            return (IPV6 if inner == _PPP_IPV6 else OTHER), at + 8, network
        else:
            return kind, at, network
    return UNREADABLE, at, network


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
def is_known(link: int) -> bool:
    """Tell whether the link type is one of ``LINK_TYPES``."""
    return link < len(_HEADERS) and int64(_HEADERS[link]) != _UNKNOWN


@kernel
def _other(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int, int]:
    if not is_known(link):
        return UNREADABLE, at, 0
    header, protocol = int64(_HEADERS[link]), int64(_PROTOCOLS[link])
    if stop - at < max(header, 1):
        return UNREADABLE, at, 0
    if protocol >= 0:
        return _tagged(buffer, at + header, stop, be16(buffer, at + protocol))
    if protocol == ADDRESS_FAMILY:
        return _family(buffer, at), at + header, 0
    version = u8(buffer, at) >> 4
    if version == 4 and link != RAW_IPV6:
        return IPV4, at, 0
    if version == 6 and link != RAW_IPV4:
        return IPV6, at, 0
    return UNREADABLE, at, 0


@kernel
def network_layer(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int, int]:
    """Return (EtherType, offset of the network header, network) of the frame ``buffer[at:stop]``.

    The EtherType is ``UNREADABLE`` when the frame ends inside its link header, when there are
    more tags than sane, or when the link type is not one of ``LINK_TYPES``.
    """
    if link != ETHERNET:
        return _other(buffer, at, stop, link)
    if stop - at < _ETHERNET_HEADER:
        return UNREADABLE, at, 0
    kind = be16(buffer, at + _ETHERTYPE)
    if kind == IPV4:
        return IPV4, at + _ETHERNET_HEADER, 0
    return _tagged(buffer, at + _ETHERNET_HEADER, stop, kind)
