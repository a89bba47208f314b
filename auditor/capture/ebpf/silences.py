"""Which sides of a flow have been silent long enough, and which flows are over.

The rules R3 and R4 of docs/thinning.md for the kernel's flow table, with no more than the standard
library: this runs in the process that captures.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from auditor.capture.ebpf.layout import FlowStruct, RecordStruct, SideStruct

_SECOND = 1_000_000_000

#: Segments of a flow that the filter keeps because of irregular ones, as irregular.h has it: then
#: it keeps no more for their numbers alone.
DOUBTFUL_MOST = 4096

#: The records of a SideStruct that are held back.
LAST_ACTIVITY, HIGHEST_SEQ, UNACKED_DATA = "last_activity", "highest_seq", "unacked_data"

#: A flow that has ended is forgotten after this: its last segments have been written by then.
CLOSED_NS = 5 * _SECOND

#: A side to which the peer never sent anything is forgotten after this: Linux sends its last SYN
#: 63 s after the first and gives up at 127 s (tcp_syn_retries = 6).
UNANSWERED_NS = 130 * _SECOND

#: When the table is three quarters full, a flow that has been silent for this long is forgotten:
#: longer than a keepalive of 7200 s needs to give its peer up (bareos.md §6.1: 7875 s).
IDLE_NS = 8000 * _SECOND


class HeldBack(NamedTuple):
    """Whether a flow ended, whether anything was said, how many segments were kept because of
    irregular ones, and what is held back of each side: when a slot's segment was sent (ns since
    boot, 0: the slot is empty), and whether it is in the ring; and whether bytes of the side were
    not seen."""

    over: int
    spoke: int
    doubted: int
    last0: int
    last0_kept: int
    highest0: int
    highest0_kept: int
    unacked0: int
    unacked0_kept: int
    gaps0: int
    missing0: int
    last1: int
    last1_kept: int
    highest1: int
    highest1_kept: int
    unacked1: int
    unacked1_kept: int
    gaps1: int
    missing1: int


def _format() -> struct.Struct:
    """Return the format that reads a HeldBack out of the bytes of a flow."""
    places = [(_offset(FlowStruct, name), "B") for name in ("over", "spoke")]
    places.append((_offset(FlowStruct, "doubted"), "H"))
    for side in (0, 1):
        start = _offset(FlowStruct, "sides") + side * _SIDE_BYTES
        for slot in (LAST_ACTIVITY, HIGHEST_SEQ, UNACKED_DATA):
            record = start + _offset(SideStruct, slot)
            places.append((record + _offset(RecordStruct, "time"), "Q"))
            places.append((record + _offset(RecordStruct, "kept"), "B"))
        places.append((start + _offset(SideStruct, "gap_count"), "B"))
        places.append((start + _offset(SideStruct, "missing"), "q"))
    form, at = "<", 0
    for place, code in places:
        form += f"{place - at}x{code}"
        at = place + struct.calcsize(f"<{code}")
    return struct.Struct(f"{form}{_FLOW_BYTES - at}x")


def _offset(structure: Any, field: str) -> int:
    return int(getattr(structure, field).offset)


_FLOW_BYTES = len(bytes(FlowStruct()))
_SIDE_BYTES = len(bytes(SideStruct()))
_HELD_BACK = _format()


def held_back(flows: memoryview | bytes) -> Iterator[HeldBack]:
    """Yield what is held back of each flow of a row of FlowStructs."""
    return map(HeldBack._make, _HELD_BACK.iter_unpack(flows))


def due(
    flow: HeldBack, since: int, horizon: int, *, everything: bool = False
) -> list[tuple[int, str]]:
    """Return which records (side, slot) of a flow are to be kept now.

    A side's last activity begins a silence when none followed it up to ``horizon``; what reached
    the end of its stream goes with it (R3), and the peer's data that was not acknowledged, which is
    why that does not probe (R4). What did so up to ``since`` was found before. With ``everything``
    every last activity counts.
    """
    newly0 = since < flow.last0 <= horizon or (everything and flow.last0)
    newly1 = since < flow.last1 <= horizon or (everything and flow.last1)
    if not (newly0 or newly1):
        return []
    found = [
        (0, LAST_ACTIVITY, newly0 and flow.last0 and not flow.last0_kept),
        (0, HIGHEST_SEQ, newly0 and flow.highest0 and not flow.highest0_kept),
        (0, UNACKED_DATA, newly1 and flow.unacked0 and not flow.unacked0_kept),
        (1, LAST_ACTIVITY, newly1 and flow.last1 and not flow.last1_kept),
        (1, HIGHEST_SEQ, newly1 and flow.highest1 and not flow.highest1_kept),
        (1, UNACKED_DATA, newly0 and flow.unacked1 and not flow.unacked1_kept),
    ]
    return [(side, slot) for side, slot, is_kept in found if is_kept]


def lacking_at(flow: HeldBack, since: int, horizon: int, *, everything: bool = False) -> int:
    """Return, of a flow of which something was not seen, or not all is kept any more, when the
    activity was sent by which a silence began that ``due`` looks for; 0: there is none."""
    lacks = flow.gaps0 or flow.gaps1 or flow.missing0 or flow.missing1
    if not (lacks or flow.doubted >= DOUBTFUL_MOST):
        return 0
    times = (flow.last0, flow.last1)
    return max((time for time in times if since < time <= horizon or everything), default=0)


def is_over(flow: HeldBack, now: int, *, full: bool, crowded: bool) -> bool:
    """Tell whether a flow needs no state any more at ``now``: it ended, or a side never sent.

    With ``full`` also whether it has been silent for so long that it must be dead; of a flow of
    which one side is seen that takes seconds, since whoever forges one is never answered. With
    ``crowded`` the same of one over which nothing was said: when it is met again, every segment of
    it is kept at first.
    """
    idle = now - max(flow.last0, flow.last1)
    if flow.over:
        return idle > CLOSED_NS
    if crowded and not flow.spoke:
        return idle > CLOSED_NS
    if not flow.last0 or not flow.last1:
        return idle > (CLOSED_NS if full else UNANSWERED_NS)
    return full and idle > IDLE_NS
