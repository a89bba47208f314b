"""The layers below IP that are not of one link type: what one header says of the next.

A layer is known by its *kind*: an EtherType (IEEE 802; a frame within another has that of
transparent bridging), or one of the numbers below. Where reading ends, the kind is ``OTHER``,
``UNREADABLE``, or below that the negative key that ``undecoded`` counts it by.
"""

from __future__ import annotations

from auditor.kernels import kernel, rare_kernel
from auditor.packets.integers import be16, be32, u8
from auditor.packets.link_types import IPV4, IPV6, MAX_TAGS, VLAN_TAGS
from auditor.packets.segments import Array
from auditor.packets.undecoded import ETHERTYPE, MACSEC, PPP_PROTOCOL, TOO_DEEP

UNREADABLE = -1
OTHER = 0  # neither IPv4 nor IPv6, and rightly so

ETHER_FRAME, ETHER_PPP, MPLS, NSH = 0x6558, 0x880B, 0x8847, 0x894F
LLC, IP = 0x10000, 0x10001
_MPLS_MULTICAST, _PPPOE_SESSION, _MACSEC, BACKBONE = 0x8848, 0x8864, 0x88E5, 0x88E7
#: VN-tag, E-tag (802.1BR) and HSR (IEC 62439-3): EtherType, and bytes up to the next one.
_VN_TAG, _E_TAG, _HSR = 0x8926, 0x893F, 0x892F
_MACSEC_SCI, _MACSEC_HIDDEN = 0x20, 0x0C
#: EtherTypes of what carries no IP: ARP, its kin and what was before IP; spanning tree, LLDP, LACP,
#: 802.1X, PTP, CFM, discovery of PPPoE, storage and InfiniBand over Ethernet, control of plants,
#: power lines and audio, tests of loops, wake on LAN. Below 0x600 the field is a length
#: (IEEE 802.3).
_WITHOUT_IP = (
    *(0x0806, 0x8035, 0x80F3, 0x809B, 0x8137, 0x8138, 0x6002, 0x6003, 0x6004, 0x9000, 0x88CC),
    *(0x8809, 0x8808, 0x888E, 0x88C7, 0x890D, 0x88F7, 0x8902, 0x8863, 0x8906, 0x8914, 0x8915),
    *(0x88A2, 0x8892, 0x88A4, 0x88AB, 0x88B8, 0x88BA, 0x88CD, 0x88E1, 0x887B, 0x893A, 0x8912),
    *(
        0x88D9,
        0x22EA,
        0x22F0,
        0x88F5,
        0x88F6,
        0x88F8,
        0x886D,
        0x8899,
        0x88DC,
        0x8947,
        0x88FB,
        0x0842,
    ),
)
_LEAST_ETHERTYPE = 0x600
_SNAP, _IP_SAP, _UI = 0xAA, 0x06, 0x03
_USUAL = (IPV4, IPV6, 0x0806, MPLS, _PPPOE_SESSION, *VLAN_TAGS)
_MIX = 0x9E35


@kernel
def within(network: int, number: int) -> int:
    """Return the network that has this number (0: none) within ``network``.

    Networks are of 16 bits: 0 is that without any number, a single VLAN its own id.
    """
    if number == 0:
        return network
    mixed = (network * _MIX + number + (number >> 16)) & 0xFFFF
    return mixed if mixed else 1


@kernel
def _ppp(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Read a PPP header (RFC 1661, RFC 1662 §3.1), whose first two bytes may be left out, and the
    first of its protocol (RFC 1661 §6.5, 6.6)."""
    if stop - at >= 2 and be16(buffer, at) == 0xFF03:
        at += 2
    if stop - at < 2:
        return UNREADABLE, at
    protocol = u8(buffer, at)
    if protocol & 1:
        at += 1
    else:
        protocol = be16(buffer, at)
        at += 2
    if protocol == 0x21:
        return IPV4, at
    if protocol == 0x57:
        return IPV6, at
    if protocol in (0x281, 0x283):
        return MPLS, at
    if protocol >= 0x4000:  # of control
        return OTHER, at
    return -(PPP_PROTOCOL | protocol), at


@kernel
def _is_frame(buffer: Array, at: int, stop: int) -> bool:
    """Tell whether a frame at ``at`` is likely to begin there: its EtherType is a usual one."""
    return stop - at >= 14 and be16(buffer, at + 12) in _USUAL


@kernel
def _mpls(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Step over labels (RFC 3032); that of the last tells no protocol, the first bits behind it do.

    0 is a control word before a frame (RFC 4448 §4.6), or the hardware address of one without it;
    1 is a channel of control (RFC 5586).
    """
    for _ in range(MAX_TAGS):
        if stop - at < 5:
            return UNREADABLE, at
        at += 4
        if buffer[at - 2] & 1:
            version = u8(buffer, at) >> 4
            if version == 4 or version == 6:  # noqa: PLR1714
                return IP, at
            if version == 1:
                return OTHER, at
            is_control = version == 0 and stop - at >= 18 and not _is_frame(buffer, at, stop)
            return ETHER_FRAME, at + (4 if is_control else 0)
    return -TOO_DEEP, at


@kernel
def _llc(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Read an LLC header (IEEE 802.2), and SNAP (RFC 1042) behind it."""
    if stop - at < 3:
        return UNREADABLE, at
    service, control = be16(buffer, at) & 0xFEFE, u8(buffer, at + 2)
    if service == _IP_SAP << 8 | _IP_SAP and control == _UI:
        return IPV4, at + 3
    if service != _SNAP << 8 | _SNAP or control != _UI:
        return OTHER, at
    if stop - at < 8:
        return UNREADABLE, at
    organisation = be32(buffer, at + 2) & 0xFFFFFF
    if organisation in (0, 0x0000F8):  # RFC 1042, and IEEE 802.1H
        return be16(buffer, at + 6), at + 8
    if organisation == 0x0080C2 and be16(buffer, at + 6) in (1, 7):  # RFC 2427 §4.2
        return ETHER_FRAME, at + 8
    return OTHER, at


@kernel
def _ip(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    if stop - at < 1:
        return UNREADABLE, at
    version = u8(buffer, at) >> 4
    if version == 4:
        return IPV4, at
    return (IPV6 if version == 6 else OTHER), at


@kernel
def _nsh(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Read a Network Service Header (RFC 8300 §2.2)."""
    if stop - at < 8:
        return UNREADABLE, at
    inner, at = u8(buffer, at + 3), at + (u8(buffer, at + 1) & 0x3F) * 4
    if inner == 1:
        return IPV4, at
    if inner == 2:
        return IPV6, at
    if inner == 3:
        return ETHER_FRAME, at
    if inner == 4:
        return NSH, at
    return (MPLS if inner == 5 else OTHER), at


@kernel
def _macsec(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Read a SecTAG (IEEE 802.1AE §9.3), behind which all may lie open."""
    if stop - at < 16:
        return UNREADABLE, at
    control = u8(buffer, at)
    if control & _MACSEC_HIDDEN:
        return -MACSEC, at
    at += 14 if control & _MACSEC_SCI else 6
    return be16(buffer, at), at + 2


@kernel
def _layer(buffer: Array, at: int, stop: int, kind: int, network: int) -> tuple[int, int, int]:
    """Read one header of ``kind`` at ``at``; return (kind, offset, network) of what is behind."""
    if kind == LLC:
        kind, at = _llc(buffer, at, stop)
    elif kind in (ETHER_PPP, _PPPOE_SESSION):  # RFC 2516
        kind, at = _ppp(buffer, at + (0 if kind == ETHER_PPP else 6), stop)
    elif kind in (MPLS, _MPLS_MULTICAST):
        kind, at = _mpls(buffer, at, stop)
    elif kind == IP:
        kind, at = _ip(buffer, at, stop)
    elif kind == NSH:
        kind, at = _nsh(buffer, at, stop)
    elif kind == _MACSEC:
        kind, at = _macsec(buffer, at, stop)
    elif stop - at < 14 and kind == ETHER_FRAME:
        kind = UNREADABLE
    elif kind == ETHER_FRAME:
        kind, at = be16(buffer, at + 12), at + 14
    elif kind < _LEAST_ETHERTYPE:
        kind = LLC
    elif kind in _WITHOUT_IP:
        kind = OTHER
    elif stop - at < 8:
        kind = UNREADABLE
    elif kind in (_VN_TAG, _HSR):
        kind, at = be16(buffer, at + 4), at + 6
    elif kind == _E_TAG:
        kind, at = be16(buffer, at + 6), at + 8
    elif kind == BACKBONE:  # 802.1ah: behind the number of the service begins a frame
        network = within(network, be32(buffer, at) & 0xFFFFFF)
        kind, at = ETHER_FRAME, at + 4
    else:
        kind = -(ETHERTYPE | kind)
    return kind, at, network


@rare_kernel
def find_network(
    buffer: Array, at: int, stop: int, kind: int, network: int
) -> tuple[int, int, int]:
    """Return (kind, offset, network) of the IP header behind all layers at ``at``, or where reading
    ends."""
    for _ in range(MAX_TAGS):
        if kind in (IPV4, IPV6) or kind <= 0:
            return kind, at, network
        if kind in VLAN_TAGS:
            if stop - at < 4:
                return UNREADABLE, at, network
            network = within(network, be16(buffer, at) & 0xFFF)
            kind = be16(buffer, at + 2)
            at += 4
        else:
            kind, at, network = _layer(buffer, at, stop, kind, network)
    return (kind if kind in (IPV4, IPV6) or kind <= 0 else -TOO_DEEP), at, network
