"""One segment: what it does to its flow, to its sender and to the peer that will receive it."""

from __future__ import annotations

import numpy as np

from auditor.flows.checksums import learn_checksum
from auditor.flows.duplicate_frames import is_copy, note_copy
from auditor.flows.handshake import record_syn, settle_isn
from auditor.flows.hello_bytes import copy_hello
from auditor.flows.idle import begin_idle, end_idle, may_probe, restart_idle_timer
from auditor.flows.keepalive import A_PROBE, MAYBE_PROBE, NO_PROBE, on_keepalive
from auditor.flows.sequence import position
from auditor.flows.sequence_state import acknowledge, advance, is_plausible, is_stray
from auditor.flows.stall import on_large, on_silence, on_stall, silence_before
from auditor.flows.streams import (
    begin_of,
    end_of,
    is_far,
    is_first_ack,
    resets_idle_timer,
)
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import (
    HAS_ISN,
    HELLO_DONE,
    IDLE,
    NEVER,
    NEXT_CERTAIN,
    RECEIPT_SEEN,
    SENT_SYN,
)
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
    if segment["length"] > 0:
        side["said"] = max(side["said"], time)
    note_copy(side, segment)


@kernel
def _end(flow: np.void, side: np.void, peer: np.void, time: int) -> None:
    end_idle(side, time)
    end_idle(peer, time)
    if flow["ended"] == NEVER:
        flow["ended"] = time


@kernel
def _on_rst(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> None:
    """Take in a RST, unless its numbers are such as no receiver would accept."""
    begin = position(side["next"], segment["seq"])
    certain = side["bits"] & NEXT_CERTAIN
    if certain and (is_far(side, begin) or not is_plausible(side, peer, segment, begin)):
        return
    flow["last"] = max(flow["last"], segment["time"])
    if side["rst"] == NEVER:
        side["rst"] = segment["time"]
        side["rst_ttl"] = segment["ttl"]
    _end(flow, side, peer, segment["time"])


@kernel
def _on_fin(flow: np.void, side: np.void, peer: np.void, time: int) -> None:
    """Take in a FIN; the second side's ends the flow."""
    if side["fin"] == NEVER:
        side["fin"] = time
    if peer["fin"] != NEVER:
        _end(flow, side, peer, time)


@kernel
def _on_window(side: np.void, peer: np.void, segment: np.void) -> None:
    side["window"] = segment["window"]
    if segment["window"] == 0:
        if not int64(segment["flags"]) & (SYN | FIN):
            side["zero_windows"] += 1
        end_idle(peer, segment["time"])


@kernel
def _on_sent(
    flow: np.void, side: np.void, peer: np.void, segment: np.void, sent: int, unsure: bool
) -> None:
    """Take in what sending ``sent`` sequence numbers means to the sender's own idle timer.

    ``unsure``: before this segment it was not known whether all that it sent was acknowledged.
    """
    time = segment["time"]
    if sent > 0:
        end_idle(side, time)
    if is_first_ack(side, int64(segment["flags"])) and side["bits"] & SENT_SYN:
        flow["rtt"] = max(0, time - side["syn_time"])
        # Established since the SYN-ACK, which was received before this segment proves it.
        fresh = side["bits"] & RECEIPT_SEEN and side["last_probe"] == NEVER
        if fresh and may_probe(flow, side, peer):
            begin_idle(side, side["last_receipt"])
    if unsure and not side["bits"] & IDLE and may_probe(flow, side, peer):
        begin_idle(side, time)


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
    quiet = max(0, segment["time"] - flow["last"])
    learn_checksum(side, segment, buffer)
    _count(tables.state, side, segment)
    flags = int64(segment["flags"])
    if flags & RST:
        _on_rst(flow, side, peer, segment)
        return
    unsure = not side["bits"] & NEXT_CERTAIN
    first_syn = flags & SYN != 0 and not side["bits"] & HAS_ISN
    if flags & SYN:
        record_syn(flow, side, segment, row, tables)
    settle_isn(peer, segment, tables)
    begin = begin_of(side, segment)
    if is_stray(side, peer, begin) or not is_plausible(side, peer, segment, begin):
        return
    flow["last"] = max(flow["last"], segment["time"])
    end = end_of(segment, begin)
    side["spoke"] = max(side["spoke"], segment["time"])
    kind = on_keepalive(flow, side, peer, row, segment, begin, tables)
    silence = silence_before(side, peer, segment, begin, quiet)
    on_silence(flow, side, row, segment, end, silence)
    on_stall(side, peer, segment, begin, end, kind, silence)
    on_large(side, segment, end)
    if flags & ACK:
        acknowledge(flow, side, peer, segment)
    if kind != A_PROBE:
        advance(side, peer, begin, end, first_syn)
    _on_window(side, peer, segment)
    _on_sent(flow, side, peer, segment, 0 if kind == A_PROBE else end - begin, unsure)
    if resets_idle_timer(side, peer, end, flags):
        restart_idle_timer(flow, peer, side, segment["time"], kind != MAYBE_PROBE)
    if flags & FIN:
        _on_fin(flow, side, peer, segment["time"])
    if segment["length"] > 0 and kind == NO_PROBE and not side["bits"] & HELLO_DONE:
        copy_hello(row, segment, begin, buffer, tables)
