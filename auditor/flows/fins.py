"""Which FIN a flow is taken to end by, and what shows that one was false.

A FIN has a number of its own in its sender's stream (RFC 9293 §3.4), which its receiver
acknowledges, or else it is sent again. Who sees a connection can send one; then its sender goes on.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.gaps import fill_gaps
from auditor.flows.idle import believe_doubt, end_idle, has_closed
from auditor.flows.sequence import position
from auditor.flows.skips import REPEATS_WITHIN, has_open_fin
from auditor.flows.tables import Tables
from auditor.flows.tampering import FIN_GOES_ON
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import (
    ACKED,
    FIN_ACKED,
    FIN_REPEATED,
    FORGED_MOST,
    HAS_ISN,
    NEVER,
    SEQ_SEEN,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, SYN

#: A RST that comes later (ns) than this, and than the time that a packet and its answer take, was
#: not under way when the FIN came.
_CROSSES = 50_000_000
#: A FIN that nobody acknowledges is sent again within this (ns): RFC 6298 §2 begins at one second.
_REPEATED_AFTER = 1_000_000_000


@kernel
def reopen(flow: np.void, side: np.void, peer: np.void) -> None:
    """Let a flow go on whose end was false."""
    if side["rst"] == NEVER and peer["rst"] == NEVER:
        flow["ended"] = NEVER
    believe_doubt(side)
    believe_doubt(peer)


@kernel
def _lies_in_data(side: np.void, place: int) -> bool:
    """Tell whether a FIN at ``place`` has the number of an octet that its sender seems to have sent
    before. One that the capture has lost, and that comes again, fills a gap, at its end."""
    if side["fin"] != NEVER or place < side["lowest"] + (side["bits"] & HAS_ISN != 0):
        return False
    if not side["bits"] & SEQ_SEEN:
        return False
    if place + 1 < side["next"]:
        return True
    if side["missing"] > 0:
        return False
    gaps = side["gaps"]
    for k in range(side["gap_count"]):
        if gaps[2 * k] <= place < gaps[2 * k + 1]:
            return False
    return bool(place < side["next"])


@kernel
def is_behind_fin(segment: np.void, row: int, begin: int, tables: Tables) -> bool:
    """Tell whether a segment holds octets or a FIN behind the FIN of its side, which nobody sends
    and no receiver takes (RFC 9293 §3.4); note that. Both may be false, but not true together."""
    side, flags = tables.sides[row], int64(segment["flags"])
    if side["fin"] == NEVER or flags & SYN:
        return False
    acked = side["bits"] & FIN_ACKED != 0
    if side["fin_place"] != side["next"] - acked or begin != side["fin_place"] + 1:
        return False
    if segment["length"] == 0 and not flags & FIN:
        return False
    note_tampering(segment, row, FIN_GOES_ON, int64(side["fin_frame"]), tables)
    return True


@kernel
def on_fin(segment: np.void, row: int, tables: Tables) -> None:
    """Take in a FIN; the second side's ends the flow, if the first was one.

    Where data were, one of both is false; if they were acknowledged, the FIN is (RFC 9293 §3.4).
    Whose FIN nobody acknowledges sends it again and again (RFC 9293 §3.8.1); once, anybody can.
    """
    if not int64(segment["flags"]) & FIN:
        return
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    place = position(side["next"], segment["seq"]) + int64(segment["length"])
    if side["bits"] & SEQ_SEEN and place + 1 < side["lowest"]:
        return  # from before all that was seen of its side: nobody is there any more
    if _lies_in_data(side, place):
        note_tampering(segment, row, FIN_GOES_ON, 0, tables)
        if side["bits"] & ACKED and place < side["acked"]:
            return
    if side["fin"] != NEVER:
        side["retransmissions"] += segment["length"] == 0
    else:
        side["fin"] = segment["time"]
        side["fin_frame"] = segment["number"]
        side["fin_place"] = place
        side["fin_sends"] = 0
        if side["fin_place"] + 1 == side["next"]:  # acknowledgements that followed it overtook it
            fill_gaps(side, int64(side["fin_place"]), int64(side["next"]))
    side["fin_sends"] += 1
    if side["fin_sends"] > FORGED_MOST and not has_closed(side):
        side["bits"] |= FIN_REPEATED
        end_idle(flow, side, int64(segment["time"]))
    if peer["fin"] != NEVER and has_closed(peer) and flow["ended"] == NEVER:
        flow["ended"] = segment["time"]


@kernel
def deny_fin(segment: np.void, row: int, begin: int, late: bool, tables: Tables) -> None:
    """Take in data where the side's FIN was: a FIN has its number to itself (RFC 9293 §3.4). One
    byte may be the garbage of a keepalive probe. A bare ACK there that is ``late``, which was sent
    after the FIN if that was sent at all, or comes seconds later, shows it too."""
    side = tables.sides[row]
    if side["fin"] == NEVER or segment["length"] == 1:
        return
    denied = NEVER
    place = side["next"] - (side["bits"] & FIN_ACKED != 0)
    if segment["length"] == 0:
        denied = int64(side["fin"]) if late else NEVER
        late = late or segment["time"] - side["fin"] >= REPEATS_WITHIN
        if not late or begin != place or int64(segment["flags"]) & FIN or not has_open_fin(side):
            return
    elif begin <= place < begin + int64(segment["length"]):
        note_tampering(segment, row, FIN_GOES_ON, int64(side["fin_frame"]), tables)
        denied = int64(side["fin"])
    else:
        return
    side["fin_denied"] = denied
    side["fin_sends"] = side["bits"] & FIN_ACKED != 0
    side["fin"] = NEVER
    if side["stall_begin"] == place:
        side["stall_sends"] = 0
    side["bits"] &= ~(FIN_ACKED | FIN_REPEATED)
    side["next"] = place
    side["acked"] = min(int64(side["acked"]), place)
    reopen(tables.flows[row >> 1], side, tables.sides[row ^ 1])


@kernel
def restore_fin(flow: np.void, side: np.void, peer: np.void) -> None:
    """Take in that the peer acknowledges one number where a FIN and data of the side contradict
    each other: it got the FIN, and what seemed to show that this was false was put there."""
    if side["fin_denied"] == NEVER or side["acked"] <= side["fin_place"]:
        return
    if side["acked"] == side["fin_place"] + 1 and side["fin"] == NEVER:
        side["fin"] = side["fin_denied"]
        side["next"] = side["acked"]
        side["gap_count"] = 0
        side["bits"] |= FIN_ACKED
        if peer["fin"] != NEVER and flow["ended"] == NEVER:
            flow["ended"] = max(int64(side["fin"]), int64(peer["fin"]))
    side["fin_denied"] = NEVER


@kernel
def _deny_heard_fin(flow: np.void, side: np.void, unknown: bool) -> None:
    """Take back a FIN of ``side`` that seemed to be acknowledged, where who resets does not know of
    it: an acknowledgement is as easily forged."""
    if not unknown or side["fin"] == NEVER or not side["bits"] & FIN_ACKED:
        return
    if side["acked"] != side["fin_place"] + 1 or side["next"] != side["acked"]:
        return
    side["fin"] = NEVER
    side["next"] = side["fin_place"]
    side["acked"] = side["fin_place"]
    side["bits"] &= ~(FIN_ACKED | FIN_REPEATED)
    flow["ended"] = NEVER


@kernel
def doubt_fin(flow: np.void, side: np.void, peer: np.void, segment: np.void, acked: int) -> None:
    """Take in a RST of ``side`` at the place of its own FIN, or one that acknowledges what came
    before its peer's: that FIN was not sent, or not received, and did not end the connection. Who
    acknowledged something since from behind his own FIN sent that.

    ``acked``: what it acknowledges. Nor did a FIN that was neither acknowledged nor repeated.
    """
    time, answers = int64(segment["time"]), int64(segment["flags"]) & ACK
    if answers:
        _deny_heard_fin(flow, peer, acked <= peer["fin_place"])
        on_it = position(side["fin_place"], segment["seq"]) == side["fin_place"]
        spoke_on = side["bare_ack"] != NEVER and side["bare_at"] > side["fin_place"]
        _deny_heard_fin(flow, side, on_it and not spoke_on)
    once = max(_CROSSES, int64(flow["rtt"]))
    if has_open_fin(peer) and not has_closed(peer):
        unread = answers and acked <= peer["fin_place"] and time - peer["fin"] > once
        if unread or time - peer["fin"] >= _REPEATED_AFTER:
            peer["fin"] = NEVER
    if has_open_fin(side) and not has_closed(side):
        own = answers and position(side["fin_place"], segment["seq"]) <= side["fin_place"]
        if own or time - side["fin"] >= _REPEATED_AFTER:
            side["fin"] = NEVER
