"""Numbers that no one host sends in any order, however a network delays, loses or repeats them.

A host's next octet and what it acknowledges only grow. A bare ACK bears the number of that next
octet (RFC 9293 §3.10.7.4), and what is sent again acknowledges what was received by then. So what
lies further on than a bare ACK was sent after it, and acknowledges no less. Where it does, somebody
else sent one of both. A probe (§3.8.4) lies one octet back; where a window shrinks to nothing, bare
ACKs may lie further back.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.sequence import position
from auditor.flows.skips import has_open_fin
from auditor.flows.streams import end_of, is_far
from auditor.flows.tables import Tables
from auditor.flows.tampering import ORDER_BREAKS, RST_GOES_ON
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import ACKED, HAS_NEXT, NEVER
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, RST, SYN

#: No timer of a probe is shorter (ns): what acknowledges data that came since is none.
_NO_PROBE_WITHIN = 900_000_000
#: In the place of what a RST acknowledges: its sender acknowledged more since, as is noted.
RST_DENIED = NEVER + 1


@kernel
def forget_order(side: np.void) -> None:
    """Forget what is kept of a side whose numbers begin anew."""
    side["bare_ack"] = NEVER
    side["far_end"] = NEVER
    side["rst_ack"] = NEVER


@kernel
def on_last_word(segment: np.void, row: int, acked: int, tables: Tables) -> None:
    """Take in a RST that acknowledges ``acked``: who resets says so last, and with it all that he
    received. In answer to a segment it has no ACK (RFC 9293 §3.5.2); a device on the way, whose
    RST may be older, has mostly another TTL."""
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    open_one = side["bits"] & peer["bits"] & ACKED and tables.flows[row >> 1]["agreed"]
    if not open_one or not int64(segment["flags"]) & ACK or segment["ttl"] != side["ttl"]:
        return
    if acked < peer["acked"] and not is_far(peer, acked):
        note_tampering(segment, row, ORDER_BREAKS, 0, tables)
    elif side["rst_ack"] == NEVER:
        side["rst_ack"] = acked


@kernel
def _may_be_probe(side: np.void, peer: np.void, begin: int, acked: int, time: int) -> bool:
    """Tell whether a bare ACK one octet before the end of its side's stream may be a probe, which
    says nothing new, and nothing soon after data of the peer."""
    if begin != side["far_end"] - 1 or (has_open_fin(side) and begin == side["fin_place"]):
        return False
    soon = 0 <= time - peer["sent_at"] < _NO_PROBE_WITHIN
    return bool(acked <= peer["acked"] or not soon)


@kernel
def on_order(segment: np.void, row: int, begin: int, tables: Tables) -> bool:
    """Note a segment at ``begin`` of its side's stream whose numbers and those of an earlier one
    nobody sends in any order, and keep what tells so of those that follow. Tell whether it is a
    bare ACK that is newer than what lies behind it.

    That is the bare ACK that acknowledges the most (``bare_at``, ``bare_ack``), and the end of what
    lies furthest on, with what it acknowledges (``far_end``, ``far_ack``).
    """
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    flags, time = int64(segment["flags"]), int64(segment["time"])
    if flags & (SYN | RST | ACK) != ACK or not tables.flows[row >> 1]["agreed"]:
        return False
    if not side["bits"] & peer["bits"] & HAS_NEXT or is_far(side, begin):
        return False
    acked, end = position(peer["next"], segment["ack"]), end_of(segment, begin)
    if is_far(peer, acked):
        return False
    if side["bare_ack"] != NEVER and end > side["bare_at"] and acked < side["bare_ack"]:
        note_tampering(segment, row, ORDER_BREAKS, 0, tables)
        side["bare_ack"] = NEVER
    if side["rst_ack"] > RST_DENIED and acked > side["rst_ack"]:
        note_tampering(segment, row, RST_GOES_ON, int64(side["rst_frame"]), tables)
        side["rst_ack"] = RST_DENIED
    if end > begin:
        if end > side["far_end"]:
            side["far_end"] = end
            side["far_ack"] = acked
        return False
    late = begin < side["far_end"] and acked > side["far_ack"] and peer["window"] > 0
    late = bool(late and not _may_be_probe(side, peer, begin, acked, time))
    if late:
        note_tampering(segment, row, ORDER_BREAKS, 0, tables)
        side["far_end"] = NEVER
    if begin >= side["next"] and acked > side["bare_ack"]:
        side["bare_at"] = begin
        side["bare_ack"] = acked
    return late
