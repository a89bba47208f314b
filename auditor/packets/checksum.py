"""The TCP checksum of one segment, asked for where it matters and never for bulk data.

A receiver drops a segment whose checksum is wrong (RFC 9293 §3.1), so a watcher must not believe
it. But a tap on the sending host sees segments before the network card fills the checksum in: the
kernel leaves the sum of the pseudo header there (``tcp_v4_send_check`` and ``__tcp_v6_send_check``
in net/ipv4 and net/ipv6), and so does receive offload in what it joins (``tcp4_gro_complete``).
"""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel
from auditor.packets.integers import be16, int64, u8
from auditor.packets.segments import Array

#: What ``checksum_of`` returns. UNKNOWN: not all of the segment was captured; UNFILLED: the network
#: card was to fill it in, or nobody computes it here.
UNKNOWN, GOOD, UNFILLED, BAD = 0, 1, 2, 3

_TCP = 6
_MAPPED = 0xFFFF


@kernel
def words_of(half: np.uint64) -> int:
    """Return the sum of the four 16-bit words of eight bytes."""
    high, low = int64(half >> np.uint64(32)), int64(half & np.uint64(0xFFFFFFFF))
    return (high >> 16) + (high & 0xFFFF) + (low >> 16) + (low & 0xFFFF)


@kernel
def folded(total: int) -> int:
    """Return a sum of 16-bit words, of less than 2^32, in one word (RFC 1071)."""
    total = (total & 0xFFFF) + (total >> 16)
    return (total & 0xFFFF) + (total >> 16)


@kernel
def _addresses(segment: np.void) -> int:
    """Return the sum of both addresses; those of IPv4 are mapped, and only 32 bits count."""
    total = words_of(segment["src_lo"]) + words_of(segment["dst_lo"])
    if segment["src_hi"] == 0 and int64(segment["src_lo"] >> np.uint64(32)) == _MAPPED:
        return total - 2 * _MAPPED
    return total + words_of(segment["src_hi"]) + words_of(segment["dst_hi"])


@kernel
def checksum_of(segment: np.void, buffer: Array) -> int:
    """Return UNKNOWN, GOOD, UNFILLED or BAD for a segment of a batch with this ``buffer``.

    It reads every byte of the segment. A length of 0 in the pseudo header is what cards leave that
    split large segments; a checksum of 0 is none.
    """
    length, header = int64(segment["length"]), int64(segment["header"])
    at = int64(segment["payload"]) - header
    stop = int64(segment["payload"]) + length
    if header < 20 or segment["captured"] < length or at < 0 or stop > len(buffer):
        return UNKNOWN
    if (u8(buffer, at + 12) >> 4) * 4 != header:
        return UNKNOWN
    stored = be16(buffer, at + 16)
    pseudo = _addresses(segment) + _TCP
    total = pseudo + header + length
    size = header + length
    for k in range(size >> 1):
        total += be16(buffer, at + 2 * k)
    if size & 1:
        total += u8(buffer, stop - 1) << 8
    if folded(total) == 0xFFFF:
        return GOOD
    if stored in (0, folded(pseudo + header + length), folded(pseudo)):
        return UNFILLED
    return BAD
