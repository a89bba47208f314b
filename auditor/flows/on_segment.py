"""One segment: what it does to its flow, to its sender and to the peer that will receive it."""

from __future__ import annotations

import numpy as np

from auditor.flows.agreement import agree
from auditor.flows.ahead import COUNTS, SET_ASIDE, fill_claim, join_ahead, meet
from auditor.flows.both_ends import count, on_received, on_sent, on_window
from auditor.flows.checksums import learn_checksum
from auditor.flows.denials import deny
from auditor.flows.duplicate_frames import is_copy
from auditor.flows.fins import is_behind_fin, on_fin, restore_fin
from auditor.flows.handshake import record_syn, settle_dial
from auditor.flows.heard import confirm_heard
from auditor.flows.hello_bytes import copy_hello, says_hello
from auditor.flows.idle import restart_idle_timer
from auditor.flows.keepalive import A_PROBE, NO_PROBE, on_keepalive
from auditor.flows.odd_probes import learn_ttl, on_odd_probe
from auditor.flows.plain import is_plain, keeps_plain, on_plain
from auditor.flows.previous import is_of_previous
from auditor.flows.resets import deny_refusal, on_rst, reach_rst
from auditor.flows.rival_numbers import settle_isn, settle_own_isn
from auditor.flows.sending_order import on_order
from auditor.flows.sequence import position
from auditor.flows.sequence_state import acknowledge, advance, is_plausible, is_stray
from auditor.flows.skips import has_open_fin
from auditor.flows.stall import defy_silence, on_large, on_silence, on_stall, silence_before
from auditor.flows.stamps import confirm_stamp, has_odd_stamp
from auditor.flows.streams import begin_of, end_of, resets_idle_timer
from auditor.flows.tables import Tables
from auditor.flows.tampering import NO_ACK
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import HAS_ISN, HAS_NEXT, NEXT_CERTAIN, SENT_ACK
from auditor.flows.unasked import asks, comes_from_elsewhere, is_unasked, note_unasked
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN, Array


@kernel
def _is_left_out(segment: np.void, row: int, begin: int, buffer: Array, tables: Tables) -> bool:
    """Tell whether a segment is left out of account: no receiver accepts it, or it comes out of
    nowhere."""
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    if is_stray(side, peer, begin, int64(segment["time"])) or not is_plausible(
        side, peer, segment, begin
    ):
        return True
    if is_behind_fin(segment, row, begin, tables):
        return True
    return has_odd_stamp(segment, row, begin, buffer, tables) or comes_from_elsewhere(
        segment, row, begin, tables
    )


@kernel
def _on_news(flow: np.void, side: np.void, peer: np.void, segment: np.void, buffer: Array) -> None:
    """Take in a segment that acknowledges what was sent and not acknowledged before."""
    flow["alive"] = max(flow["alive"], segment["time"])
    learn_ttl(side, segment)
    confirm_stamp(peer, segment, buffer)


@kernel
def _meet(segment: np.void, row: int, begin: int, tables: Tables) -> int:
    """Take in what a segment shows of what is ahead, and a RST that a stream has reached by that;
    tell what becomes of the segment."""
    flow = tables.flows[row >> 1]
    becomes = meet(segment, row, begin, tables)
    reach_rst(flow, tables.sides[row ^ 1])
    if becomes == SET_ASIDE:
        reach_rst(flow, tables.sides[row])
    return becomes


@kernel
def _in_stream(
    segment: np.void,
    row: int,
    begin: int,
    unsure: bool,
    first_syn: bool,
    buffer: Array,
    tables: Tables,
) -> int:
    """Take in a segment at ``begin`` of its side's stream; return its kind as a probe."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    time, flags = int64(segment["time"]), int64(segment["flags"])
    late = on_order(segment, row, begin, tables)
    becomes = _meet(segment, row, begin, tables)
    if becomes == SET_ASIDE:
        return NO_PROBE
    acks = flags & ACK and becomes == COUNTS
    quiet, end = max(0, time - flow["last"]), end_of(segment, begin)
    deny(segment, row, begin, end, quiet, late, tables)
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
        _on_news(flow, side, peer, segment, buffer)
    stop = end - (flags & FIN)  # a FIN has its place in the stream once it is acknowledged
    if has_open_fin(side):
        stop = min(stop, int64(side["next"]))
    start = min(begin, stop)
    if kind != A_PROBE:
        advance(side, peer, start, stop, time, first_syn)
        join_ahead(flow, side, peer)
        fill_claim(flow, side, peer)
    on_window(flow, side, peer, segment, news)
    on_sent(flow, side, peer, segment, 0 if kind == A_PROBE else stop - start, unsure)
    if unasked:
        note_unasked(side, peer, segment)
        restart_idle_timer(flow, peer, side, time, True)
    elif resets_idle_timer(side, peer, end, flags):
        on_received(flow, side, peer, segment, begin, end, kind)
    on_fin(segment, row, tables)
    fill_claim(flow, side, peer)
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
        if says_hello(side, segment, begin_of(side, segment)):
            copy_hello(row, segment, begin_of(side, segment), buffer, tables)
        return
    if flow["plain"] and keeps_plain(flow, side, peer, segment):
        on_plain(segment, row, tables)
        return
    _on_any(segment, row, buffer, tables)
    flow["plain"] = is_plain(flow, side, peer)


@kernel
def _on_any(segment: np.void, row: int, buffer: Array, tables: Tables) -> None:
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    learn_checksum(side, segment, buffer)
    count(tables.state, side, segment)
    flags = int64(segment["flags"])
    if is_of_previous(side, peer, segment):
        return
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
    settle_own_isn(side, peer, segment, tables)
    if flags & (SYN | ACK) == SYN | ACK and side["bits"] & SENT_ACK and not first_syn:
        return  # its receiver drops it, and takes none of its numbers (RFC 5961 §4)
    begin = begin_of(side, segment)
    if flags & (ACK | SYN) == 0:
        if side["bits"] & peer["bits"] & HAS_ISN:
            note_tampering(segment, row, NO_ACK, 0, tables)
        if says_hello(side, segment, begin):
            copy_hello(row, segment, begin, buffer, tables)
        return
    if _is_left_out(segment, row, begin, buffer, tables):
        return
    settle_dial(side, peer, segment)
    kind = _in_stream(segment, row, begin, unsure, first_syn, buffer, tables)
    if kind == NO_PROBE and says_hello(side, segment, begin):
        copy_hello(row, segment, begin, buffer, tables)
