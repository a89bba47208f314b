"""What lies ahead of a stream, set aside until the other end shows that it is so.

A segment beyond all that was seen of its side follows bytes that the capture lost, or comes before
some that the tap delivers late, or was never sent by that side. So it is with an acknowledgement
of bytes that were not seen. Where the capture lost something both ends say so within one exchange:
the one goes on from there, and the other acknowledges what lies between. Until then nothing of it
counts, and what they do not say is not so: a receiver keeps what is ahead until it has the rest,
and drops what acknowledges too much (RFC 9293 §3.10.7.4).
"""

from __future__ import annotations

import numpy as np

from auditor.flows.gaps import fill_gaps, open_gap
from auditor.flows.heard import confirm_heard, hear
from auditor.flows.idle import begin_idle, discard_idle, has_closed, may_probe, restart_idle_timer
from auditor.flows.sequence import position
from auditor.flows.skips import REPEATS_WITHIN, has_open_fin, hear_fin, note_skip
from auditor.flows.streams import advance_acked, is_far
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import (
    ACK_ADVANCED,
    ACKED,
    FORGED_MOST,
    HAS_ISN,
    NEVER,
    NEXT_CERTAIN,
    RECEIPT_SEEN,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, SYN

#: What becomes of a segment: it counts, but for its acknowledgement, or not yet.
COUNTS, COUNTS_UNACKED, SET_ASIDE = 0, 1, 2


@kernel
def is_ahead(side: np.void, place: int) -> bool:
    """Tell whether ``place`` lies beyond all that was seen of a side whose stream is known."""
    bits = side["bits"]
    known = bits & NEXT_CERTAIN and bits & (ACKED | HAS_ISN)
    return bool(known and place > side["next"] + has_open_fin(side))


@kernel
def forget_ahead(side: np.void, time: int) -> None:
    """Take for nobody's what was set aside of a side and has not come true by ``time``."""
    if side["ahead_first"] != NEVER and time - side["ahead_last"] >= REPEATS_WITHIN:
        fill_gaps(side, int64(side["next"]), int64(side["ahead_end"]))
        side["ahead_first"] = NEVER
    if side["claimed"] != NEVER and time - side["claimed_at"] >= REPEATS_WITHIN:
        side["claimed"] = NEVER


@kernel
def _put_aside(side: np.void, peer: np.void, segment: np.void, begin: int) -> None:
    end = begin + int64(segment["length"])
    if side["ahead_first"] == NEVER:
        open_gap(side, int64(side["next"]), begin)
        side["ahead_first"] = segment["time"]
        side["ahead_begin"] = begin
        side["ahead_end"] = begin
        side["ahead_sends"] = 0
        side["ahead_ack"] = NEVER
        side["ahead_fin"] = NEVER
    elif begin > side["ahead_end"]:
        open_gap(side, int64(side["ahead_end"]), begin)
    else:
        fill_gaps(side, begin, end)
    side["ahead_sends"] += end > begin and begin == side["ahead_end"]
    side["ahead_begin"] = min(int64(side["ahead_begin"]), begin)
    side["ahead_end"] = max(int64(side["ahead_end"]), end)
    side["ahead_last"] = segment["time"]
    if int64(segment["flags"]) & ACK:
        side["ahead_ack"] = max(int64(side["ahead_ack"]), position(peer["next"], segment["ack"]))
    if int64(segment["flags"]) & FIN and side["ahead_fin"] == NEVER:
        side["ahead_fin"] = segment["time"]
        side["ahead_frame"] = segment["number"]


@kernel
def join_ahead(flow: np.void, side: np.void, peer: np.void) -> None:
    """Take in what was set aside of ``side``, if its stream has reached it."""
    if side["ahead_first"] == NEVER or side["next"] < side["ahead_begin"]:
        return
    first, last = int64(side["ahead_first"]), int64(side["ahead_last"])
    begin, end = int64(side["ahead_begin"]), int64(side["ahead_end"])
    covered = side["next"] > end
    side["ahead_first"] = NEVER
    side["next"] = max(int64(side["next"]), end)
    side["spoke"] = max(int64(side["spoke"]), last)
    side["asked_at"] = max(int64(side["asked_at"]), last)
    flow["last"] = max(int64(flow["last"]), last)
    if end > begin:
        side["said"] = max(int64(side["said"]), last)
        side["sent_at"] = max(int64(side["sent_at"]), last)
        hear(peer, first, begin, end)
        hear(peer, last, begin, end)
    else:
        restart_idle_timer(flow, peer, side, last, True)
    acked = int64(side["ahead_ack"])
    if acked != NEVER and acked <= peer["next"]:
        confirm_heard(flow, side, peer, acked, last)
        if advance_acked(peer, acked):
            side["bits"] |= ACK_ADVANCED
    if side["ahead_fin"] != NEVER and side["fin"] == NEVER and not covered:
        side["fin"] = side["ahead_fin"]
        side["fin_frame"] = side["ahead_frame"]
        side["fin_place"] = side["next"]
        if peer["fin"] != NEVER and has_closed(peer) and flow["ended"] == NEVER:
            flow["ended"] = side["fin"]


@kernel
def _go_to(flow: np.void, side: np.void, peer: np.void, place: int, time: int) -> None:
    """Let the stream of ``side`` go on at ``place``: the capture lost what lies between.

    What ended an idle period before that, as is acknowledged now, was seen.
    """
    note_skip(side, place, time)
    acked = int64(side["ahead_ack"])
    if side["ahead_first"] != NEVER and acked != NEVER and acked <= peer["next"]:
        confirm_heard(flow, side, peer, acked, int64(side["ahead_first"]))
    discard_idle(side, time)
    discard_idle(peer, time)
    side["next"] = place
    join_ahead(flow, side, peer)


@kernel
def _shorten(probe: np.void, since: int) -> None:
    """Let the silence that ``probe`` ended begin at ``since`` or later."""
    silence = max(0, int64(probe["time"]) - since)
    probe["silence"] = min(int64(probe["silence"]), silence)
    probe["interval"] = min(int64(probe["interval"]), silence)
    probe["exact"] = 0


@kernel
def meet_claim(segment: np.void, row: int, begin: int, tables: Tables) -> None:
    """Take in that the side of ``row`` goes on at ``begin``: if its peer acknowledged all before
    it, that was sent. A probe lies one byte before.

    Both ends received something by then; a probe since may end a shorter silence than was seen.
    """
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    claimed, time = int64(side["claimed"]), int64(side["claimed_at"])
    first = int64(side["claimed_first"])
    stands = int64(side["next"]) + has_open_fin(side)
    if claimed <= stands or begin <= stands or begin < claimed - 1:
        return
    if int64(segment["flags"]) & ACK:
        acked = position(peer["next"], segment["ack"])
        if acked <= peer["next"]:
            confirm_heard(flow, side, peer, acked, int64(segment["time"]))
    side["claimed"] = NEVER
    confirm_heard(flow, peer, side, int64(side["next"]), first)
    open_gap(side, int64(side["next"]), claimed)
    _go_to(flow, side, peer, claimed, time)
    advance_acked(side, claimed)
    peer["bits"] |= ACK_ADVANCED
    flow["last"] = max(int64(flow["last"]), time)
    peer["spoke"] = max(int64(peer["spoke"]), time)
    if time >= side["last_receipt"]:
        side["last_receipt"] = time
        side["bits"] |= RECEIPT_SEEN
    if first >= peer["last_receipt"]:
        peer["last_receipt"] = first
        peer["bits"] &= ~RECEIPT_SEEN
    if peer["open_probe"] >= 0:
        _shorten(tables.probes[peer["open_probe"]], first)
    if may_probe(flow, side, peer):
        begin_idle(side, time)
    if may_probe(flow, peer, side):
        begin_idle(peer, first)


@kernel
def fill_claim(flow: np.void, side: np.void, peer: np.void) -> None:
    """Take in that the tap delivered after its acknowledgement what ``peer`` acknowledged, if only
    a FIN."""
    claimed, time = int64(side["claimed"]), int64(side["claimed_at"])
    if claimed == NEVER or claimed > side["next"] + has_open_fin(side):
        return
    side["claimed"] = NEVER
    confirm_heard(flow, peer, side, claimed, time)
    if claimed > side["next"]:
        hear_fin(flow, side, peer, time)
    if advance_acked(side, claimed):
        peer["bits"] |= ACK_ADVANCED


@kernel
def _is_unproven(flow: np.void, side: np.void, peer: np.void, acked: int, time: int) -> bool:
    """Take in that ``side`` acknowledges ``acked``; tell whether nothing shows that ``peer`` sent
    that much."""
    if not is_ahead(peer, acked) or is_far(peer, acked):
        return False
    if peer["ahead_first"] != NEVER:
        confirm_heard(flow, side, peer, int64(peer["next"]), time)
        _go_to(flow, peer, side, min(acked, int64(peer["ahead_begin"])), time)
        if not is_ahead(peer, acked):
            return False
        confirm_heard(flow, side, peer, int64(peer["next"]), time)
        if advance_acked(peer, int64(peer["next"])):
            side["bits"] |= ACK_ADVANCED
    if acked > peer["claimed"]:
        peer["claimed"] = acked
        peer["claimed_first"] = time
    peer["claimed_at"] = time
    return True


@kernel
def meet_rst(segment: np.void, row: int, tables: Tables) -> None:
    """Take in what a RST that its receiver accepts acknowledges of what is ahead of its peer."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    if peer["ahead_first"] != NEVER and int64(segment["flags"]) & ACK:
        acked = position(peer["next"], segment["ack"])
        _is_unproven(flow, side, peer, acked, int64(segment["time"]))


@kernel
def meet(segment: np.void, row: int, begin: int, tables: Tables) -> int:
    """Take in what a segment at ``begin`` shows of what is ahead; tell what becomes of it."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    time, flags = int64(segment["time"]), int64(segment["flags"])
    meet_claim(segment, row, begin, tables)
    unproven = False
    if flags & ACK:
        unproven = _is_unproven(flow, side, peer, position(peer["next"], segment["ack"]), time)
    if is_ahead(side, begin) and not flags & SYN:
        _put_aside(side, peer, segment, begin)
        if side["ahead_sends"] < FORGED_MOST:
            return SET_ASIDE
        _go_to(flow, side, peer, int64(side["ahead_begin"]), time)
        return SET_ASIDE
    if side["ahead_first"] != NEVER:
        fill_gaps(side, begin, begin + int64(segment["length"]))
    forget_ahead(side, time)
    if not unproven:
        forget_ahead(peer, time)
        return COUNTS
    bare = segment["length"] == 0 and not flags & (SYN | FIN) and begin == side["next"]
    return SET_ASIDE if bare else COUNTS_UNACKED
