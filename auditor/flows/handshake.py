"""SYN and SYN-ACK: which connection they belong to, and what they tell (RFC 9293 §3.5).

The same 5-tuple may carry one connection after another, and a tap may deliver a handshake out of
order. Initial sequence numbers tell these apart; time only where numbers cannot.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.initial_sequence import (
    CURRENT,
    LATE_BYTES,
    NEW,
    STALE,
    bytes_since_syn,
    is_isn,
    is_previous_isn,
    note_syn,
)
from auditor.flows.rival_numbers import forget_isn, is_taken, learn_stream, remember_isn
from auditor.flows.sequence import is_number, position
from auditor.flows.tables import Tables
from auditor.flows.tampering import SYN_ACKS_DIFFER, SYN_GOES_ON
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import (
    ACKED,
    DIAL_ACKED,
    DIAL_ANSWERED,
    DIALS,
    HAS_ISN,
    HAS_NEXT,
    NEVER,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
    SEQ_SEEN,
    STRAYS,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, SYN

#: How late (ns) a tap may deliver a SYN after what followed it: those with several queues reorder
#: by milliseconds.
_LATE = 1_000_000_000
#: No system repeats a SYN sooner (ns); a copy that a network delays is of less.
_REPEATS_AFTER = 900_000_000
#: Who dials acknowledges a SYN-ACK at once; by then (ns) it or a repetition of it was seen.
ACCEPTS_WITHIN = 3_000_000_000


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
def _judge_again(flow: np.void, side: np.void, segment: np.void, row: int, tables: Tables) -> int:
    """Judge a SYN-ACK that answers the SYN of this attempt, maybe with another number."""
    if not side["bits"] & HAS_ISN or (flow["ended"] == NEVER and not is_taken(side)):
        return CURRENT
    if flow["ended"] == NEVER and not is_previous_isn(side, segment["seq"]):
        note_tampering(segment, row, SYN_ACKS_DIFFER, 0, tables)
    return STALE


@kernel
def _judge_syn_ack(segment: np.void, row: int, tables: Tables) -> int:
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    if peer["bits"] & HAS_ISN:
        # A SYN may carry data (RFC 7413), which is then acknowledged with it.
        last = peer["isn"] + 1 if peer["bits"] & SENT_ACK else peer["next"]
        acked = position(peer["isn"], segment["ack"])
        if peer["isn"] < acked <= last:
            return _judge_again(flow, side, segment, row, tables)
    elif not side["bits"] & HAS_ISN and _is_late_syn(flow, side, segment):
        return CURRENT
    elif side["bits"] & SENT_SYN_ACK and is_number(peer["lowest"], segment["ack"]):
        # It answers the SYN that an earlier one did; the capture does not have that.
        return _judge_again(flow, side, segment, row, tables)
    return STALE if is_previous_isn(side, segment["seq"]) else NEW


@kernel
def _judge_bare_syn(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> int:
    if not side["bits"] & HAS_ISN:
        crossing = peer["bits"] & SENT_SYN and side["segments"] == 0 and flow["ended"] == NEVER
        if crossing and abs(segment["time"] - flow["first"]) < _LATE:
            return CURRENT  # simultaneous open, or one of both SYNs is nobody's
        if not peer["bits"] & SENT_SYN and _is_late_syn(flow, side, segment):
            return CURRENT
    return STALE if is_previous_isn(side, segment["seq"]) else NEW


@kernel
def judge_syn(segment: np.void, row: int, tables: Tables) -> int:
    """Return CURRENT, NEW or STALE for a SYN or SYN-ACK of ``row``.

    Its flow is the newest of these endpoints. A SYN with the ISN that is known is a
    retransmission or a delayed duplicate; with another one it opens a new connection, even if
    the end of the old one was not seen.
    """
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    if is_isn(side, segment["seq"]):
        return CURRENT
    if int64(segment["flags"]) & ACK:
        return _judge_syn_ack(segment, row, tables)
    return _judge_bare_syn(flow, side, peer, segment)


@kernel
def _is_elsewhere(side: np.void, segment: np.void) -> bool:
    """Tell whether what seemed to be known of this side's stream does not follow its SYN-ACK: then
    it came, or was acknowledged, before there was a stream. What it sent itself may be of it,
    though somebody acknowledged something else before."""
    if not side["bits"] & HAS_NEXT:
        return False
    if side["bits"] & SEQ_SEEN and 0 <= bytes_since_syn(side["next"], segment["seq"]) < LATE_BYTES:
        return False
    return not 0 <= bytes_since_syn(side["lowest"], segment["seq"]) < LATE_BYTES


@kernel
def _dial(side: np.void, segment: np.void, row: int, tables: Tables) -> None:
    """Take in a SYN: whoever sends it again did not get the answer, or did not accept it. The first
    may be delivered late."""
    if side["bits"] & SENT_SYN:
        talked = (
            side["bits"] & SENT_ACK and side["bits"] & ACKED and side["acked"] > side["isn"] + 1
        )
        if talked and segment["time"] - side["syn_time"] >= _REPEATS_AFTER:
            note_tampering(segment, row, SYN_GOES_ON, 0, tables)
        side["bits"] = side["bits"] & ~(DIAL_ANSWERED | DIAL_ACKED) | DIALS
    elif not side["bits"] & SENT_ACK:
        side["bits"] |= DIALS


@kernel
def settle_dial(side: np.void, peer: np.void, segment: np.void) -> None:
    """Take in an ACK of who dialled: at once after a SYN-ACK it shows that it was accepted."""
    if int64(segment["flags"]) & (SYN | ACK) == ACK:
        side["bits"] |= DIAL_ACKED
        at_once = segment["time"] - peer["syn_ack_time"] < ACCEPTS_WITHIN
        if side["bits"] & DIAL_ANSWERED and at_once:
            side["bits"] &= ~DIALS


@kernel
def record_syn(flow: np.void, side: np.void, segment: np.void, row: int, tables: Tables) -> None:
    """Take in a SYN or SYN-ACK that belongs to this flow.

    Who sends a SYN-ACK with another number than that of the SYN that he seemed to send did not
    dial: an acceptor that restarted between two copies of the SYN, or a SYN in its name.
    """
    if side["bits"] & HAS_ISN and not is_isn(side, segment["seq"]):
        remember_isn(side)
        forget_isn(side)
        side["bits"] &= ~SENT_SYN
        if flow["opener"] >= 0:
            flow["opener"] = 1 - (row & 1)
    if not side["bits"] & HAS_ISN:
        if int64(segment["flags"]) & ACK and _is_elsewhere(side, segment):
            forget_isn(side)
        learn_stream(side, int64(segment["seq"]), tables)
    if int64(segment["flags"]) & ACK:
        side["bits"] |= SENT_SYN_ACK
        side["syn_ack_time"] = segment["time"]
        tables.sides[row ^ 1]["bits"] |= DIAL_ANSWERED
    else:
        _dial(side, segment, row, tables)
        note_syn(flow, side, row)
        flow["syns"] += 1
        side["syn_time"] = segment["time"]
    side["bits"] &= ~STRAYS
