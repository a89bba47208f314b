"""Puts packets that arrive a little out of order into the order of their times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter

from auditor.evidence.packet import Packet

#: Packets that may wait at most; a backend that runs ahead of its own clock cannot cost more.
MAX_WAITING = 65536

_time = attrgetter("time")


class Timeline:
    """Holds packets back for ``window`` ns and hands them out in order of time.

    What arrives later than that, behind what was already handed out, can no longer be placed: it
    is refused and counted in ``late``.
    """

    def __init__(self, window: int) -> None:
        self.late: dict[int, int] = {}
        """Packets that came too late, by interface."""
        self._window = window
        self._waiting: list[Packet] = []
        self._written = -(1 << 63)

    def add(self, packets: Iterable[Packet]) -> None:
        """Take packets in."""
        for packet in packets:
            if packet.time < self._written:
                self.late[packet.interface] = self.late.get(packet.interface, 0) + 1
                continue
            self._waiting.append(packet)

    def due(self, now: int) -> list[Packet]:
        """Return what is older than the window at ``now`` (ns UTC), in order of time."""
        self._waiting.sort(key=_time)  # equal times keep the order of their arrival
        count = bisect_right(self._waiting, now - self._window, key=_time)
        return self._taken(max(count, len(self._waiting) - MAX_WAITING))

    def rest(self) -> list[Packet]:
        """Return everything that still waits, in order of time."""
        self._waiting.sort(key=_time)
        return self._taken(len(self._waiting))

    def _taken(self, count: int) -> list[Packet]:
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        if taken:
            self._written = taken[-1].time
        return taken
