"""What became of connections where a recording has holes, or may have some."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from auditor.flows.flow import Flow, Outcome
from auditor.judge.heartbeat.probe_window import ANSWER_TIME


class Unwatched:
    """When nobody recorded, or may not have: what became of connections is not known then. Both
    are times (ns UTC) from when to when."""

    def __init__(
        self, holes: Sequence[tuple[int, int]], doubts: Sequence[tuple[int, int]], end: int | None
    ) -> None:
        """``end`` is that of the recording."""
        self._holes = sorted(holes)
        self._ends = [until for _, until in self._holes]
        self._begins = sorted(since for since, _ in (*holes, *doubts))
        self._end = end

    def cuts(self, flow: Flow) -> bool:
        """Tell whether segments of a flow may be missing: nobody recorded for a time while it was
        open, or may not have and it was not heard again."""
        until = self._end if flow.ended is None else flow.ended
        first = bisect_right(self._ends, flow.started)
        if first < len(self._holes) and (until is None or self._holes[first][0] < until):
            return True
        return flow.ended is None and self.until(flow) is not None

    def until(self, flow: Flow) -> int | None:
        """Return up to when (ns UTC) it was watched what became of a flow since it was heard last;
        None: to the end."""
        first = bisect_left(self._begins, flow.last)
        return self._begins[first] if first < len(self._begins) else None

    def answer_until(self, flow: Flow) -> int | None:
        """Return up to when an answer to an attempt was waited for, if that was too short for one
        to come; None: it was not."""
        if flow.outcome is not Outcome.UNANSWERED or flow.rejection is not None:
            return None
        until = self.until(flow)
        return None if until is None or until - flow.started >= ANSWER_TIME else until
