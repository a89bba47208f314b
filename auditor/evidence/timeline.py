"""Puts packets that arrive a little out of order into the order of their times."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from auditor.evidence.packet import Packet

#: Packets that may wait at most; a backend that runs ahead of its own clock cannot cost more.
MAX_WAITING = 65536


class Timeline:
    """Holds packets back for ``window`` ns and hands them out in order of time.

    What arrives later than that, behind what was already handed out, can no longer be placed: it
    is refused and counted in ``late``.
    """

    def __init__(self, window: int) -> None:
        self.late: dict[int, int] = {}
        """Packets that came too late, by interface."""
        self._window = window
        self._waiting: list[tuple[int, int, Packet]] = []
        self._arrivals = 0
        self._written = -(1 << 63)

    def add(self, packets: Iterable[Packet]) -> None:
        """Take packets in."""
        for packet in packets:
            if packet.time < self._written:
                self.late[packet.interface] = self.late.get(packet.interface, 0) + 1
                continue
            self._arrivals += 1  # equal times keep the order of their arrival
            heapq.heappush(self._waiting, (packet.time, self._arrivals, packet))

    def due(self, now: int) -> list[Packet]:
        """Return what is older than the window at ``now`` (ns UTC), in order of time."""
        until = now - self._window
        due = []
        while self._waiting and (self._waiting[0][0] <= until or len(self._waiting) > MAX_WAITING):
            due.append(heapq.heappop(self._waiting)[2])
        if due:
            self._written = due[-1].time
        return due

    def rest(self) -> list[Packet]:
        """Return everything that still waits, in order of time."""
        rest = [entry[2] for entry in sorted(self._waiting, key=lambda entry: entry[:2])]
        self._waiting.clear()
        if rest:
            self._written = rest[-1].time
        return rest
