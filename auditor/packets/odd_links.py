"""Link headers whose length is not fixed, from the descriptions at
https://www.tcpdump.org/linktypes.html."""

from __future__ import annotations

from auditor.kernels import kernel, rare_kernel
from auditor.packets.integers import be16, be32, le16, le32, u8
from auditor.packets.layers import ETHER_FRAME, ETHER_PPP, IP, OTHER, UNREADABLE
from auditor.packets.link_types import (
    AVS,
    ERF,
    ETHERNET,
    FRAME_RELAY,
    FRAME_RELAY_WITH_DIRECTION,
    IPV4,
    IPV6,
    NFLOG,
    PFLOG,
    PKTAP,
    PPI,
    PRISM,
    RADIOTAP,
    SLIP,
    WIFI,
)
from auditor.packets.link_types import PPP as PPP_LINK
from auditor.packets.segments import Array
from auditor.packets.undecoded import COMPRESSED_SLIP
from auditor.packets.wireless import data_frame, radiotap_pads

_PAYLOAD, _MOST_ATTRIBUTES = 9, 64
_CISCO = (0x0F00, 0x8F00)
_IPV4_NLPID, _IPV6_NLPID, _SNAP_NLPID, _PPP_NLPID, _UI = 0xCC, 0x8E, 0x80, 0xCF, 0x03
#: AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS.
_INET, _INET6 = 2, (10, 24, 28, 30)
_COMPRESSED = 0x70
_DIRECTIONS = 2
#: Types of Endace's records by what they carry, and how many extension headers are stepped over.
_ERF_ETHERNET, _ERF_SERIAL, _ERF_IPV4, _ERF_IPV6 = (2, 11, 16, 20), (1, 10, 15, 17, 19), 22, 23
_MOST_EXTENSIONS = 32


@kernel
def family(number: int) -> int:
    """Return the EtherType of an address family of the capturing system."""
    if number == _INET:
        return IPV4
    return IPV6 if number in _INET6 else OTHER


@kernel
def _nflog(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Find the packet among the attributes of netfilter's log, which are in the order of the
    capturing host: nearly always little-endian, and told apart by the length of the first."""
    kind = family(u8(buffer, at))
    at += 4
    for _ in range(_MOST_ATTRIBUTES):
        if stop - at < 4:
            return UNREADABLE, at
        size, what = le16(buffer, at), le16(buffer, at + 2) & 0x7FFF
        if what > 0xFF:
            size, what = be16(buffer, at), be16(buffer, at + 2) & 0x7FFF
        if size < 4:
            return UNREADABLE, at
        if what == _PAYLOAD:
            return (kind if kind else IP), at + 4
        at += (size + 3) & ~3
    return UNREADABLE, at


@kernel
def _frame_relay(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Read an address of Q.922, and what RFC 2427 puts behind it, or Cisco an EtherType."""
    for _ in range(4):
        if stop - at < 3:
            return UNREADABLE, at
        at += 1
        if u8(buffer, at - 1) & 1:
            break
    if u8(buffer, at) != _UI:
        return be16(buffer, at), at + 2
    at += 1
    if u8(buffer, at) == 0:  # a filler
        at += 1
    if stop - at < 2:
        return UNREADABLE, at
    what = u8(buffer, at)
    if what == _SNAP_NLPID and stop - at >= 6:  # as LLC has it behind its own three bytes
        organisation = be32(buffer, at) & 0xFFFFFF
        return (be16(buffer, at + 4) if organisation == 0 else ETHER_FRAME), at + 6
    if what == _IPV4_NLPID:
        return IPV4, at + 1
    if what == _IPV6_NLPID:
        return IPV6, at + 1
    return (ETHER_PPP if what == _PPP_NLPID else OTHER), at + 1


@kernel
def _serial(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int]:
    """Read the header of a serial line: PPP, or Cisco HDLC, or either behind a direction."""
    if stop - at < 4:
        return UNREADABLE, at
    if u8(buffer, at) < _DIRECTIONS and be16(buffer, at + 1) == 0xFF03 and link != PPP_LINK:
        at += 1
    if be16(buffer, at) in _CISCO:
        return be16(buffer, at + 2), at + 4
    return ETHER_PPP, at


@kernel
def _wifi(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int]:
    """Step over what a monitor wrote before a frame of 802.11."""
    pads = False
    if link == RADIOTAP:
        pads = radiotap_pads(buffer, at, stop)
        at += max(le16(buffer, at + 2), 8)
    elif link == AVS:
        at += max(be32(buffer, at + 4), 8)
    elif link == PRISM:
        avs = be32(buffer, at) >> 12 == 0x80211
        at += max(be32(buffer, at + 4), 8) if avs else 144
    return data_frame(buffer, at, stop, pads)


@kernel
def _erf(buffer: Array, at: int, stop: int) -> tuple[int, int]:
    """Step over the record header of an Endace card, its type at the ninth byte, and over the
    extension headers of eight bytes, each of which says whether another follows."""
    kind, more = u8(buffer, at + 8) & 0x7F, u8(buffer, at + 8) & 0x80
    at += 16
    for _ in range(_MOST_EXTENSIONS):
        if not more or stop - at < 8:
            break
        more = u8(buffer, at) & 0x80
        at += 8
    if more or stop - at < 4:
        return UNREADABLE, at
    if kind in _ERF_ETHERNET:
        return ETHER_FRAME, at + 2
    if kind in _ERF_SERIAL:
        return _serial(buffer, at, stop, ERF)
    if kind == _ERF_IPV4:
        return IPV4, at
    return (IPV6 if kind == _ERF_IPV6 else OTHER), at


@kernel
def _named(at: int, link: int) -> tuple[int, int]:
    """Return (kind, offset) of a frame of DLT ``link``, which a header of another kind names."""
    if link == ETHERNET:
        return ETHER_FRAME, at
    if link in (PPP_LINK, 50):
        return ETHER_PPP, at
    return (IP if link in (12, 14, 101, 228, 229) else OTHER), at


@rare_kernel
def odd_link(buffer: Array, at: int, stop: int, link: int) -> tuple[int, int]:
    """Return (kind, offset) of what is behind a header of ``link``, which is an ``ODD_HEADER``, and
    of which as many bytes are there as ``LINK_TYPES`` has."""
    if link == NFLOG:
        return _nflog(buffer, at, stop)
    if link in (WIFI, RADIOTAP, AVS, PRISM):
        return _wifi(buffer, at, stop, link)
    if link in (FRAME_RELAY, FRAME_RELAY_WITH_DIRECTION):
        return _frame_relay(buffer, at + (link != FRAME_RELAY), stop)
    if link == SLIP:
        if u8(buffer, at + 1) >= _COMPRESSED:
            return -COMPRESSED_SLIP, at
        return IP, at + 16
    if link == ERF:
        return _erf(buffer, at, stop)
    if link == PFLOG:
        return family(u8(buffer, at + 1)), at + ((u8(buffer, at) + 3) & ~3)
    if link == PKTAP:
        return _named(at + max(le32(buffer, at), 12), le32(buffer, at + 8))
    if link == PPI:
        inner = le32(buffer, at + 4)
        at += max(le16(buffer, at + 2), 8)
        if inner == WIFI:
            return data_frame(buffer, at, stop, pads=False)
        return _named(at, inner)
    return _serial(buffer, at, stop, link)
