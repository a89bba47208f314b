"""The compiled entry: every segment of a batch, led to its flow (RFC 9293 §3.10, seen from a tap).

It is the only kernel that Python calls, since each one costs time to load from the disk cache.
"""

from __future__ import annotations

from auditor.flows.handshake import FOREIGN, SAME, judge_opening
from auditor.flows.lookup import admit, find, relink
from auditor.flows.on_segment import step
from auditor.flows.tables import NONE, wide
from auditor.kernels import entry
from auditor.packets.segments import ACK, SYN, Array


@entry
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
        step(segment, buffer, state, flows[row >> 1], sides, row, probes, pool, placed)
    return len(segments)
