"""Where a segment lies in its side's stream, and what it means to both (RFC 9293 §3.4, §3.10).

What tracking and thinning must see alike; both call it with rows of their own tables.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.sequence import position
from auditor.flows.tcp_state import (
    ACKED,
    FORGED_MOST,
    HAS_ISN,
    HAS_NEXT,
    HAS_START,
    SENT_ACK,
    STRAY,
    STRAY_BYTES,
    STRAYS,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, SYN

#: What ``locate`` says of a segment.
IN_STREAM, OUTSIDE, RELOCATED = 0, 1, 2


@kernel
def begin_of(side: np.void, segment: np.void) -> int:
    """Return the position of the segment's sequence number in its side's stream."""
    if side["bits"] & HAS_NEXT:
        return position(side["next"], segment["seq"])
    return int64(segment["seq"])


@kernel
def end_of(segment: np.void, begin: int) -> int:
    """Return the position after a segment that begins at ``begin``: SYN and FIN count as one."""
    flags = int64(segment["flags"])
    return begin + int64(segment["length"]) + (flags & SYN) // SYN + (flags & FIN)


@kernel
def is_far(side: np.void, place: int) -> bool:
    """Tell whether a position is one that no window of this side can reach."""
    return bool(abs(place - side["next"]) > STRAY_BYTES)


@kernel
def locate(side: np.void, begin: int, comparable: bool) -> int:
    """Return IN_STREAM, OUTSIDE (leave it out of account) or RELOCATED for a segment at ``begin``.

    Of more than FORGED_MOST in a row that are far away the last is believed: the side goes on from
    there. ``comparable``: `next` is known well enough to call anything far from it.
    """
    bits = side["bits"]
    if not comparable or not is_far(side, begin):
        side["bits"] = bits & ~STRAYS
        return IN_STREAM
    if (bits & STRAYS) < FORGED_MOST * STRAY:
        side["bits"] = bits + STRAY
        return OUTSIDE
    side["next"] = begin
    side["bits"] = bits & ~(STRAYS | ACKED)
    return RELOCATED


@kernel
def acked_position(peer: np.void, ack: int) -> int:
    """Return the position in the peer's stream that ``ack`` acknowledges.

    If it is the first that is known of that stream, the stream is taken to stand there.
    """
    if peer["bits"] & HAS_NEXT:
        return position(peer["next"], ack)
    peer["next"] = ack
    peer["acked"] = ack
    peer["bits"] |= HAS_NEXT | ACKED
    return int64(ack)


@kernel
def acknowledges_wrongly(peer: np.void, segment: np.void) -> bool:
    """Tell whether what a segment acknowledges is impossible in one that is newer than all that was
    seen of its sender: less than was acknowledged before, or far more than its peer sent."""
    if not (peer["bits"] & HAS_NEXT and peer["bits"] & ACKED and int64(segment["flags"]) & ACK):
        return False
    acked = position(peer["next"], segment["ack"])
    return bool(acked < peer["acked"] - 1 or is_far(peer, acked))


@kernel
def advance_acked(peer: np.void, acked: int) -> bool:
    """Take in that all before ``acked`` was received; tell whether more than ever before was."""
    peer["next"] = max(peer["next"], acked)
    bits = peer["bits"]
    if bits & ACKED and acked <= peer["acked"]:
        return False
    peer["acked"] = acked
    peer["bits"] = bits | ACKED
    return bool(bits & ACKED)


@kernel
def is_first_ack(side: np.void, flags: int) -> bool:
    """Tell, once, whether this is the side's first ACK after its SYN or SYN-ACK."""
    if flags & (SYN | ACK) != ACK or side["bits"] & SENT_ACK:
        return False
    side["bits"] |= SENT_ACK
    return True


@kernel
def resets_idle_timer(side: np.void, peer: np.void, end: int, flags: int) -> bool:
    """Tell whether what ends at ``end`` restarts the idle timer of the peer that receives it.

    Linux drops what ends before the last acknowledgement it sent (``tcp_sequence`` in
    net/ipv4/tcp_input.c): an empty probe and an old retransmission do, but a one-byte probe and
    the retransmission of the very last bytes do not, and restart the timer. A second SYN-ACK
    only draws a challenge ACK (RFC 5961 §4).
    """
    if flags & SYN and peer["bits"] & SENT_ACK:
        return False
    return not side["bits"] & ACKED or end >= side["acked"]


@kernel
def stream_offset(side: np.void, segment: np.void, begin: int) -> int:
    """Return where in its side's stream the payload of a segment at ``begin`` lies.

    0 is the byte after the SYN, or the first that was seen of a stream without one; what came
    before that is negative.
    """
    begin += int64(segment["flags"]) & SYN != 0
    if not side["bits"] & HAS_START:
        side["stream_start"] = side["isn"] + 1 if side["bits"] & HAS_ISN else begin
        side["bits"] |= HAS_START
    return int64(begin - side["stream_start"])
