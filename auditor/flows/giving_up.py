"""When a sender has given its peer up: it sent the same too often, or reset instead of probing."""

from __future__ import annotations

from auditor.flows.flow import Side
from auditor.flows.how_ended import Stall

#: Giving up takes so many probes without an answer, or so many sends of the same bytes, ...
GIVING_UP_PROBES, GIVING_UP_SENDS = 3, 4
#: ... over so long (ns): Linux waits 0.2 s and each time twice as long.
GIVING_UP_NS = 2_000_000_000
#: What is sent again within this time (ns) of a RST was under way when that came.
_UNDER_WAY = 1_000_000_000


def gave_up(stall: Stall | None) -> bool:
    """Tell whether the same was sent so often, and for so long, that no capture ended too early."""
    return (
        stall is not None
        and stall.sends >= GIVING_UP_SENDS
        and stall.last - stall.first >= GIVING_UP_NS
    )


def resets_when_due(sender: Side) -> bool:
    """Tell whether a side sent RST when its next probe was due: it gave up, whatever was said in
    its peer's name in between (Linux does when nine were not answered, bareos.md §6.1)."""
    resets = [time for time in (sender.rst, sender.rst_last) if time is not None]
    if not resets or len(sender.probes) < GIVING_UP_PROBES:
        return False
    before, last = (probe.time for probe in sender.probes[-2:])
    return any(abs(reset - last - (last - before)) <= (last - before) // 8 for reset in resets)


def heeds_rst(reset: int | None, first: int, last: int) -> bool:
    """Tell whether who sent something from ``first`` to ``last`` (ns) was told by a RST at
    ``reset`` that nobody takes it. What came soon after that one was under way, or the network
    delivered it twice; who did not get it goes on."""
    return reset is not None and first <= reset and last - reset < _UNDER_WAY
