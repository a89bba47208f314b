"""The entry point of thinning: every segment of a batch, and the passing of time."""

from __future__ import annotations

from auditor.evidence.thinning.flow_table import open_flow
from auditor.evidence.thinning.holdback import copy_out, emit
from auditor.evidence.thinning.idle_queue import expire
from auditor.evidence.thinning.on_segment import on_segment
from auditor.evidence.thinning.tables import KEPT, OUT_ROOM, Holdback, Outbox, Tables
from auditor.flows.icmp import is_error
from auditor.flows.lookup import find
from auditor.flows.networks import APART, find_flow, set_apart
from auditor.flows.tcp_state import NONE
from auditor.kernels import entry
from auditor.packets.segments import Array


@entry
def thin_batch(
    segments: Array,
    start: int,
    until: int,
    buffer: Array,
    states: Array,
    flows: Array,
    sides: Array,
    heads: Array,
    slots: Array,
    headers: Array,
    changed: Array,
    lines: Array,
    packets: Array,
) -> int:
    """Thin ``segments[start:]``, then let the clock reach ``until`` (ns UTC).

    Returns the index reached, or -1 when all is done. Otherwise the outbox is full: call again
    with that index when its first ``states[0]["out_count"]`` lines have been taken. The arrays
    are those of ``Tables``, ``Holdback`` and ``Outbox``; ``states`` has one row.
    """
    tables = Tables(states[0], flows, sides, heads)
    held = Holdback(slots, headers, changed)
    out = Outbox(buffer, lines, packets)
    state = tables.state
    for i in range(start, len(segments)):
        segment = segments[i]
        clock = max(state["clock"], segment["time"])
        if not expire(clock, tables, held, out) or state["out_count"] > len(lines) - OUT_ROOM:
            return i
        state["clock"] = clock
        state["matched"] += 1
        if is_error(segment):
            row = find(segment, tables)
            if row >= 0 or state["piece"]:  # of a flow that others saw, it may be
                emit(segment, KEPT, 0, NONE, max(row, 0), tables, out)
            continue
        row = find_flow(segment, tables)
        if row < 0:
            is_apart = row == APART
            row = open_flow(segment, tables, held)
            if is_apart and row >= 0:
                set_apart(row, tables)
        if row < 0:
            state["lost"] += 1
            continue
        on_segment(segment, row, tables, held, out)
    clock = max(state["clock"], until)
    if not expire(clock, tables, held, out):
        return len(segments)
    state["clock"] = clock
    copy_out(state, held, out)
    return -1
