"""One segment: what it does to its flow, to its sender and to the peer that will receive it."""

from __future__ import annotations

import numpy as np

from auditor.flows.duplicate_frames import is_copy, note_copy
from auditor.flows.handshake import record_isn
from auditor.flows.hello_bytes import place
from auditor.flows.idle import begin_quiet, end_quiet, may_probe, restart_idle_timer
from auditor.flows.keepalive import (
    A_PROBE,
    MAYBE_PROBE,
    NO_PROBE,
    classify,
    note_answer,
    note_candidate,
    note_probe,
)
from auditor.flows.sequence import position
from auditor.flows.sequence_state import STRAY_BYTES, acknowledge, advance, is_life, is_stray
from auditor.flows.tables import (
    CANDIDATE,
    DIALLED,
    HEARD,
    ISN,
    NEVER,
    NEXT,
    NONE,
    QUIET,
    READ,
    SPOKE,
    SURE,
    wide,
)
from auditor.kernels import kernel
from auditor.packets.segments import ACK, FIN, RST, SYN, Array


@kernel
def _count(state: np.void, flow: np.void, side: np.void, segment: np.void) -> None:
    time = segment["time"]
    if side["segments"] == 0:
        side["first"] = time
        side["last"] = time
        side["ttl"] = segment["ttl"]
    side["last"] = max(side["last"], time)
    flow["last"] = max(flow["last"], time)
    state["latest"] = max(state["latest"], time)
    side["segments"] += 1
    side["octets"] += wide(segment["length"])
    note_copy(side, segment)


@kernel
def _end(flow: np.void, side: np.void, peer: np.void, time: int) -> None:
    end_quiet(side, time)
    end_quiet(peer, time)
    if flow["ended"] == NEVER:
        flow["ended"] = time


@kernel
def _reset(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> None:
    """Take in a RST, unless its sequence number is one that no receiver would accept."""
    if side["bits"] & SURE:
        ahead = position(side["next"], segment["seq"]) - side["next"]
        if abs(ahead) > STRAY_BYTES:
            return
    if side["rst"] == NEVER:
        side["rst"] = segment["time"]
    _end(flow, side, peer, segment["time"])


@kernel
def _close(flow: np.void, side: np.void, peer: np.void, time: int) -> None:
    """Take in a FIN; the second side's ends the flow."""
    if side["fin"] == NEVER:
        side["fin"] = time
    if peer["fin"] != NEVER:
        _end(flow, side, peer, time)


@kernel
def _speak(
    flow: np.void, side: np.void, peer: np.void, segment: np.void, sent: int, unsure: bool
) -> None:
    """Take in what sending ``sent`` sequence numbers means to the sender's own idle clock.

    ``unsure``: before this segment it was not known what the side owed to the network.
    """
    time = segment["time"]
    if sent > 0:
        end_quiet(side, time)
    if wide(segment["flags"]) & (SYN | ACK) == ACK and not side["bits"] & SPOKE:
        side["bits"] |= SPOKE
        if side["bits"] & DIALLED:
            flow["rtt"] = max(0, time - side["dialled"])
            # Established since the SYN-ACK, which was heard before this segment proves it.
            if side["bits"] & HEARD and side["probed"] == NEVER and may_probe(flow, side, peer):
                begin_quiet(side, side["heard"])
    if unsure and not side["bits"] & QUIET and may_probe(flow, side, peer):
        begin_quiet(side, time)


@kernel
def _window(side: np.void, peer: np.void, segment: np.void) -> None:
    side["window"] = segment["window"]
    if segment["window"] == 0:
        if not wide(segment["flags"]) & (SYN | FIN):
            side["zero_windows"] += 1
        end_quiet(peer, segment["time"])


@kernel
def _probing(
    flow: np.void,
    side: np.void,
    peer: np.void,
    row: int,
    segment: np.void,
    begin: int,
    state: np.void,
    probes: Array,
) -> int:
    """Settle what this segment is as a probe or as an answer; return its kind."""
    side["bits"] &= ~CANDIDATE
    kind = classify(side, peer, segment, begin)
    if kind == A_PROBE:
        note_probe(flow, side, peer, row, segment, state, probes)
        return kind
    answers = False
    if peer["pending"] >= 0 or peer["bits"] & CANDIDATE:
        answers = note_answer(peer, row ^ 1, segment, state, probes)
    if not answers:
        side["pending"] = NONE
    if kind == MAYBE_PROBE:
        note_candidate(side, segment, begin)
    return kind


@kernel
def step(
    segment: np.void,
    buffer: Array,
    state: np.void,
    flow: np.void,
    sides: Array,
    row: int,
    probes: Array,
    pool: Array,
    placed: Array,
) -> None:
    """Take in one segment of a known flow; ``row`` is its sender."""
    side = sides[row]
    peer = sides[row ^ 1]
    if side["segments"] > 0 and is_copy(side, segment):
        flow["duplicates"] += 1
        return
    _count(state, flow, side, segment)
    flags = wide(segment["flags"])
    if flags & RST:
        _reset(flow, side, peer, segment)
        return
    opening = flags & SYN != 0
    unsure = not side["bits"] & SURE
    again = bool(side["bits"] & ISN)
    if opening:
        record_isn(flow, side, segment, row, pool, placed)
    begin = wide(segment["seq"])
    if side["bits"] & NEXT:
        begin = position(side["next"], segment["seq"])
    if is_stray(side, peer, begin):
        return
    length = wide(segment["length"])
    end = begin + length + (flags & SYN) // SYN + (flags & FIN)
    kind = _probing(flow, side, peer, row, segment, begin, state, probes)
    if flags & ACK:
        acknowledge(flow, side, peer, segment)
    if kind != A_PROBE:
        advance(side, peer, begin, end, opening and not again)
    _window(side, peer, segment)
    sent = 0 if kind == A_PROBE else end - begin
    _speak(flow, side, peer, segment, sent, unsure)
    if is_life(side, peer, end, opening):
        restart_idle_timer(flow, peer, side, segment["time"], 0 if kind == MAYBE_PROBE else HEARD)
    if flags & FIN:
        _close(flow, side, peer, segment["time"])
    if length > 0 and kind == NO_PROBE and not side["bits"] & READ:
        place(side, segment, begin, buffer, state, pool, placed)
