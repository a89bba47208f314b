"""Which readings of a datagram that came in fragments its receiver can have taken.

The TCP checksum tells: who fragments a segment has filled it in (``skb_checksum_help`` in Linux).
"""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel
from auditor.packets.checksum import folded, words_of
from auditor.packets.fragment_copies import differs
from auditor.packets.fragments import DATA, PLAIN
from auditor.packets.integers import int64
from auditor.packets.segments import Array

#: A reading is a number: ``data`` or ``other`` up to ``size`` or ``other_size``.
OTHER_DATA, OTHER_SIZE, READINGS = 1, 2, 4

_TCP = 6


@kernel
def is_whole(slot: np.void, size: int) -> bool:
    """Tell whether all ``size`` bytes were seen, and the headers before them."""
    return bool(0 < size <= 8 * slot["units"] and slot["head_size"] > 0)


@kernel
def _is_right(slot: np.void, copy: Array, size: int) -> bool:
    """Tell whether ``size`` bytes of ``copy`` have a right TCP checksum."""
    total = _TCP + size + words_of(slot["src_lo"]) + words_of(slot["dst_lo"])
    total += words_of(slot["src_hi"]) + words_of(
        slot["dst_hi"]
    )  # 0xFFFF of mapped ones add nothing
    for k in range(0, size - 1, 2):
        total += int64(copy[k]) << 8 | int64(copy[k + 1])
    if size & 1:
        total += int64(copy[size - 1]) << 8
    return folded(total) == 0xFFFF


@kernel
def note_right(slot: np.void) -> None:
    """Note in ``right`` which readings of the datagram have a right checksum, as a bit each; none
    if that cannot be told."""
    slot["right"] = 0
    for reading in range(READINGS):
        size = slot["other_size"] if reading & OTHER_SIZE else slot["size"]
        if (
            slot["plain"] != PLAIN
            or size > min(int64(slot["cut"]), DATA)
            or not is_whole(slot, size)
        ):
            continue
        if _is_right(slot, slot["other"] if reading & OTHER_DATA else slot["data"], size):
            slot["right"] |= 1 << reading


@kernel
def leave_holding(
    slot: np.void, buffer: Array, upper: int, size: int, offset: int, more: bool
) -> None:
    """Leave of the readings in ``right`` those that a fragment is a part of."""
    for reading in range(READINGS):
        if not slot["right"] & (1 << reading):
            continue
        end = slot["other_size"] if reading & OTHER_SIZE else slot["size"]
        copy = slot["other"] if reading & OTHER_DATA else slot["data"]
        holds = offset + size < end if more else offset + size == end
        if not holds or differs(copy, offset, buffer, upper, size):
            slot["right"] &= ~(1 << reading)


@kernel
def is_repeated(
    slot: np.void, buffer: Array, upper: int, stop: int, size: int, offset: int, more: bool
) -> bool:
    """Tell whether a fragment says nothing that is not in ``slot``, which is whole."""
    end = offset + size
    if more:
        known = end < max(slot["size"], slot["other_size"])
    else:
        known = end in (slot["size"], slot["other_size"])
    for k in range(min(size, DATA - offset, stop - upper)):
        there = k + offset
        byte = buffer[upper + k]
        known &= bool(slot["data"][there] == byte or slot["other"][there] == byte)
    return bool(known)
