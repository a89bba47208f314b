"""The first bytes of each side's stream, put in place by sequence number.

Reordered, split, overlapping and retransmitted segments all give the same bytes: the first copy
of a byte wins. Bytes that the capture cut off (snap length) leave holes.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tables import BASED, HELLO_BYTES, ISN, READ, wide
from auditor.kernels import kernel
from auditor.packets.segments import SYN, Array

#: A stream this far on sends its first bytes no more.
_FAR = 1 << 20


@kernel
def _is_placed(marks: Array, k: int) -> bool:
    return bool((wide(marks[k >> 3]) >> (7 - (k & 7))) & 1)


@kernel
def _mark(marks: Array, k: int, on: bool) -> None:
    bit = 1 << (7 - (k & 7))
    rest = wide(marks[k >> 3]) & ~bit
    marks[k >> 3] = rest | bit if on else rest


@kernel
def set_base(side: np.void, base: int, pool: Array, placed: Array) -> None:
    """Let the stream begin at position ``base``, earlier than was thought; move what is there."""
    by = side["base"] - base
    if by <= 0 or by >= HELLO_BYTES:
        return
    side["base"] = base
    if side["slot"] < 0:
        return
    stream = pool[side["slot"]]
    marks = placed[side["slot"]]
    for k in range(HELLO_BYTES - 1, -1, -1):
        keep = k >= by and _is_placed(marks, k - by)
        if keep:
            stream[k] = stream[k - by]
        _mark(marks, k, keep)


@kernel
def _take_slot(side: np.void, state: np.void, pool: Array) -> bool:
    if side["slot"] < 0:
        if state["slots"] >= len(pool):
            state["lost_hellos"] += 1
            side["bits"] |= READ
            return False
        side["slot"] = state["slots"]
        state["slots"] += 1
    return True


@kernel
def place(
    side: np.void,
    segment: np.void,
    begin: int,
    buffer: Array,
    state: np.void,
    pool: Array,
    placed: Array,
) -> None:
    """Copy what the segment carries of the stream's first HELLO_BYTES; ``begin``: its position."""
    captured = min(wide(segment["captured"]), wide(segment["length"]))
    start = wide(segment["payload"])
    captured = min(captured, len(buffer) - start)
    if wide(segment["flags"]) & SYN:
        begin += 1
    if not side["bits"] & BASED:
        side["base"] = side["isn"] + 1 if side["bits"] & ISN else begin
        side["bits"] |= BASED
    if begin < side["base"] and not side["bits"] & ISN:
        set_base(side, begin, pool, placed)
    offset = begin - side["base"]
    if offset > _FAR:
        side["bits"] |= READ
        return
    first = max(0, -offset)
    last = min(captured, HELLO_BYTES - offset)
    if first >= last or not _take_slot(side, state, pool):
        return
    stream = pool[side["slot"]]
    marks = placed[side["slot"]]
    for k in range(first, last):
        if not _is_placed(marks, offset + k):
            stream[offset + k] = buffer[start + k]
            _mark(marks, offset + k, True)
