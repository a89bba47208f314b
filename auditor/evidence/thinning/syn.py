"""SYN and SYN-ACK: which connection they belong to (RFC 9293 §3.5)."""

from __future__ import annotations

import numpy as np

from auditor.evidence.thinning.tables import BASED, DIALLED, ISN, NEXT, SEEN
from auditor.flows.sequence import is_number, position
from auditor.flows.tables import NONE, wide
from auditor.kernels import kernel
from auditor.packets.segments import ACK

#: What a SYN is to the connection that its endpoints had until now.
SAME, ANEW, FOREIGN = 0, 1, 2
#: How many octets late a tap may deliver a SYN after what followed it.
_LATE = 1 << 20


@kernel
def _leads_up_to(side: np.void, seq: int) -> bool:
    """Tell whether this SYN opens the very stream whose later octets were seen first."""
    if side["bits"] & ISN or not side["bits"] & NEXT:
        return False
    return bool(0 < side["next"] - position(side["next"], seq) < _LATE)


@kernel
def judge(segment: np.void, side: np.void, peer: np.void) -> int:
    """Return SAME, ANEW or FOREIGN (a late copy from the connection before)."""
    seq = wide(segment["seq"])
    bits = side["bits"]
    if bits & ISN and is_number(side["isn"], seq):
        return SAME
    if side["prior"] != NONE and is_number(side["prior"], seq):
        return FOREIGN
    if not (bits | peer["bits"]) & SEEN or _leads_up_to(side, seq):
        return SAME
    if wide(segment["flags"]) & ACK:
        if peer["bits"] & ISN:
            acked = position(peer["isn"], segment["ack"])
            return SAME if peer["isn"] < acked <= peer["next"] else ANEW
        return ANEW if bits & SEEN else SAME
    crossing = peer["bits"] & DIALLED and not bits & SEEN
    return SAME if crossing else ANEW


@kernel
def record_isn(flow: np.void, side: np.void, segment: np.void, row: int) -> None:
    """Take in the initial sequence number of a SYN or SYN-ACK of this connection."""
    seq = wide(segment["seq"])
    bits = side["bits"]
    if not bits & ISN or not is_number(side["isn"], seq):
        if bits & NEXT and not bits & ISN:
            side["isn"] = position(side["next"], seq)
        else:  # the first, or the acceptor chose anew
            side["isn"] = seq
            side["next"] = seq
            side["acked"] = seq
        side["base"] = side["isn"] + 1
        bits |= ISN | NEXT | BASED
    if not wide(segment["flags"]) & ACK:
        bits |= DIALLED
        if flow["opener"] == NONE:
            flow["opener"] = row & 1
    side["bits"] = bits
