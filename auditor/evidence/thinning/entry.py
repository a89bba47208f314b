"""The compiled entry: every segment of a batch, kept, held back or passed over."""

from __future__ import annotations

import numpy as np

from auditor.evidence.thinning.flow_table import admit, begin_again
from auditor.evidence.thinning.holdback import hand_on, release_ends, rescue
from auditor.evidence.thinning.idle_queue import expire
from auditor.evidence.thinning.segment_class import (
    acknowledge,
    expect_answer,
    is_answer,
    is_due,
    is_first_word,
    is_life,
    is_probe,
    is_stray,
    note_kept,
)
from auditor.evidence.thinning.slots import close, emit, hello_offset, live_sign, speak
from auditor.evidence.thinning.syn import ANEW, FOREIGN, judge, record_isn
from auditor.evidence.thinning.tables import FIRST, KEPT, NEXT, OUT_ROOM, SEEN, SLOTS
from auditor.flows.duplicate_frames import is_copy, note_copy
from auditor.flows.lookup import find
from auditor.flows.sequence import position
from auditor.flows.tables import wide
from auditor.kernels import entry, kernel
from auditor.packets.segments import ACK, FIN, RST, SYN, Array


@kernel
def take(
    segment: np.void,
    row: int,
    begin: int,
    state: np.void,
    flow: np.void,
    sides: Array,
    buffer: Array,
    slots: Array,
    octets: Array,
    changed: Array,
    out: Array,
    packets: Array,
) -> None:
    """Take in one segment of a connection, at ``begin`` of its sender's stream."""
    side = sides[row]
    peer = sides[row ^ 1]
    flags = wide(segment["flags"])
    time = wide(segment["time"])
    end = begin + wide(segment["length"]) + (flags & SYN) // SYN + (flags & FIN)
    probe = is_probe(segment, side, begin)
    keep = state["everything"] != 0 or probe or flags & (SYN | FIN) != 0
    acked = acknowledge(peer, wide(segment["ack"])) if flags & ACK else wide(side["ack"])
    keep |= is_answer(side, peer, acked)
    keep |= is_first_word(side, flags)
    if probe:
        expect_answer(peer)
    live = is_life(side, peer, end, flags)
    if live:
        keep |= is_due(side, time, end, acked)
        newest = end >= side["next"] and (not flags & ACK or acked >= peer["acked"])
        keep |= live_sign(
            segment, row, newest, state, sides, buffer, slots, octets, changed, out, packets
        )
    if not probe:
        side["next"] = max(side["next"], end) if side["bits"] & NEXT else end
        side["bits"] |= NEXT
        if end > begin:
            keep |= speak(segment, row, state, sides, slots, changed)
    side["bits"] |= SEEN
    if not live and (keep or slots[SLOTS * row + FIRST]["number"] == state["matched"]):
        # Only the peer's acknowledgement tells that this is no sign of life.
        release_ends(row ^ 1, state, buffer, slots, octets, out, packets)
    if keep:
        note_kept(side, time, end, acked)
    offset = -1 if probe else hello_offset(segment, side, begin)
    emit(segment, keep, offset, row, flow, sides, state, buffer, slots, out, packets)
    close(flow, side, peer, flags)


@kernel
def lead(
    segment: np.void,
    row: int,
    state: np.void,
    flows: Array,
    sides: Array,
    buffer: Array,
    slots: Array,
    octets: Array,
    changed: Array,
    out: Array,
    packets: Array,
) -> None:
    """Take in one segment of known endpoints: of this connection, of a new or of an older one."""
    flow = flows[row >> 1]
    side = sides[row]
    if side["bits"] & SEEN and is_copy(side, segment):
        return
    flags = wide(segment["flags"])
    apart = False
    if flags & SYN:
        verdict = judge(segment, side, sides[row ^ 1])
        apart = verdict == FOREIGN
        if verdict == ANEW:
            begin_again(row >> 1, state, flows, sides, buffer, slots, octets, out, packets)
        if not apart:
            record_isn(flow, side, segment, row)
    note_copy(side, segment)
    begin = wide(segment["seq"])
    if side["bits"] & NEXT:
        begin = position(side["next"], segment["seq"])
        apart = apart or is_stray(side, begin)
    if flags & RST and not apart:
        flow["ended"] = 1
    if apart or flags & RST:
        hand_on(segment, KEPT, 0, row, flow, -1, state, buffer, out, packets)
        return
    take(segment, row, begin, state, flow, sides, buffer, slots, octets, changed, out, packets)


@entry
def thin(
    segments: Array,
    start: int,
    until: int,
    buffer: Array,
    states: Array,
    flows: Array,
    sides: Array,
    heads: Array,
    slots: Array,
    octets: Array,
    changed: Array,
    out: Array,
    packets: Array,
) -> int:
    """Thin ``segments[start:]``, then let the clock reach ``until`` (ns UTC).

    Returns the index reached, or -1 when all is done. Otherwise ``out`` is full: call again with
    that index when its first ``states[0]["out"]`` rows have been taken. ``out`` and ``packets``
    say what is kept: OUT, and the octets, shape (OUT_ROWS, OUT_OCTETS).
    """
    state = states[0]
    for i in range(start, len(segments)):
        segment = segments[i]
        clock = max(state["clock"], segment["time"])
        if not expire(clock, state, sides, buffer, slots, octets, out, packets):
            return i
        if state["out"] > len(out) - OUT_ROOM:
            return i
        state["clock"] = clock
        state["matched"] += 1
        row = find(segment, state, flows, heads)
        if row < 0:
            row = admit(segment, state, flows, sides, slots, heads)
        if row < 0:
            state["lost"] += 1
            continue
        lead(segment, row, state, flows, sides, buffer, slots, octets, changed, out, packets)
    clock = max(state["clock"], until)
    if not expire(clock, state, sides, buffer, slots, octets, out, packets):
        return len(segments)
    state["clock"] = clock
    rescue(state, buffer, slots, octets, changed)
    return -1
