"""What a segment does to the slots of its sender and of its peer: when a silence begins and ends.

*Activity* is a segment that restarts the idle timer of the peer that receives it.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import SILENCE_NS
from auditor.evidence.thinning.holdback import (
    copy_slot,
    hold,
    mark_changed,
    release,
    release_all,
    release_latest,
)
from auditor.evidence.thinning.idle_queue import touch
from auditor.evidence.thinning.tables import (
    HIGHEST_SEQ,
    LAST_ACTIVITY,
    SLOTS,
    UNACKED_DATA,
    Holdback,
    Outbox,
    Tables,
)
from auditor.flows.tcp_state import ACKED, HAS_NEXT, SEGMENT_SEEN, SILENT
from auditor.kernels import kernel


@kernel
def _on_unacked(row: int, tables: Tables, held: Holdback, out: Outbox) -> None:
    """Begin anew to hold back why ``row``, which received something now, does not probe (R4)."""
    side = tables.sides[row]
    unacked = SLOTS * row + UNACKED_DATA
    source = SLOTS * row + HIGHEST_SEQ
    if held.slots[source]["number"] == 0:
        source = SLOTS * row + LAST_ACTIVITY
    known = side["bits"] & HAS_NEXT and side["bits"] & ACKED
    if not known or side["acked"] == side["next"] or held.slots[source]["number"] == 0:
        held.slots[unacked]["number"] = 0
        return
    mark_changed(row, tables, held)
    copy_slot(held, source, unacked)
    if tables.state["clock"] - held.slots[unacked]["time"] >= SILENCE_NS:
        release(unacked, tables.state, held, out)


@kernel
def on_activity(
    segment: np.void, row: int, newest: bool, tables: Tables, held: Holdback, out: Outbox
) -> bool:
    """Take in activity of ``row``; tell whether it ends a silence (R3).

    ``newest``: it reaches further than all earlier ones of the side, or acknowledges more, and
    neither less.
    """
    state = tables.state
    last = SLOTS * row + LAST_ACTIVITY
    highest = SLOTS * row + HIGHEST_SEQ
    before = held.slots[last]
    silent = bool(
        before["number"] == 0
        or segment["time"] - before["time"] >= SILENCE_NS
        or tables.sides[row]["bits"] & SILENT
    )
    if silent:
        release_latest(row, state, held, out)
        release_all(row ^ 1, state, held, out)
    _on_unacked(row ^ 1, tables, held, out)
    mark_changed(row, tables, held)
    if newest:
        held.slots[highest]["number"] = 0
    elif held.slots[highest]["number"] == 0:
        copy_slot(held, last, highest)
    elif state["clock"] - held.slots[highest]["time"] >= SILENCE_NS:
        release(highest, state, held, out)
    hold(before, segment, state["matched"])
    touch(row, tables)
    return silent


@kernel
def on_data(segment: np.void, row: int, tables: Tables, held: Holdback) -> bool:
    """Take in data of ``row``; tell whether it is the first in a silence of its peer (R4)."""
    unacked = held.slots[SLOTS * row + UNACKED_DATA]
    peer = tables.sides[row ^ 1]
    if unacked["number"] or not peer["bits"] & SEGMENT_SEEN:
        return False
    mark_changed(row, tables, held)
    hold(unacked, segment, tables.state["matched"])
    return bool(peer["bits"] & SILENT)
