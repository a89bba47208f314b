"""Two copies of one place of a stream that differ: which of them the receiver took.

Whoever writes into a connection can show a watcher what its receiver never took (Ptacek and
Newsham, 1998). A copy that the receiver must have dropped gives way to one that it need not have
dropped. Else nothing decides: both readings are kept, the one with nothing odd about it first. That
a copy came after the place was acknowledged decides nothing either: who writes a lie in one end's
name can acknowledge it in the other's. Ciphertext is not compared where the copies agree on what
comes before it: nothing is read of it.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tables import BLOCK, HELLO_BYTES, Tables
from auditor.flows.tampering import COPIES_DIFFER
from auditor.flows.tampering_facts import note_tampering
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import Array

#: What speaks against a copy: the receiver must have dropped it; its sender looks like another.
REFUSED, ODD = 1, 2

#: The kinds of TLS records (RFC 8446 §5.1) are the numbers from the first to the last.
_CHANGE_CIPHER_SPEC, _APPLICATION_DATA = 20, 23

#: So many bytes may differ in a copy that was dropped: a packet that was damaged on the way, which
#: its sender then sends again.
_DAMAGE = 8


@kernel
def is_marked(bits: Array, k: int) -> bool:
    """Tell whether bit ``k`` is set, the first being the highest."""
    return bool((int64(bits[k >> 3]) >> (7 - (k & 7))) & 1)


@kernel
def mark(bits: Array, k: int, on: bool) -> None:
    """Set or clear bit ``k``."""
    bit = 1 << (7 - (k & 7))
    rest = int64(bits[k >> 3]) & ~bit
    bits[k >> 3] = rest | bit if on else rest


@kernel
def _is_record(index: int, at: int, tables: Tables) -> bool:
    """Tell whether the header of a TLS record was seen at ``at``."""
    hello, filled = tables.hellos[index], tables.filled[index]
    if at + 5 > HELLO_BYTES or not is_marked(filled, at) or not is_marked(filled, at + 4):
        return False
    return _CHANGE_CIPHER_SPEC <= int64(hello[at]) <= _APPLICATION_DATA and hello[at + 1] == 3


@kernel
def _end_of_record(index: int, at: int, tables: Tables) -> int:
    hello = tables.hellos[index]
    return at + 5 + (int64(hello[at + 3]) << 8 | int64(hello[at + 4]))


@kernel
def _record_of(index: int, at: int, sealed: bool, place: int, tables: Tables) -> tuple[int, bool]:
    """Return where the record begins that ``place`` is in, or after which nothing is known, and
    whether it is ciphertext or comes after such.

    ``at`` and ``sealed`` are the answer for a place before it: a segment's bytes are asked for in
    their order, so that all records are passed once for each segment.
    """
    hello = tables.hellos[index]
    while _is_record(index, at, tables) and _end_of_record(index, at, tables) <= place:
        sealed |= int64(hello[at]) == _APPLICATION_DATA
        at = _end_of_record(index, at, tables)
    return at, sealed


@kernel
def _is_sealed(index: int, at: int, sealed: bool, place: int, tables: Tables) -> bool:
    """Tell whether ``place`` is ciphertext, of which nothing is read, of the record at ``at``; or,
    where the capture has a hole at ``at``, comes after such."""
    if _is_record(index, at, tables):
        return place >= at + 5 and int64(tables.hellos[index][at]) == _APPLICATION_DATA
    return sealed and place >= at + 5


@kernel
def _is_beyond_cut(index: int, at: int, place: int, tables: Tables) -> bool:
    """Tell whether ``place`` comes after bytes that the capture cut off, the header of the record
    at ``at`` among them: it may be ciphertext, and is not read."""
    cut = int64(tables.traces[index]["cut"])
    hole = at + 5 > HELLO_BYTES or not is_marked(tables.filled[index], at + 4)
    return 0 < cut <= at + 5 <= place and at > 0 and hole


@kernel
def _second(index: int, tables: Tables) -> int:
    """Return the row of the second reading of ``hellos[index]``; NONE (-1): there is no room."""
    trace, state = tables.traces[index], tables.state
    if trace["second"] == 0:
        if state["hello_count"] >= len(tables.hellos):
            trace["second"] = -1
            return -1
        trace["second"] = state["hello_count"] + 1
        state["hello_count"] += 1
        second = tables.hellos[trace["second"] - 1]
        for k in range(HELLO_BYTES):
            second[k] = tables.hellos[index][k]
    return int64(trace["second"]) - 1 if trace["second"] > 0 else -1


@kernel
def _write(index: int, place: int, value: int, doubts: int, tables: Tables) -> None:
    tables.hellos[index][place] = value
    trace = tables.traces[index]
    mark(trace["refused"], place, doubts & REFUSED != 0)
    mark(trace["odd"], place, doubts & ODD != 0)


@kernel
def _is_decided(index: int, place: int, value: int, doubts: int, tables: Tables) -> bool:
    """Take in that ``value`` differs from what is at ``place``; tell whether the receiver must have
    dropped one of them, and no more than one."""
    trace = tables.traces[index]
    dropped = is_marked(trace["refused"], place)
    if dropped != (doubts & REFUSED != 0):
        if dropped:
            _write(index, place, value, doubts, tables)
        return True
    second = _second(index, tables)
    if is_marked(trace["odd"], place) and not doubts & ODD:
        if second >= 0:
            tables.hellos[second][place] = tables.hellos[index][place]
        _write(index, place, value, doubts, tables)
    elif second >= 0:
        tables.hellos[second][place] = value
    return False


@kernel
def _agree(trace: np.void, place: int, doubts: int) -> None:
    """Take away what spoke against a byte that comes again without it."""
    if not doubts & REFUSED:
        mark(trace["refused"], place, False)
    if not doubts & ODD:
        mark(trace["odd"], place, False)


@kernel
def place_bytes(
    row: int,
    segment: np.void,
    offset: int,
    first: int,
    last: int,
    doubts: int,
    buffer: Array,
    tables: Tables,
) -> None:
    """Put bytes [first, last) of a segment's payload, which begins at ``offset``, in their places.

    The side of ``row`` has a row of the hellos; ``doubts``: what speaks against the segment.
    """
    side = tables.sides[row]
    index, source = int64(side["hello"]), int64(segment["payload"])
    filled, trace = tables.filled[index], tables.traces[index]
    differing, other, decided, record, sealed = 0, 0, True, 0, False
    for k in range(first, last):
        place, value = offset + k, int64(buffer[source + k])
        if not is_marked(filled, place):
            mark(filled, place, True)
            _write(index, place, value, doubts, tables)
            if trace["second"] > 0:
                tables.hellos[trace["second"] - 1][place] = value
            trace["frames"][place // BLOCK] = segment["number"]
        elif tables.hellos[index][place] == value:
            _agree(trace, place, doubts)
        else:
            record, sealed = _record_of(index, record, sealed, place, tables)
            agreed = differing == 0 and trace["second"] == 0
            if agreed and _is_sealed(index, record, sealed, place, tables):
                continue
            if agreed and _is_beyond_cut(index, record, place, tables):
                continue
            differing += 1
            if other == 0:
                other = int64(trace["frames"][place // BLOCK])
            decided &= _is_decided(index, place, value, doubts, tables)
    if segment["torn"]:
        return  # noted as fragments that differ
    if differing > _DAMAGE or (differing > 0 and (not decided or doubts & ODD)):
        note_tampering(segment, row, COPIES_DIFFER, other, tables)
