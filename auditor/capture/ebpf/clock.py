"""Time since boot, as BPF programs read it, to UTC."""

from __future__ import annotations

import time
from typing import NamedTuple

#: Pairs of readings; the closest one counts.
_SAMPLES = 64


class BootClock(NamedTuple):
    """Turns CLOCK_BOOTTIME into UTC by an offset that is sampled once.

    Both clocks are slewed alike by NTP, and both run on while the machine sleeps, so that the
    offset holds until somebody sets the clock; after that the times go on as if nobody had, so
    that durations and the order of packets stay true.
    """

    offset: int
    """ns to add to the time since boot."""
    accuracy: int
    """The offset is known this well (± ns): half the time that the closest pair took."""

    def utc(self, boot: int) -> int:
        """Return ns UTC for ns since boot."""
        return boot + self.offset


def boot_ns() -> int:
    """Return ns since boot: what ``bpf_ktime_get_boot_ns`` returns in the kernel."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def sample_clock() -> BootClock:
    """Read both clocks, the wall clock between two readings of the other, and keep the best."""

    def pair() -> tuple[int, int]:
        before = boot_ns()
        wall = time.time_ns()
        after = boot_ns()
        return after - before, wall - (before + after) // 2

    width, offset = min(pair() for _ in range(_SAMPLES))
    return BootClock(offset, (width + 1) // 2)
