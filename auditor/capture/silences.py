"""Which sides of which flows have been silent long enough, and which flows are over.

The rules K3 and K4 of the thinning, for many flows at once.
"""

from __future__ import annotations

import ctypes

import numpy as np

from auditor.capture.layout import FlowStruct

_SECOND = 1_000_000_000

#: A flow that has ended is forgotten after this: its last segments have been written by then.
CLOSED_NS = 5 * _SECOND

#: A side that was never answered is forgotten after this: Linux sends its last SYN 63 s after the
#: first and gives up at 127 s (tcp_syn_retries = 6).
UNANSWERED_NS = 130 * _SECOND

#: When the table is three quarters full, a flow that has been silent for this long is forgotten:
#: longer than a keepalive of 7200 s needs to give its peer up (bareos.md §6.1: 7875 s).
IDLE_NS = 8000 * _SECOND

#: The records that a side holds back, by their names in the structure.
SLOTS = ("last", "first")


def begun(
    flows: ctypes.Array[FlowStruct], since: int, horizon: int, *, everything: bool = False
) -> dict[int, list[tuple[int, str]]]:
    """Return which records (side, slot) of which flows, by their places, are kept now.

    A side's last segment begins a silence when nothing followed it up to ``horizon`` (rule K3); a
    first payload counts when the peer's silence, in which it fell, has lasted that long (rule K4).
    What did so up to ``since`` was found before. With ``everything`` every last segment counts.
    Times are ns since boot.
    """
    sides = np.ctypeslib.as_array(flows)["sides"]
    last, first = sides["last"], sides["first"]
    newly = (last["time"] > since) & (last["time"] <= horizon)
    begins = (last["time"] > 0) & (newly | everything) & (last["kept"] == 0)
    unheard = (first["time"] > 0) & newly[:, ::-1] & (first["kept"] == 0)
    found: dict[int, list[tuple[int, str]]] = {}
    for flow, side, slot in np.argwhere(np.stack([begins, unheard], axis=2)).tolist():
        found.setdefault(flow, []).append((side, SLOTS[slot]))
    return found


def over(flows: ctypes.Array[FlowStruct], now: int, *, full: bool) -> list[int]:
    """Return the places of flows that need no state any more at ``now`` (ns since boot).

    Those that have ended or were never answered; with ``full`` also those that must be dead.
    """
    view = np.ctypeslib.as_array(flows)
    times = view["sides"]["last"]["time"].astype(np.int64)
    idle = now - times.max(axis=1)
    gone = (view["closed"] != 0) & (idle > CLOSED_NS)
    gone |= (times.min(axis=1) == 0) & (idle > UNANSWERED_NS)
    gone |= full & (idle > IDLE_NS)
    places: list[int] = np.flatnonzero(gone).tolist()
    return places
