"""What the connection before on the same ends still says while the next one is dialled.

A host that still holds the old one (TIME-WAIT, or its peer restarted) answers a SYN by an
acknowledgement of the old one; who dialled sends a RST at that number, which lets the old one go,
and its SYN once more (RFC 9293 §3.5.1, §3.10.7.3). Neither is of the new connection.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.sequence import position
from auditor.flows.tcp_state import HAS_ISN, SENT_ACK, SENT_SYN
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, RST, SYN


@kernel
def _dials(side: np.void, peer: np.void) -> bool:
    """Tell whether ``side`` has sent its SYN, and nothing tells yet that it was answered."""
    known = side["bits"] & SENT_SYN and side["bits"] & HAS_ISN and not side["bits"] & SENT_ACK
    return bool(known and not peer["bits"] & HAS_ISN)


@kernel
def is_of_previous(side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether a segment of ``side`` has to do with the connection before."""
    flags = int64(segment["flags"])
    if flags & RST:
        bare = flags & ACK == 0 and _dials(side, peer)
        return bool(bare and position(side["isn"], segment["seq"]) != side["isn"] + 1)
    if flags & (SYN | ACK) != ACK or segment["length"] > 0 or not _dials(peer, side):
        return False  # data follow something that the capture lost
    acked = position(peer["isn"], segment["ack"])
    return not peer["isn"] < acked <= peer["next"]
