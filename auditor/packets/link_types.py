"""The link types that can be decoded, as plain data: kernels and recorders read the same table.

Numbers from the registry of link types at https://www.tcpdump.org/linktypes.html, which pcap and
pcapng share, and from the IEEE registry of EtherTypes.
"""

from __future__ import annotations

from typing import NamedTuple

from auditor.packets.link_names import LINK_NAMES

#: EtherTypes of what is read, and of VLAN tags: 802.1Q, 802.1ad, and what preceded that.
IPV4, IPV6 = 0x0800, 0x86DD
VLAN_TAGS = (0x8100, 0x88A8, 0x9100)
#: More tags than any switch stacks, and a bound for frames that are made of nothing else.
MAX_TAGS = 8

NULL, ETHERNET, RAW, LOOP, COOKED, RAW_IPV4, RAW_IPV6, COOKED2 = 0, 1, 101, 108, 113, 228, 229, 276

#: ``LinkType.protocol`` of headers without an EtherType: the version in the IP header says what it
#: is, or an address family of the capturing system does.
IP_VERSION, ADDRESS_FAMILY = -1, -2


class LinkType(NamedTuple):
    """One link type, and where its header says which protocol follows."""

    name: str
    header: int
    """Bytes before the network header, or before VLAN tags."""
    protocol: int
    """Offset of an EtherType in the header, or ``IP_VERSION`` or ``ADDRESS_FAMILY``."""


#: By number. 12 and 14 are what raw IP was called on several systems before it got a number of
#: its own.
LINK_TYPES = {
    NULL: LinkType("NULL", 4, ADDRESS_FAMILY),
    ETHERNET: LinkType("Ethernet", 14, 12),
    12: LinkType("Raw IP", 0, IP_VERSION),
    14: LinkType("Raw IP", 0, IP_VERSION),
    RAW: LinkType("Raw IP", 0, IP_VERSION),
    LOOP: LinkType("LOOP", 4, ADDRESS_FAMILY),
    COOKED: LinkType("Linux cooked", 16, 14),
    RAW_IPV4: LinkType("Raw IPv4", 0, IP_VERSION),
    RAW_IPV6: LinkType("Raw IPv6", 0, IP_VERSION),
    COOKED2: LinkType("Linux cooked v2", 20, 0),
}


def link_name(link: int) -> str:
    """Return the name of a link type; of one that cannot be decoded ``link type N (NAME)``."""
    known = LINK_TYPES.get(link)
    if known is not None:
        return known.name
    name = LINK_NAMES.get(link, "")
    return f"link type {link} ({name})" if name else f"link type {link}"
