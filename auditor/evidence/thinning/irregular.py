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
from auditor.flows.tcp_state import ACKED, HAS_NEXT, REPEATED, SEGMENT_SEEN, SENT_ACK
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN


@kernel
def is_dropped(side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether a receiver takes no data from a segment: it opens a connection amid another
    (RFC 5961 §4), or has neither SYN nor ACK."""
    flags = int64(segment["flags"])
    amid = flags & SYN and (side["bits"] | peer["bits"]) & SENT_ACK
    return bool(amid or not flags & (SYN | ACK))


@kernel
def has_odd_flags(side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether a segment ends a connection, opens one amid another, or has flags that no
    sender sets."""
    return bool(int64(segment["flags"]) & (FIN | RST)) or is_dropped(side, peer, segment)


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
def _repeats_acknowledged(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether all that is odd of the numbers is that data are sent again that were
    acknowledged of late: their sender may not know yet."""
    late = side["bits"] & ACKED and side["acked"] - LATE_BYTES <= begin < side["acked"]
    whole = segment["length"] > 1 and end_of(segment, begin) <= side["next"]
    return bool(late and whole and not _acknowledges_oddly(peer, segment, False))


@kernel
def _end_repetition(flow: np.void, side: np.void, segment: np.void, begin: int) -> None:
    """End the doubt that a side's repetition made, once it goes on with new data."""
    if side["bits"] & REPEATED and segment["length"] > 1 and begin == side["next"]:
        side["bits"] &= ~REPEATED
        flow["doubtful"] = min(1, flow["doubtful"])


@kernel
def _begin_doubt(flow: np.void, side: np.void, peer: np.void, repeats: bool) -> None:
    """Begin to keep what follows, and note whether it is only until the side goes on (``repeats``,
    and there is no other doubt)."""
    alone = flow["doubtful"] == 0 or side["bits"] & REPEATED
    alone = repeats and not peer["bits"] & REPEATED and alone
    side["bits"] &= ~REPEATED
    peer["bits"] &= ~REPEATED
    if alone:
        side["bits"] |= REPEATED
    flow["doubtful"] = DOUBTFUL_SEGMENTS


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
    _end_repetition(flow, side, segment, begin)
    odd, repeats = apart or has_odd_flags(side, peer, segment), False
    if not odd and flow["doubted"] < DOUBTFUL_MOST:
        odd = has_odd_numbers(side, peer, segment, begin)
        repeats = odd and _repeats_acknowledged(side, peer, segment, begin)
    if odd:
        _begin_doubt(flow, side, peer, repeats)
    return odd
