"""How both streams move on: what a segment sends, what it acknowledges, what the capture missed."""

from __future__ import annotations

import numpy as np

from auditor.flows.gaps import fill_gaps
from auditor.flows.idle import discard_idle, restart_idle_timer
from auditor.flows.sending_order import forget_order
from auditor.flows.skips import follow_skip, has_open_fin, hear_fin, skip
from auditor.flows.streams import (
    OUTSIDE,
    RELOCATED,
    acked_position,
    acknowledges_wrongly,
    advance_acked,
    is_far,
    locate,
)
from auditor.flows.tcp_state import (
    ACK_ADVANCED,
    ACKED,
    HAS_ISN,
    HAS_NEXT,
    HELLO_DONE,
    NEVER,
    NEXT_CERTAIN,
    SEQ_SEEN,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64


@kernel
def is_stray(side: np.void, peer: np.void, begin: int, time: int) -> bool:
    """Tell whether to leave a segment out of account; see ``locate``."""
    skipped = begin - side["next"]
    found = locate(side, begin, side["bits"] & NEXT_CERTAIN != 0)
    if found == RELOCATED:
        side["missing"] += max(1, skipped)
        side["gap_count"] = 0
        side["ahead_first"] = NEVER
        side["claimed"] = NEVER
        forget_order(side)
        forget_order(peer)
        side["bits"] |= HELLO_DONE
        discard_idle(side, time)
        discard_idle(peer, time)
    return found == OUTSIDE


@kernel
def is_plausible(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether a segment at ``begin`` fits to what was seen, by either of its numbers.

    Who cannot see a connection knows neither, and a receiver drops what he sends (RFC 5961 §5).
    """
    if not side["bits"] & HAS_NEXT or side["lowest"] <= begin <= side["next"]:
        return True
    if side["bits"] & HAS_ISN and begin < side["isn"]:
        return False
    return not acknowledges_wrongly(peer, segment)


@kernel
def acknowledge(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> None:
    """Take in what ``side`` acknowledges of its peer's stream, seen or not."""
    bits = peer["bits"]
    acked = acked_position(peer, int64(segment["ack"]))
    if not bits & HAS_NEXT:
        peer["lowest"] = acked
        return
    if bits & NEXT_CERTAIN and is_far(peer, acked):
        return
    beyond = acked - peer["next"]
    if beyond > has_open_fin(peer):
        if bits & NEXT_CERTAIN or (bits & SEQ_SEEN and beyond > 1):
            skip(peer, acked, int64(segment["time"]))
        if bits & NEXT_CERTAIN or beyond > 1:
            # The peer sent, and this side received, something that the capture does not show.
            discard_idle(peer, int64(segment["time"]))
            discard_idle(side, int64(segment["time"]))
            restart_idle_timer(flow, side, peer, segment["time"], False)
    if has_open_fin(peer) and acked == peer["next"] + 1:
        hear_fin(flow, peer, side, int64(segment["time"]))
    if bits & SEQ_SEEN:
        peer["bits"] |= NEXT_CERTAIN
    if advance_acked(peer, acked):
        side["bits"] |= ACK_ADVANCED


@kernel
def advance(side: np.void, peer: np.void, begin: int, end: int, time: int, first_syn: bool) -> None:
    """Take in the sequence space [begin, end) that ``side`` sent at ``time``."""
    bits = side["bits"]
    if not bits & HAS_NEXT:
        side["next"] = end
        side["lowest"] = begin
        side["bits"] = bits | HAS_NEXT | SEQ_SEEN | (NEXT_CERTAIN if end > begin else 0)
        return
    skipped = begin - side["next"]
    if bits & SEQ_SEEN and (skipped > 1 or (skipped > 0 and bits & NEXT_CERTAIN)):
        skip(side, begin, time)
        discard_idle(side, time)
        discard_idle(peer, time)
    if begin < side["next"] and end > begin:
        late = fill_gaps(side, begin, min(end, side["next"]))
        if end <= side["next"] and not late and not first_syn:
            side["retransmissions"] += 1
    side["next"] = max(side["next"], end)
    follow_skip(side, begin, end)
    side["bits"] |= SEQ_SEEN
    if end > begin or bits & ACKED:
        side["bits"] |= NEXT_CERTAIN
