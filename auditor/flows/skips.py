"""Where a side's stream seems to have skipped: the capture lost what lies between, or somebody put
a segment ahead of it that its sender never sent.

What is lost on the way is sent again within seconds, and what its peer acknowledged never. So a
side that goes on, seconds later, where it had been before shows that it never skipped.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.gaps import fill_gaps, open_gap
from auditor.flows.idle import believe_doubt, count_doubt, end_idle
from auditor.flows.tcp_state import ACKED, FIN_ACKED, FIN_REPEATED, NEVER
from auditor.kernels import kernel
from auditor.packets.integers import int64

#: By then (ns) every sender has repeated what was not acknowledged: the first time within three
#: seconds (RFC 6298 §2, §5).
REPEATS_WITHIN = 5_000_000_000


@kernel
def has_open_fin(side: np.void) -> bool:
    """Tell whether the side's FIN, which comes next in its stream, was not acknowledged yet."""
    return side["fin"] != NEVER and not side["bits"] & FIN_ACKED


@kernel
def hear_fin(flow: np.void, side: np.void, peer: np.void, time: int) -> None:
    """Take in that ``peer`` acknowledged the side's FIN at ``time``."""
    side["bits"] |= FIN_ACKED
    end_idle(flow, side, time)
    if peer["fin"] != NEVER and flow["ended"] == NEVER:
        flow["ended"] = max(int64(side["fin"]), int64(peer["fin"]))


@kernel
def has_open_skip(side: np.void) -> bool:
    """Tell whether the side's stream skipped and its peer did not acknowledge what lies between:
    whether it is at all where it seems to be is not known."""
    return bool(
        side["skip_time"] != NEVER and side["bits"] & ACKED and side["acked"] < side["skip_to"]
    )


@kernel
def note_skip(side: np.void, begin: int, time: int) -> None:
    """Note that the stream goes on at ``begin``, beyond all that was seen of it.

    The oldest skip is remembered until its peer has acknowledged what lies between.
    """
    acked = side["bits"] & ACKED and side["acked"] >= side["skip_to"]
    if side["skip_time"] == NEVER or (acked and time - side["skip_time"] >= REPEATS_WITHIN):
        side["skip_from"] = side["next"]
        side["skip_to"] = begin
        side["skip_time"] = time


@kernel
def skip(side: np.void, begin: int, time: int) -> None:
    """Do the same of a stream of which too little is known to set anything aside (``ahead``)."""
    open_gap(side, int64(side["next"]), begin)
    note_skip(side, begin, time)


@kernel
def follow_skip(side: np.void, begin: int, end: int) -> None:
    """Note that the side sent [begin, end), some of which may fill what it skipped."""
    if side["skip_time"] != NEVER and begin <= side["skip_from"] < end:
        side["skip_from"] = end
        if end >= side["skip_to"]:
            side["skip_time"] = NEVER


@kernel
def deny_skip(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether a segment at ``begin`` shows that its side never skipped; its stream stands
    there again then.

    A probe lies one byte before the end of its stream, so it shows nothing there.
    """
    time = int64(segment["time"])
    if side["skip_time"] == NEVER or begin != side["skip_from"] or begin >= side["next"]:
        return False
    if begin == side["next"] - 1 and segment["length"] <= 1:
        return False
    if time - side["skip_time"] < REPEATS_WITHIN:
        return False
    fill_gaps(side, begin, int64(side["next"]))
    side["next"] = begin
    side["acked"] = min(int64(side["acked"]), begin)
    side["fin"] = NEVER
    side["bits"] &= ~(FIN_ACKED | FIN_REPEATED)
    side["skip_time"] = NEVER
    if segment["length"] > 0:
        count_doubt(side, time)
    believe_doubt(side)
    believe_doubt(peer)
    return True
