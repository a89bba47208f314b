"""Which RST and FIN a flow is taken to end by, and what shows that one was false.

A RST is believed where a receiver accepts it (RFC 5961 §3.2): at the very number that it expects,
and in answer to a SYN with the acknowledgement of that SYN (RFC 9293 §3.10.7.3). Who sees a
connection can send such a one; then both ends go on, if it reached neither.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.ahead import meet_claim, meet_rst
from auditor.flows.idle import believe_doubt, end_idle, has_closed
from auditor.flows.sequence import position
from auditor.flows.sequence_state import is_plausible
from auditor.flows.skips import REPEATS_WITHIN, has_open_fin
from auditor.flows.stall import note_reset
from auditor.flows.streams import is_far
from auditor.flows.tables import Tables
from auditor.flows.tampering import FIN_GOES_ON, RST_FROM_ELSEWHERE, RST_GOES_ON
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import (
    ACKED,
    ANSWERED_ON,
    FIN_ACKED,
    FIN_REPEATED,
    FORGED_MOST,
    HAS_ISN,
    NEVER,
    NEXT_CERTAIN,
    SENT_ACK,
    SENT_SYN,
    SPOKE_ON,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN

#: How late (ns) a tap or a network may deliver what was sent before a RST.
_LATE = 1_000_000_000
#: A RST this far (bytes) ahead follows no handful of segments that the capture lost.
_FAR_AHEAD = 1 << 20


@kernel
def has_foreign_ttl(side: np.void, segment: np.void) -> bool:
    """Tell whether no other segment of the side came with this TTL."""
    ttl = segment["ttl"]
    return bool(side["segments"] > 1 and ttl != side["ttl"] and ttl != side["other_ttl"])


@kernel
def _is_refusal(side: np.void, peer: np.void) -> bool:
    """Tell whether the peer waits for the answer to its SYN: a SYN-ACK that it did not acknowledge
    is none that it took."""
    waits = peer["bits"] & SENT_SYN and peer["bits"] & HAS_ISN and not peer["bits"] & SENT_ACK
    return bool(waits and not side["bits"] & SENT_SYN)


@kernel
def _is_acceptable(side: np.void, peer: np.void, segment: np.void) -> bool:
    if _is_refusal(side, peer):
        acked = position(peer["isn"], segment["ack"])
        return bool(int64(segment["flags"]) & ACK and peer["isn"] < acked <= peer["next"])
    begin = position(side["next"], segment["seq"])
    if not side["bits"] & NEXT_CERTAIN:
        return True
    lowest = side["acked"] - 1 if side["bits"] & ACKED else side["lowest"]
    return bool(lowest <= begin <= side["next"] + has_open_fin(side))


@kernel
def _on_rst_ahead(segment: np.void, row: int, tables: Tables) -> None:
    """Note a RST that its receiver accepts only if the capture lost what lies before it."""
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    begin = position(side["next"], segment["seq"])
    ahead = begin - side["next"]
    if _is_refusal(side, peer):
        return
    if ahead <= 0 or is_far(side, begin) or not is_plausible(side, peer, segment, begin):
        return
    if ahead >= _FAR_AHEAD and has_foreign_ttl(side, segment):
        note_tampering(segment, row, RST_FROM_ELSEWHERE, 0, tables)
        return
    side["rst_ahead"] = segment["time"]
    side["rst_ahead_ttl"] = segment["ttl"]
    side["rst_ahead_frame"] = segment["number"]
    side["rst_place"] = begin


@kernel
def on_rst(segment: np.void, row: int, tables: Tables) -> None:
    """Take in a RST, if its receiver may accept it."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    place = position(side["next"], segment["seq"])
    if place == side["claimed"]:
        meet_claim(segment, row, place, tables)
    if not _is_acceptable(side, peer, segment):
        _on_rst_ahead(segment, row, tables)
        return
    meet_rst(segment, row, tables)
    flow["last"] = max(flow["last"], segment["time"])
    if side["rst"] == NEVER:
        side["rst"] = segment["time"]
        side["rst_ttl"] = segment["ttl"]
        side["rst_frame"] = segment["number"]
        note_reset(peer)
    if flow["ended"] == NEVER:
        flow["ended"] = segment["time"]


@kernel
def reach_rst(flow: np.void, side: np.void) -> None:
    """Take in a RST that lay ahead, once the stream reaches it: the tap delivered it early."""
    if side["rst_ahead"] == NEVER or side["next"] < side["rst_place"]:
        return
    if side["next"] == side["rst_place"] and side["rst"] == NEVER:
        side["rst"] = side["rst_ahead"]
        side["rst_ttl"] = side["rst_ahead_ttl"]
        side["rst_frame"] = side["rst_ahead_frame"]
        if flow["ended"] == NEVER:
            flow["ended"] = side["rst"]
    side["rst_ahead"] = NEVER


@kernel
def on_fin(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> None:
    """Take in a FIN; the second side's ends the flow, if the first was one.

    Whose FIN nobody acknowledges sends it again and again (RFC 9293 §3.8.1); once, anybody can.
    """
    if not int64(segment["flags"]) & FIN:
        return
    if side["fin"] != NEVER:
        side["retransmissions"] += segment["length"] == 0
    else:
        side["fin"] = segment["time"]
        side["fin_frame"] = segment["number"]
        side["fin_place"] = position(side["next"], segment["seq"]) + int64(segment["length"])
        side["fin_sends"] = 0
    side["fin_sends"] += 1
    if side["fin_sends"] > FORGED_MOST and not has_closed(side):
        side["bits"] |= FIN_REPEATED
        end_idle(flow, side, int64(segment["time"]))
    if peer["fin"] != NEVER and has_closed(peer) and flow["ended"] == NEVER:
        flow["ended"] = segment["time"]


@kernel
def reopen(flow: np.void, side: np.void, peer: np.void) -> None:
    """Let a flow go on whose end was false."""
    if side["rst"] == NEVER and peer["rst"] == NEVER:
        flow["ended"] = NEVER
    believe_doubt(side)
    believe_doubt(peer)


@kernel
def deny_refusal(segment: np.void, row: int, tables: Tables) -> None:
    """Take in a SYN-ACK after a RST of the same side: it refused nothing. A sender that repeated
    its SYN meanwhile may have met a program that started."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    if side["rst"] == NEVER or side["bits"] & HAS_ISN:
        return
    if peer["bits"] & SENT_SYN and peer["syn_time"] <= side["rst"]:
        note_tampering(segment, row, RST_GOES_ON, int64(side["rst_frame"]), tables)
    side["rst"] = NEVER
    reopen(flow, side, peer)


@kernel
def _deny_rst(segment: np.void, row: int, reset: int, tables: Tables) -> None:
    side = tables.sides[reset]
    note_tampering(segment, row, RST_GOES_ON, int64(side["rst_frame"]), tables)
    side["rst"] = NEVER
    side["bits"] &= ~(SPOKE_ON | ANSWERED_ON)
    reopen(tables.flows[row >> 1], side, tables.sides[reset ^ 1])


@kernel
def goes_on(segment: np.void, row: int, end: int, tables: Tables) -> None:
    """Take in a segment of a flow that seems to have ended: it did not, if who sent the RST goes on
    and his peer answers him. What was under way at the time, or came out of order, shows nothing.
    """
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    if peer["rst"] != NEVER and peer["bits"] & SPOKE_ON:
        peer["bits"] |= ANSWERED_ON
        if segment["time"] - peer["rst"] >= _LATE:
            _deny_rst(segment, row, row ^ 1, tables)
    if side["rst"] == NEVER:
        return
    if side["bits"] & ANSWERED_ON:
        _deny_rst(segment, row, row, tables)
    elif end > side["next"] or segment["time"] - side["rst"] >= _LATE:
        side["bits"] |= SPOKE_ON


@kernel
def deny_fin(segment: np.void, row: int, begin: int, tables: Tables) -> None:
    """Take in data where the side's FIN was: a FIN has its number to itself (RFC 9293 §3.4). One
    byte may be the garbage of a keepalive probe. A bare ACK there, seconds later, shows it too."""
    side = tables.sides[row]
    if side["fin"] == NEVER or segment["length"] == 1:
        return
    denied = NEVER
    place = side["next"] - (side["bits"] & FIN_ACKED != 0)
    if segment["length"] == 0:
        late = segment["time"] - side["fin"] >= REPEATS_WITHIN
        if not late or begin != place or int64(segment["flags"]) & FIN or not has_open_fin(side):
            return
    elif begin <= place < begin + int64(segment["length"]):
        note_tampering(segment, row, FIN_GOES_ON, int64(side["fin_frame"]), tables)
        denied = int64(side["fin"])
    else:
        return
    side["fin_denied"] = denied
    side["fin"] = NEVER
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
