"""The timestamps option of a TCP header (RFC 7323 §3), wherever among the options it stands."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.integers import be32, u8
from auditor.packets.segments import NO_STAMPS, UNSEEN_STAMPS, Array

#: NOP, NOP, kind and length: all that nearly every header has before both values.
_USUAL = 0x0101080A
_END, _NOP, _TIMESTAMPS = 0, 1, 8


@kernel
def timestamps_place(buffer: Array, at: int, size: int, stop: int) -> int:
    """Return where in the TCP header at ``at``, of ``size`` bytes, TSval stands; TSecr follows it.
    NO_STAMPS: nowhere; UNSEEN_STAMPS: that was not captured.

    ``stop`` is where the captured bytes end. Options are read as receivers do: up to the first
    whose length does not fit, and of several of one kind the last counts.
    """
    if size == 20:
        return NO_STAMPS
    if at + size > stop:
        return UNSEEN_STAMPS
    if size == 32 and be32(buffer, at + 20) == _USUAL:
        return 24
    place, found = 20, NO_STAMPS
    while place < size:
        kind = u8(buffer, at + place)
        if kind == _END:
            break
        if kind == _NOP:
            place += 1
            continue
        length = u8(buffer, at + place + 1) if place + 1 < size else 0
        if length < 2 or place + length > size:
            break
        if kind == _TIMESTAMPS and length == 10:
            found = place + 2
        place += length
    return found
