"""The pcapng kernel: packet blocks become segments, all that is rare goes back to Python.

Block layouts from draft-ietf-opsawg-pcapng §4 and, for the obsolete Packet Block, its appendix.
"""

from __future__ import annotations

import numpy as np

from auditor.kernels import entry, kernel
from auditor.packets.counters import (
    COMPLETE,
    FOREVER,
    PACKETS,
    PREVIOUS,
    UNDECODED,
    UNTIMED,
    clock_of,
    note_time,
    note_undecoded,
)
from auditor.packets.decoding import Decoding
from auditor.packets.drop_counts import lost_by, note_counted
from auditor.packets.frame import decode
from auditor.packets.integers import int64, u32
from auditor.packets.interfaces import (
    DECODABLE,
    DIVIDE,
    IDENTITY,
    LIMIT,
    LINK,
    MISSED,
    MULTIPLY,
    OFFSET,
    SHIFT,
    SKIPPED,
    SNAPLEN,
    UNTIL,
)
from auditor.packets.pcapng_block_options import (
    is_commented,
    missed_before,
    take_statistics,
    u16,
)
from auditor.packets.scanner import BROKEN, CONTROL, FULL, MAX_CAPTURED
from auditor.packets.segments import Array
from auditor.packets.undecoded import DAMAGED_BLOCK
from auditor.packets.undecoded_table import note_anywhere

SECTION, INTERFACE, STATISTICS, ENHANCED = 0x0A0D0D0A, 1, 5, 6
_OBSOLETE, _SIMPLE = 2, 3
#: What the obsolete Packet Block has for its count of drops where that was not known.
_UNKNOWN = 0xFFFF
#: Values of ``read``: comments of packets are of no interest, or none was read yet.
IGNORED, UNREAD = -2, -1

#: The largest packet and the largest options that anyone writes beside it.
MAX_BLOCK = MAX_CAPTURED + (1 << 20)


@kernel
def _binary(high: int, low: int, shift: int) -> int:
    ticks = (np.uint64(high) << np.uint64(32)) | np.uint64(low)
    seconds = int64(ticks >> np.uint64(shift))
    fraction = int64(ticks & ((np.uint64(1) << np.uint64(shift)) - np.uint64(1)))
    if seconds >= FOREVER // 1_000_000_000:
        return FOREVER
    if shift > 32:  # 32 binary places are finer than a nanosecond, and cannot overflow below
        fraction >>= shift - 32
        shift = 32
    return seconds * 1_000_000_000 + ((fraction * 1_000_000_000) >> shift)


@kernel
def _nanoseconds(high: int, low: int, interfaces: Array, number: int) -> int:
    """Return a timestamp as ns UTC, held within ±2 * FOREVER whatever the file says."""
    offset: int = interfaces[number, OFFSET]
    shift: int = interfaces[number, SHIFT]
    divide: int = interfaces[number, DIVIDE]
    multiply: int = interfaces[number, MULTIPLY]
    if shift:
        return _binary(high, low, shift) + offset
    if divide > 1:  # finer than nanoseconds: those of today do not fit into 62 bits
        ticks64 = (np.uint64(high) << np.uint64(32)) | np.uint64(low)
        return int64(ticks64 // np.uint64(divide)) + offset
    ticks = (high << 32) | low if high < 1 << 30 else FOREVER
    if ticks > interfaces[number, LIMIT]:
        return FOREVER + offset
    return ticks * multiply + offset


@kernel
def _packet(
    at: int, size: int, kind: int, big: int, interfaces: Array, count: int, n: int, io: Decoding
) -> int:
    """Decode the packet block ``buffer[at:at + size]``; return as ``decode`` does."""
    buffer, counters = io.buffer, io.counters
    counters[PACKETS] += 1
    number, shown = 0, counters[PREVIOUS]
    data = at + 28
    if kind == ENHANCED:
        number = u32(buffer, at + 8, big)
    elif kind == _OBSOLETE:
        number = u16(buffer, at + 8, big)
    else:
        data = at + 12
    room = at + size - 4 - data
    if number >= count or room < 0:
        counters[UNDECODED] += 1
        note_undecoded(counters, DAMAGED_BLOCK)
        note_anywhere(counters, DAMAGED_BLOCK, max(clock_of(counters), 0))
        return n
    wire = u32(buffer, data - 4, big)
    if kind == _SIMPLE:
        captured = min(wire, interfaces[number, SNAPLEN], room)
        time = max(clock_of(counters), 0)
        counters[UNTIMED] += 1
    else:
        captured = u32(buffer, at + 20, big)
        high, low = u32(buffer, at + 12, big), u32(buffer, at + 16, big)
        time = _nanoseconds(high, low, interfaces, number)
        note_time(counters, time, n)
    if captured > room:
        counters[UNDECODED] += 1
        note_undecoded(counters, DAMAGED_BLOCK)
        note_anywhere(counters, DAMAGED_BLOCK, time)
        return n
    options = data + ((captured + 3) & ~3)
    missed = 0
    if kind == ENHANCED and options + 16 <= at + size:
        missed = missed_before(buffer, options, at + size - 4, big)
    elif kind == _OBSOLETE:
        missed = u16(buffer, at + 10, big)
        missed = missed if missed != _UNKNOWN else 0
    if missed:
        before, since = lost_by(interfaces, number), interfaces[number, UNTIL]
        interfaces[number, MISSED] = min(interfaces[number, MISSED] + missed, FOREVER - 1)
        interfaces[number, UNTIL] = shown if count == 1 and shown < time else since
        note_counted(counters, interfaces, number, before, time)
        interfaces[number, UNTIL] = since
    interfaces[number, SKIPPED] += 1 - interfaces[number, DECODABLE]
    link = interfaces[number, LINK]
    end = data + captured
    on = interfaces[number, IDENTITY]
    return decode(data, end, max(wire, captured), link, on, time, n, io)


@entry
def scan_blocks(
    buffer: Array,
    at: int,
    stop: int,
    big: int,
    read: int,
    interfaces: Array,
    count: int,
    ports: Array,
    out: Array,
    n: int,
    counters: Array,
    fragments: Array,
) -> tuple[int, int, int]:
    """Decode blocks as ``Scanner.scan`` says, with the first ``count`` rows of ``interfaces``.

    At a section header, at a whole block that describes an interface, and at a packet or statistics
    with comments, the status is ``CONTROL``. ``read`` is the offset of the block whose comments
    were just read, ``UNREAD`` or ``IGNORED``.
    """
    io = Decoding(buffer, ports, out, counters, fragments)
    status = FULL
    while n < len(out) and counters[COMPLETE] == 0:
        status = 12
        if stop - at < 12:
            break
        kind = u32(buffer, at, big)
        if kind == SECTION:
            status = CONTROL
            break
        size = u32(buffer, at + 4, big)
        status = BROKEN if size < 12 or size & 3 or size > MAX_BLOCK else size
        if status == BROKEN or stop - at < size:
            break
        if u32(buffer, at + size - 4, big) != size:
            status = BROKEN
            break
        if kind == INTERFACE:
            status = CONTROL
            break
        if kind == STATISTICS:
            commented = take_statistics(buffer, at, size, big, interfaces, count, counters)
            if commented and read not in (IGNORED, at):
                status = CONTROL
                break
        looked = read in (IGNORED, at) or kind != ENHANCED
        if not looked and is_commented(buffer, at, size, big):
            status = CONTROL
            break
        if kind in (_OBSOLETE, _SIMPLE, ENHANCED):
            n = _packet(at, size, kind, big, interfaces, count, n, io)
        at += size
        status = FULL
    return at, n, status
