"""What no ordinary connection has (R9): a segment whose flags or numbers do not simply go on.

Of such a segment a reader concludes by many rules, and by all that it knows of the flow at that
moment. So none of them is repeated here: what was held back of both sides goes out, and every
header of the flow that follows, for a while.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.thinning.tables import DOUBTFUL_MOST, DOUBTFUL_SEGMENTS
from auditor.flows.sequence import position
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
    """Tell whether a segment does not begin where its side stands, probes apart."""
    if side["bits"] & (HAS_NEXT | SEGMENT_SEEN) != HAS_NEXT | SEGMENT_SEEN:
        return False
    probe = segment["length"] <= 1 and begin == side["next"] - 1
    return bool(begin != side["next"] and not probe)


@kernel
def _acknowledges_oddly(peer: np.void, segment: np.void) -> bool:
    """Tell whether a segment acknowledges what was not sent, or less than was acknowledged."""
    if not int64(segment["flags"]) & ACK or not peer["bits"] & HAS_NEXT:
        return False
    acked = position(peer["next"], segment["ack"])
    if peer["bits"] & SEGMENT_SEEN and acked > peer["next"]:
        return True
    return bool(peer["bits"] & ACKED and acked < peer["acked"])


@kernel
def has_odd_numbers(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether a segment at ``begin`` repeats or skips something, or acknowledges what it
    cannot."""
    return _moves_oddly(side, segment, begin) or _acknowledges_oddly(peer, segment)


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
