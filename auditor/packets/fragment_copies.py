"""The two copies that are kept of each eight bytes of a datagram that comes in fragments.

The first is that of the fragment which is likelier to arrive, since a lie that is for watchers
alone expires on its way or is damaged; the second is the latest that differs from it.
"""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel
from auditor.packets.checksum import folded
from auditor.packets.fragments import DATA
from auditor.packets.integers import be16, int64, u8
from auditor.packets.segments import Array

_V4 = 4
#: More than any TTL: the IP header is as its sender made it.
_INTACT = 256


@kernel
def rank_of(buffer: Array, at: int, stop: int) -> int:
    """Return how likely the fragment whose IP header is at ``at`` arrives, against others: by its
    checksum, then by its TTL."""
    if u8(buffer, at) >> 4 != _V4:
        return _INTACT + u8(buffer, at + 7)
    total, header = 0, (u8(buffer, at) & 15) * 4
    for k in range(at, min(at + header, stop - 1), 2):
        total += be16(buffer, k)
    return u8(buffer, at + 8) + (_INTACT if folded(total) == 0xFFFF else 0)


@kernel
def differs(copy: Array, place: int, buffer: Array, at: int, size: int) -> bool:
    """Tell whether ``size`` bytes of a copy and of ``buffer`` from ``at`` on differ."""
    differing = 0
    for k in range(size):
        differing += copy[place + k] != buffer[at + k]
    return differing > 0


@kernel
def _put_copy(slot: np.void, place: int, buffer: Array, at: int, size: int, rank: int) -> None:
    """Take in ``size`` bytes at ``buffer[at]`` as a copy of the unit at ``place``."""
    unit = place >> 3
    there = int64(slot["sizes"][unit])
    slot["sizes"][unit] = max(there, size)
    data, other = slot["data"], slot["other"]
    if not differs(data, place, buffer, at, min(there, size)):
        for k in range(there, size):
            data[place + k] = other[place + k] = buffer[at + k]
        return
    slot["clash"] = 1
    better = rank > int64(slot["ranks"][unit])
    for k in range(size):
        if better:
            other[place + k] = data[place + k] if k < there else buffer[at + k]
            data[place + k] = buffer[at + k]
        else:
            other[place + k] = buffer[at + k]
            if k >= there:
                data[place + k] = buffer[at + k]


@kernel
def put_unit(slot: np.void, place: int, buffer: Array, at: int, size: int, rank: int) -> None:
    """Take in what was captured of one unit: ``size`` bytes, maybe none."""
    unit = place >> 3
    slot["seen"][unit >> 3] |= 128 >> (unit & 7)
    if place >= DATA:
        return
    if slot["sizes"][unit] == 0:
        slot["ranks"][unit] = rank
    _put_copy(slot, place, buffer, at, size, rank)
    slot["ranks"][unit] = max(int64(slot["ranks"][unit]), rank)
