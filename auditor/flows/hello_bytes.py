"""The first bytes of each side's stream, put in place by sequence number.

Reordered, split, overlapping and retransmitted segments all give the same bytes: the first copy
of a byte wins. Bytes that the capture cut off (snap length) leave holes.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.streams import stream_offset
from auditor.flows.tables import HELLO_BYTES, Tables
from auditor.flows.tampering import COPIES_DIFFER
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import HAS_ISN, HELLO_DONE
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import Array

#: A stream this far on sends its first bytes no more.
_FAR = 1 << 20


@kernel
def _is_filled(filled: Array, k: int) -> bool:
    return bool((int64(filled[k >> 3]) >> (7 - (k & 7))) & 1)


@kernel
def _mark(filled: Array, k: int, on: bool) -> None:
    bit = 1 << (7 - (k & 7))
    rest = int64(filled[k >> 3]) & ~bit
    filled[k >> 3] = rest | bit if on else rest


@kernel
def move_start(side: np.void, start: int, tables: Tables) -> None:
    """Let the stream begin at position ``start``, earlier than was thought; move what is there."""
    by = side["stream_start"] - start
    if by <= 0 or by >= HELLO_BYTES:
        return
    side["stream_start"] = start
    if side["hello"] < 0:
        return
    hello = tables.hellos[side["hello"]]
    filled = tables.filled[side["hello"]]
    for k in range(HELLO_BYTES - 1, -1, -1):
        keep = k >= by and _is_filled(filled, k - by)
        if keep:
            hello[k] = hello[k - by]
        _mark(filled, k, keep)


@kernel
def _has_room(side: np.void, tables: Tables) -> bool:
    """Give the side a row of the hellos if it has none; tell whether it has one now."""
    state = tables.state
    if side["hello"] < 0:
        if state["hello_count"] >= len(tables.hellos):
            state["lost_hellos"] += 1
            side["bits"] |= HELLO_DONE
            return False
        side["hello"] = state["hello_count"]
        state["hello_count"] += 1
    return True


@kernel
def copy_hello(row: int, segment: np.void, begin: int, buffer: Array, tables: Tables) -> None:
    """Copy what the segment carries of the stream's first HELLO_BYTES; ``begin``: its position."""
    side = tables.sides[row]
    captured = min(int64(segment["captured"]), int64(segment["length"]))
    source = int64(segment["payload"])
    captured = min(captured, len(buffer) - source)
    offset = stream_offset(side, segment, begin)
    if offset < 0 and not side["bits"] & HAS_ISN:
        move_start(side, side["stream_start"] + offset, tables)
        offset = stream_offset(side, segment, begin)
    if offset > _FAR:
        side["bits"] |= HELLO_DONE
        return
    first = max(0, -offset)
    last = min(captured, HELLO_BYTES - offset)
    if first >= last or not _has_room(side, tables):
        return
    hello = tables.hellos[side["hello"]]
    filled = tables.filled[side["hello"]]
    differs = False
    for k in range(first, last):
        if _is_filled(filled, offset + k):
            differs |= hello[offset + k] != buffer[source + k]
        else:
            hello[offset + k] = buffer[source + k]
            _mark(filled, offset + k, True)
    if differs:
        note_tampering(segment, row, COPIES_DIFFER, 0, tables)
