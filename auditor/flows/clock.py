"""The clock behind the timestamps of a side: where it stands, and how fast it goes (RFC 7323 §5.4).

What a tap's own clock does is seen in those of both sides: it is set now and then. And a machine
may stand still for a while, its clock with it. Then the clock goes on from another place, as fast
as before.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tcp_state import NEVER
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import NO_STAMPS

_MASK = 0xFFFFFFFF
_HALF = 1 << 31
#: From this time (ns) and so many ticks on the rate of a clock is known, but for a second ...
_KNOWN_AFTER, _KNOWN_TICKS, _LATE = 2_000_000_000, 8, 1_000_000_000
#: ... and for so much of what it shows: no clock is disciplined more.
_DRIFT = 0.001
#: How late (ns) a segment may be seen, and how unevenly those by which a rate is known.
_LATER, _UNEVEN = 200_000_000, 40_000_000
_SECOND = 1_000_000_000
#: Ticks per second of hosts: of Linux since 4.13 (milli- or microseconds), and of the timer
#: interrupt (HZ) or what is derived from it before that and in other systems.
USUAL = (10, 100, 250, 300, 1000, 1_000_000)


@kernel
def signed(ticks: int) -> int:
    """Return a difference of two timestamps, which wrap at 2^32."""
    return int64((ticks + _HALF & _MASK) - _HALF)


@kernel
def span_of(side: np.void) -> int:
    """Return for how long (ns) the clock of ``side`` has been seen to go."""
    return int64(side["stamp_time"]) - int64(side["stamp_since"])


@kernel
def is_known(side: np.void) -> bool:
    """Tell whether it is known how fast the clock of ``side`` goes."""
    return bool(span_of(side) >= _KNOWN_AFTER and side["stamp_ticks"] >= _KNOWN_TICKS)


@kernel
def set_clock(side: np.void, stamp: int, time: int) -> None:
    """Let the clock of ``side`` begin at ``stamp``."""
    side["stamp"] = stamp
    side["stamp_time"] = time
    side["stamp_since"] = time
    side["stamp_ticks"] = 0


@kernel
def go_on(side: np.void, stamp: int, ticks: int, time: int) -> None:
    """Let the clock of ``side`` stand at ``stamp``, which fits."""
    span, due = span_of(side), 0
    if span >= _KNOWN_AFTER:
        due = int64((time - int64(side["stamp_time"])) * (int64(side["stamp_ticks"]) / span))
    side["stamp_ticks"] += due + signed(ticks - due)
    side["stamp"] = stamp
    side["stamp_time"] = time


@kernel
def note_odd(side: np.void, segment: np.void) -> None:
    """Remember the timestamp of a segment that does not fit, or that it has none."""
    side["odd_stamp"] = segment["number"]
    side["odd_come"] = segment["stamp"]
    side["odd_came"] = segment["time"] if segment["stamped"] != NO_STAMPS else NEVER


@kernel
def follows_odd(side: np.void, segment: np.void) -> bool:
    """Tell whether an odd timestamp of ``side`` and this one are from one clock as fast as its."""
    if side["odd_stamp"] == 0 or side["odd_came"] == NEVER or not is_known(side):
        return False
    span, waited = span_of(side), int64(segment["time"]) - int64(side["odd_came"])
    rate = int64(side["stamp_ticks"]) / span
    off = signed(int64(segment["stamp"]) - int64(side["odd_come"])) - waited * rate
    return bool(abs(off) <= (_LATE + abs(waited) * (_DRIFT + _LATE / span)) * rate)


@kernel
def is_usual(ticks: int, waited: int) -> bool:
    """Tell whether a clock came ``ticks`` in ``waited`` ns at a rate that hosts have."""
    most = _LATER + int64(waited * _DRIFT)
    for rate in USUAL:
        tick = _SECOND // rate
        if abs(waited - ticks * tick) <= most + tick:
            return True
    return False


@kernel
def _note_unrated(side: np.void, stamp: int, ticks: int, time: int) -> bool:
    """Note what the clock of ``side``, whose rate is not known yet, came in its longest silence;
    tell whether that is no rate that hosts have: what is learnt from then on tells more."""
    since = int64(side["stamp_time"])
    if since == side["unrated_since"]:
        return False
    if time - since <= side["unrated_at"] - side["unrated_since"]:
        return False
    side["unrated_since"] = since
    side["unrated_at"] = time
    side["unrated_from"] = side["stamp"]
    side["unrated_to"] = stamp
    return not is_usual(ticks, time - since)


@kernel
def _restore(side: np.void, stamp: int, ticks: int, time: int) -> None:
    """Let the clock of ``side`` stand where it stood before its longest silence if what it comes
    now shows that it went on all that time: what was seen in between was not its own."""
    since, until = int64(side["unrated_since"]), int64(side["unrated_at"])
    if since >= until or is_usual(ticks, time - int64(side["stamp_time"])):
        return
    before = int64(side["unrated_from"])
    came = signed(int64(side["unrated_to"]) - before)
    if is_usual(signed(stamp - before), time - since) and not is_usual(came, until - since):
        set_clock(side, before, since)
        side["unrated_at"] = since


@kernel
def _note_step(side: np.void, lag: int, time: int) -> None:
    """Note how far the clock of ``side`` fell back at once, the furthest. What goes the other way
    shows that what was noted before was nothing."""
    noted = int64(side["lag"])
    if noted and (noted > 0) != (lag > 0):
        side["lag"] = 0
    elif abs(lag) > abs(noted):
        side["lag"] = lag
        side["lag_since"] = side["stamp_time"]
        side["lag_at"] = time


@kernel
def note_lag(side: np.void, stamp: int, time: int) -> bool:
    """Note by how much (ns) the clock of ``side`` fell back behind the capture's since its latest
    timestamp (less than 0: went ahead), as far as its rate is known; tell whether it did. Whatever
    lags is nothing once it is seen to be ahead of that, and the other way round."""
    span, waited = span_of(side), time - int64(side["stamp_time"])
    ticks, known = signed(stamp - int64(side["stamp"])), int64(side["stamp_ticks"])
    if ticks < 0:
        return False
    if known < _KNOWN_TICKS or span < _LATE:
        _restore(side, stamp, ticks, time)
        return waited >= _LATE and _note_unrated(side, stamp, ticks, time)
    if waited < _LATE:
        return False
    lag = waited - int64(ticks * (span / known))
    most = _LATER + int64(waited * _DRIFT)
    lags = waited - int64((ticks + 1) * ((span + _UNEVEN) / known)) > most
    ahead = int64((ticks - 1) * ((span - _LATER) / known)) - waited > most
    if ahead or lags:
        _note_step(side, lag, time)
    return ahead or lags


@kernel
def move_clock(side: np.void, segment: np.void, span: int, ticks: int) -> None:
    """Let the clock of ``side`` stand at a timestamp that fits, and go as fast as it went when it
    had come ``ticks`` in ``span`` ns."""
    set_clock(side, int64(segment["stamp"]), int64(segment["time"]))
    side["stamp_since"] -= span
    side["stamp_ticks"] = ticks
