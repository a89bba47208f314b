"""A step forward of the capture's clock, as the clocks of both ends of a connection show it.

Each host writes its own clock into its segments (RFC 7323). Where those of both fall back behind
the capture's by the same, and the connection goes on, it was the capture's clock that was set
forward, or both machines stood still: either way a silence in that time was shorter than it seems,
and shows neither a probe in time nor one that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from auditor.flows.flow import Side
from auditor.packets.segments import ClockStep

#: Both lag by the same if they differ by no more (ns), or by so much of it.
_SAME, _OF_IT = 500_000_000, 0.05
#: Steps of one capture that are told.
_MOST = 64


class Lag(NamedTuple):
    """What both ends of a connection show."""

    since: int
    """Between this time (ns UTC) and the next the capture's clock was set forward."""
    until: int
    by: int
    """By so much (ns)."""

    @property
    def step(self) -> ClockStep:
        """The same as other steps are told."""
        return ClockStep(self.since, self.since + self.by)


def find_lag(flow: np.void, sides: Sequence[np.void]) -> Lag | None:
    """Return what the two sides of a flow show together; None: nothing that is certain.

    Somebody in the middle can write old timestamps in the name of both, but nobody goes on by that:
    once the true clock is seen again it was nothing (``clock.note_lag``).
    """
    by = sorted(int(side["lag"]) for side in sides)
    since = max(int(side["lag_since"]) for side in sides)
    until = min(int(side["lag_at"]) for side in sides)
    if not by[0] or not _alike(*by) or since >= until:
        return None
    if flow["alive"] <= max(int(side["lag_at"]) for side in sides):
        return None
    return Lag(since, until, by[0])


def without_lag(side: Side, lag: Lag | None) -> Side:
    """Return a side with the silences that they are without that."""
    if lag is None:
        return side
    began, longest = side.longest_idle_began, side.longest_idle
    if began is not None and _spans(lag, began, began + longest):
        longest = max(0, longest - lag.by)
    probes = tuple(
        replace(one, exact=one.exact and not _spans(lag, one.time - one.interval, one.time))
        for one in side.probes
    )
    return replace(side, longest_idle=longest, probes=probes)


def steps_forward(shown: Iterable[ClockStep | None]) -> list[ClockStep]:
    """Return the steps that flows show, each once, in order of time: of all flows that show one
    the latest time is the nearest to it."""
    found: list[ClockStep] = []
    for step in sorted(one for one in shown if one is not None):
        by, last = step.after - step.before, found[-1] if found else None
        if last is not None and step.before < last.after and _alike(by, last.after - last.before):
            found[-1] = step
        elif len(found) < _MOST:
            found.append(step)
    return found


def _alike(one: int, other: int) -> bool:
    return abs(one - other) <= max(_SAME, min(one, other) * _OF_IT)


def _spans(lag: Lag, begin: int, end: int) -> bool:
    return begin < lag.until and end > lag.since
