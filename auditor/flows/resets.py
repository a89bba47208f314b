"""Which RST a flow is taken to end by, and what shows that one was false.

A RST is believed where a receiver accepts it (RFC 5961 §3.2): at the very number that it expects,
and in answer to a SYN with the acknowledgement of that SYN (RFC 9293 §3.10.7.3). Who sees a
connection can send such a one; then both ends go on, if it reached neither.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.ahead import meet_claim, meet_rst
from auditor.flows.fins import doubt_fin, reopen
from auditor.flows.sending_order import RST_DENIED, on_last_word
from auditor.flows.sequence import position
from auditor.flows.sequence_state import is_plausible
from auditor.flows.skips import has_open_fin
from auditor.flows.stall import note_reset
from auditor.flows.streams import is_far
from auditor.flows.tables import Tables
from auditor.flows.tampering import RST_FROM_ELSEWHERE, RST_GOES_ON
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import (
    ACKED,
    ANSWERED_ON,
    HAS_ISN,
    NEVER,
    NEXT_CERTAIN,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
    SPOKE_ON,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK

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
    is none that it took, and without one no acknowledgement is the peer's."""
    waits = peer["bits"] & SENT_SYN and peer["bits"] & HAS_ISN and not side["bits"] & SENT_SYN
    return bool(waits and not (peer["bits"] & SENT_ACK and side["bits"] & SENT_SYN_ACK))


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
    on_last_word(segment, row, position(peer["next"], segment["ack"]), tables)
    meet_rst(segment, row, tables)
    flow["last"] = max(flow["last"], segment["time"])
    side["rst_last"] = segment["time"]
    doubt_fin(flow, side, peer, segment, position(peer["next"], segment["ack"]))
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
def deny_refusal(segment: np.void, row: int, tables: Tables) -> None:
    """Take in a SYN-ACK after a RST of the same side: it refused nothing. A sender that repeated
    its SYN meanwhile may have met a program that started."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    if side["rst"] == NEVER or side["bits"] & HAS_ISN:
        return
    if peer["bits"] & SENT_SYN and peer["syn_time"] <= side["rst"]:
        note_tampering(segment, row, RST_GOES_ON, int64(side["rst_frame"]), tables)
    side["rst"] = NEVER
    side["rst_last"] = NEVER
    reopen(flow, side, peer)


@kernel
def _deny_rst(segment: np.void, row: int, reset: int, tables: Tables) -> None:
    side = tables.sides[reset]
    if side["rst_ack"] != RST_DENIED:
        note_tampering(segment, row, RST_GOES_ON, int64(side["rst_frame"]), tables)
    side["rst"] = NEVER
    side["rst_last"] = NEVER
    side["rst_ack"] = NEVER
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
