"""What a side received: what its peer sent counts when the side acknowledges it.

A receiver acknowledges data within half a second (RFC 9293 §3.8.6.3), so that what it never
acknowledges did not reach it: it was lost behind this tap, or somebody put it there for the tap.
Until then the side's idle period goes on.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.idle import begin_idle, end_idle, may_probe, settle_doubt
from auditor.flows.skips import REPEATS_WITHIN
from auditor.flows.tcp_state import NEVER, RECEIPT_SEEN
from auditor.kernels import kernel
from auditor.packets.integers import int64

#: A receiver acknowledges at the latest after this (ns) what it got (RFC 9293 §3.8.6.3 allows half
#: of it).
_ACKNOWLEDGES_WITHIN = 1_000_000_000


@kernel
def hear(side: np.void, time: int, begin: int, end: int) -> None:
    """Note that the peer of ``side`` sent [begin, end) at ``time``.

    What goes on behind the last adds to it, or repeats it. What comes far too late to repeat what
    was sent once takes its place.
    """
    alone = side["heard_first"] == side["heard_last"] and begin <= side["heard_begin"]
    late = alone and time - side["heard_last"] >= REPEATS_WITHIN
    if side["heard_last"] != NEVER and not late:
        side["heard_end"] = max(int64(side["heard_end"]), end)
    else:
        side["heard_begin"] = begin
        side["heard_end"] = end
        side["heard_first"] = time
    side["heard_last"] = time


@kernel
def confirm_heard(flow: np.void, side: np.void, peer: np.void, acked: int, time: int) -> None:
    """Take in that ``side`` acknowledges at ``time`` all that its peer sent before ``acked``."""
    last = int64(side["heard_last"])
    if last == NEVER:
        return
    if acked <= side["heard_begin"]:
        if time - last >= _ACKNOWLEDGES_WITHIN:
            side["heard_last"] = NEVER
        return
    first = int64(side["heard_first"])
    if acked >= side["heard_end"]:
        side["heard_last"] = NEVER
    else:
        side["heard_begin"] = acked
        side["heard_first"] = last
        last = first
    end_idle(flow, side, first)
    settle_doubt(side)
    side["last_receipt"] = max(int64(side["last_receipt"]), last)
    side["bits"] |= RECEIPT_SEEN
    if may_probe(flow, side, peer):
        begin_idle(side, int64(side["last_receipt"]))
