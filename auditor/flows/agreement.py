"""Whether the numbers of both sides of a connection older than the capture fit to each other.

What was seen first tells where such a connection stands, and anybody can send it. Until one side
acknowledges all that was seen of the other, what does not follow the first tells anew where it
stands, and nothing counts of what came before but its bytes: those that follow have their places
after them, as far as they can be of one stream. A probe lies one byte before.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.idle import settle_doubt
from auditor.flows.sending_order import forget_order
from auditor.flows.sequence import position
from auditor.flows.stamps import forget_stamps
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import (
    ACKED,
    HAS_ISN,
    HAS_NEXT,
    HAS_START,
    IDLE,
    NEVER,
    NEXT_CERTAIN,
    PROBE_CANDIDATE,
    RECEIPT_SEEN,
    SENT_ACK,
    SEQ_SEEN,
    STRAY_BYTES,
    STRAYS,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN

_STATE = (
    HAS_NEXT
    | SEQ_SEEN
    | NEXT_CERTAIN
    | ACKED
    | SENT_ACK
    | IDLE
    | PROBE_CANDIDATE
    | RECEIPT_SEEN
    | STRAYS
)


@kernel
def _keep_start(side: np.void, number: int, comparable: bool) -> None:
    """Let the stream of ``side``, which stands at the sequence ``number``, begin where it did, if
    bytes of it were seen not far from there; else where it goes on."""
    start = position(number, side["stream_start"])
    if not comparable or side["hello"] < 0 or abs(start - number) > STRAY_BYTES:
        side["bits"] &= ~HAS_START
    side["stream_start"] = start


@kernel
def _forget(side: np.void, time: int) -> None:
    side["bits"] &= ~_STATE
    side["gap_count"] = 0
    side["missing"] = 0
    side["longest_idle"] = 0
    side["longest_idle_began"] = NEVER
    side["last_receipt"] = time
    side["fin"] = NEVER
    side["fin_denied"] = NEVER
    side["heard_last"] = NEVER
    side["skip_time"] = NEVER
    side["ahead_first"] = NEVER
    side["claimed"] = NEVER
    side["stall_sends"] = 0
    side["doubt_longest"] = 0
    settle_doubt(side)
    forget_stamps(side)
    forget_order(side)


@kernel
def agree(segment: np.void, row: int, tables: Tables) -> None:
    """Take in what a segment of ``row`` shows of that, before anything else of it."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    if (side["bits"] | peer["bits"]) & HAS_ISN:
        flow["agreed"] = 1
        return
    time, flags, amiss = int64(segment["time"]), int64(segment["flags"]), False
    if flags & SYN:  # captured late, or a new connection's: ``handshake`` tells
        return
    if side["bits"] & HAS_NEXT:
        ahead = position(side["next"], segment["seq"]) - side["next"]
        bare = segment["length"] == 0 and not flags & (FIN | RST)
        amiss = ahead > 1 or (ahead < -1 and (bare or not side["bits"] & SEQ_SEEN))
    if flags & ACK and peer["bits"] & HAS_NEXT:
        ahead = position(peer["next"], segment["ack"]) - peer["next"]
        amiss |= ahead > 1
        if ahead == 0 and not amiss and peer["bits"] & SEQ_SEEN:
            flow["agreed"] = 1
    if amiss:
        flow["last"] = segment["time"]
        _forget(side, time)
        _forget(peer, time)
        _keep_start(side, int64(segment["seq"]), True)
        _keep_start(peer, int64(segment["ack"]), flags & ACK != 0)
