"""One segment: what it does to its flow, to its sender and to the peer that will receive it."""

from __future__ import annotations

import numpy as np

from auditor.flows.agreement import agree
from auditor.flows.ahead import COUNTS, SET_ASIDE, fill_claim, join_ahead, meet
from auditor.flows.checksums import learn_checksum
from auditor.flows.denials import deny
from auditor.flows.duplicate_frames import is_copy, note_copy
from auditor.flows.handshake import record_syn, settle_dial, settle_isn
from auditor.flows.heard import confirm_heard, hear
from auditor.flows.hello_bytes import copy_hello
from auditor.flows.idle import (
    begin_idle,
    count_doubt,
    end_idle,
    may_probe,
    restart_idle_timer,
    settle_doubt,
)
from auditor.flows.keepalive import A_PROBE, MAYBE_PROBE, NO_PROBE, on_keepalive
from auditor.flows.odd_probes import learn_ttl, on_odd_probe
from auditor.flows.resets import (
    deny_refusal,
    has_foreign_ttl,
    on_fin,
    on_rst,
    reach_rst,
    restore_fin,
)
from auditor.flows.sequence import position
from auditor.flows.sequence_state import acknowledge, advance, is_plausible, is_stray
from auditor.flows.skips import has_open_fin, has_open_skip
from auditor.flows.stall import defy_silence, on_large, on_silence, on_stall, silence_before
from auditor.flows.streams import (
    begin_of,
    end_of,
    is_first_ack,
    resets_idle_timer,
)
from auditor.flows.tables import Tables
from auditor.flows.tampering import ACK_FROM_ELSEWHERE, NO_ACK
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import (
    HAS_ISN,
    HAS_NEXT,
    HELLO_DONE,
    IDLE,
    NEVER,
    NEXT_CERTAIN,
    RECEIPT_SEEN,
    SENT_ACK,
    SENT_SYN,
)
from auditor.flows.unasked import asks, is_unasked, note_unasked
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN, Array


@kernel
def _count(state: np.void, side: np.void, segment: np.void) -> None:
    time = segment["time"]
    if side["segments"] == 0:
        side["first"] = time
        side["last"] = time
        side["ttl"] = segment["ttl"]
        side["ident"] = segment["ident"]
    side["last"] = max(side["last"], time)
    state["latest"] = max(state["latest"], time)
    side["segments"] += segment["part"] == 0
    side["payload_bytes"] += max(0, int64(segment["length"]) - int64(segment["part"]))
    note_copy(side, segment)


@kernel
def _on_window(flow: np.void, side: np.void, peer: np.void, segment: np.void, news: bool) -> None:
    """Take in the receive window. It closes only by what was received: a receiver never takes back
    what it offered (RFC 9293 §3.8.6), so without ``news`` of the peer nothing closes it."""
    flags = int64(segment["flags"])
    if segment["window"] == 0:
        if side["window"] > 0 and not news and not flags & SYN:
            return
        if not flags & (SYN | FIN):
            side["zero_windows"] += 1
        end_idle(flow, peer, segment["time"])
        settle_doubt(peer)
    side["window"] = segment["window"]


@kernel
def _on_sent(
    flow: np.void, side: np.void, peer: np.void, segment: np.void, sent: int, unsure: bool
) -> None:
    """Take in what sending ``sent`` sequence numbers means to the sender's own idle timer.

    ``unsure``: before this segment it was not known whether all that it sent was acknowledged.
    """
    time = segment["time"]
    if sent > 0:
        end_idle(flow, side, time)
        count_doubt(side, time)
        side["sent_at"] = time
        side["said"] = max(side["said"], time)
    if is_first_ack(side, int64(segment["flags"])) and side["bits"] & SENT_SYN:
        flow["rtt"] = max(0, time - side["syn_time"])
        # Established since the SYN-ACK, which was received before this segment proves it.
        fresh = side["bits"] & RECEIPT_SEEN and side["last_probe"] == NEVER
        if fresh and may_probe(flow, side, peer):
            begin_idle(side, side["last_receipt"])
    if unsure and not side["bits"] & IDLE and may_probe(flow, side, peer):
        begin_idle(side, time)


@kernel
def _on_received(
    flow: np.void, side: np.void, peer: np.void, segment: np.void, begin: int, end: int, kind: int
) -> None:
    """Take in what the segment means to the idle timer of the peer that receives it."""
    time = int64(segment["time"])
    if end > begin and not int64(segment["flags"]) & SYN:
        hear(peer, time, begin, end)
        return
    end_idle(flow, peer, time)
    if not has_open_skip(side):
        settle_doubt(peer)
    restart_idle_timer(flow, peer, side, time, kind != MAYBE_PROBE)


@kernel
def _is_left_out(segment: np.void, row: int, begin: int, tables: Tables) -> bool:
    """Tell whether a segment is left out of account: no receiver accepts it, or it comes out of
    nowhere."""
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    if is_stray(side, peer, begin, int64(segment["time"])) or not is_plausible(
        side, peer, segment, begin
    ):
        return True
    if has_foreign_ttl(side, segment) and is_unasked(side, peer, segment, begin):
        note_tampering(segment, row, ACK_FROM_ELSEWHERE, 0, tables)
        return True
    return False


@kernel
def _in_stream(
    segment: np.void, row: int, begin: int, unsure: bool, first_syn: bool, tables: Tables
) -> int:
    """Take in a segment at ``begin`` of its side's stream; return its kind as a probe."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    time, flags = int64(segment["time"]), int64(segment["flags"])
    becomes = meet(segment, row, begin, tables)
    if becomes == SET_ASIDE:
        reach_rst(flow, side)
        return NO_PROBE
    acks = flags & ACK and becomes == COUNTS
    quiet = max(0, time - flow["last"])
    end = end_of(segment, begin)
    deny(segment, row, begin, end, quiet, tables)
    unasked = is_unasked(side, peer, segment, begin)
    if acks and peer["bits"] & HAS_NEXT:
        confirm_heard(flow, side, peer, position(peer["next"], segment["ack"]), time)
    flow["last"] = max(flow["last"], time)
    side["spoke"] = max(side["spoke"], time)
    if asks(segment, side, begin):
        side["asked_at"] = time
    unheard = silence_before(side, peer, segment, begin, max(0, time - flow["alive"]))
    kind = on_keepalive(flow, side, peer, row, segment, begin, tables)
    on_odd_probe(side, segment, kind)
    silence = silence_before(side, peer, segment, begin, quiet)
    defy_silence(flow, side, row, segment, begin)
    on_silence(flow, side, peer, row, segment, end, silence)
    on_stall(side, peer, segment, begin, end, kind, unheard)
    on_large(side, segment, end)
    acked, sent = peer["acked"], peer["next"] + has_open_fin(peer)
    if acks:
        acknowledge(flow, side, peer, segment)
        restore_fin(flow, peer, side)
    news = peer["acked"] != acked and peer["acked"] <= sent
    if news:
        flow["alive"] = max(flow["alive"], time)
        learn_ttl(side, segment)
    stop = end - (flags & FIN)  # a FIN has its place in the stream once it is acknowledged
    if has_open_fin(side):
        stop = min(stop, int64(side["next"]))
    start = min(begin, stop)
    if kind != A_PROBE:
        advance(side, peer, start, stop, time, first_syn)
        join_ahead(flow, side, peer)
        fill_claim(flow, side, peer)
    _on_window(flow, side, peer, segment, news)
    _on_sent(flow, side, peer, segment, 0 if kind == A_PROBE else stop - start, unsure)
    if unasked:
        note_unasked(side, peer, segment)
        restart_idle_timer(flow, peer, side, time, True)
    elif resets_idle_timer(side, peer, end, flags):
        _on_received(flow, side, peer, segment, begin, end, kind)
    on_fin(flow, side, peer, segment)
    reach_rst(flow, side)
    return kind


@kernel
def on_segment(segment: np.void, row: int, buffer: Array, tables: Tables) -> None:
    """Take in one segment of a known flow; ``row`` is its sender."""
    flow = tables.flows[row >> 1]
    side = tables.sides[row]
    peer = tables.sides[row ^ 1]
    if side["segments"] > 0 and is_copy(side, segment):
        flow["duplicates"] += 1
        if segment["length"] > 0 and not side["bits"] & HELLO_DONE:
            copy_hello(row, segment, begin_of(side, segment), buffer, tables)
        return
    learn_checksum(side, segment, buffer)
    _count(tables.state, side, segment)
    flags = int64(segment["flags"])
    if flags & RST:
        on_rst(segment, row, tables)
        return
    if not flow["agreed"]:
        agree(segment, row, tables)
    unsure = not side["bits"] & NEXT_CERTAIN
    first_syn = flags & SYN != 0 and not side["bits"] & HAS_ISN
    if flags & SYN:
        if flags & ACK:
            deny_refusal(segment, row, tables)
        record_syn(flow, side, segment, row, tables)
    settle_isn(peer, segment, tables)
    if flags & (SYN | ACK) == SYN | ACK and side["bits"] & SENT_ACK and not first_syn:
        return  # its receiver drops it, and takes none of its numbers (RFC 5961 §4)
    begin = begin_of(side, segment)
    if flags & (ACK | SYN) == 0:
        if side["bits"] & peer["bits"] & HAS_ISN:
            note_tampering(segment, row, NO_ACK, 0, tables)
        if segment["length"] > 0 and not side["bits"] & HELLO_DONE:
            copy_hello(row, segment, begin, buffer, tables)
        return
    if _is_left_out(segment, row, begin, tables):
        return
    settle_dial(side, peer, segment)
    kind = _in_stream(segment, row, begin, unsure, first_syn, tables)
    if segment["length"] > 0 and kind == NO_PROBE and not side["bits"] & HELLO_DONE:
        copy_hello(row, segment, begin, buffer, tables)
