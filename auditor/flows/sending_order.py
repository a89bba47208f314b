"""Numbers that no one host sends in any order, however a network delays, loses or repeats them.

A host's next octet and what it acknowledges only grow. A bare ACK bears the number of that next
octet (RFC 9293 §3.10.7.4), and what is sent again acknowledges what was received by then. So what
lies further on than a bare ACK was sent after it, and acknowledges no less. Where it does, somebody
else sent one of both. A probe (§3.8.4, §3.8.6.1) lies one octet back. Where a window shrank (§3.8.6
asks for robustness against that), Linux puts where it ends into a bare ACK.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.sequence import position
from auditor.flows.skips import has_open_fin
from auditor.flows.streams import end_of, is_far
from auditor.flows.tables import Tables
from auditor.flows.tampering import ORDER_BREAKS, RST_GOES_ON
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import ACKED, FORGED_MOST, HAS_NEXT, NEVER
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, RST, SYN

#: No timer of a probe is shorter (ns): what acknowledges data that came since is none.
_NO_PROBE_WITHIN = 900_000_000
#: RFC 7323 §2.3.
_LARGEST_SCALE = 14
#: In the place of what a RST acknowledges: its sender acknowledged more since, as is noted.
RST_DENIED = NEVER + 1


@kernel
def forget_order(side: np.void) -> None:
    """Forget what is kept of a side whose numbers begin anew."""
    side["bare_ack"] = NEVER
    side["far_end"] = NEVER
    side["rst_ack"] = NEVER
    side["edge_ack"] = NEVER
    side["shrinks"] = 0


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
def _is_edge(peer: np.void, begin: int) -> bool:
    """Tell whether a window that ``peer`` offers ends at ``begin``, at any scale (RFC 7323 §2.2):
    that of its latest segment, or of its furthest data, which a later one may have crossed. Of who
    was not seen to offer one, or took back more often than anybody forges, it may."""
    if peer["edge_ack"] == NEVER or peer["shrinks"] > FORGED_MOST:
        return True
    last = begin - int64(peer["edge_ack"])
    far = begin - int64(peer["far_ack"]) if peer["far_end"] != NEVER else last
    for scale in range(_LARGEST_SCALE + 1):
        if last == int64(peer["edge_window"]) << scale or far == int64(peer["far_window"]) << scale:
            return True
    return False


@kernel
def _may_be_probe(side: np.void, peer: np.void, begin: int, acked: int, time: int) -> bool:
    """Tell whether a bare ACK one octet before the end of its side's stream may be a probe, which
    says nothing new, unless the window is closed, and nothing soon after data of the peer."""
    if begin != side["far_end"] - 1:
        return False
    if has_open_fin(side) and begin == side["fin_place"] and side["acked"] <= begin:
        return False
    if peer["edge_window"] == 0 or peer["far_window"] == 0:
        return True
    soon = 0 <= time - peer["sent_at"] < _NO_PROBE_WITHIN
    return bool(acked <= max(int64(peer["acked"]), int64(side["bare_ack"])) or not soon)


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
    taken_back = acked == side["edge_ack"] and segment["window"] < side["edge_window"]
    side["shrinks"] = min(255, side["shrinks"] + taken_back)
    side["edge_ack"] = acked
    side["edge_window"] = segment["window"]
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
            side["far_window"] = segment["window"]
        return False
    late = begin < side["far_end"] and acked > max(int64(side["far_ack"]), int64(peer["acked"]))
    newest = begin >= side["next"] and acked > side["bare_ack"]
    if not (late or newest) or _is_edge(peer, begin):
        return False
    late = bool(late and not _may_be_probe(side, peer, begin, acked, time))
    if late:
        note_tampering(segment, row, ORDER_BREAKS, 0, tables)
        side["far_end"] = NEVER
    if newest:
        side["bare_at"] = begin
        side["bare_ack"] = acked
    return late
