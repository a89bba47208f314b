"""Whether a receiver drops a segment for its checksum: only where this tap sees right ones.

On the sending host, in a recording with changed addresses, or behind a card that joins segments,
checksums are wrong although all is well. Where a side's own SYN, or the first segment seen of it,
has a right one, a wrong one later is a fault of that segment alone.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tcp_state import CHECKSUM_SEEN
from auditor.kernels import kernel
from auditor.packets.checksum import BAD, GOOD, checksum_of
from auditor.packets.integers import int64
from auditor.packets.segments import SYN, Array


@kernel
def learn_checksum(side: np.void, segment: np.void, buffer: Array) -> None:
    """Learn from a SYN, or from the first segment of a side, whether its checksums are right."""
    if side["bits"] & CHECKSUM_SEEN or (side["segments"] > 0 and not int64(segment["flags"]) & SYN):
        return
    if checksum_of(segment, buffer) == GOOD:
        side["bits"] |= CHECKSUM_SEEN


@kernel
def has_wrong_checksum(side: np.void, segment: np.void, buffer: Array) -> bool:
    """Tell whether the receiver drops this segment of ``side`` for its checksum.

    It reads the whole segment: ask only where something hangs on it.
    """
    return bool(side["bits"] & CHECKSUM_SEEN) and checksum_of(segment, buffer) == BAD
