"""The counters that kernels and Python share: one array of int64, by these indices."""

from __future__ import annotations

import secrets

import numpy as np

from auditor.kernels import kernel, rare_kernel
from auditor.packets.integers import int64
from auditor.packets.segments import Array

#: Times are kept within ±this (ns; the years 1823 to 2116), so that no sum of two can overflow.
FOREVER = 1 << 62

PACKETS = 0
FIRST = 1  # time of the earliest packet
LAST = 2  # time of the latest packet
PREVIOUS = 3  # the latest time, or AWAY while the clock is set back behind that
BACKWARDS = 4  # packets that are older than one before them
UNDECODED = 5
FRAGMENTS = 6
SHORT = 7
UNTIMED = 8  # packets whose record carries no time
ERRORS = 9  # ICMP errors among the rows
COMPLETE = 10  # slot + 1 of the fragments that make a whole datagram now, or 0
#: What could not be decoded, by layer: pairs of a key (see ``undecoded``; 0: free) and its packets,
#: and the packets of keys for which no pair was left.
LAYERS, LAYER_SLOTS = 11, 32
OTHER_LAYERS = LAYERS + 2 * LAYER_SLOTS
#: Places where the clock was set, since they were read last: how many, and of the first of them the
#: row that follows, the latest time before and the first after.
STEP_COUNT, STEPS_A_SCAN = OTHER_LAYERS + 1, 64
STEPS = STEP_COUNT + 1
#: While the clock is set back: the latest time since, how often it was set back further, and of
#: each of these times the latest before and the first after.
SINCE, DEPTH = (STEPS + 3 * STEPS_A_SCAN + k for k in range(2))
LEVELS, MAX_DEPTH = DEPTH + 1, 8
#: IP headers around that which is being decoded, and where in the buffer each is.
OUTERS = LEVELS + 2 * MAX_DEPTH
OUTER, MAX_OUTER = OUTERS + 1, 8
#: The key of what the frame that is being decoded could not be decoded for, or 0.
NOTED = OUTER + MAX_OUTER
#: Between whom such packets passed, and when: see ``undecoded_table``. How long (ns) a pause in a
#: run is at most, how many runs there are, the secret of their hash, of each hash the number of its
#: latest run, and the runs, with room for one of all beyond and for one that is being counted.
RUN_PAUSE, RUN_COUNT, RUN_SECRET = (NOTED + 1 + k for k in range(3))
RUN_HEADS, RUN_SLOTS = NOTED + 4, 2048
RUNS, MAX_RUNS, RUN_FIELDS = RUN_HEADS + RUN_SLOTS, 1023, 12
#: Of how many places is noted that packets were lost there, and of each from when to when, and how
#: many.
DROP_COUNT, MAX_DROPS = RUNS + RUN_FIELDS * (MAX_RUNS + 2), 64
DROPS = DROP_COUNT + 1
COUNTERS = DROPS + 3 * MAX_DROPS
_PAUSE, _PRIME = 1_000_000_000, (1 << 31) - 1
#: Later than any time.
AWAY = FOREVER * 2 - 1
#: What is late by no more (ns) is in the wrong place, not from another time: see ``clock_steps``.
LATE_NS = 125_000_000


def new_counters() -> Array:
    """Return those of a capture of which nothing has been read: shape (COUNTERS,), int64."""
    counters = np.zeros(COUNTERS, np.int64)
    counters[FIRST] = FOREVER
    counters[LAST] = counters[PREVIOUS] = -FOREVER
    counters[RUN_PAUSE] = _PAUSE
    counters[RUN_SECRET] = 2 + secrets.randbelow(_PRIME - 2)
    return counters


@kernel
def _note_step(counters: Array, before: int, after: int, row: int) -> None:
    count = counters[STEP_COUNT]
    if count < STEPS_A_SCAN:
        counters[STEPS + 3 * count] = row
        counters[STEPS + 3 * count + 1] = before
        counters[STEPS + 3 * count + 2] = after
    counters[STEP_COUNT] = count + 1


@kernel
def _set_back(counters: Array, before: int, after: int) -> None:
    """Note that the clock is behind a time until it has caught up."""
    depth = min(counters[DEPTH], MAX_DEPTH - 1)
    counters[LEVELS + 2 * depth] = before
    counters[LEVELS + 2 * depth + 1] = after
    counters[DEPTH] = depth + 1
    counters[SINCE] = after
    counters[PREVIOUS] = AWAY


@kernel
def _catch_up(counters: Array, time: int, row: int) -> None:
    """Note a time while the clock is set back: it may have caught up bit by bit, or at once."""
    latest, depth, noted = counters[SINCE], counters[DEPTH], False
    counters[SINCE] = max(latest, time)
    while depth > 0 and time >= counters[LEVELS + 2 * depth - 2] - LATE_NS:
        highest, lowest = counters[LEVELS + 2 * depth - 2], counters[LEVELS + 2 * depth - 1]
        if not noted and (time >> 1) - (latest >> 1) >= (highest >> 2) - (lowest >> 2):
            _note_step(counters, latest, time, row)
            noted = True
        depth -= 1
        counters[DEPTH] = depth
        if depth == 0:
            counters[PREVIOUS] = max(time, highest)


@kernel
def _note_late(counters: Array, time: int, row: int) -> None:
    """Note the time of a packet that is older than one before it, or comes while the clock is set
    back."""
    away = counters[PREVIOUS] == AWAY
    latest = counters[SINCE] if away else counters[PREVIOUS]
    counters[BACKWARDS] += time < latest
    if time < latest - LATE_NS:
        _note_step(counters, latest, time, row)
        _set_back(counters, latest, time)
    elif away:
        _catch_up(counters, time, row)


@kernel
def clock_of(counters: Array) -> int:
    """Return the time (ns UTC) that the clock shows."""
    return int64(counters[SINCE] if counters[PREVIOUS] == AWAY else counters[PREVIOUS])


@kernel
def note_time(counters: Array, time: int, row: int) -> None:
    """Note the time (ns UTC) of the next packet, which will have this row if it gets one."""
    if time < counters[PREVIOUS]:
        _note_late(counters, time, row)
    else:
        counters[PREVIOUS] = time
    counters[FIRST] = min(counters[FIRST], time)
    counters[LAST] = max(counters[LAST], time)


@rare_kernel
def note_undecoded(counters: Array, key: int) -> None:
    """Count a packet that could not be decoded, by its layer; ``key`` > 0 as in ``undecoded``."""
    counters[NOTED] = key
    for slot in range(LAYERS, OTHER_LAYERS, 2):
        if counters[slot] == 0:
            counters[slot] = key
        if counters[slot] == key:
            counters[slot + 1] += 1
            return
    counters[OTHER_LAYERS] += 1
