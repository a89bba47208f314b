"""The time window of TCP keepalive: when a probe must and must not come (bareos.md §6.1, §9.5).

Linux fires after the last segment *received*, never early, up to an eighth late. A symmetric
tolerance would be wrong in both directions.
"""

from __future__ import annotations

from typing import NamedTuple

_NS = 1_000_000_000
#: Jitter of capture clocks and of the way between tap and host.
_SLACK = _NS // 10
#: Added where the round trip was not measured, because the flow began before the capture.
_UNKNOWN_RTT = _NS
#: A probe is unanswered only if the capture went on this long after it.
ANSWER_TIME = 2 * _NS


class ProbeWindow(NamedTuple):
    """The interval in ns in which a probe must come, since the prober last received anything."""

    low: int
    high: int

    def allows(self, interval: int) -> bool:
        """Tell whether an observed interval lies in the window."""
        return self.low <= interval <= self.high

    def __str__(self) -> str:
        return f"{self.low / _NS:.1f} to {self.high / _NS:.1f} s"


def probe_window(seconds: int, rtt: int | None) -> ProbeWindow:
    """Return the window for an idle time in seconds and a round trip in ns (None: not measured)."""
    nominal = seconds * _NS
    late = nominal // 8 + (_UNKNOWN_RTT if rtt is None else rtt) + _SLACK
    return ProbeWindow(nominal - _SLACK, nominal + late)
