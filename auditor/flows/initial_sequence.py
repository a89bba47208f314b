"""Initial sequence numbers: what tells the connections on the same endpoints apart (RFC 9293 §3.5).

Shared by tracking (``handshake``) and thinning (``thinning.syn``), which judge a SYN by them.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.sequence import is_number, position
from auditor.flows.tcp_state import ACKED, HAS_ISN, HAS_NEXT, NEVER, SENT_SYN, SENT_SYN_ACK
from auditor.kernels import kernel
from auditor.packets.integers import int64

#: What a SYN is to the connection that its endpoints have: a part of it, the first of a new one,
#: or a late copy from an earlier one.
CURRENT, NEW, STALE = 0, 1, 2

#: How many bytes late a tap may deliver a SYN after what followed it; an initial window is far
#: below it.
LATE_BYTES = 1 << 20


@kernel
def is_isn(side: np.void, seq: int) -> bool:
    """Tell whether ``seq`` is the initial sequence number of the side, as far as it is known."""
    return bool(side["bits"] & HAS_ISN) and is_number(side["isn"], seq)


@kernel
def answers_same(side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether a SYN-ACK acknowledges the number that the peer dialled with: that of its SYN,
    or, where the capture does not have that, what an earlier SYN-ACK of ``side`` acknowledged."""
    if peer["bits"] & HAS_ISN:
        return is_number(peer["isn"] + 1, segment["ack"])
    known = side["bits"] & SENT_SYN_ACK and peer["bits"] & ACKED
    return bool(known) and is_number(peer["acked"], segment["ack"])


@kernel
def is_previous_isn(side: np.void, seq: int) -> bool:
    """Tell whether ``seq`` is the one that the side had in the connection before this one."""
    return side["previous_isn"] != NEVER and is_number(side["previous_isn"], seq)


@kernel
def isn_or_never(side: np.void) -> int:
    """Return what becomes `previous_isn` when a new connection takes the side's place."""
    return int64(side["isn"]) if side["bits"] & HAS_ISN else NEVER


@kernel
def bytes_since_syn(place: int, seq: int) -> int:
    """Return how many bytes lie between a SYN with ``seq`` and a position of the same stream."""
    return place - position(place, seq) - 1


@kernel
def learn_isn(side: np.void, near: int, seq: int) -> None:
    """Note the initial sequence number ``seq``; ``near`` is a position of what was seen before.

    Where nothing is known of the stream yet, it begins here.
    """
    if side["bits"] & HAS_NEXT:
        side["isn"] = position(near, seq)
    else:
        side["isn"] = seq
        side["next"] = seq + 1
        side["acked"] = seq
    side["bits"] |= HAS_ISN | HAS_NEXT


@kernel
def note_syn(flow: np.void, side: np.void, row: int) -> None:
    """Note that the side of ``row`` sent a SYN; who did so first opened the flow."""
    side["bits"] |= SENT_SYN
    if flow["opener"] < 0:
        flow["opener"] = row & 1
