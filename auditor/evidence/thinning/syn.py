"""SYN and SYN-ACK: which connection they belong to (RFC 9293 §3.5).

A verdict here only decides whether a side begins anew, since every SYN is kept (R1). So it needs
neither the times nor the state by which tracking (``flows.handshake``) tells flows apart.
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
    learn_isn,
    note_syn,
)
from auditor.flows.sequence import is_number, position
from auditor.flows.tcp_state import HAS_ISN, HAS_NEXT, HAS_START, SEGMENT_SEEN, SENT_SYN
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, SYN


@kernel
def _is_late_syn(side: np.void, seq: int) -> bool:
    """Tell whether this SYN opens the very stream whose later bytes were seen first."""
    if side["bits"] & HAS_ISN or not side["bits"] & HAS_NEXT:
        return False
    return bool(0 <= bytes_since_syn(side["next"], seq) < LATE_BYTES - 1)


@kernel
def judge_syn(segment: np.void, side: np.void, peer: np.void) -> int:
    """Return CURRENT, NEW or STALE for a SYN or SYN-ACK of ``side``."""
    seq = int64(segment["seq"])
    bits = side["bits"]
    if is_isn(side, seq):
        return CURRENT
    if is_previous_isn(side, seq):
        return STALE
    if not (bits | peer["bits"]) & SEGMENT_SEEN or _is_late_syn(side, seq):
        return CURRENT
    if int64(segment["flags"]) & ACK:
        if peer["bits"] & HAS_ISN:
            acked = position(peer["isn"], segment["ack"])
            return CURRENT if peer["isn"] < acked <= peer["next"] else NEW
        return NEW if bits & SEGMENT_SEEN else CURRENT
    crossing = peer["bits"] & SENT_SYN and not bits & SEGMENT_SEEN
    return CURRENT if crossing else NEW


@kernel
def is_amid(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether a SYN with another number comes in a connection of which both sides were seen.

    Its receiver lets that one be (RFC 5961 §4): if a new one begins, it does so with the SYN-ACK.
    """
    if int64(segment["flags"]) & ACK or flow["over"]:
        return False
    return bool(side["bits"] & peer["bits"] & SEGMENT_SEEN)


@kernel
def record_syn(flow: np.void, side: np.void, segment: np.void, row: int) -> None:
    """Take in a SYN or SYN-ACK that belongs to this connection."""
    seq = int64(segment["seq"])
    if not is_isn(side, seq):
        if side["bits"] & HAS_ISN:  # the acceptor chose anew: it restarted
            side["bits"] &= ~HAS_NEXT
        learn_isn(side, side["next"], seq)
        if side["hello_segments"] and side["stream_start"] != side["isn"] + 1:
            side["hello_limit"] = 0  # what it began with was taken from elsewhere (P1)
        side["bits"] &= ~HAS_START  # its stream begins after the SYN
    if not int64(segment["flags"]) & ACK:
        note_syn(flow, side, row)


@kernel
def learn_from_answer(segment: np.void, peer: np.void) -> None:
    """Learn from a SYN-ACK where the stream of the peer begins, whose SYN was not seen (P1)."""
    known = peer["bits"] & (HAS_ISN | HAS_NEXT | SEGMENT_SEEN)
    if int64(segment["flags"]) & ACK and not known:
        learn_isn(peer, 0, (int64(segment["ack"]) - 1) & 0xFFFFFFFF)


@kernel
def doubt_answer(side: np.void, segment: np.void) -> None:
    """Forget what only a SYN-ACK tells of a side, if what it sends first does not begin there:
    anybody can send one, and readers go by the first byte then."""
    known = side["bits"] & (HAS_ISN | SENT_SYN | SEGMENT_SEEN)
    if known != HAS_ISN or int64(segment["flags"]) & SYN:
        return
    if not is_number(side["isn"] + 1, segment["seq"]):
        side["bits"] &= ~(HAS_ISN | HAS_NEXT | HAS_START)
