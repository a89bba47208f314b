"""The end of what a side sent, where nobody acknowledges it and its sender does not send it again.

A sender repeats what is not acknowledged within a second or three, and goes on doing so (RFC 6298
§2, §5). What is sent once, and left so, is not the sender's own, or its acknowledgement was lost
by the capture.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.gaps import fill_gaps
from auditor.flows.idle import begin_idle, believe_doubt, count_doubt, has_closed, may_probe
from auditor.flows.skips import REPEATS_WITHIN
from auditor.flows.tcp_state import ACKED, IDLE, NEVER, NEXT_CERTAIN
from auditor.kernels import kernel
from auditor.packets.integers import int64


@kernel
def is_left_alone(side: np.void, peer: np.void, time: int) -> bool:
    """Tell whether ``side`` neither waits for nor repeats what it seems to have sent last, although
    its peer spoke since and did not acknowledge it."""
    bits = side["bits"]
    if not bits & NEXT_CERTAIN or not bits & ACKED or bits & IDLE or has_closed(side):
        return False
    if side["acked"] >= side["next"] or time - side["sent_at"] < REPEATS_WITHIN:
        return False
    repeated = side["stall_begin"] == side["acked"] and side["stall_sends"] > 1
    return bool(peer["spoke"] >= side["sent_at"] and not repeated)


@kernel
def idle_beside(side: np.void) -> int:
    """Return since when such a side has been idle."""
    return max(int64(side["last_receipt"]), int64(side["sent_at"]))


@kernel
def leave_tail(flow: np.void, side: np.void, peer: np.void, time: int) -> None:
    """Let the side's stream end before what is left alone."""
    if not is_left_alone(side, peer, time):
        return
    fill_gaps(side, int64(side["acked"]), int64(side["next"]))
    side["next"] = side["acked"]
    side["fin"] = NEVER
    if side["skip_time"] != NEVER:  # what seemed to come from there kept nobody from probing
        if peer["bits"] & IDLE:
            count_doubt(peer, time)
        believe_doubt(peer)
        believe_doubt(side)
    side["skip_time"] = NEVER
    if may_probe(flow, side, peer):
        begin_idle(side, idle_beside(side))


@kernel
def disown_tail(side: np.void, segment: np.void, begin: int) -> None:
    """Take in data at ``begin`` that shows that what was sent there before was nobody's: it comes
    far too late to be a repetition."""
    length = int64(segment["length"])
    if length == 0 or not side["bits"] & ACKED or begin != side["acked"]:
        return
    if begin >= side["next"] or side["stall_sends"] != 1 or side["stall_begin"] != begin:
        return
    if segment["time"] - side["stall_last"] < REPEATS_WITHIN:
        return
    count_doubt(side, int64(segment["time"]))
    believe_doubt(side)
    side["next"] = begin
    if not has_closed(side):
        side["fin"] = NEVER
    if length != side["stall_length"]:
        side["stall_sends"] = 0
