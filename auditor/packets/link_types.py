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
SLIP, PPP, PPP_SERIAL, FRAME_RELAY, FRAME_RELAY_WITH_DIRECTION = 8, 9, 50, 107, 206
WIFI, PRISM, RADIOTAP, AVS, PPI, PFLOG, NFLOG, PKTAP = 105, 119, 127, 163, 192, 117, 239, 258
ERF = 197

#: ``LinkType.protocol`` of headers without an EtherType: the version in the IP header says what it
#: is, or an address family of the capturing system does.
IP_VERSION, ADDRESS_FAMILY = -1, -2
#: Or behind the header begins a layer of this kind, as ``layers`` reads it.
BEGINS_PPP, BEGINS_LLC, BEGINS_ETHERNET, BEGINS_MPLS, BEGINS_PPPOE = -3, -4, -5, -6, -7
#: Or ``odd_links`` reads it, for its length is not fixed.
ODD_HEADER = -8


class LinkType(NamedTuple):
    """One link type, and where its header says which protocol follows."""

    name: str
    header: int
    """Bytes before the network header, or before VLAN tags; of an ``ODD_HEADER`` one the least."""
    protocol: int
    """Offset of an EtherType in the header, or one of the negative numbers above."""


#: By number. 12 and 14 are what raw IP was called on several systems before it got a number of
#: its own.
LINK_TYPES = {
    NULL: LinkType("NULL", 4, ADDRESS_FAMILY),
    ETHERNET: LinkType("Ethernet", 14, 12),
    SLIP: LinkType("SLIP", 16, ODD_HEADER),
    PPP: LinkType("PPP", 0, ODD_HEADER),
    10: LinkType("FDDI", 13, BEGINS_LLC),
    12: LinkType("Raw IP", 0, IP_VERSION),
    14: LinkType("Raw IP", 0, IP_VERSION),
    PPP_SERIAL: LinkType("PPP or Cisco HDLC", 0, ODD_HEADER),
    51: LinkType("PPPoE", 0, BEGINS_PPPOE),
    100: LinkType("LLC over ATM", 0, BEGINS_LLC),
    RAW: LinkType("Raw IP", 0, IP_VERSION),
    104: LinkType("Cisco HDLC", 4, 2),
    WIFI: LinkType("802.11", 10, ODD_HEADER),
    FRAME_RELAY: LinkType("frame relay", 4, ODD_HEADER),
    LOOP: LinkType("LOOP", 4, ADDRESS_FAMILY),
    109: LinkType("IPsec of OpenBSD", 12, ADDRESS_FAMILY),
    COOKED: LinkType("Linux cooked", 16, 14),
    PFLOG: LinkType("pflog of OpenBSD", 4, ODD_HEADER),
    PRISM: LinkType("802.11 with Prism header", 8, ODD_HEADER),
    RADIOTAP: LinkType("802.11 with radiotap", 8, ODD_HEADER),
    138: LinkType("IP over FireWire", 18, 16),
    AVS: LinkType("802.11 with AVS header", 8, ODD_HEADER),
    166: LinkType("PPP of pppd", 0, ODD_HEADER),
    PPI: LinkType("PPI", 8, ODD_HEADER),
    ERF: LinkType("ERF", 16, ODD_HEADER),
    204: LinkType("PPP with direction", 1, BEGINS_PPP),
    FRAME_RELAY_WITH_DIRECTION: LinkType("frame relay with direction", 5, ODD_HEADER),
    219: LinkType("MPLS", 0, BEGINS_MPLS),
    RAW_IPV4: LinkType("Raw IPv4", 0, IP_VERSION),
    RAW_IPV6: LinkType("Raw IPv6", 0, IP_VERSION),
    NFLOG: LinkType("NFLOG", 4, ODD_HEADER),
    240: LinkType("netANALYZER", 4, BEGINS_ETHERNET),
    242: LinkType("IP over InfiniBand", 44, 40),
    PKTAP: LinkType("PKTAP", 12, ODD_HEADER),
    COOKED2: LinkType("Linux cooked v2", 20, 0),
}


def link_name(link: int) -> str:
    """Return the name of a link type; of one that cannot be decoded ``link type N (NAME)``."""
    known = LINK_TYPES.get(link)
    if known is not None:
        return known.name
    name = LINK_NAMES.get(link, "")
    return f"link type {link} ({name})" if name else f"link type {link}"
