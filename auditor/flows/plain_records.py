"""Rows of the tables as Python reads them fast: many fields of many rows, each by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np

from auditor.packets.segments import Array

#: Rows that are read together.
_TOGETHER = 512
#: Fields that nearly every flow is asked for; the others are read where one asks.
_OF_FLOWS = (
    *("a_hi", "a_lo", "a_port", "b_hi", "b_lo", "b_port", "opener", "first", "last", "ended"),
    *("alive", "syns", "attempts", "rtt", "duplicates", "tampered", "icmp_count"),
    *("survived", "survived_side", "survived_again"),
)
_OF_SIDES = (
    *("bits", "isn", "acked", "fin", "fin_place", "fin_denied", "rst", "rst_ahead", "rst_ttl"),
    *("rst_last", "segments", "payload_bytes", "first", "last", "ttl", "window", "said", "spoke"),
    *("stream_start", "retransmissions", "missing", "gap_count", "zero_windows", "unasked"),
    *("longest_idle", "longest_idle_began", "large_end", "large_length", "largest_acked"),
    *("stall_state", "stall_begin", "stall_sends", "stall_answers", "odd_return"),
    *("other_ttl", "proven_ttl", "first_frame", "hello_frame", "last_frame"),
)


class _Record(dict[str, Any]):
    """Plain values by the names of their fields, and the row that they are of."""

    __slots__ = ("row",)
    row: np.void

    def __missing__(self, name: str) -> Any:
        value = self[name] = self.row[name].tolist()
        return value


def plain_records(
    flows: Array, sides: Array, which: Sequence[int]
) -> Iterator[tuple[np.void, tuple[np.void, np.void]]]:
    """Yield of each of some flows its row and those of its sides as mappings of plain values:
    Python reads them by name as it does rows, in a fifth of the time."""
    for start in range(0, len(which), _TOGETHER):
        some = np.array(which[start : start + _TOGETHER], "i8")
        both = sides[np.column_stack((2 * some, 2 * some + 1)).reshape(-1)]
        ends = _records(both, _OF_SIDES)
        found = zip(ends[::2], ends[1::2], strict=True)
        yield from zip(_records(flows[some], _OF_FLOWS), found, strict=True)


def _records(rows: Array, names: Sequence[str]) -> list[np.void]:
    made: list[np.void] = []
    for row, values in zip(rows, rows[list(names)].tolist(), strict=True):
        record = _Record(zip(names, values, strict=True))
        record.row = row
        made.append(cast("np.void", record))
    return made
