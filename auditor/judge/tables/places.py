"""In which files of a recording a connection is, and in which a frame."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # a command that reads no capture loads no numpy
    from auditor.flows.flow import Flow
    from auditor.packets.segments import CaptureInfo

_NEVER = -(1 << 62)


class Frame(NamedTuple):
    """One frame of a recording."""

    capture: str
    """Name of the file that it is in; empty: there is only one."""
    number: int
    """Its number there, counted from 1."""

    def __str__(self) -> str:
        return f"{self.number} of {self.capture}" if self.capture else str(self.number)


class Places:
    """The files of one recording: finds them in steps that grow with the logarithm of their
    number."""

    def __init__(self, files: Sequence[CaptureInfo]) -> None:
        """``files`` are those of the recording, one at least, in order of their first packets."""
        self._names = [one.name for one in files]
        self._last = [_NEVER if one.last is None else one.last for one in files]
        self._reached = list(accumulate(self._last, max))
        begun = [_NEVER if one.first is None else one.first for one in files]
        self._first = list(accumulate(begun, max))  # one without a packet is nowhere
        self._before = [one.before for one in files]

    def of(self, flow: Flow) -> list[int]:
        """Return the indices of the files that were recorded while a flow was seen; where time
        says none, the first."""
        if len(self._names) == 1:
            return [0]
        begin = bisect_left(self._reached, flow.started)
        end = bisect_right(self._first, flow.last)
        return [at for at in range(begin, end) if self._last[at] >= flow.started] or [0]

    def ends(self, flow: Flow) -> tuple[str, str]:
        """Return the names of the first and of the last file that a flow is in."""
        if len(self._names) == 1:
            return self._names[0], self._names[0]
        begin = min(bisect_left(self._reached, flow.started), len(self._names) - 1)
        end = max(bisect_right(self._first, flow.last) - 1, begin)
        return self._names[begin], self._names[end]

    def frame(self, number: int) -> Frame:
        """Return where the frame is that counts so many in the recording."""
        if len(self._names) == 1:
            return Frame("", number)
        at = max(bisect_left(self._before, number) - 1, 0)
        return Frame(self._names[at], number - self._before[at])
