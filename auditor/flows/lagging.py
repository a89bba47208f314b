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

from auditor.flows.clock import is_known, is_usual, signed, span_of
from auditor.flows.flow import Side
from auditor.flows.tcp_state import NEVER
from auditor.packets.segments import ClockStep

#: Both lag by the same if they differ by no more (ns), or by so much of it.
_SAME, _OF_IT = 500_000_000, 0.05
#: Steps of one capture that are told.
_MOST = 64
#: How late (ns) a segment may be seen, how unevenly those by which a rate is known, and for how
#: much of the time a clock may be disciplined.
_LATER, _UNEVEN, _DRIFT = 200_000_000, 40_000_000, 0.001


class Lag(NamedTuple):
    """What both ends of a connection show."""

    since: int
    """Between this time (ns UTC) and the next the capture's clock was set forward."""
    until: int
    by: int
    """By so much (ns; less than 0: back, with nothing in that time that shows it), ..."""
    sure: bool = True
    """... which the clocks show; otherwise none of their rates is known and nothing tells how long
    a silence in that time was: by no more."""


def find_lag(flow: np.void, sides: Sequence[np.void]) -> Lag | None:
    """Return what the two sides of a flow show together; None: nothing that is certain.

    Somebody in the middle can write old timestamps in the name of both, but nobody goes on by that:
    once the true clock is seen again it was nothing (``clock.note_lag``).
    """
    since, until = (
        [int(side[rated if side["lag"] else unrated]) for side in sides]
        for rated, unrated in (("lag_since", "unrated_since"), ("lag_at", "unrated_at"))
    )
    if max(since) >= min(until) or flow["alive"] <= max(until):
        return None
    by = [int(side["lag"]) or _behind(side) for side in sides]
    if 0 in by or len({one > 0 for one in by if one is not None}) > 1:
        return None
    known = sorted(one for one in by if one is not None)
    if len(known) < len(by):
        if any(one < 0 for one in known):
            return None
        return Lag(max(since), min(until), min(until) - max(since), sure=False)
    return Lag(max(since), min(until), known[0]) if _alike(*known) else None


def _behind(side: np.void) -> int | None:
    """Return by how much (ns) a clock fell behind the capture's in a silence before which its rate
    was not known, and stayed: by the rate that was learnt later. None: its rate is not known, nor
    did it go at one that hosts have."""
    began, start = int(side["unrated_since"]), int(side["unrated_from"])
    waited, ticks = int(side["unrated_at"]) - began, signed(int(side["unrated_to"]) - start)
    stamp, time = int(side["stamp"]), int(side["stamp_time"])
    if time == NEVER:
        return 0
    if is_known(side):
        span = span_of(side)
        rate = int(side["stamp_ticks"]) / span
        by, vague = waited - round(ticks / rate), _DRIFT + _UNEVEN / span
        due = round((time - began - by) * rate)
        off = abs(signed(stamp - start - due)) / rate
        later = _LATER + max(0, time - began - by) * vague
        return by if by > _LATER + waited * vague and off <= later else 0
    if time <= began + waited:
        return 0 if is_usual(ticks, waited) else None
    ahead = signed(stamp - start)
    return 0 if is_usual(ticks, waited) or is_usual(ahead, time - began) else None


def without_lag(side: Side, lag: Lag | None) -> Side:
    """Return a side with the silences that they are without that."""
    if lag is None:
        return side
    began, longest = side.longest_idle_began, side.longest_idle
    if began is not None and lag.sure and _spans(lag, began, began + longest):
        longest = max(0, longest - max(0, lag.by))
    probes = tuple(
        replace(one, exact=one.exact and not _spans(lag, one.time - one.interval, one.time))
        for one in side.probes
    )
    return replace(side, longest_idle=longest, probes=probes)


def step_of(lag: Lag | None) -> ClockStep | None:
    """Return a step forward that is sure as other steps are told."""
    told = lag is not None and lag.sure and lag.by > 0
    return ClockStep(lag.since, lag.since + lag.by) if lag is not None and told else None


def is_unclear(side: Side, lag: Lag | None) -> bool:
    """Tell whether nothing shows how long the longest silence of a side was."""
    began = side.longest_idle_began
    if lag is None or lag.sure or began is None:
        return False
    return _spans(lag, began, began + side.longest_idle)


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
