"""One segment after another: what each does to its flow (RFC 9293 §3.10, seen from a tap)."""

from __future__ import annotations

import numpy as np

from auditor.flows.handshake import FOREIGN, SAME, greet, judge_opening
from auditor.flows.keepalive import (
    A_PROBE,
    MAYBE_PROBE,
    NO_PROBE,
    classify,
    note_answer,
    note_candidate,
    note_probe,
)
from auditor.flows.lookup import admit, find, relink
from auditor.flows.quiet import begin_quiet, end_quiet, forget_quiet, hear, may_probe
from auditor.flows.sequence import fill_gaps, open_gap, position
from auditor.flows.stream import place
from auditor.flows.tables import (
    ACKED,
    CANDIDATE,
    DIALLED,
    HEARD,
    ISN,
    MOVED,
    NEVER,
    NEXT,
    NONE,
    OWN,
    QUIET,
    READ,
    SPOKE,
    STRAY,
    SURE,
    wide,
)
from auditor.jit import kernel
from auditor.packets.segments import ACK, FIN, RST, SYN, Array

#: A tap that sees a frame at two ports delivers both copies within this time (ns).
_TWICE = 100_000_000
#: A segment this far (bytes) from its stream is stray, unless its sender goes on from there:
#: no window holds so much, so it is an old connection's, a forgery, or follows a hole in the
#: capture.
_STRAY_BYTES = 1 << 28


@kernel
def _is_duplicate(side: np.void, segment: np.void) -> bool:
    return bool(
        side["copy_seq"] == segment["seq"]
        and side["copy_ack"] == segment["ack"]
        and side["copy_ident"] == segment["ident"]
        and side["copy_length"] == segment["length"]
        and side["copy_window"] == segment["window"]
        and side["copy_flags"] == segment["flags"]
        and side["segments"] > 0
        and abs(segment["time"] - side["copy_time"]) < _TWICE
    )


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
    side["copy_time"] = time
    side["copy_seq"] = segment["seq"]
    side["copy_ack"] = segment["ack"]
    side["copy_ident"] = segment["ident"]
    side["copy_length"] = segment["length"]
    side["copy_window"] = segment["window"]
    side["copy_flags"] = segment["flags"]


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
        if abs(ahead) > _STRAY_BYTES:
            return
    if side["rst"] == NEVER:
        side["rst"] = segment["time"]
    _end(flow, side, peer, segment["time"])


@kernel
def _is_stray(side: np.void, peer: np.void, begin: int) -> bool:
    """Tell whether to leave a segment out of account; the second in a row is believed."""
    if not side["bits"] & SURE or abs(begin - side["next"]) <= _STRAY_BYTES:
        side["bits"] &= ~STRAY
        return False
    if not side["bits"] & STRAY:
        side["bits"] |= STRAY
        return True
    side["missing"] += max(0, begin - side["next"])
    side["next"] = begin
    side["gaps"] = 0
    side["bits"] = (side["bits"] & ~(STRAY | ACKED)) | READ
    forget_quiet(side)
    forget_quiet(peer)
    return False


@kernel
def _acknowledge(flow: np.void, side: np.void, peer: np.void, segment: np.void) -> None:
    """Take in what ``side`` acknowledges of its peer's stream, seen or not."""
    bits = peer["bits"]
    if not bits & NEXT:
        peer["next"] = wide(segment["ack"])
        peer["low"] = peer["next"]
        peer["acked"] = peer["next"]
        peer["bits"] = bits | NEXT | ACKED
        return
    acked = position(peer["next"], segment["ack"])
    beyond = acked - peer["next"]
    if bits & SURE and abs(beyond) > _STRAY_BYTES:
        return
    if beyond > 0:
        if bits & SURE or (bits & OWN and beyond > 1):
            open_gap(peer, peer["next"], acked)
        if bits & SURE or beyond > 1:
            # The peer sent, and this side heard, something that the capture does not show.
            forget_quiet(peer)
            forget_quiet(side)
            hear(flow, side, peer, segment["time"], 0)
        peer["next"] = acked
    if bits & OWN:
        peer["bits"] |= SURE
    if not bits & ACKED:
        peer["acked"] = acked
        peer["bits"] |= ACKED
    elif acked > peer["acked"]:
        peer["acked"] = acked
        side["bits"] |= MOVED


@kernel
def _advance(side: np.void, peer: np.void, begin: int, end: int, first_syn: bool) -> None:
    """Take in the sequence space [begin, end) that ``side`` sent."""
    bits = side["bits"]
    if not bits & NEXT:
        side["next"] = end
        side["low"] = begin
        side["bits"] = bits | NEXT | OWN | (SURE if end > begin else 0)
        return
    skipped = begin - side["next"]
    if bits & OWN and (skipped > 1 or (skipped > 0 and bits & SURE)):
        open_gap(side, side["next"], begin)
        forget_quiet(side)
        forget_quiet(peer)
    if begin < side["next"] and end > begin:
        late = fill_gaps(side, begin, min(end, side["next"]))
        if end <= side["next"] and not late and not first_syn:
            side["retransmissions"] += 1
    side["next"] = max(side["next"], end)
    side["bits"] |= OWN
    if end > begin or bits & ACKED:
        side["bits"] |= SURE


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
def _is_life(side: np.void, peer: np.void, end: int, opening: bool) -> bool:
    """Tell whether what ends at ``end`` restarts the idle clock of the peer that receives it.

    Linux drops what ends before the last acknowledgement it sent (``tcp_sequence`` in
    net/ipv4/tcp_input.c): an empty probe and an old retransmission do, but a one-byte probe and
    the retransmission of the very last bytes do not, and restart the clock. A second SYN-ACK
    only draws a challenge ACK (RFC 5961 §4).
    """
    if opening and peer["bits"] & SPOKE:
        return False
    return not side["bits"] & ACKED or end >= side["acked"]


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
def _step(
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
    side = sides[row]
    peer = sides[row ^ 1]
    if _is_duplicate(side, segment):
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
        greet(flow, side, segment, row, pool, placed)
    begin = wide(segment["seq"])
    if side["bits"] & NEXT:
        begin = position(side["next"], segment["seq"])
    if _is_stray(side, peer, begin):
        return
    length = wide(segment["length"])
    end = begin + length + (flags & SYN) // SYN + (flags & FIN)
    kind = _probing(flow, side, peer, row, segment, begin, state, probes)
    if flags & ACK:
        _acknowledge(flow, side, peer, segment)
    if kind != A_PROBE:
        _advance(side, peer, begin, end, opening and not again)
    _window(side, peer, segment)
    if flags & FIN and side["fin"] == NEVER:
        side["fin"] = segment["time"]
    sent = 0 if kind == A_PROBE else end - begin
    _speak(flow, side, peer, segment, sent, unsure)
    if _is_life(side, peer, end, opening):
        hear(flow, peer, side, segment["time"], 0 if kind == MAYBE_PROBE else HEARD)
    if side["fin"] != NEVER and peer["fin"] != NEVER:
        _end(flow, side, peer, segment["time"])
    if length > 0 and kind == NO_PROBE and not side["bits"] & READ:
        place(side, segment, begin, buffer, state, pool, placed)


@kernel
def follow(
    segments: Array,
    start: int,
    buffer: Array,
    states: Array,
    flows: Array,
    sides: Array,
    heads: Array,
    probes: Array,
    pool: Array,
    placed: Array,
) -> int:
    """Follow ``segments[start:]``; return the index reached.

    An index below ``len(segments)`` asks for more room in a table; nothing of that segment was
    taken in. ``states`` has one row, dtype STATE.
    """
    state = states[0]
    if state["relink"]:
        relink(state, flows, heads)
    for i in range(start, len(segments)):
        if (
            state["flows"] >= state["flow_stop"]
            or state["probes"] >= state["probe_stop"]
            or state["slots"] >= state["slot_stop"]
        ):
            return i
        segment = segments[i]
        row = find(segment, state, flows, heads)
        previous = NONE
        if row >= 0 and wide(segment["flags"]) & SYN:
            verdict = judge_opening(segment, flows, sides, row)
            if verdict == FOREIGN:
                continue
            if verdict != SAME:
                previous = row >> 1
                row = NONE
        if row < 0:
            row = admit(segment, previous, state, flows, sides, heads)
            if row < 0:
                state["lost_segments"] += 1
                state["lost_flows"] += (wide(segment["flags"]) & (SYN | ACK)) == SYN
                continue
        _step(segment, buffer, state, flows[row >> 1], sides, row, probes, pool, placed)
    return len(segments)
