"""The tracker's entry point: every segment of a batch, led to its flow (RFC 9293 §3.10.7)."""

from __future__ import annotations

import numpy as np

from auditor.flows.handshake import judge_syn
from auditor.flows.icmp import is_error, on_error
from auditor.flows.initial_sequence import CURRENT, STALE, isn_or_never
from auditor.flows.lookup import insert, relink, unlink
from auditor.flows.networks import APART, find_flow, set_apart
from auditor.flows.on_segment import on_segment
from auditor.flows.rivals import choose, is_over, stand_beside
from auditor.flows.sending_order import forget_order
from auditor.flows.tables import Tables
from auditor.flows.tampering import ODD_FLAGS
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import NEVER, NONE
from auditor.kernels import entry, kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN, Array


@kernel
def _open_flow(segment: np.void, previous: int, rivals: int, tables: Tables) -> int:
    """Open a flow for ``segment``; return the row of its sender, or NONE at the hard bound.

    ``previous`` is the flow that used the same endpoints, or NONE, and ``rivals`` how many of those
    it stands beside. The tables arrive zeroed; only what is not zero at the start is written.
    """
    state = tables.state
    index = int64(state["flow_count"])
    if index >= len(tables.flows) - 1:
        state["lost_segments"] += 1
        state["lost_flows"] += (int64(segment["flags"]) & (SYN | ACK)) == SYN
        return NONE
    flow = tables.flows[index]
    flow["first"] = segment["time"]
    flow["last"] = segment["time"]
    flow["alive"] = segment["time"]
    flow["ended"] = NEVER
    flow["attempts"] = 1
    flow["rtt"] = NEVER
    for k in range(2):
        side = tables.sides[2 * index + k]
        side["previous_isn"] = NEVER
        if previous >= 0:
            side["previous_isn"] = isn_or_never(tables.sides[2 * previous + k])
        side["last_receipt"] = segment["time"]
        side["last_probe"] = NEVER
        side["longest_idle_began"] = NEVER
        side["open_probe"] = NONE
        side["fin"] = NEVER
        side["fin_denied"] = NEVER
        side["rst"] = NEVER
        side["rst_last"] = NEVER
        side["spoke"] = NEVER
        side["said"] = NEVER
        side["hello"] = NONE
        side["copy_time"] = NEVER
        side["heard_last"] = NEVER
        side["rst_ahead"] = NEVER
        side["skip_time"] = NEVER
        side["ahead_first"] = NEVER
        side["claimed"] = NEVER
        side["stamp_time"] = NEVER
        side["wait_end"] = NEVER
        side["doubt_since"] = NEVER
        side["doubt_began"] = NEVER
        side["asked_at"] = segment["time"]
        forget_order(side)
    flow["rivals"] = rivals
    state["flow_count"] = index + 1
    return insert(segment, index, tables)


@kernel
def _open_anew(segment: np.void, row: int, newest: int, tables: Tables) -> int:
    """Open a flow on the endpoints of others: of ``row``, and of the flow ``newest``."""
    flow, time = tables.flows[newest], int64(segment["time"])
    rivals = 0
    if tables.state["flow_count"] >= len(tables.flows) - 1:
        return _open_flow(segment, NONE, 0, tables)
    if flow["rivals"] > 0 or not is_over(newest, time, tables):
        rivals = stand_beside(newest, time, tables)
        side = tables.sides[row]
        side["asked_at"] = max(side["asked_at"], segment["time"])
    else:
        unlink(newest, tables)
    opened = _open_flow(segment, row >> 1, rivals, tables)
    tables.flows[opened >> 1]["apart"] = flow["apart"]
    return opened


@kernel
def _flow_of(segment: np.void, tables: Tables) -> int:
    """Return the row of the segment's sender; NONE: its segments are left out of account."""
    row = find_flow(segment, tables)
    if row < 0:
        is_apart = row == APART
        row = _open_flow(segment, NONE, 0, tables)
        if is_apart and row >= 0:
            set_apart(row, tables)
        return row
    newest = row >> 1
    if tables.flows[newest]["rivals"] > 0:
        row = choose(segment, row, tables)
    flags = int64(segment["flags"])
    if not flags & SYN:
        return row
    if flags & (FIN | RST):
        note_tampering(segment, row, ODD_FLAGS, 0, tables)
        return row if flags & RST else NONE
    verdict = judge_syn(segment, row, tables)
    over = row >> 1 != newest and tables.flows[row >> 1]["ended"] != NEVER
    if verdict == STALE or (verdict == CURRENT and over):
        return NONE
    return row if verdict == CURRENT else _open_anew(segment, row, newest, tables)


@entry
def track(
    segments: Array,
    start: int,
    buffer: Array,
    states: Array,
    flows: Array,
    sides: Array,
    heads: Array,
    probes: Array,
    hellos: Array,
    filled: Array,
    traces: Array,
    facts: Array,
) -> int:
    """Track ``segments[start:]``; return the index reached.

    An index below ``len(segments)`` asks for more room in a table; nothing of that segment was
    taken in. ``states`` has one row; the tables are those of ``Tables``.
    """
    tables = Tables(states[0], flows, sides, heads, probes, hellos, filled, traces, facts)
    state = tables.state
    if state["relink"]:
        relink(tables)
        state["relink"] = 0
    for i in range(start, len(segments)):
        if (
            state["flow_count"] >= state["flow_stop"]
            or state["probe_count"] >= state["probe_stop"]
            or state["hello_count"] >= state["hello_stop"]
        ):
            return i
        if is_error(segments[i]):
            on_error(segments[i], buffer, tables)
            continue
        row = _flow_of(segments[i], tables)
        if row >= 0:
            on_segment(segments[i], row, buffer, tables)
    return len(segments)
