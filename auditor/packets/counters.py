"""The counters that kernels and Python share: one array of int64, by these indices."""

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
ERRORS = 9  # ICMP errors among the rows
COMPLETE = 10  # slot + 1 of the fragments that make a whole datagram now, or 0
#: What could not be decoded, by layer: pairs of a key (see ``undecoded``; 0: free) and its packets,
#: and the packets of keys for which no pair was left.
LAYERS, SLOTS = 11, 32
OTHER_LAYERS = LAYERS + 2 * SLOTS
COUNTERS = OTHER_LAYERS + 1


def new_counters() -> Array:
    """Return those of a capture of which nothing has been read: shape (COUNTERS,), int64."""
    counters = np.zeros(COUNTERS, np.int64)
    counters[FIRST] = FOREVER
    counters[LAST] = counters[PREVIOUS] = -FOREVER
    return counters


@kernel
def note_time(counters: Array, time: int) -> None:
    """Note the time (ns UTC) of the next packet."""
    counters[BACKWARDS] += time < counters[PREVIOUS]
    counters[PREVIOUS] = time
    counters[FIRST] = min(counters[FIRST], time)
    counters[LAST] = max(counters[LAST], time)


@kernel
def note_undecoded(counters: Array, key: int) -> None:
    """Count a packet that could not be decoded, by its layer; ``key`` > 0 as in ``undecoded``."""
    for slot in range(LAYERS, OTHER_LAYERS, 2):
        if counters[slot] == 0:
            counters[slot] = key
        if counters[slot] == key:
            counters[slot + 1] += 1
            return
    counters[OTHER_LAYERS] += 1
