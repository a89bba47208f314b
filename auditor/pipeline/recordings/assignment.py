"""Which files are of one recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from auditor.packets.segments import Array
from auditor.pipeline.recordings.holes import LONG_NS, is_hole
from auditor.pipeline.recordings.kinship import Kinship, Pair, kinships
from auditor.pipeline.recordings.sketch import MOST
from auditor.pipeline.recordings.survey import Surveyed

#: By so much (ns) the end of a file and the beginning of the next may overlap without anything in
#: common: packets of several queues are not always in order.
_JITTER_NS = 1_000_000_000


@dataclass(slots=True)
class Recording:
    """Files of one place, in order of time."""

    files: list[Surveyed] = field(default_factory=list)
    holes: list[tuple[int, int]] = field(default_factory=list)
    """From when to when (ns UTC) nobody recorded."""

    last: int | None = None
    """Time (ns UTC) of its latest packet."""
    end: int | None = None
    """The same of its segments on the ports asked for."""
    pause: int = 0
    """The longest time (ns) between two of them in any file."""

    known: Array = field(default_factory=lambda: np.empty(0, "u8"))
    """Keys of its connections, the least, in order."""

    def add(self, file: Surveyed) -> None:
        """Take in the next file."""
        if (hole := self.hole_before(file)) is not None:
            self.holes.append(hole)
        self.files.append(file)
        self.last = _later(self.last, file.info.last)
        self.end = _later(self.end, file.end)
        self.pause = max(self.pause, file.pause)
        self.known = np.union1d(self.known, file.sketch.connections["key"])[:MOST]

    def hole_before(self, file: Surveyed) -> Pair | None:
        """Return from when to when nobody recorded before a file; None: somebody always did."""
        first, pause = file.info.first, max(file.pause, self.pause)
        if self.last is None or first is None or not is_hole(first - self.last, pause):
            return None
        return self.last, first


def _later(one: int | None, other: int | None) -> int | None:
    return max((time for time in (one, other) if time is not None), default=None)


def assigned(files: Sequence[Surveyed]) -> list[Recording]:
    """Return the recordings that files make; ``files`` are in order of time."""
    kin = kinships([one.sketch for one in files])
    by_file: dict[int, list[tuple[int, Kinship]]] = {}
    for (one, other), how in kin.items():
        by_file.setdefault(other, []).append((one, how))
        by_file.setdefault(one, []).append((other, how))
    found: list[Recording] = []
    whose: dict[int, Recording] = {}
    for index, file in enumerate(files):
        near = by_file.get(index, [])
        chosen = _chosen(file, near, found, whose)
        if chosen is None:
            chosen = Recording()
            found.append(chosen)
        chosen.add(file)
        whose[index] = chosen
    return found


def _chosen(
    file: Surveyed,
    near: Sequence[tuple[int, Kinship]],
    found: Sequence[Recording],
    whose: dict[int, Recording],
) -> Recording | None:
    """Return the recording that a file goes on, or None."""
    elsewhere = []
    for index, how in near:
        if index in whose and how is not Kinship.OTHER:
            return whose[index]
        if index in whose:
            elsewhere.append(id(whose[index]))
    before = [one for one in found if id(one) not in elsewhere and _goes_on(file, one)]
    return max(
        before, key=lambda one: (one.files[-1].series == file.series, one.last or 0), default=None
    )


def _goes_on(file: Surveyed, one: Recording) -> bool:
    """Tell whether a file may begin where a recording ends."""
    end = one.end
    if end is None or file.begin is None or file.end is None:
        return True
    if file.begin < end - _JITTER_NS or (file.begin < end and file.end <= end):
        return False
    hole = one.hole_before(file)
    if hole is None or hole[1] - hole[0] <= LONG_NS:
        return True
    return bool(np.isin(file.sketch.connections["key"], one.known).any())
