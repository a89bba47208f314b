"""What one segment is: a probe, an answer, a sign of life, a step of the stream.

The terms are those of ``auditor.flows``: whoever reads what is kept must find the same.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import SILENCE_NS
from auditor.evidence.thinning.tables import ACKED, ISN, NEXT, SEEN, SPOKE, STRAY
from auditor.flows.sequence import position
from auditor.flows.sequence_state import STRAY_BYTES
from auditor.flows.tables import wide
from auditor.kernels import kernel
from auditor.packets.segments import ACK, FIN, RST, SYN

#: A side may answer a probe with one of so many segments; the others were under way.
_ANSWERS = 4
#: A stream never moves further (octets) between two headers that are kept: readers unroll 32-bit
#: numbers, and take a jump of STRAY_BYTES for a forgery.
_FAR = STRAY_BYTES >> 1
#: Between two kept segments that say the same a reader sees silence. It is never longer than
#: this and SILENCE_NS together (ns), hence below the 0.9 s at which anything is judged.
_SAME = 4 * SILENCE_NS // 5


@kernel
def is_stray(side: np.void, begin: int) -> bool:
    """Tell whether readers will leave this segment out of account; the next they believe."""
    bits = side["bits"]
    if not bits & SEEN or abs(begin - side["next"]) <= STRAY_BYTES:
        side["bits"] = bits & ~STRAY
        return False
    if not bits & STRAY:
        side["bits"] = bits | STRAY
        return True
    side["next"] = begin
    side["bits"] = bits & ~(STRAY | ACKED)
    return False


@kernel
def is_probe(segment: np.void, side: np.void, begin: int) -> bool:
    """Tell whether this may be a keepalive probe; a side's very first segment always may."""
    bare = wide(segment["flags"]) & (SYN | FIN | RST | ACK) == ACK and segment["length"] <= 1
    return bool(bare and (not side["bits"] & SEEN or begin == side["next"] - 1))


@kernel
def acknowledge(peer: np.void, ack: int) -> int:
    """Take in an acknowledgement of the peer's stream; return its position there."""
    if not peer["bits"] & NEXT:
        peer["next"] = ack
        peer["acked"] = ack
        peer["bits"] |= NEXT | ACKED
        return ack
    acked = position(peer["next"], ack)
    if abs(acked - peer["next"]) > STRAY_BYTES and peer["bits"] & SEEN:
        return acked
    peer["next"] = max(peer["next"], acked)
    if not peer["bits"] & ACKED or acked > peer["acked"]:
        peer["acked"] = acked
    peer["bits"] |= ACKED
    return acked


@kernel
def is_answer(side: np.void, peer: np.void, acked: int) -> bool:
    """Tell whether this may answer the peer's probe."""
    if side["answers"] == 0:
        return False
    side["answers"] = 0 if acked == peer["next"] else side["answers"] - 1
    return True


@kernel
def expect_answer(peer: np.void) -> None:
    """Note that a probe was sent to ``peer``."""
    peer["answers"] = _ANSWERS


@kernel
def is_first_word(side: np.void, flags: int) -> bool:
    """Tell whether this is a side's first segment, or the first after its SYN or SYN-ACK."""
    bits = side["bits"]
    if flags & ACK and not flags & SYN and not bits & SPOKE:
        side["bits"] = bits | SPOKE
        if bits & ISN:
            return True
    return not bits & SEEN


@kernel
def is_life(side: np.void, peer: np.void, end: int, flags: int) -> bool:
    """Tell whether this restarts the peer's idle clock, as ``flows.progress.is_life`` does."""
    if flags & SYN and peer["bits"] & SPOKE:
        return False
    return not side["bits"] & ACKED or end >= side["acked"]


@kernel
def is_due(side: np.void, time: int, end: int, acked: int) -> bool:
    """Tell whether a reader would misunderstand if this sign of life were left out."""
    if end != side["end"] or acked != side["ack"]:
        side["end"] = end
        side["ack"] = acked
        side["moved"] = time
    return bool(
        time - side["moved"] >= _SAME
        or end - side["kept_end"] >= _FAR
        or acked - side["kept_ack"] >= _FAR
    )


@kernel
def note_kept(side: np.void, time: int, end: int, acked: int) -> None:
    """Note what a reader knows of the side from a segment that is kept."""
    side["moved"] = time
    side["kept_end"] = end
    side["kept_ack"] = acked
