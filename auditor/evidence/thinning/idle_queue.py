"""The sides whose silence is not known yet, in the order in which they were last heard."""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import SILENCE_NS
from auditor.evidence.thinning.holdback import release, release_ends
from auditor.evidence.thinning.tables import FIRST, OUT_ROOM, QUIET, SLOTS, WAITS
from auditor.flows.tables import NONE, wide
from auditor.kernels import kernel
from auditor.packets.segments import Array


@kernel
def leave(row: int, state: np.void, sides: Array) -> None:
    """Take ``row`` out of the order, if it is in it."""
    side = sides[row]
    if not side["bits"] & WAITS:
        return
    older = wide(side["older"])
    newer = wide(side["newer"])
    if older == NONE:
        state["oldest"] = newer
    else:
        sides[older]["newer"] = newer
    if newer == NONE:
        state["newest"] = older
    else:
        sides[newer]["older"] = older
    side["bits"] &= ~WAITS


@kernel
def renew(row: int, state: np.void, sides: Array) -> None:
    """Note a sign of life of ``row``, at the capture's clock."""
    side = sides[row]
    side["touched"] = state["clock"]
    side["bits"] &= ~QUIET
    if state["newest"] == row:
        return
    leave(row, state, sides)
    newest = wide(state["newest"])
    side["older"] = newest
    side["newer"] = NONE
    side["bits"] |= WAITS
    if newest == NONE:
        state["oldest"] = row
    else:
        sides[newest]["newer"] = row
    state["newest"] = row


@kernel
def expire(
    until: int,
    state: np.void,
    sides: Array,
    buffer: Array,
    slots: Array,
    octets: Array,
    out: Array,
    packets: Array,
) -> bool:
    """Settle the sides that have been silent for SILENCE_NS at ``until``; False: no room."""
    while state["oldest"] != NONE:
        row = wide(state["oldest"])
        if until - sides[row]["touched"] < SILENCE_NS:
            return True
        if state["out"] > len(out) - OUT_ROOM:
            return False
        leave(row, state, sides)
        sides[row]["bits"] |= QUIET
        release_ends(row, state, buffer, slots, octets, out, packets)
        # What the peer said or owed since then is why it could not probe.
        release(SLOTS * (row ^ 1) + FIRST, state, buffer, slots, octets, out, packets)
    return True
