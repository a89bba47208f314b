"""The counters that kernels and Python share: one array of int64, one slot a counter."""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel
from auditor.packets.segments import Array

#: Times are kept within ±this (ns; the years 1823 to 2116), so that no sum of two can overflow.
FOREVER = 1 << 62

PACKETS = 0
FIRST = 1  # time of the earliest packet
LAST = 2  # time of the latest packet
PREVIOUS = 3  # time of the packet before
BACKWARDS = 4
UNDECODED = 5
FRAGMENTS = 6
SHORT = 7
UNTIMED = 8  # packets whose record carries no time
SLOTS = 9


def new_tally() -> Array:
    """Return the counters of a capture of which nothing has been read: shape (SLOTS,), int64."""
    tally = np.zeros(SLOTS, np.int64)
    tally[FIRST] = FOREVER
    tally[LAST] = tally[PREVIOUS] = -FOREVER
    return tally


@kernel
def clock(tally: Array, time: int) -> None:
    """Note the time (ns UTC) of the next packet."""
    tally[BACKWARDS] += time < tally[PREVIOUS]
    tally[PREVIOUS] = time
    tally[FIRST] = min(tally[FIRST], time)
    tally[LAST] = max(tally[LAST], time)
