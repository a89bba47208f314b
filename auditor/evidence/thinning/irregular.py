"""What no ordinary connection has (R9): a segment whose flags or numbers do not simply go on.

Of such a segment a reader concludes by many rules, and by all that it knows of the flow at that
moment. So none of them is repeated here: what was held back of both sides goes out, and every
header of the flow that follows, for a while.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.thinning.tables import DOUBTFUL_MOST, DOUBTFUL_SEGMENTS
from auditor.flows.initial_sequence import LATE_BYTES
from auditor.flows.sequence import position
from auditor.flows.streams import end_of
from auditor.flows.tcp_state import ACKED, HAS_NEXT, SEGMENT_SEEN, SENT_ACK
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN


@kernel
def has_odd_flags(side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether a segment ends a connection, opens one amid another, or has flags that no
    sender sets."""
    flags = int64(segment["flags"])
    if flags & (FIN | RST) or not flags & (SYN | ACK):
        return True
    return bool(flags & SYN and (side["bits"] | peer["bits"]) & SENT_ACK)


@kernel
def _moves_oddly(side: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether a segment does not begin where its side stands, but for probes, and for what is
    sent again because it was not acknowledged (RFC 9293 §3.8.1)."""
    if side["bits"] & (HAS_NEXT | SEGMENT_SEEN) != HAS_NEXT | SEGMENT_SEEN:
        return False
    probe = segment["length"] <= 1 and begin == side["next"] - 1
    waits = side["bits"] & ACKED and begin >= side["acked"]
    again = waits and segment["length"] > 1 and end_of(segment, begin) <= side["next"]
    return bool(begin != side["next"] and not probe and not again)


@kernel
def _acknowledges_oddly(peer: np.void, segment: np.void, in_place: bool) -> bool:
    """Tell whether a segment acknowledges what was not sent, or less than was acknowledged: but for
    a bare ACK ``in_place``, that another processor or queue overtook."""
    if not int64(segment["flags"]) & ACK or not peer["bits"] & HAS_NEXT:
        return False
    acked = position(peer["next"], segment["ack"])
    if peer["bits"] & SEGMENT_SEEN and acked > peer["next"]:
        return True
    late = in_place and segment["length"] == 0 and acked >= peer["acked"] - LATE_BYTES
    return bool(peer["bits"] & ACKED and acked < peer["acked"] and not late)


@kernel
def has_odd_numbers(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether a segment at ``begin`` repeats or skips something, or acknowledges what it
    cannot."""
    in_place = side["bits"] & HAS_NEXT != 0 and begin == side["next"]
    return _moves_oddly(side, segment, begin) or _acknowledges_oddly(peer, segment, in_place)


@kernel
def is_irregular(
    flow: np.void, side: np.void, peer: np.void, segment: np.void, begin: int, apart: bool
) -> bool:
    """Tell whether a flow is to be kept from this segment on, and count that down.

    ``apart``: readers leave it out of account. A flow of which DOUBTFUL_MOST were kept so is kept
    on for numbers no more: its network loses packets all the time.
    """
    flow["doubtful"] = max(0, flow["doubtful"] - 1)
    flow["doubted"] += flow["doubtful"] > 0
    odd = apart or has_odd_flags(side, peer, segment)
    if not odd and flow["doubted"] < DOUBTFUL_MOST:
        odd = has_odd_numbers(side, peer, segment, begin)
    if odd:
        flow["doubtful"] = DOUBTFUL_SEGMENTS
    return odd
