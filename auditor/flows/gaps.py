"""The gaps that a capture left in a side's stream, and what became of them."""

from __future__ import annotations

import numpy as np

from auditor.flows.tables import GAPS
from auditor.flows.tcp_state import ACKED
from auditor.kernels import kernel
from auditor.packets.integers import int64


@kernel
def open_gap(side: np.void, begin: int, end: int) -> None:
    """Remember that the capture skipped [begin, end) of this side's stream.

    When there is no room, the oldest gap is settled: what the peer acknowledged of it is missing.
    """
    gaps = side["gaps"]
    count = side["gap_count"]
    if count == GAPS:
        if side["bits"] & ACKED:
            side["missing"] += max(0, min(gaps[1], side["acked"]) - gaps[0])
        count -= 1
        for k in range(2 * count):
            gaps[k] = gaps[k + 2]
    gaps[2 * count] = begin
    gaps[2 * count + 1] = end
    side["gap_count"] = count + 1


@kernel
def fill_gaps(side: np.void, begin: int, end: int) -> bool:
    """Note that [begin, end) was seen after all; tell whether any of it lay in a gap.

    Late bytes are reordered ones, or the retransmission of a segment lost before the tap.
    """
    gaps = side["gaps"]
    kept = 0
    hit = False
    rest_begin = 0
    rest_end = 0
    for k in range(side["gap_count"]):
        low = gaps[2 * k]
        high = gaps[2 * k + 1]
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
            gaps[2 * kept] = low
            gaps[2 * kept + 1] = high
            kept += 1
    side["gap_count"] = kept
    if rest_begin < rest_end:
        open_gap(side, rest_begin, rest_end)
    return hit


@kernel
def missing_octets(side: np.void) -> int:
    """Return the settled gaps of a side, and what the peer acknowledged of those still open."""
    missing = int64(side["missing"])
    if side["bits"] & ACKED:
        for k in range(int64(side["gap_count"])):
            begin, end = int64(side["gaps"][2 * k]), int64(side["gaps"][2 * k + 1])
            missing += max(0, min(end, int64(side["acked"])) - begin)
    return missing
