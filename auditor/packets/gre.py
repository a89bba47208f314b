"""Generic routing encapsulation: RFC 2784, its keys and sequence numbers (RFC 2890), its first form
with routes (RFC 1701), PPTP's (RFC 2637), NVGRE (RFC 7637), and what mirrors send over it (ERSPAN,
draft-foschiano-erspan)."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.integers import be16, be32, u8
from auditor.packets.layers import ETHER_FRAME, IP, OTHER, UNREADABLE, within
from auditor.packets.segments import Array

_CHECKSUM, _ROUTES, _KEY, _SEQUENCE, _ACKNOWLEDGED = 0x8000, 0x4000, 0x2000, 0x1000, 0x80
_VERSION, _PPTP = 7, 1
ERSPAN, ERSPAN_3, _WEB_CACHE = 0x88BE, 0x22EB, 0x883E
#: CDP and NHRP; numbers below are of protocols that were before IP.
_WITHOUT_IP, _LEAST = (0x2000, 0x2001), 0x600
_MOST_ROUTES = 8
#: Virtual subnets have this number at least (RFC 7637 §3.2): with less the key is no such.
LEAST_SUBNET = 0x1000
#: More bytes than a mirror can have cut off a frame.
CUT_BY_A_MIRROR = 1 << 17


@kernel
def _routes(buffer: Array, at: int, stop: int) -> int:
    """Return where the source routes of RFC 1701 §1 end that begin at ``at``; -1: nowhere."""
    for _ in range(_MOST_ROUTES):
        if stop - at < 4:
            return -1
        family, size = be16(buffer, at), u8(buffer, at + 3)
        at += 4 + size
        if family == 0 and size == 0:
            return at
    return -1


@kernel
def _mirrored(
    buffer: Array, at: int, stop: int, kind: int, network: int
) -> tuple[int, int, int, int]:
    """Read the header of a mirror, of type II or III."""
    size = 12 if kind == ERSPAN_3 else 8
    if stop - at < size:
        return UNREADABLE, at, network, 0
    first = be32(buffer, at)
    more = CUT_BY_A_MIRROR if first & 0x400 else 0
    inner = ETHER_FRAME
    if kind == ERSPAN_3:
        last = be16(buffer, at + 10)
        size += 8 if last & 1 else 0
        what = last >> 10 & 31
        if what:
            inner = IP if what == 2 else OTHER
    return inner, at + size, within(network, first >> 16 & 0xFFF), more


@kernel
def gre(buffer: Array, at: int, stop: int, network: int) -> tuple[int, int, int, int]:
    """Return (kind, offset, network) of what is behind a header at ``at``, and how many bytes more
    than it has a mirror may have cut off its end."""
    if stop - at < 16:  # no IP header is behind it
        return UNREADABLE, at, network, 0
    flags, kind = be16(buffer, at), be16(buffer, at + 2)
    version = flags & _VERSION
    if version > _PPTP or kind < _LEAST or kind in _WITHOUT_IP:
        return OTHER, at, network, 0
    at += 4
    if flags & (_CHECKSUM | _ROUTES):
        at += 4
    key = 0
    if flags & _KEY:
        key = be32(buffer, at) if version != _PPTP else 0
        at += 4
    at += 4 if flags & _SEQUENCE else 0
    if version == _PPTP:
        at += 4 if flags & _ACKNOWLEDGED else 0
        if not flags & _SEQUENCE:  # an acknowledgement alone
            return OTHER, at, network, 0
    if flags & _ROUTES:
        at = _routes(buffer, at, stop)
        if at < 0:
            return UNREADABLE, stop, network, 0
    if kind == ETHER_FRAME and key >> 8 >= LEAST_SUBNET:
        key >>= 8
    network = within(network, key)
    if kind == ERSPAN_3 or (kind == ERSPAN and flags & _SEQUENCE):
        return _mirrored(buffer, at, stop, kind, network)
    if kind == _WEB_CACHE:  # of WCCP: its second version has four bytes before IP
        return IP, at + (4 if stop > at and u8(buffer, at) >> 4 != 4 else 0), network, 0
    return (ETHER_FRAME if kind == ERSPAN else kind), at, network, 0
