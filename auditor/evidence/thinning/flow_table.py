"""The flow table of thinning: bounded, and giving up first what is over."""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning.holdback import release_all
from auditor.evidence.thinning.idle_queue import leave
from auditor.evidence.thinning.tables import ISN, SEEN, SLOTS, WAITS
from auditor.flows.lookup import link, unlink, write_endpoints
from auditor.flows.tables import NEVER, NONE, wide
from auditor.kernels import kernel
from auditor.packets.segments import Array

#: Flows that are looked at for one to give up: a full table may not make every segment dear.
_LOOKS = 64


@kernel
def clear(row: int, prior: int, state: np.void, sides: Array, slots: Array) -> None:
    """Let ``row`` begin anew; ``prior``: the ISN of its connection before, or NONE."""
    leave(row, state, sides)
    side = sides[row]
    side["bits"] = 0
    side["next"] = 0
    side["acked"] = 0
    side["prior"] = prior
    side["moved"] = NEVER
    side["answers"] = 0
    side["hello"] = HELLO_BYTES
    side["hellos"] = 0
    side["copy_time"] = NEVER >> 1
    for at in range(SLOTS * row, SLOTS * row + SLOTS):
        slots[at]["number"] = 0


@kernel
def begin(index: int, state: np.void, flows: Array) -> None:
    """Let a new connection begin in ``flows[index]``."""
    state["epoch"] += 1
    flow = flows[index]
    flow["epoch"] = state["epoch"]
    flow["opener"] = NONE
    flow["ended"] = 0


@kernel
def begin_again(
    index: int,
    state: np.void,
    flows: Array,
    sides: Array,
    buffer: Array,
    slots: Array,
    octets: Array,
    out: Array,
    packets: Array,
) -> None:
    """Let a new connection follow on the same endpoints; all that is held back is kept."""
    for row in range(2 * index, 2 * index + 2):
        release_all(row, state, buffer, slots, octets, out, packets)
        prior = wide(sides[row]["isn"]) if sides[row]["bits"] & ISN else NONE
        clear(row, prior, state, sides, slots)
    begin(index, state, flows)


@kernel
def _over(flow: np.void, one: np.void, other: np.void) -> bool:
    """Tell whether nothing is lost with a flow: it has ended, or nobody answered its SYN."""
    if (one["bits"] | other["bits"]) & WAITS:
        return False
    unanswered = flow["opener"] != NONE and not one["bits"] & other["bits"] & SEEN
    return bool(flow["ended"] or unanswered)


@kernel
def _give_up(state: np.void, flows: Array, sides: Array, heads: Array) -> int:
    count = len(flows) - 1
    for _ in range(min(_LOOKS, count)):
        index = wide(state["hand"])
        state["hand"] = (index + 1) % count
        if _over(flows[index], sides[2 * index], sides[2 * index + 1]):
            unlink(flows, index, state, heads)
            if state["recent"] == index:
                state["recent"] = NONE
            return index
    return NONE


@kernel
def admit(
    segment: np.void, state: np.void, flows: Array, sides: Array, slots: Array, heads: Array
) -> int:
    """Open a flow for ``segment``; return the row of its sender, or NONE at the bound."""
    index = wide(state["flows"])
    if index < len(flows) - 1:
        state["flows"] = index + 1
    else:
        index = _give_up(state, flows, sides, heads)
        if index == NONE:
            return NONE
    sender = write_endpoints(flows[index], segment)
    clear(2 * index, NONE, state, sides, slots)
    clear(2 * index + 1, NONE, state, sides, slots)
    begin(index, state, flows)
    link(flows, index, state, heads)
    state["recent"] = index
    return 2 * index + sender
