"""Link layers: where in a frame the network header begins, and which protocol it is."""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel
from auditor.packets.integers import be16, be32, int64, le32, u8
from auditor.packets.layers import (
    ETHER_FRAME,
    ETHER_PPP,
    LLC,
    MPLS,
    UNREADABLE,
    find_network,
)
from auditor.packets.link_types import (
    ADDRESS_FAMILY,
    BEGINS_ETHERNET,
    BEGINS_LLC,
    BEGINS_MPLS,
    BEGINS_PPP,
    ETHERNET,
    IP_VERSION,
    IPV4,
    IPV6,
    LINK_TYPES,
    ODD_HEADER,
    RAW_IPV4,
    RAW_IPV6,
)
from auditor.packets.odd_links import family, odd_link
from auditor.packets.segments import Array

_ETHERNET_HEADER, _ETHERTYPE = LINK_TYPES[ETHERNET].header, LINK_TYPES[ETHERNET].protocol
_UNKNOWN, _PPPOE_SESSION, _VLAN = -99, 0x8864, 0x8100
#: What a cooked header says instead of an EtherType where LLC follows (``linux/if_ether.h``).
_LINUX_LLC = 4
#: ``LinkType.header`` and ``LinkType.protocol`` by number of the link type.
_HEADERS, _PROTOCOLS = np.full((2, max(LINK_TYPES) + 1), _UNKNOWN)
for _number, _type in LINK_TYPES.items():
    _HEADERS[_number], _PROTOCOLS[_number] = _type.header, _type.protocol


@kernel
def _family(buffer: Array, at: int) -> int:
    """Return the protocol of a NULL or LOOP header, an address family of the capturing system.

    LOOP is in network order, NULL in that of the capturing host, which need not be that of the
    file; families are small numbers, so the wrong order is recognised by its size.
    """
    number = be32(buffer, at)
    return family(le32(buffer, at) if number > 0xFFFF else number)


@kernel
def is_known(link: int) -> bool:
    """Tell whether the link type is one of ``LINK_TYPES``."""
    return link < len(_HEADERS) and int64(_HEADERS[link]) != _UNKNOWN


@kernel
def _raw(buffer: Array, at: int, link: int) -> int:
    version = u8(buffer, at) >> 4
    if version == 4 and link != RAW_IPV6:
        return IPV4
    if version == 6 and link != RAW_IPV4:
        return IPV6
    return UNREADABLE


@kernel
def _begun(protocol: int) -> int:
    """Return the kind of what begins behind a link header."""
    if protocol == BEGINS_PPP:
        return ETHER_PPP
    if protocol == BEGINS_LLC:
        return LLC
    if protocol == BEGINS_MPLS:
        return MPLS
    return ETHER_FRAME if protocol == BEGINS_ETHERNET else _PPPOE_SESSION


@kernel
def _other(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int, int]:
    if not is_known(link):
        return UNREADABLE, at, 0
    header, protocol = int64(_HEADERS[link]), int64(_PROTOCOLS[link])
    if stop - at < max(header, 1):
        return UNREADABLE, at, 0
    if protocol == IP_VERSION:
        return _raw(buffer, at, link), at, 0
    if protocol == ADDRESS_FAMILY:
        return _family(buffer, at), at + header, 0
    if protocol == ODD_HEADER:
        kind, at = odd_link(buffer, at, stop, link)
    elif protocol < 0:
        kind, at = _begun(protocol), at + header
    else:
        kind, at = be16(buffer, at + protocol), at + header
        if kind == _LINUX_LLC:
            kind = LLC
    network = 0
    if kind in (IPV4, IPV6):
        return kind, at, network
    return find_network(buffer, at, stop, kind, network)


@kernel
def network_layer(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int, int]:
    """Return (EtherType, offset of the network header, network) of the frame ``buffer[at:stop]``.

    Where no network header is found the EtherType is as ``find_network`` has it: ``UNREADABLE``
    when the frame ends inside its link header, or when the link type is not one of ``LINK_TYPES``.
    """
    if link != ETHERNET:
        return _other(buffer, at, stop, link)
    if stop - at < _ETHERNET_HEADER:
        return UNREADABLE, at, 0
    kind = be16(buffer, at + _ETHERTYPE)
    at += _ETHERNET_HEADER
    network = 0
    if kind == _VLAN and stop - at >= 4:
        network, kind = be16(buffer, at) & 0xFFF, be16(buffer, at + 2)
        at += 4
    if kind in (IPV4, IPV6):
        return kind, at, network
    return find_network(buffer, at, stop, kind, network)
