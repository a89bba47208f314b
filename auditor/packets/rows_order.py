"""In which order rows stand whose times and whose places in the file contradict each other.

A card with several queues writes packets late, with the right times; a coarse or unsteady clock
writes wrong times in the right order. What hosts count tells which it was: no acknowledgement comes
before what it acknowledges, and numbers of a side grow (RFC 9293 §3.4). So each connection stands
in that order in which fewer of its numbers go back; where both are as good, in that which was
better for others; and in order of time if nothing tells.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import numpy as np

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import ACK, FIN, SYN, Array

_ENDS = (("src_hi", "src_lo", "sport"), ("dst_hi", "dst_lo", "dport"))
#: Apart from each other further than any two numbers of 32 bits.
_APART = 1 << 33
#: Nobody who writes packets shall make two connections look like one.
_SEEDS = tuple(secrets.randbits(64) | 1 for _ in range(3))


class RowsOrder:
    """Finds the order of rows, batch after batch of one capture."""

    def __init__(self) -> None:
        self._for_file = 0  # numbers that go back in order of time, less those in that of the file

    def of(self, rows: Array) -> Array | None:
        """Return the order of rows (dtype SEGMENT), which stand as in the file, as indices; None:
        it is that in which they stand. Times that are wrong are put right: none is before that
        of the row before it in its connection."""
        times = rows["time"]
        zone = _contradicting(times)
        if not len(zone):
            return None
        some = rows[zone]
        connection, way = _connections(some)
        by_time = np.argsort(some["time"], kind="stable")
        in_time = _going_back(some, connection, way, by_time)
        if self._for_file <= 0 and not in_time.any():
            return np.argsort(times, kind="stable")
        better = in_time - _going_back(some, connection, way, np.arange(len(zone)))
        self._for_file += int(better.sum())
        stays = (better > 0) | ((better == 0) & (self._for_file > 0))
        stays = stays[connection]
        times[zone[stays]] = _highest(some["time"][stays], connection[stays])
        return np.argsort(times, kind="stable")


def _contradicting(times: Array) -> Array:
    """Return which rows come after a later time, or before an earlier one, as indices."""
    if not (times[1:] < times[:-1]).any():
        return np.empty(0, np.intp)
    highest = np.maximum.accumulate(times)
    lowest = np.minimum.accumulate(times[::-1])[::-1]
    return np.flatnonzero((highest > times) | (lowest < times))


def _connections(rows: Array) -> tuple[Array, Array]:
    """Return of each row the number of its connection, and of its direction (0 or 1)."""
    one, other = (_hashed([rows[name] for name in names]) for names in _ENDS)
    _, connection = np.unique(one + other, return_inverse=True)
    return connection.reshape(-1).astype("i8"), (one > other).astype("i8")


def _hashed(columns: Sequence[Array]) -> Array:
    total = np.zeros(len(columns[0]), "u8")
    for column, seed in zip(columns, _SEEDS, strict=True):
        total = (total ^ column.astype("u8")) * np.uint64(seed)
        total ^= total >> np.uint64(29)
    return total


def _highest(values: Array, group: Array) -> Array:
    """Return of each value the highest up to it of its group, in the order given."""
    count, order = len(values), np.argsort(group, kind="stable")
    by_value = np.argsort(values, kind="stable")
    rank = np.empty(count, "i8")
    rank[by_value] = np.arange(count)
    offset = group[order] * count
    found = np.empty_like(values)
    found[order] = values[by_value[np.maximum.accumulate(rank[order] + offset) - offset]]
    return found


def _signed(numbers: Array) -> Array:
    return numbers.astype("u4").view("i4").astype("i8")


def _going_back(rows: Array, connection: Array, way: Array, order: Array) -> Array:
    """Return of each connection how many numbers go back, or acknowledge what comes later, if rows
    stand in an order."""
    group = connection * 2 + way
    other = group ^ 1
    size = int(connection.max()) + 1 if len(rows) else 0
    tcp = rows["ident"] & ICMP_ERROR == 0
    flags = rows["flags"].astype("i8")
    acks = tcp & (flags & ACK != 0)
    base = np.zeros(2 * size, "u4")  # the first number of each direction, or what is said of it
    latest = order[::-1]
    said, sent = latest[acks[latest]], latest[tcp[latest]]
    base[other[said]] = rows["ack"][said]
    base[group[sent]] = rows["seq"][sent]
    begin = np.where(tcp, _signed(rows["seq"] - base[group]), 0)
    spans = rows["length"].astype("i8") + (flags & SYN != 0) + (flags & FIN != 0)
    end = begin + np.where(tcp, spans, 0)
    acked = np.where(acks, _signed(rows["ack"] - base[other]), 0)
    order = order[np.argsort(connection[order], kind="stable")]
    back = np.zeros(len(rows), "i8")
    for side in (0, 1):
        mine, theirs = way[order] == side, way[order] != side
        back[order] += mine & tcp[order] & (begin[order] < _before(begin, connection, order, mine))
        back[order] += mine & acks[order] & (acked[order] < _before(acked, connection, order, mine))
        back[order] += theirs & acks[order] & (acked[order] > _before(end, connection, order, mine))
    return np.bincount(connection, back, size).astype("i8")


def _before(values: Array, connection: Array, order: Array, which: Array) -> Array:
    """Return, of rows in an order by connection, the highest value of ``which`` of them before
    each in its connection; 0 at least."""
    offset = connection[order] * _APART
    shown = np.where(which & (values[order] > 0), values[order], 0) + offset
    highest = np.maximum.accumulate(shown)
    found: Array = np.zeros_like(offset)
    found[1:] = np.maximum(highest[:-1] - offset[1:], 0)
    return found
