"""Bare ACKs that nothing asked for: a receiver sends one when it got something, or its window
opens (RFC 9293 §3.8.6). One out of nowhere may answer what the capture lost, or is forged."""

from __future__ import annotations

import numpy as np

from auditor.flows.resets import has_foreign_ttl
from auditor.flows.sequence import position
from auditor.flows.tables import Tables
from auditor.flows.tampering import ACK_FROM_ELSEWHERE
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import ACKED, NEXT_CERTAIN
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN

#: An ACK within this time (ns) of anything that may be answered is asked for.
_ANSWERS_WITHIN = 3_000_000_000


@kernel
def asks(segment: np.void, side: np.void, begin: int) -> bool:
    """Tell whether the peer may answer this segment by a bare ACK: anything may be, but a bare ACK
    where it belongs."""
    bare = segment["length"] == 0 and int64(segment["flags"]) & (SYN | FIN | RST) == 0
    return not bare or begin != side["next"]


@kernel
def is_unasked(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether a segment of ``side`` is a bare ACK that says nothing new, after a time in which
    its peer sent nothing that it may answer."""
    flags = int64(segment["flags"])
    if segment["length"] > 0 or flags & (SYN | FIN | RST | ACK) != ACK or begin != side["next"]:
        return False
    known = side["bits"] & peer["bits"] & (ACKED | NEXT_CERTAIN) == ACKED | NEXT_CERTAIN
    if not known or peer["acked"] != peer["next"] or segment["window"] > side["window"]:
        return False
    if position(peer["next"], segment["ack"]) > peer["acked"]:
        return False
    return bool(segment["time"] - peer["asked_at"] >= _ANSWERS_WITHIN)


@kernel
def comes_from_elsewhere(segment: np.void, row: int, begin: int, tables: Tables) -> bool:
    """Tell whether a segment of ``row`` is such an ACK and has a TTL that nothing else of its side
    has; note that."""
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    if not has_foreign_ttl(side, segment) or not is_unasked(side, peer, segment, begin):
        return False
    note_tampering(segment, row, ACK_FROM_ELSEWHERE, 0, tables)
    return True


@kernel
def note_unasked(side: np.void, peer: np.void, segment: np.void) -> None:
    """Count such an ACK of ``side``, before it restarts the timer of its peer."""
    after = segment["time"] - peer["last_receipt"]
    side["unasked_at"] = segment["time"]
    side["unasked_after_before"] = side["unasked_after"]
    side["receipt_before"] = peer["last_receipt"]
    if side["unasked"] == 0:
        side["unasked_frame"] = segment["number"]
        side["unasked_after"] = after
    side["unasked"] += 1
    side["unasked_after"] = min(int64(side["unasked_after"]), int64(after))
