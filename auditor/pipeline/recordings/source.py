"""One file of several that are followed together: the segments of it that are not followed yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import Array, Batch, ClockStep

if TYPE_CHECKING:
    from auditor.packets import CaptureReader

#: Octets of a frame beyond what was captured of its payload that are kept with it, where it is no
#: whole segment.
_SLACK = 2048
#: No file goes on so long.
NEVER_ENDS = 1 << 62


class Part(NamedTuple):
    """Segments of one file, in its order."""

    segments: Array
    """Dtype SEGMENT."""
    reached: Array
    """Of each the latest time (ns) up to it, i8: it rises also where the clock goes back."""
    buffer: Array
    step: ClockStep | None = None
    """As of Batch."""
    late: bool = False


def compact(segments: Array, buffer: Array) -> Batch:
    """Return segments with only the bytes that they point to, in arrays of their own."""
    segments = segments.copy()
    if not len(segments):
        return Batch(segments, buffer[:0].copy())
    error = segments["ident"] & ICMP_ERROR != 0
    begins = segments["frame"].astype("i8")
    ends = segments["payload"].astype("i8") + segments["captured"] + segments["trailer"]
    slack = _SLACK if error.any() or (segments["header"] == 0).any() else 0
    begin = int(min(begins.min(), segments["payload"].min(), *segments["ack"][error].tolist()))
    end = min(int(ends.max()) + slack, len(buffer))
    segments["frame"] -= begin
    segments["payload"] -= begin
    segments["ack"][error] -= begin
    return Batch(segments, buffer[begin:end].copy())


def put_right(batches: Iterator[Batch], ahead: int) -> Iterator[Batch]:
    """Yield batches of a file whose clock is so far (ns) ahead, with right times."""
    for batch in batches:
        segments, step = batch.segments.copy(), batch.step
        segments["time"] -= ahead
        if step is not None:
            step = ClockStep(step.before - ahead, step.after - ahead)
        yield replace(batch, segments=segments, step=step)


class Source:
    """One file that is open."""

    def __init__(
        self, reader: CaptureReader, place: int, batches: Iterator[Batch] | None = None
    ) -> None:
        """``place`` is the file's among those of its recording, ``batches`` what its reader has,
        where that is not taken as it is."""
        self.reader = reader
        self.place = place
        self.followed = 0
        """Segments of it that were followed."""
        self.seen = 0
        """Those that are followed, or left out since another file has them too."""
        self._batches = iter(reader) if batches is None else batches
        self._parts: deque[Part] = deque()
        self._reached = -NEVER_ENDS
        self._ended = False
        self.backwards = 0
        """How far (ns) its clock went back at most."""

    @property
    def bound(self) -> int:
        """Up to which time (ns) all that it holds is here; NEVER_ENDS once it was read wholly."""
        return NEVER_ENDS if self._ended else self._reached

    @property
    def over(self) -> bool:
        """Whether it was read, and all of it was taken."""
        return self._ended and not self._parts

    def read(self, until: int) -> Batch | None:
        """Read on. Return what was read, if nothing waits before it and all of it is from before a
        time (ns); what is not returned waits."""
        batch = next(self._batches, None)
        if batch is None:
            self._ended = True
            return None
        self.seen += len(batch.segments)
        times = batch.segments["time"]
        if not len(times):
            return batch
        reached = np.maximum(np.maximum.accumulate(times), self._reached)
        self.backwards = max(self.backwards, int((reached - times).max()))
        self._reached = int(reached[-1])
        if not self._parts and self._reached < until:
            self.followed += len(batch.segments)
            return batch
        own = compact(batch.segments, batch.buffer)
        self._parts.append(Part(own.segments, reached, own.buffer, batch.step, batch.late))
        return None

    def before(self, time: int) -> list[Part]:
        """Take what waits from before a time (ns)."""
        taken = []
        while self._parts and self._parts[0].reached[0] < time:
            part = self._parts.popleft()
            count = int(np.searchsorted(part.reached, time))
            taken.append(_some(part, slice(0, count)))
            if count < len(part.reached):
                self._parts.appendleft(_some(part, slice(count, None))._replace(step=None))
        return taken


def _some(part: Part, which: slice) -> Part:
    return part._replace(segments=part.segments[which], reached=part.reached[which])
