"""Which control connections to Storage Daemons are open beside another flow (``copies``), asked in
time that does not grow with their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from auditor.flows.flow import Flow
from auditor.judge.matching.correlation import STILL_OPEN, Spans, end_of

#: Of so many open ones, the youngest, the 5b of the first 8 of a reading daemon is looked for.
_MOST_WAITING = 1024


class Waiting:
    """The control connections to one acceptor that no 8 has taken yet.

    How closely one followed those to a reading daemon does not depend on the 8, so that they stand
    in a heap for each reading daemon, and no 8 looks at all of them.
    """

    def __init__(self, flows: Sequence[Flow]) -> None:
        self._flows = flows
        self._every: list[int] = []
        self._taken: set[int] = set()
        self._ranked: dict[int, _Ranked] = {}

    def add(self, index: int) -> None:
        """Take in one that began after all that are there."""
        self._every.append(index)

    def take(self, time: int, reading: Spans | None) -> tuple[int | None, bool]:
        """Take out the open one that most closely followed a control connection to the ``reading``
        daemon, else the youngest, and tell whether no other was open at ``time`` (ns)."""
        known = self._ranked.get(id(reading))
        if known is None:
            first = max(0, len(self._every) - _MOST_WAITING)
            known = self._ranked[id(reading)] = _Ranked([], first)
        for index in self._every[known.next :]:
            started = self._flows[index].started
            before = reading.last_start(started) if reading is not None else None
            gap = STILL_OPEN if before is None else started - before
            heappush(known.heap, (gap, -started, index))
        known.next = len(self._every)
        chosen = self._first(known.heap, time)
        if chosen is not None:
            self._taken.add(chosen)
        return chosen, self._first(known.heap, time) is None

    def _first(self, heap: list[tuple[int, int, int]], time: int) -> int | None:
        """Return the first that is open and not taken; the others are not asked for again."""
        while heap:
            index = heap[0][2]
            if index not in self._taken and end_of(self._flows[index]) >= time:
                return index
            heappop(heap)
        return None


@dataclass(slots=True)
class _Ranked:
    """Control connections by how closely they followed those to one reading daemon."""

    heap: list[tuple[int, int, int]]
    """That time (ns), the beginning (ns, negative), the index."""
    next: int
    """How many of all were looked at."""


class LatestEnds:
    """When the control connections of one Director to each Storage Daemon end at the latest."""

    def __init__(self) -> None:
        self._ends: dict[str, int] = {}
        self._last: list[tuple[int, str]] = []
        """The two latest, of two daemons: one of them is of another than the one in question."""

    def add(self, storage: str, end: int) -> None:
        """Take in one more, with its end (ns)."""
        if end > self._ends.get(storage, -1):
            self._ends[storage] = end
            others = [one for one in self._last if one[1] != storage]
            self._last = sorted([*others, (end, storage)], reverse=True)[:2]

    def beside(self, storage: str, time: int) -> tuple[bool, bool]:
        """Tell whether one to this, and whether one to another daemon was open at a time (ns)."""
        other = next((end for end, daemon in self._last if daemon != storage), -1)
        return self._ends.get(storage, -1) >= time, other >= time
