"""SYN-ACKs with different numbers for one SYN: which of them the connection goes by.

A host that restarted, or that keeps no state of who dials (SYN cookies), answers each copy of a SYN
with another number, and of several behind a load balancer each has its own. Who dialled takes one
and acknowledges it (RFC 9293 §3.10.7.3).
"""

from __future__ import annotations

import numpy as np

from auditor.flows.hello_bytes import move_start
from auditor.flows.initial_sequence import bytes_since_syn, learn_isn
from auditor.flows.sending_order import forget_order
from auditor.flows.sequence import is_number
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import (
    ACKED,
    HAS_ISN,
    HAS_NEXT,
    HAS_START,
    NEVER,
    NEXT_CERTAIN,
    RIVALS,
    SENT_ACK,
    SEQ_SEEN,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, RST, SYN


@kernel
def is_taken(side: np.void) -> bool:
    """Tell whether the peer acknowledged the ISN of this side: another one is none of this
    connection then."""
    return bool(side["bits"] & ACKED and side["acked"] > side["isn"])


@kernel
def forget_isn(side: np.void) -> None:
    """Forget where the stream of a side begins, and all that followed from it."""
    side["bits"] &= ~(HAS_ISN | HAS_NEXT | SEQ_SEEN | NEXT_CERTAIN | ACKED | HAS_START | SENT_ACK)
    side["gap_count"] = 0
    side["ahead_first"] = NEVER
    side["claimed"] = NEVER
    forget_order(side)


@kernel
def learn_stream(side: np.void, seq: int, tables: Tables) -> None:
    """Let the stream of a side begin after a SYN or SYN-ACK with the number ``seq``."""
    if side["bits"] & HAS_NEXT and bytes_since_syn(side["lowest"], seq) < 0:
        side["gap_count"] = 0  # it began before the stream, and so is none of it
    learn_isn(side, side["lowest"], seq)
    side["lowest"] = side["isn"]
    side["bits"] |= SEQ_SEEN | NEXT_CERTAIN
    if side["bits"] & HAS_START:
        move_start(side, side["isn"] + 1, tables)


@kernel
def remember_isn(side: np.void) -> None:
    """Remember the number that another SYN-ACK replaces."""
    isn, count = np.uint32(side["isn"] & 0xFFFFFFFF), int64(side["rival_count"])
    for k in range(min(count, RIVALS)):
        if side["rival_isns"][k] == isn:
            return
    side["rival_isns"][count % RIVALS] = isn
    side["rival_count"] = count + 1


@kernel
def _go_by(side: np.void, first: int, tables: Tables) -> bool:
    """Let the stream of a side begin with the number ``first``, if an earlier SYN-ACK said so."""
    if not side["bits"] & HAS_ISN or is_number(side["isn"] + 1, first):
        return False
    for k in range(min(int64(side["rival_count"]), RIVALS)):
        isn = int64(side["rival_isns"][k])
        if is_number(isn + 1, first):
            remember_isn(side)
            forget_isn(side)
            learn_stream(side, isn, tables)
            return True
    return False


@kernel
def settle_isn(peer: np.void, segment: np.void, tables: Tables) -> None:
    """Let the first ACK of a SYN-ACK decide, where several with different numbers came (RFC 9293
    §3.10.7.3): its sender took the one whose number it acknowledges."""
    if peer["rival_count"] == 0 or is_taken(peer) or not int64(segment["flags"]) & ACK:
        return
    if _go_by(peer, int64(segment["ack"]), tables):
        peer["rival_count"] = 0


@kernel
def settle_own_isn(side: np.void, peer: np.void, segment: np.void, tables: Tables) -> None:
    """Let what follows several SYN-ACKs with different numbers tell which was taken, where the
    dialler is not seen; his ACK still decides if it comes."""
    if side["rival_count"] == 0 or peer["bits"] & SENT_ACK or int64(segment["flags"]) & (SYN | RST):
        return
    _go_by(side, int64(segment["seq"]), tables)
