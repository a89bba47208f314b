"""Reads captures once before they are followed together, where that is not clear without."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import PurePath

from auditor.packets.segments import CaptureInfo, ClockStep
from auditor.pipeline.recordings.holes import Pauses
from auditor.pipeline.recordings.sketch import Sketch, Sketching


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What is known of a capture file before it is followed."""

    path: str
    info: CaptureInfo
    begin: int | None
    """Time (ns UTC) of its earliest segment on the ports asked for; None: it has none."""
    end: int | None
    """Of its latest."""
    pause: int
    """The longest time (ns) between two of them."""
    sketch: Sketch
    ahead: int = 0
    """How far (ns) its clock is ahead of that of others of its recording; the times of this account
    are put right, those of its packets are not."""

    def put_right(self, ahead: int) -> Surveyed:
        """Return the account of a file whose clock is so far (ns) ahead."""
        begin, end = (None if time is None else time - ahead for time in (self.begin, self.end))
        return replace(self, begin=begin, end=end, info=_earlier(self.info, ahead), ahead=ahead)

    def corrected(self, info: CaptureInfo) -> CaptureInfo:
        """Return what its reader says of it, with what is to be said of its clock."""
        if not self.ahead:
            return info
        way = "ahead of" if self.ahead > 0 else "behind"
        note = (
            f"Its clock is {abs(self.ahead) / 1e9:.6f} s {way} that of the captures which have the "
            "other direction, by what each acknowledges of the other: its times are put right."
        )
        return replace(_earlier(info, self.ahead), notes=(*info.notes, note))

    @property
    def series(self) -> tuple[str, str]:
        """What the names of files of one series have in common: all but their digits."""
        path = PurePath(self.path)
        return str(path.parent), path.name.translate(_NO_DIGITS)


_NO_DIGITS = str.maketrans("", "", "0123456789")


def _earlier(info: CaptureInfo, by: int) -> CaptureInfo:
    first, last = (None if time is None else time - by for time in (info.first, info.last))
    clock = info.clock
    steps = tuple(ClockStep(step.before - by, step.after - by) for step in clock.steps)
    ended = None if clock.ended is None else clock.ended - by
    clock = clock._replace(steps=steps, ended=ended)
    return replace(info, first=first, last=last, clock=clock)


def survey(paths: Sequence[str], ports: Collection[int]) -> list[Surveyed]:
    """Read files to their ends, as many at a time as there are processors. Raises CaptureError."""
    with ThreadPoolExecutor(os.cpu_count() or 1, "survey") as workers:
        return list(workers.map(lambda path: _survey(path, ports), paths))


def _survey(path: str, ports: Collection[int]) -> Surveyed:
    from auditor.packets import read_capture

    sketching, pauses = Sketching(), Pauses()
    begin: int | None = None
    end: int | None = None
    with read_capture(path, ports) as reader:
        for batch in reader:
            times = batch.segments["time"]
            sketching.take(batch.segments)
            pauses.take(times)
            if not len(times):  # its clock was set
                continue
            least, most = int(times.min()), int(times.max())
            begin = least if begin is None else min(begin, least)
            end = most if end is None else max(end, most)
    return Surveyed(path, reader.info, begin, end, pauses.longest, sketching.made())
