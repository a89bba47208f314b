"""Kernels that read the options of pcapng blocks (draft-ietf-opsawg-pcapng §3.5): counts of lost
packets, and whether there is a comment."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.counters import FOREVER, clock_of
from auditor.packets.drop_counts import lost_by, note_counted
from auditor.packets.integers import u8, u32
from auditor.packets.interfaces import COUNTED, LOST
from auditor.packets.segments import Array

#: Bytes of an Enhanced Packet Block before its data.
ENHANCED_HEAD = 28


@kernel
def u16(buffer: Array, at: int, big: int) -> int:
    """Return 16 bits at ``at`` in the byte order of the file."""
    return u8(buffer, at + (big == 0)) << 8 | u8(buffer, at + (big != 0))


@kernel
def _count(buffer: Array, at: int, big: int) -> int:
    """Return the unsigned 64 bits at ``at``, held below 2^62."""
    high = u32(buffer, at + (0 if big else 4), big)
    return high << 32 | u32(buffer, at + (4 if big else 0), big) if high < 1 << 30 else FOREVER - 1


@kernel
def missed_before(buffer: Array, option: int, end: int, big: int) -> int:
    """Return how many packets were lost before one whose options these are, by ``epb_dropcount``
    (pcapng §4.3)."""
    while option + 12 <= end:
        code, length = u16(buffer, option, big), u16(buffer, option + 2, big)
        if code == 0:
            break
        if code == 4 and length == 8:
            return _count(buffer, option + 4, big)
        option += 4 + ((length + 3) & ~3)
    return 0


@kernel
def is_commented(buffer: Array, at: int, size: int, big: int) -> bool:
    """Tell whether the first option of the Enhanced Packet Block at ``at`` is a comment."""
    room = size - ENHANCED_HEAD - 4
    captured = (u32(buffer, at + 20, big) + 3) & ~3 if room >= 4 else 0
    if captured + 4 > room:
        return False
    option = at + ENHANCED_HEAD + captured
    return u16(buffer, option, big) == 1


@kernel
def take_statistics(
    buffer: Array, at: int, size: int, big: int, interfaces: Array, count: int, counters: Array
) -> bool:
    """Note what an Interface Statistics Block (pcapng §4.6) says was lost, ``isb_ifdrop`` and
    ``isb_osdrop``, held below 2^62; tell whether it has a comment."""
    commented = counted = False
    lost = 0
    option, end = at + 20, at + size - 4
    while option + 4 <= end:
        code, length = u16(buffer, option, big), u16(buffer, option + 2, big)
        option += 4
        if code == 0 or option + length > end:
            break
        commented |= code == 1
        if code in (5, 7) and length == 8:
            counted = True
            lost = min(lost + _count(buffer, option, big), FOREVER - 1)
        option += (length + 3) & ~3
    number = u32(buffer, at + 8, big) if size >= 24 else count
    if counted and number < count:
        before = lost_by(interfaces, number)
        interfaces[number, LOST] = lost
        interfaces[number, COUNTED] = 1
        note_counted(counters, interfaces, number, before, clock_of(counters))
    return commented and number < count
