"""What is behind a UDP header whose port is that of a tunnel: VXLAN (RFC 7348, and its draft with
other protocols than Ethernet), GENEVE (RFC 8926), GTP-U (3GPP TS 29.281), L2TP (RFC 2661,
RFC 3931), Teredo (RFC 4380), TZSP, and those that hide it."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.decode_as import (
    CAPWAP_UDP,
    ETHER_UDP,
    GENEVE,
    GRE_UDP,
    GTP,
    IP_UDP,
    L2TP,
    MPLS_UDP,
    NAT_TRAVERSAL,
    OPENVPN_UDP,
    TEREDO,
    VXLAN,
    VXLAN_GPE,
    WIREGUARD_UDP,
)
from auditor.packets.gre import gre
from auditor.packets.integers import be16, be32, u8
from auditor.packets.layers import ETHER_FRAME, ETHER_PPP, IP, MPLS, NSH, OTHER, UNREADABLE, within
from auditor.packets.link_types import IPV4, IPV6, VLAN_TAGS
from auditor.packets.segments import Array
from auditor.packets.undecoded import (
    CAPWAP,
    HIDDEN_UDP,
    OPENVPN,
    UNKNOWN_GTP,
    UNKNOWN_L2TP,
    WIREGUARD,
)
from auditor.packets.wireless import data_frame

_MOST = 8
_GTP_VERSION, _GTP_PACKET = 0x30, 255
_CONTROL, _LENGTH, _SEQUENCE, _OFFSET = 0x8000, 0x4000, 0x0800, 0x0200
_TZSP_ETHERNET, _TZSP_WIFI, _MOST_TAGS = 1, 18, 32
_ARP = 0x0806


@kernel
def _vxlan(buffer: Array, at: int, generic: bool, network: int) -> tuple[int, int, int]:
    flags = u8(buffer, at)
    if flags & 0x08:
        network = within(network, be32(buffer, at + 4) >> 8)
    elif not generic:
        return OTHER, at, network
    kind = ETHER_FRAME
    if generic and flags & 0x04:
        what = u8(buffer, at + 3)
        kind = OTHER if not 0 < what <= 5 else kind
        if what == 1:
            kind = IPV4
        elif what == 2:
            kind = IPV6
        elif what == 4:
            kind = NSH
        elif what == 5:
            kind = MPLS
    return kind, at + 8, network


@kernel
def _gtp(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    flags = u8(buffer, at)
    if flags & 0xF0 != _GTP_VERSION or u8(buffer, at + 1) != _GTP_PACKET:
        return OTHER, at
    at += 8
    if flags & 7:
        extension, at = (u8(buffer, at + 3) if flags & 4 and stop - at >= 4 else 0), at + 4
        for _ in range(_MOST):
            if extension == 0:
                break
            size = u8(buffer, at) * 4 if stop > at else 0
            if size == 0 or stop - at < size:
                return UNREADABLE, at
            at += size
            extension = u8(buffer, at - 1)
    if stop <= at:
        return UNREADABLE, at
    return (IP if u8(buffer, at) >> 4 in (4, 6) else -UNKNOWN_GTP), at


@kernel
def l2tp_session(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Find what is behind a session's number in L2TPv3: between them are a cookie of none, four or
    eight bytes and perhaps a sublayer of four, as both ends know (RFC 3931 §4.1)."""
    for frame in range(at, at + 16, 4):
        if stop - frame < 20:
            break
        kind = be16(buffer, frame + 12)
        behind = frame + 14
        if kind in VLAN_TAGS:
            kind = be16(buffer, frame + 16)
            behind = frame + 18
        version = u8(buffer, behind) >> 4
        if (kind == IPV4 and version == 4) or (kind == IPV6 and version == 6):
            return ETHER_FRAME, frame
        if kind == _ARP:
            return OTHER, frame
        if be16(buffer, frame) == 0xFF03 and be16(buffer, frame + 2) in (0x21, 0x57):
            return ETHER_PPP, frame
    return -UNKNOWN_L2TP, at


@kernel
def _l2tp(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    flags = be16(buffer, at)
    if flags & _CONTROL:
        return OTHER, at
    if flags & 15 == 3:
        return l2tp_session(buffer, at + 8, stop)
    if flags & 15 != 2:
        return OTHER, at
    at += 2 + 4
    at += 2 if flags & _LENGTH else 0
    at += 4 if flags & _SEQUENCE else 0
    if flags & _OFFSET:
        if stop - at < 2:
            return UNREADABLE, at
        at += 2 + be16(buffer, at)
    return ETHER_PPP, at


@kernel
def _teredo(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    if be16(buffer, at) == 1:  # an authentication
        at += 13 + u8(buffer, at + 2) + u8(buffer, at + 3)
    if stop - at >= 8 and be16(buffer, at) == 0:  # an origin
        at += 8
    if stop <= at:
        return UNREADABLE, at
    return (IPV6 if u8(buffer, at) >> 4 == 6 else OTHER), at


@kernel
def _tzsp(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    what = be16(buffer, at + 2)
    at += 4
    for _ in range(_MOST_TAGS):
        if stop - at < 2:
            return UNREADABLE, at
        tag = u8(buffer, at)
        at += 1 if tag < 2 else 2 + u8(buffer, at + 1)
        if tag == 1:
            break
    if what == _TZSP_WIFI:
        return data_frame(buffer, at, stop, False)
    return (ETHER_FRAME if what == _TZSP_ETHERNET else OTHER), at


@kernel
def _hidden(buffer: Array, at: int, tunnel: int) -> int:
    """Return the kind of what is encrypted: its control messages are nothing that is missed."""
    if tunnel == NAT_TRAVERSAL:  # RFC 3948 §2.2: IKE has four zeros there
        return -HIDDEN_UDP if be32(buffer, at) else OTHER
    if tunnel == WIREGUARD_UDP:
        return -WIREGUARD if be32(buffer, at) == 0x04000000 else OTHER
    if tunnel == OPENVPN_UDP:
        return -OPENVPN if u8(buffer, at) >> 3 in (6, 9) else OTHER
    return -CAPWAP


@kernel
def udp_tunnel(
    buffer: Array, at: int, stop: int, tunnel: int, network: int
) -> tuple[int, int, int, int]:
    """Return as ``gre`` does of the payload at ``at`` of a datagram to a port whose entry in
    ``decode_as`` is ``tunnel``."""
    if stop - at < 8:
        return OTHER, at, network, 0
    kind = OTHER
    if tunnel == GRE_UDP:
        return gre(buffer, at, stop, network)
    if tunnel in (VXLAN, VXLAN_GPE):
        kind, at, network = _vxlan(buffer, at, tunnel == VXLAN_GPE, network)
    elif tunnel == GENEVE:
        if u8(buffer, at) >> 6 == 0 and not u8(buffer, at + 1) & 0x80:
            kind, network = be16(buffer, at + 2), within(network, be32(buffer, at + 4) >> 8)
            at += 8 + (u8(buffer, at) & 0x3F) * 4
    elif tunnel == GTP:
        kind, at = _gtp(buffer, at, stop)
    elif tunnel == L2TP:
        kind, at = _l2tp(buffer, at, stop)
    elif tunnel == TEREDO:
        kind, at = _teredo(buffer, at, stop)
    elif tunnel == MPLS_UDP:
        kind = MPLS
    elif tunnel == IP_UDP:
        kind = IP
    elif tunnel == ETHER_UDP:
        kind = ETHER_FRAME
    elif tunnel in (NAT_TRAVERSAL, WIREGUARD_UDP, OPENVPN_UDP, CAPWAP_UDP):
        kind = _hidden(buffer, at, tunnel)
    else:
        kind, at = _tzsp(buffer, at, stop)
    return kind, at, network, 0
