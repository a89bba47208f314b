"""Notes when packets were lost, as interface statistics and packets of a pcapng file count them."""

from __future__ import annotations

from auditor.kernels import kernel, rare_kernel
from auditor.packets.counters import DROP_COUNT, DROPS, FOREVER, MAX_DROPS
from auditor.packets.integers import int64
from auditor.packets.interfaces import COUNTED, LOST, MISSED, UNTIL
from auditor.packets.segments import Array


@kernel
def lost_by(interfaces: Array, number: int) -> int:
    """Return how many packets an interface lost by its latest statistics, or by what packets say,
    whichever is more."""
    told = int64(interfaces[number, LOST]) if interfaces[number, COUNTED] else 0
    return max(told, int64(interfaces[number, MISSED]))


@rare_kernel
def note_drops(counters: Array, first: int, last: int, packets: int) -> None:
    """Note that so many packets were lost between two times (ns UTC); of too many places the latest
    are one."""
    if packets <= 0:
        return
    count = counters[DROP_COUNT]
    if count == MAX_DROPS:
        row = DROPS + 3 * (count - 1)
        counters[row] = min(counters[row], first)
        counters[row + 1] = max(counters[row + 1], last)
        counters[row + 2] = min(counters[row + 2] + packets, FOREVER - 1)
        return
    row = DROPS + 3 * count
    counters[row], counters[row + 1], counters[row + 2] = first, last, packets
    counters[DROP_COUNT] = count + 1


@kernel
def note_counted(counters: Array, interfaces: Array, number: int, before: int, time: int) -> None:
    """Note what an interface is said to have lost, more than ``before``, up to ``time``."""
    note_drops(counters, interfaces[number, UNTIL], time, lost_by(interfaces, number) - before)
    interfaces[number, UNTIL] = time
