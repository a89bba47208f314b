"""Whether segments were lost between two files, by the numbers that hosts give to packets of a
connection.

Many give the next number to the next packet (Linux does, a socket at a time), so that a number left
out is a packet that was not captured.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.store import Store
from auditor.flows.tcp_state import NEVER
from auditor.packets.segments import RST, SYN, Array

#: So many segments at the beginning of a file, and flows, are looked at.
_SEGMENTS, _FLOWS = 1024, 65536
#: A segment of more payload may be several packets by now: a card cuts them.
_ONE_PACKET = 536
_NUMBERS = 1 << 16


def was_interrupted(store: Store, segments: Array) -> bool:
    """Tell whether something between what was tracked and ``segments`` (dtype SEGMENT), which
    follow it, is known to be missing."""
    count = int(store.state["flow_count"])
    if count > _FLOWS:
        return False
    some = segments[:_SEGMENTS]
    numbered = (some["ident"] > 0) & (some["ident"] < _NUMBERS) & (some["flags"] & (SYN | RST) == 0)
    names = ("src_hi", "src_lo", "sport", "dst_hi", "dst_lo", "dport")
    columns = [some[numbered][name].tolist() for name in (*names, "ident", "length")]
    said: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for *ends, ident, length in zip(*columns, strict=True):
        said.setdefault(tuple(ends), []).append((ident, length))
    flows = store.flows[:count]
    return any(
        _skips(store, flows, ends, numbers[0][0])
        for ends, numbers in said.items()
        if len(numbers) > 1 and _follows(*numbers[:2])
    )


def _follows(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether the next packet of a side has the next number."""
    return one[1] <= _ONE_PACKET and (other[0] - one[0]) % _NUMBERS == 1


def _skips(store: Store, flows: Array, ends: tuple[int, ...], ident: int) -> bool:
    second = ends[:3] > ends[3:]
    a, b = (ends[3:], ends[:3]) if second else (ends[:3], ends[3:])
    names = ("a_port", "b_port", "a_lo", "b_lo", "a_hi", "b_hi")
    found = flows["ended"] == NEVER
    for name, value in zip(names, (a[2], b[2], a[1], b[1], a[0], b[0]), strict=True):
        found = found & (flows[name] == value)
    (rows,) = np.nonzero(found)
    if len(rows) != 1:
        return False
    side = store.sides[2 * int(rows[0]) + second]
    known = int(side["copy_ident"])
    if not side["segments"] or not 0 < known < _NUMBERS or side["copy_length"] > _ONE_PACKET:
        return False
    return 1 < (ident - known) % _NUMBERS < _NUMBERS // 2
