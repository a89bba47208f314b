"""The table of what could not be decoded: between whom it passed, and when.

A run is packets of one layer from one host to another, with no pause in it that is longer than
``RUN_PAUSE`` says. Where there is no room for a further run, pauses of twice the length are no
pauses any more; where that helps no longer, neither hosts nor layer are told of those that follow.
"""

from __future__ import annotations

from auditor.kernels import kernel, rare_kernel
from auditor.packets.counters import (
    MAX_RUNS,
    NOTED,
    RUN_COUNT,
    RUN_FIELDS,
    RUN_HEADS,
    RUN_PAUSE,
    RUN_SECRET,
    RUN_SLOTS,
    RUNS,
)
from auditor.packets.integers import be32, int64, u8
from auditor.packets.link_types import IPV4, IPV6
from auditor.packets.segments import Array
from auditor.packets.undecoded import CANNOT_HOLD

#: Fields of a run: eight words of 32 bits, of the source and of the target, all 0 where they are
#: not known; the layer's key, 0 where that is not told; times (ns UTC); packets.
KEY, BEGUN, ENDED, COUNTED = 8, 9, 10, 11
#: Where a run is written that is to be counted: behind all others.
_NEW = RUNS + RUN_FIELDS * (MAX_RUNS + 1)
_PRIME = (1 << 31) - 1
_LONGEST = 1 << 62


@kernel
def _is_same(counters: Array, one: int, other: int) -> bool:
    differing = 0
    for k in range(KEY + 1):
        differing += counters[one + k] != counters[other + k]
    return differing == 0


@kernel
def _find(counters: Array, run: int) -> int:
    """Return where the latest run of the same hosts and layer is told, or is to be told."""
    total = 0
    for k in range(KEY + 1):
        total = (total * counters[RUN_SECRET] + counters[run + k]) % _PRIME
    place: int = total % RUN_SLOTS
    while True:
        latest = counters[RUN_HEADS + place]
        if latest == 0 or _is_same(counters, RUNS + RUN_FIELDS * (latest - 1), run):
            return RUN_HEADS + place
        place = (place + 1) % RUN_SLOTS


@kernel
def _joins(counters: Array, run: int) -> bool:
    """Count a run as part of the latest of the same hosts and layer, if it is."""
    latest = counters[_find(counters, run)]
    if latest == 0:
        return False
    old = RUNS + RUN_FIELDS * (latest - 1)
    half = counters[RUN_PAUSE] >> 1
    after = (counters[run + BEGUN] >> 1) - (counters[old + ENDED] >> 1)
    before = (counters[old + BEGUN] >> 1) - (counters[run + ENDED] >> 1)
    if max(after, before) > half:
        return False
    counters[old + BEGUN] = min(counters[old + BEGUN], counters[run + BEGUN])
    counters[old + ENDED] = max(counters[old + ENDED], counters[run + ENDED])
    counters[old + COUNTED] += counters[run + COUNTED]
    return True


@kernel
def _append(counters: Array, run: int) -> None:
    count = counters[RUN_COUNT]
    counters[_find(counters, run)] = count + 1
    for k in range(RUN_FIELDS):
        counters[RUNS + RUN_FIELDS * count + k] = counters[run + k]
    counters[RUN_COUNT] = count + 1


@kernel
def _make_room(counters: Array) -> None:
    """Let longer pauses be none, until a quarter of the table is free."""
    while counters[RUN_COUNT] * 4 > MAX_RUNS * 3 and counters[RUN_PAUSE] < _LONGEST:
        counters[RUN_PAUSE] *= 2
        count = counters[RUN_COUNT]
        for k in range(RUN_SLOTS):
            counters[RUN_HEADS + k] = 0
        counters[RUN_COUNT] = 0
        for k in range(count):
            run = RUNS + RUN_FIELDS * k
            if not _joins(counters, run):
                _append(counters, run)


@rare_kernel
def put_new(counters: Array) -> None:
    """Count the run that is written at ``new_run``."""
    if _joins(counters, _NEW):
        return
    if counters[RUN_COUNT] >= MAX_RUNS:
        _make_room(counters)
        if _joins(counters, _NEW):
            return
    if counters[RUN_COUNT] >= MAX_RUNS:
        for k in range(KEY + 1):
            counters[_NEW + k] = 0
        if _joins(counters, _NEW):
            return
    _append(counters, _NEW)


@kernel
def new_run(counters: Array, key: int, first: int, last: int, packets: int) -> int:
    """Return where a run is written that ``put_new`` counts next, of hosts that are not known."""
    for k in range(KEY):
        counters[_NEW + k] = 0
    counters[_NEW + KEY] = key
    counters[_NEW + BEGUN] = first
    counters[_NEW + ENDED] = last
    counters[_NEW + COUNTED] = packets
    return _NEW


@rare_kernel
def note_anywhere(counters: Array, key: int, time: int) -> None:
    """Note a packet of which nothing tells between whom it passed."""
    counters[NOTED] = 0
    new_run(counters, key, time, time, 1)
    put_new(counters)


@rare_kernel
def note_packet(
    buffer: Array, at: int, stop: int, version: int, time: int, counters: Array
) -> None:
    """Note the packet of whose layer ``counters[NOTED]`` has the key; its innermost IP header that
    was looked at, if ``version`` is ``IPV4`` or ``IPV6``, is at ``at``."""
    key = int64(counters[NOTED])
    counters[NOTED] = 0
    if key in CANNOT_HOLD:
        return
    run = new_run(counters, key, time, time, 1)
    if version == IPV4 and stop - at >= 20 and u8(buffer, at) >> 4 == 4:
        counters[run + 2] = counters[run + 6] = 0xFFFF
        counters[run + 3] = be32(buffer, at + 12)
        counters[run + 7] = be32(buffer, at + 16)
    elif version == IPV6 and stop - at >= 40 and u8(buffer, at) >> 4 == 6:
        for k in range(KEY):
            counters[run + k] = be32(buffer, at + 8 + 4 * k)
    put_new(counters)
