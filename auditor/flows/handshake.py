"""SYN and SYN-ACK: which connection they belong to, and what they tell (RFC 9293 §3.5).

The same 5-tuple may carry one connection after another, and a tap may deliver a handshake out of
order. Initial sequence numbers tell these apart; time only where numbers cannot.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.hello_bytes import set_base
from auditor.flows.sequence import is_number, position
from auditor.flows.tables import (
    ACCEPTED,
    ACKED,
    BASED,
    DIALLED,
    ISN,
    NEVER,
    NEXT,
    OWN,
    SPOKE,
    STRAY,
    SURE,
    wide,
)
from auditor.kernels import kernel
from auditor.packets.segments import ACK, Array

#: What a segment on known endpoints is.
SAME, ANEW, FOREIGN = 0, 1, 2

#: How late (ns), and how many bytes late, a tap may deliver a SYN after what followed it.
#: Multi-queue taps reorder by milliseconds; an initial window is far below a MiB.
_LATE = 1_000_000_000
_LATE_BYTES = 1 << 20


@kernel
def _leads_up_to(flow: np.void, side: np.void, segment: np.void) -> bool:
    """Tell whether this SYN opens the very stream whose later bytes were seen first."""
    if not side["bits"] & NEXT:
        return False
    ahead = side["low"] - position(side["low"], segment["seq"]) - 1
    if ahead == 0:
        return True
    return bool(0 < ahead < _LATE_BYTES and abs(segment["time"] - flow["first"]) < _LATE)


@kernel
def _was_before(flows: Array, sides: Array, row: int, seq: int) -> bool:
    """Tell whether ``seq`` is the initial sequence number of the connection before this one."""
    previous = wide(flows[row >> 1]["previous"])
    if previous < 0:
        return False
    side = sides[2 * previous + (row & 1)]
    return bool(side["bits"] & ISN) and is_number(side["isn"], seq)


@kernel
def _judge_syn_ack(segment: np.void, flows: Array, sides: Array, row: int) -> int:
    flow = flows[row >> 1]
    side = sides[row]
    peer = sides[row ^ 1]
    if peer["bits"] & ISN:
        # A SYN may carry data (RFC 7413), which is then acknowledged with it.
        last = peer["isn"] + 1 if peer["bits"] & SPOKE else peer["next"]
        acked = position(peer["isn"], segment["ack"])
        if peer["isn"] < acked <= last:
            untouched = not side["bits"] & SPOKE and flow["ended"] == NEVER
            return SAME if untouched or not side["bits"] & ISN else FOREIGN
    elif not side["bits"] & ISN and _leads_up_to(flow, side, segment):
        return SAME
    return FOREIGN if _was_before(flows, sides, row, segment["seq"]) else ANEW


@kernel
def _judge_syn(segment: np.void, flows: Array, sides: Array, row: int) -> int:
    flow = flows[row >> 1]
    side = sides[row]
    peer = sides[row ^ 1]
    if not side["bits"] & ISN:
        crossing = peer["bits"] & DIALLED and side["segments"] == 0 and flow["ended"] == NEVER
        if crossing and abs(segment["time"] - flow["first"]) < _LATE:
            return SAME  # simultaneous open
        if not peer["bits"] & DIALLED and _leads_up_to(flow, side, segment):
            return SAME
    return FOREIGN if _was_before(flows, sides, row, segment["seq"]) else ANEW


@kernel
def judge_opening(segment: np.void, flows: Array, sides: Array, row: int) -> int:
    """Return SAME, ANEW or FOREIGN (a late copy from an earlier connection) for a SYN.

    ``row`` is the sender in the newest flow of these endpoints. A SYN with the ISN that is known
    is a retransmission or a delayed duplicate; with another one it opens a new connection, even
    if the end of the old one was not seen.
    """
    side = sides[row]
    if side["bits"] & ISN and is_number(side["isn"], segment["seq"]):
        return SAME
    if wide(segment["flags"]) & ACK:
        return _judge_syn_ack(segment, flows, sides, row)
    return _judge_syn(segment, flows, sides, row)


@kernel
def record_isn(
    flow: np.void, side: np.void, segment: np.void, row: int, pool: Array, placed: Array
) -> None:
    """Take in the initial sequence number of a SYN or SYN-ACK that belongs to this flow."""
    bits = side["bits"]
    flags = wide(segment["flags"])
    if bits & ISN and not is_number(side["isn"], segment["seq"]):
        # The acceptor chose anew: it restarted between two copies of the SYN.
        bits &= ~(ISN | NEXT | OWN | SURE | ACKED | BASED)
        side["gaps"] = 0
    if not bits & ISN:
        if bits & NEXT:
            side["isn"] = position(side["low"], segment["seq"])
        else:
            side["isn"] = wide(segment["seq"])
            side["next"] = side["isn"] + 1
        side["low"] = side["isn"]
        bits |= ISN | NEXT | OWN | SURE
        if bits & BASED:
            set_base(side, side["isn"] + 1, pool, placed)
    if flags & ACK:
        bits |= ACCEPTED
    else:
        bits |= DIALLED
        flow["syns"] += 1
        side["dialled"] = segment["time"]
        if flow["opener"] < 0:
            flow["opener"] = row & 1
    side["bits"] = bits & ~STRAY
