"""How both streams move on: what a segment sends, what it acknowledges, what the capture missed."""

from __future__ import annotations

import numpy as np

from auditor.flows.idle import forget_quiet, restart_idle_timer
from auditor.flows.sequence import fill_gaps, open_gap, position
from auditor.flows.tables import ACKED, MOVED, NEXT, OWN, READ, SPOKE, STRAY, SURE, wide
from auditor.kernels import kernel

#: A segment this far (bytes) from its stream is stray, unless its sender goes on from there:
#: no window holds so much, so it is an old connection's, a forgery, or follows a hole in the
#: capture.
STRAY_BYTES = 1 << 28


@kernel
def is_stray(side: np.void, peer: np.void, begin: int) -> bool:
    """Tell whether to leave a segment out of account; the second in a row is believed."""
    if not side["bits"] & SURE or abs(begin - side["next"]) <= STRAY_BYTES:
        side["bits"] &= ~STRAY
        return False
    if not side["bits"] & STRAY:
        side["bits"] |= STRAY
        return True
    side["missing"] += max(0, begin - side["next"])
    side["next"] = begin
    side["gaps"] = 0
    side["bits"] = (side["bits"] & ~(STRAY | ACKED)) | READ
    forget_quiet(side)
    forget_quiet(peer)
    return False


@kernel
def acknowledge(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> None:
    """Take in what ``side`` acknowledges of its peer's stream, seen or not."""
    bits = peer["bits"]
    if not bits & NEXT:
        peer["next"] = wide(segment["ack"])
        peer["low"] = peer["next"]
        peer["acked"] = peer["next"]
        peer["bits"] = bits | NEXT | ACKED
        return
    acked = position(peer["next"], segment["ack"])
    beyond = acked - peer["next"]
    if bits & SURE and abs(beyond) > STRAY_BYTES:
        return
    if beyond > 0:
        if bits & SURE or (bits & OWN and beyond > 1):
            open_gap(peer, peer["next"], acked)
        if bits & SURE or beyond > 1:
            # The peer sent, and this side heard, something that the capture does not show.
            forget_quiet(peer)
            forget_quiet(side)
            restart_idle_timer(flow, side, peer, segment["time"], 0)
        peer["next"] = acked
    if bits & OWN:
        peer["bits"] |= SURE
    if not bits & ACKED:
        peer["acked"] = acked
        peer["bits"] |= ACKED
    elif acked > peer["acked"]:
        peer["acked"] = acked
        side["bits"] |= MOVED


@kernel
def advance(side: np.void, peer: np.void, begin: int, end: int, first_syn: bool) -> None:
    """Take in the sequence space [begin, end) that ``side`` sent."""
    bits = side["bits"]
    if not bits & NEXT:
        side["next"] = end
        side["low"] = begin
        side["bits"] = bits | NEXT | OWN | (SURE if end > begin else 0)
        return
    skipped = begin - side["next"]
    if bits & OWN and (skipped > 1 or (skipped > 0 and bits & SURE)):
        open_gap(side, side["next"], begin)
        forget_quiet(side)
        forget_quiet(peer)
    if begin < side["next"] and end > begin:
        late = fill_gaps(side, begin, min(end, side["next"]))
        if end <= side["next"] and not late and not first_syn:
            side["retransmissions"] += 1
    side["next"] = max(side["next"], end)
    side["bits"] |= OWN
    if end > begin or bits & ACKED:
        side["bits"] |= SURE


@kernel
def is_life(side: np.void, peer: np.void, end: int, opening: bool) -> bool:
    """Tell whether what ends at ``end`` restarts the idle clock of the peer that receives it.

    Linux drops what ends before the last acknowledgement it sent (``tcp_sequence`` in
    net/ipv4/tcp_input.c): an empty probe and an old retransmission do, but a one-byte probe and
    the retransmission of the very last bytes do not, and restart the clock. A second SYN-ACK
    only draws a challenge ACK (RFC 5961 §4).
    """
    if opening and peer["bits"] & SPOKE:
        return False
    return not side["bits"] & ACKED or end >= side["acked"]
