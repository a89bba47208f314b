"""A second connection on the endpoints of one that is open: to which of both a segment belongs.

A host that gets a SYN on an open connection lets that one be, and answers with an acknowledgement
of it (RFC 5961 §4). So what a SYN opens there stands beside the other, its *rival*, and takes
nothing but what fits it better. Numbers of two connections are far apart (RFC 9293 §3.4.1), and who
chooses his near those of the open one gets nothing: it has the first claim. A connection that only
a RST seems to have ended may go on, or one that was closed a moment ago, so it counts as open here.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.idle import has_closed
from auditor.flows.lookup import same_endpoints, unlink
from auditor.flows.networks import FAR, distance, share_network
from auditor.flows.tables import Tables
from auditor.flows.tampering import SYN_IN_OPEN
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import ACKED, NEVER, NONE, SENT_ACK
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import RST, SYN

#: So many stand beside an open connection; one more takes the place of the newest.
_MOST = 3
#: How late (ns) a tap may deliver what was sent before a SYN.
_LATE = 1_000_000_000
#: Hardly anybody uses the endpoints of a connection again sooner (ns), as RFC 9293 §3.6.1 forbids.
_IN_USE = 60_000_000_000
#: A tap with several queues reorders by this (ns) at most.
_DISORDER = 10_000_000


@kernel
def _stand_together(one: np.void, other: np.void) -> bool:
    return same_endpoints(one, other) and share_network(one, other)


@kernel
def _is_complete(index: int, tables: Tables) -> bool:
    return bool((tables.sides[2 * index]["bits"] | tables.sides[2 * index + 1]["bits"]) & SENT_ACK)


@kernel
def is_over(index: int, time: int, tables: Tables) -> bool:
    """Tell whether a flow has ended for certain at ``time``: both closed long ago, or nobody was
    let in. Four packets of somebody else can do the first; then both go on."""
    ended = int64(tables.flows[index]["ended"])
    if ended == NEVER:
        return False
    one, other = tables.sides[2 * index], tables.sides[2 * index + 1]
    closed = has_closed(one) and has_closed(other) and time - ended >= _IN_USE
    return bool(closed or not one["bits"] & other["bits"] & ACKED)


@kernel
def _is_heard(side: np.void) -> bool:
    return bool(side["bits"] & ACKED and side["acked"] > side["isn"] + 1)


@kernel
def _is_put_on(newest: int, open_one: int, tables: Tables) -> bool:
    """Tell whether a handshake on an open connection is all that there is of the newest, to which
    two ends would have said something. A device on the way may let a tap on both its sides see two
    numbers for one SYN, but not long after the handshake."""
    one, other = tables.sides[2 * newest], tables.sides[2 * newest + 1]
    if _is_heard(one) and _is_heard(other):
        return False
    began = tables.flows[newest]["first"] - _DISORDER
    one, other = tables.sides[2 * open_one], tables.sides[2 * open_one + 1]
    opened = max(int64(one["syn_ack_time"]), int64(other["syn_ack_time"]))
    return bool(one["bits"] & other["bits"] & ACKED and opened <= began)


@kernel
def _deny(segment: np.void, newest: int, row: int, tables: Tables) -> None:
    """Take in that the sender goes on in the open connection after a SYN in his name that opened
    the newest: he did not send it. That one is nobody's then."""
    flow, side = tables.flows[newest], tables.sides[2 * newest + (row & 1)]
    if segment["time"] - flow["first"] < _LATE:
        return
    if _is_complete(newest, tables) and not _is_put_on(newest, row >> 1, tables):
        return
    if side["segments"] == 0 or int64(segment["flags"]) & (SYN | RST):
        return
    note_tampering(segment, row, SYN_IN_OPEN, 0, tables)
    unlink(newest, tables)
    flow["nobodys"] = 1
    tables.state["recent"] = NONE


@kernel
def choose(segment: np.void, row: int, tables: Tables) -> int:
    """Return the row of the segment's sender in the connection that it fits best. ``row`` is his in
    the newest of several that stand beside each other."""
    newest, half = row >> 1, row & 1
    best, least, index = row, FAR + 1, newest
    left = int64(tables.flows[newest]["rivals"])
    while index >= 0:
        if _stand_together(tables.flows[index], tables.flows[newest]):
            far = distance(2 * index + half, segment, tables)
            if far <= least:
                best, least = 2 * index + half, far
            if left == 0:
                break
            left -= 1
        index = int64(tables.flows[index]["next_in_bucket"])
    if best >> 1 != newest:
        _deny(segment, newest, best, tables)
    return best


@kernel
def stand_beside(newest: int, time: int, tables: Tables) -> int:
    """Make room for one more beside a flow and those that it stands beside; return how many stay.

    What has ended goes first, then what was never completed: the newest of those, for no flood of
    SYNs takes the place of one that was there before.
    """
    flows = tables.flows
    goes, last, count, index = NONE, newest, 0, newest
    left = int64(flows[newest]["rivals"])
    while index >= 0 and count <= left:
        if _stand_together(flows[index], flows[newest]):
            last = index
            count += 1
            dead = is_over(index, time, tables)
            spare = goes != NONE and is_over(goes, time, tables)
            if (dead and not spare) or (goes == NONE and not _is_complete(index, tables)):
                goes = index
        index = int64(flows[index]["next_in_bucket"])
    ended = goes != NONE and is_over(goes, time, tables)
    if ended or count > _MOST:
        unlink(last if goes == NONE else goes, tables)
        count -= 1
    return count
