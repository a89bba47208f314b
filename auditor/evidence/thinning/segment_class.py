"""What one segment is: a probe, an answer, a side's first, or one that a reader would miss.

What restarts an idle timer, and where a segment lies, is shared with tracking (``flows.streams``).
A probe is taken more widely here than there: whatever a reader may call one must be kept.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import SILENCE_NS
from auditor.flows.streams import (
    OUTSIDE,
    acked_position,
    acknowledges_wrongly,
    advance_acked,
    is_far,
    is_first_ack,
    locate,
)
from auditor.flows.tcp_state import ACKED, HAS_ISN, HAS_NEXT, SEGMENT_SEEN, STRAY_BYTES
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN

#: A side may answer a probe with one of so many segments; the others were under way.
_ANSWERS = 4
#: A stream never moves further (bytes) between two headers that are kept: readers unroll 32-bit
#: numbers, and take a jump of STRAY_BYTES for a forgery.
_FAR = STRAY_BYTES >> 1
#: Between two kept segments that say the same a reader sees silence. It is never longer than
#: this and SILENCE_NS together (ns), hence below the 0.9 s at which anything is judged.
_SAME = 4 * SILENCE_NS // 5


@kernel
def is_outside(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether readers will leave this segment out of account: it is stray, where the next is
    believed, or fits to what was seen by neither of its numbers."""
    if locate(side, begin, side["bits"] & SEGMENT_SEEN != 0) == OUTSIDE:
        return True
    if side["bits"] & HAS_ISN and begin < side["isn"]:
        return True
    return bool(begin > side["next"]) and acknowledges_wrongly(peer, segment)


@kernel
def is_probe(segment: np.void, side: np.void, begin: int) -> bool:
    """Tell whether this may be a keepalive probe (R2); a side's very first segment always may.

    It lies one before what its side sends next, or before what its peer waits for: what an attacker
    sent in the side's name moves only the former.
    """
    flags = int64(segment["flags"])
    bare = segment["length"] <= 1 and flags & (SYN | FIN | RST | ACK) == ACK
    if not side["bits"] & SEGMENT_SEEN or begin == side["next"] - 1:
        return bool(bare)
    return bool(bare and side["bits"] & ACKED and begin == side["acked"] - 1)


@kernel
def acknowledge(peer: np.void, ack: int) -> int:
    """Take in an acknowledgement of the peer's stream; return its position there."""
    acked = acked_position(peer, ack)
    if not (peer["bits"] & SEGMENT_SEEN and is_far(peer, acked)):
        advance_acked(peer, acked)
    return acked


@kernel
def is_answer(side: np.void, peer: np.void, acked: int) -> bool:
    """Tell whether this may answer the peer's probe (R2)."""
    if side["possible_answers"] == 0:
        return False
    side["possible_answers"] = 0 if acked == peer["next"] else side["possible_answers"] - 1
    return True


@kernel
def expect_answer(peer: np.void) -> None:
    """Note that a probe was sent to ``peer``."""
    peer["possible_answers"] = _ANSWERS


@kernel
def is_first(side: np.void, flags: int) -> bool:
    """Tell whether this is a side's first segment, or the first after its SYN or SYN-ACK (R1)."""
    first_ack = is_first_ack(side, flags)
    return bool((first_ack and side["bits"] & HAS_ISN) or not side["bits"] & SEGMENT_SEEN)


@kernel
def is_opening(side: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether this carries the first byte of a stream that was seen to begin (R1): where none
    of that is kept, a reader knows that it was no hello."""
    first = begin + (int64(segment["flags"]) & SYN) // SYN
    return bool(side["bits"] & HAS_ISN and segment["length"] > 0 and first == side["isn"] + 1)


@kernel
def is_repeated(side: np.void, begin: int, end: int) -> bool:
    """Tell whether a segment begins with the first byte that was not acknowledged, and was sent
    before (R7): what shows that a connection is lost."""
    known = side["bits"] & (HAS_NEXT | ACKED) == HAS_NEXT | ACKED
    return bool(known and end > begin and begin == side["acked"] and end <= side["next"])


@kernel
def is_due(side: np.void, time: int, end: int, acked: int) -> bool:
    """Tell whether a reader would misunderstand if this activity were left out (R5)."""
    if end != side["last_end"] or acked != side["last_ack"]:
        side["last_end"] = end
        side["last_ack"] = acked
        side["unchanged_since"] = time
    return bool(
        time - side["unchanged_since"] >= _SAME
        or end - side["kept_end"] >= _FAR
        or acked - side["kept_ack"] >= _FAR
    )


@kernel
def note_kept(side: np.void, time: int, end: int, acked: int) -> None:
    """Note what a reader knows of the side from a segment that is kept."""
    side["unchanged_since"] = time
    side["kept_end"] = end
    side["kept_ack"] = acked
