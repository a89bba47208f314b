"""ICMP errors as facts of the flow whose segment they quote.

Only an error that quotes what its side has sent and what is not acknowledged yet is believed
(RFC 5927 §4.1): who cannot see the flow does not know such a number. It never changes a flow.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.lookup import find, same_endpoints
from auditor.flows.sequence import position
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import ACKED, HAS_NEXT
from auditor.kernels import kernel
from auditor.packets.icmp import ICMP_ERROR, VERSION_6
from auditor.packets.integers import be32, be64, int64, u8
from auditor.packets.segments import Array

#: Where a flow keeps the latest error: of any kind, and of a packet that was too big. Of those on
#: what is sent again and again, as routers answer each time, it keeps the first.
REJECTION, TOO_BIG = 0, 1
_NEEDED, _TOO_BIG_6 = 3 << 8 | 4, VERSION_6 | 2 << 8


@kernel
def is_error(segment: np.void) -> bool:
    """Tell whether a row is an ICMP error that quotes a segment."""
    return bool(int64(segment["ident"]) & ICMP_ERROR)


@kernel
def _is_sent(side: np.void, seq: int) -> bool:
    """Tell whether the side sent ``seq`` and waits for its acknowledgement, a probe's included."""
    if not side["bits"] & HAS_NEXT:
        return False
    place = position(side["next"], seq)
    lowest = side["acked"] - 1 if side["bits"] & ACKED else side["lowest"]
    return bool(lowest <= place < side["next"])


@kernel
def _quoted(segment: np.void, tables: Tables) -> int:
    """Return the row of who sent what an error quotes, or NONE; of the same endpoints in several
    networks that of which the number is right: a router may answer from another one."""
    row = find(segment, tables)
    if row < 0 or not tables.flows[row >> 1]["apart"]:
        return row
    flows, newest = tables.flows, row >> 1
    index = newest
    while index >= 0:
        here = 2 * index + (row & 1)
        is_one = same_endpoints(flows[index], flows[newest])
        if is_one and _is_sent(tables.sides[here], int64(segment["seq"])):
            return here
        index = int64(flows[index]["next_in_bucket"])
    return row


@kernel
def _is_told(flow: np.void, side: np.void, which: int, segment: np.void) -> bool:
    """Tell whether an error has already said that what the side sends in vain is too big."""
    told = flow["icmp_count"][TOO_BIG] > 0 and flow["icmp_side"][TOO_BIG] == which
    waits = (
        side["stall_sends"] > 0 and side["bits"] & ACKED and side["stall_begin"] == side["acked"]
    )
    less = segment["window"] < flow["icmp_mtu"][TOO_BIG]  # what fits may have been made up
    return bool(told and waits and not less and flow["icmp_time"][TOO_BIG] >= side["stall_first"])


@kernel
def on_error(segment: np.void, buffer: Array, tables: Tables) -> None:
    """Note an ICMP error with the flow that it quotes, if there is one and the number is right."""
    row = _quoted(segment, tables)
    if row < 0:
        return
    flow, side = tables.flows[row >> 1], tables.sides[row]
    network = int64(segment["ack"])
    # No header of such an error lies nearer the end.
    if network + 40 > len(buffer) or not _is_sent(side, int64(segment["seq"])):
        return
    kind = int64(segment["ident"]) & ~ICMP_ERROR
    slot = TOO_BIG if kind in (_NEEDED, _TOO_BIG_6) else REJECTION
    if slot == TOO_BIG and _is_told(flow, side, row & 1, segment):
        return
    flow["icmp_kind"][slot] = kind
    flow["icmp_side"][slot] = row & 1
    flow["icmp_time"][slot] = segment["time"]
    flow["icmp_frame"][slot] = segment["number"]
    flow["icmp_count"][slot] += 1
    flow["icmp_mtu"][slot] = segment["window"]
    flow["icmp_size"][slot] = segment["captured"]
    if u8(buffer, network) >> 4 == 4:
        flow["icmp_hi"][slot] = 0
        flow["icmp_lo"][slot] = 0xFFFF00000000 | be32(buffer, network + 12)
    else:
        flow["icmp_hi"][slot] = be64(buffer, network + 8)
        flow["icmp_lo"][slot] = be64(buffer, network + 16)
