"""SYN and SYN-ACK: which connection they belong to, and what they tell (RFC 9293 §3.5).

The same 5-tuple may carry one connection after another, and a tap may deliver a handshake out of
order. Initial sequence numbers tell these apart; time only where numbers cannot.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.hello_bytes import move_start
from auditor.flows.initial_sequence import (
    CURRENT,
    LATE_BYTES,
    NEW,
    STALE,
    bytes_since_syn,
    is_isn,
    is_previous_isn,
    learn_isn,
    note_syn,
)
from auditor.flows.sequence import position
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import (
    ACKED,
    HAS_ISN,
    HAS_NEXT,
    HAS_START,
    NEVER,
    NEXT_CERTAIN,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
    SEQ_SEEN,
    STRAY,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK

#: How late (ns) a tap may deliver a SYN after what followed it: those with several queues reorder
#: by milliseconds.
_LATE = 1_000_000_000


@kernel
def _is_late_syn(flow: np.void, side: np.void, segment: np.void) -> bool:
    """Tell whether this SYN opens the very stream whose later bytes were seen first.

    Unlike in thinning, where nothing hangs on it, a wrong answer would join two connections: so
    time must agree too, unless the bytes that were seen follow the SYN without a gap.
    """
    if not side["bits"] & HAS_NEXT:
        return False
    between = bytes_since_syn(side["lowest"], segment["seq"])
    if between == 0:
        return True
    return bool(0 < between < LATE_BYTES and abs(segment["time"] - flow["first"]) < _LATE)


@kernel
def _judge_syn_ack(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> int:
    if peer["bits"] & HAS_ISN:
        # A SYN may carry data (RFC 7413), which is then acknowledged with it.
        last = peer["isn"] + 1 if peer["bits"] & SENT_ACK else peer["next"]
        acked = position(peer["isn"], segment["ack"])
        if peer["isn"] < acked <= last:
            untouched = not side["bits"] & SENT_ACK and flow["ended"] == NEVER
            return CURRENT if untouched or not side["bits"] & HAS_ISN else STALE
    elif not side["bits"] & HAS_ISN and _is_late_syn(flow, side, segment):
        return CURRENT
    return STALE if is_previous_isn(side, segment["seq"]) else NEW


@kernel
def _judge_bare_syn(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> int:
    if not side["bits"] & HAS_ISN:
        crossing = peer["bits"] & SENT_SYN and side["segments"] == 0 and flow["ended"] == NEVER
        if crossing and abs(segment["time"] - flow["first"]) < _LATE:
            return CURRENT  # simultaneous open
        if not peer["bits"] & SENT_SYN and _is_late_syn(flow, side, segment):
            return CURRENT
    return STALE if is_previous_isn(side, segment["seq"]) else NEW


@kernel
def judge_syn(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> int:
    """Return CURRENT, NEW or STALE for a SYN or SYN-ACK of ``side``.

    ``flow`` is the newest of these endpoints. A SYN with the ISN that is known is a
    retransmission or a delayed duplicate; with another one it opens a new connection, even if
    the end of the old one was not seen.
    """
    if is_isn(side, segment["seq"]):
        return CURRENT
    if int64(segment["flags"]) & ACK:
        return _judge_syn_ack(flow, side, peer, segment)
    return _judge_bare_syn(flow, side, peer, segment)


@kernel
def record_syn(flow: np.void, side: np.void, segment: np.void, row: int, tables: Tables) -> None:
    """Take in a SYN or SYN-ACK that belongs to this flow."""
    if side["bits"] & HAS_ISN and not is_isn(side, segment["seq"]):
        # The acceptor chose anew: it restarted between two copies of the SYN.
        side["bits"] &= ~(HAS_ISN | HAS_NEXT | SEQ_SEEN | NEXT_CERTAIN | ACKED | HAS_START)
        side["gap_count"] = 0
    if not side["bits"] & HAS_ISN:
        learn_isn(side, side["lowest"], int64(segment["seq"]))
        side["lowest"] = side["isn"]
        side["bits"] |= SEQ_SEEN | NEXT_CERTAIN
        if side["bits"] & HAS_START:
            move_start(side, side["isn"] + 1, tables)
    if int64(segment["flags"]) & ACK:
        side["bits"] |= SENT_SYN_ACK
    else:
        note_syn(flow, side, row)
        flow["syns"] += 1
        side["syn_time"] = segment["time"]
    side["bits"] &= ~STRAY
