"""The flow table of thinning: bounded, and giving up first what is over."""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning.holdback import release_all
from auditor.evidence.thinning.idle_queue import remove
from auditor.evidence.thinning.tables import SLOTS, Holdback, Outbox, Tables
from auditor.evidence.thinning.unseen import forget_gaps
from auditor.flows.initial_sequence import isn_or_never
from auditor.flows.lookup import insert, unlink
from auditor.flows.tcp_state import NEVER, NONE, QUEUED, SENT_ACK
from auditor.kernels import kernel
from auditor.packets.integers import int64

#: Flows that are looked at for one to give up: a full table may not make every segment dear.
_LOOKS = 64


@kernel
def _clear(row: int, previous_isn: int, tables: Tables, held: Holdback) -> None:
    remove(row, tables)
    side = tables.sides[row]
    side["bits"] = 0
    side["next"] = 0
    side["acked"] = 0
    side["previous_isn"] = previous_isn
    side["unchanged_since"] = NEVER
    side["possible_answers"] = 0
    side["hello_limit"] = HELLO_BYTES
    side["hello_segments"] = 0
    side["copy_time"] = NEVER >> 1
    forget_gaps(side)
    for at in range(SLOTS * row, SLOTS * row + SLOTS):
        held.slots[at]["number"] = 0


@kernel
def _begin(index: int, tables: Tables) -> None:
    """Let a connection begin in ``flows[index]``, of which no side is known yet."""
    tables.state["epoch"] += 1
    flow = tables.flows[index]
    flow["epoch"] = tables.state["epoch"]
    flow["opener"] = NONE
    flow["over"] = 0
    flow["doubtful"] = 0
    flow["doubted"] = 0


@kernel
def begin_again(index: int, tables: Tables, held: Holdback, out: Outbox) -> None:
    """Let a new connection follow on the same endpoints; all that is held back is kept."""
    for row in range(2 * index, 2 * index + 2):
        release_all(row, tables.state, held, out)
        _clear(row, isn_or_never(tables.sides[row]), tables, held)
    _begin(index, tables)


@kernel
def _may_go(flow: np.void, one: np.void, other: np.void) -> bool:
    """Tell whether nothing is lost with a flow: it is over, or half-open, its opener has sent
    nothing but SYNs, all of which went out (R1)."""
    if flow["opener"] != NONE:
        opener = one if flow["opener"] == 0 else other
        if not opener["bits"] & SENT_ACK:
            return True
    return bool(flow["over"] and not (one["bits"] | other["bits"]) & QUEUED)


@kernel
def _evict(tables: Tables) -> int:
    """Give up a flow; return its index, or NONE if none of those looked at may go."""
    state, flows, sides = tables.state, tables.flows, tables.sides
    count = len(flows) - 1
    for _ in range(min(_LOOKS, count)):
        index = int64(state["next_to_evict"])
        state["next_to_evict"] = (index + 1) % count
        if _may_go(flows[index], sides[2 * index], sides[2 * index + 1]):
            unlink(index, tables)
            return index
    return NONE


@kernel
def open_flow(segment: np.void, tables: Tables, held: Holdback) -> int:
    """Open a flow for ``segment``; return the row of its sender, or NONE at the bound."""
    state = tables.state
    index = int64(state["flow_count"])
    if index < len(tables.flows) - 1:
        state["flow_count"] = index + 1
    else:
        index = _evict(tables)
        if index == NONE:
            return NONE
    _clear(2 * index, NEVER, tables, held)
    _clear(2 * index + 1, NEVER, tables, held)
    _begin(index, tables)
    tables.flows[index]["opened"] = tables.flows[index]["epoch"]
    return insert(segment, index, tables)
