"""TCP sequence arithmetic (RFC 9293 §3.4): positions, and the gaps that a capture left."""

from __future__ import annotations

import numpy as np

from auditor.flows.tables import ACKED, GAPS, wide
from auditor.kernels import kernel

_MASK = (1 << 32) - 1
_HALF = 1 << 31


@kernel
def position(near: int, number: int) -> int:
    """Return the position nearest to ``near`` whose low 32 bits are the sequence ``number``."""
    return near + ((wide(number) - near + _HALF) & _MASK) - _HALF


@kernel
def is_number(place: int, number: int) -> bool:
    """Tell whether position ``place`` is sequence ``number`` on the wire."""
    return (place & _MASK) == wide(number)


@kernel
def open_gap(side: np.void, begin: int, end: int) -> None:
    """Remember that the capture skipped [begin, end) of this side's stream.

    When there is no room, the oldest gap is settled: what the peer acknowledged of it is missing.
    """
    gap = side["gap"]
    count = side["gaps"]
    if count == GAPS:
        if side["bits"] & ACKED:
            side["missing"] += max(0, min(gap[1], side["acked"]) - gap[0])
        count -= 1
        for k in range(2 * count):
            gap[k] = gap[k + 2]
    gap[2 * count] = begin
    gap[2 * count + 1] = end
    side["gaps"] = count + 1


@kernel
def fill_gaps(side: np.void, begin: int, end: int) -> bool:
    """Note that [begin, end) was seen after all; tell whether any of it lay in a gap.

    Late bytes are reordered ones, or the retransmission of a segment lost before the tap.
    """
    gap = side["gap"]
    kept = 0
    hit = False
    rest_begin = 0
    rest_end = 0
    for k in range(side["gaps"]):
        low = gap[2 * k]
        high = gap[2 * k + 1]
        if max(low, begin) < min(high, end):
            hit = True
            if low < begin and end < high:  # gaps never overlap: at most one is split
                rest_begin = end
                rest_end = high
            if low < begin:
                high = begin
            else:
                low = end
        if low < high:
            gap[2 * kept] = low
            gap[2 * kept + 1] = high
            kept += 1
    side["gaps"] = kept
    if rest_begin < rest_end:
        open_gap(side, rest_begin, rest_end)
    return hit
