"""The sides that may fall silent, in the order of their latest activity."""

from __future__ import annotations

from auditor.evidence.packet import SILENCE_NS
from auditor.evidence.thinning.holdback import release, release_latest, tell_unseen
from auditor.evidence.thinning.tables import (
    OUT_ROOM,
    SLOTS,
    UNACKED_DATA,
    Holdback,
    Outbox,
    Tables,
)
from auditor.flows.tcp_state import NONE, QUEUED, SILENT
from auditor.kernels import kernel
from auditor.packets.integers import int64


@kernel
def remove(row: int, tables: Tables) -> None:
    """Take ``row`` out of the queue, if it is in it."""
    state, sides = tables.state, tables.sides
    side = sides[row]
    if not side["bits"] & QUEUED:
        return
    older = int64(side["older"])
    newer = int64(side["newer"])
    if older == NONE:
        state["oldest"] = newer
    else:
        sides[older]["newer"] = newer
    if newer == NONE:
        state["newest"] = older
    else:
        sides[newer]["older"] = older
    side["bits"] &= ~QUEUED


@kernel
def touch(row: int, tables: Tables) -> None:
    """Put ``row``, which is active at the capture's clock, at the end of the queue."""
    state, sides = tables.state, tables.sides
    side = sides[row]
    side["active_at"] = state["clock"]
    side["bits"] &= ~SILENT
    if state["newest"] == row:
        return
    remove(row, tables)
    newest = int64(state["newest"])
    side["older"] = newest
    side["newer"] = NONE
    side["bits"] |= QUEUED
    if newest == NONE:
        state["oldest"] = row
    else:
        sides[newest]["newer"] = row
    state["newest"] = row


@kernel
def expire(until: int, tables: Tables, held: Holdback, out: Outbox) -> bool:
    """Settle the sides that have been silent for SILENCE_NS at ``until``; False: no room."""
    state, sides = tables.state, tables.sides
    while state["oldest"] != NONE:
        row = int64(state["oldest"])
        if until - sides[row]["active_at"] < SILENCE_NS:
            return True
        if state["out_count"] > len(out.lines) - OUT_ROOM:
            return False
        remove(row, tables)
        sides[row]["bits"] |= SILENT
        release_latest(row, state, held, out)
        # What the peer sent since then, or was not acknowledged, is why it could not probe (R4).
        release(SLOTS * (row ^ 1) + UNACKED_DATA, state, held, out)
        tell_unseen(row, tables, held, out)
    return True
