"""The plain course of a connection: data that goes on, and its acknowledgements.

That is nearly all of a backup. Once both sides are in it and nothing is open (no probe, no FIN or
RST, no gap that is not explained), most of what ``on_segment`` asks of a segment has one answer. So
it is asked of the connection once, after each segment that is another, and not of every segment.
What is added to ``on_segment`` is asked in ``is_plain`` or ``keeps_plain`` too.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.both_ends import count, on_received, on_sent
from auditor.flows.heard import confirm_heard
from auditor.flows.hello_bytes import says_hello
from auditor.flows.keepalive import NO_PROBE
from auditor.flows.sequence import position
from auditor.flows.stall import SHORTEST_SILENCE, on_large, on_stall
from auditor.flows.stamps import keeps_clock
from auditor.flows.streams import is_far
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import (
    ACK_ADVANCED,
    ACKED,
    BYTE_ANSWERED,
    DIAL_ACKED,
    DIALS,
    FIN_ACKED,
    FIN_REPEATED,
    HAS_NEXT,
    NEVER,
    NEXT_CERTAIN,
    NONE,
    PROBE_CANDIDATE,
    SENT_ACK,
    SEQ_SEEN,
    STRAYS,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN

_SET = HAS_NEXT | ACKED | NEXT_CERTAIN | SEQ_SEEN | SENT_ACK | DIAL_ACKED
_CLEAR = STRAYS | PROBE_CANDIDATE | FIN_ACKED | FIN_REPEATED | DIALS | BYTE_ANSWERED


@kernel
def _is_settled(side: np.void) -> bool:
    """Tell whether nothing of a side is open but what it sent last."""
    return bool(
        side["bits"] & (_SET | _CLEAR) == _SET
        and side["lowest"] <= side["acked"] <= side["next"]
        and side["fin"] == NEVER
        and side["fin_denied"] == NEVER
        and side["rst"] == NEVER
        and side["rst_ahead"] == NEVER
        and side["skip_time"] == NEVER
        and side["ahead_first"] == NEVER
        and side["claimed"] == NEVER
        and side["rival_count"] == 0
        and side["open_probe"] == NONE
        and side["odd_probe"] == 0
        and side["wait_end"] == NEVER
    )


@kernel
def _keeps_order(side: np.void, peer: np.void) -> bool:
    """Tell whether a segment that goes on breaks no order of its side's numbers."""
    known = side["far_end"] <= side["next"] and side["bare_ack"] <= peer["acked"]
    return bool(known and side["rst_ack"] == NEVER)


@kernel
def is_plain(flow: np.void, side: np.void, peer: np.void) -> bool:
    """Tell whether a connection is in its plain course, after a segment of ``side``."""
    return bool(
        _is_settled(side)
        and _is_settled(peer)
        and _keeps_order(side, peer)
        and _keeps_order(peer, side)
        and flow["ended"] == NEVER
        and flow["quiet"] == 0
        and flow["quiet_bare"] == 0
        and flow["survived_again"] == 0
        and flow["agreed"]
    )


@kernel
def keeps_plain(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether a segment of ``side`` is the next data of its stream, or acknowledges data that
    was not acknowledged yet, in a connection that is in its plain course and was not silent."""
    time, length = int64(segment["time"]), int64(segment["length"])
    if int64(segment["flags"]) & (SYN | FIN | RST | ACK) != ACK or segment["window"] == 0:
        return False
    if position(side["next"], segment["seq"]) != side["next"] or segment["ttl"] != side["ttl"]:
        return False
    acked = position(peer["next"], segment["ack"])
    if not peer["acked"] + (length == 0) <= acked <= peer["next"] or is_far(peer, acked):
        return False
    if time - flow["last"] >= SHORTEST_SILENCE or time - flow["alive"] >= SHORTEST_SILENCE:
        return False
    return keeps_clock(side, peer, segment) and not says_hello(side, segment, int64(side["next"]))


@kernel
def on_plain(segment: np.void, row: int, tables: Tables) -> None:
    """Take in a segment of a connection in its plain course, as ``on_segment`` does any other."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    time, length = int64(segment["time"]), int64(segment["length"])
    begin = int64(side["next"])
    acked = position(peer["next"], segment["ack"])
    count(tables.state, side, segment)
    confirm_heard(flow, side, peer, acked, time)
    flow["last"] = max(flow["last"], time)
    side["spoke"] = max(side["spoke"], time)
    if length > 0:
        side["asked_at"] = time
        side["far_end"] = begin + length
        side["far_ack"] = acked
        side["far_window"] = segment["window"]
    else:
        side["bare_at"] = begin
        side["bare_ack"] = acked
    side["edge_ack"] = acked
    side["edge_window"] = segment["window"]
    on_stall(side, peer, segment, begin, begin + length, NO_PROBE, 0)
    on_large(side, segment, begin + length)
    if acked > peer["acked"]:
        peer["acked"] = acked
        side["bits"] |= ACK_ADVANCED
        flow["alive"] = max(flow["alive"], time)
        side["proven_ttl"] = 1
    side["next"] = begin + length
    side["window"] = segment["window"]
    on_sent(flow, side, peer, segment, length, False)
    on_received(flow, side, peer, segment, begin, begin + length, NO_PROBE)
