"""Rows of the tables as Python reads them fast: many fields of many rows, each by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np

from auditor.packets.segments import Array

#: Rows that are read together.
_TOGETHER = 512


def plain_records(
    flows: Array, sides: Array, which: Sequence[int]
) -> Iterator[tuple[np.void, tuple[np.void, np.void]]]:
    """Yield of each of some flows its row and those of its sides as mappings of plain values:
    Python reads them by name as it does rows, in a fifth of the time."""
    for start in range(0, len(which), _TOGETHER):
        some = np.array(which[start : start + _TOGETHER], "i8")
        ends = _mappings(sides[np.column_stack((2 * some, 2 * some + 1)).reshape(-1)])
        yield from zip(_mappings(flows[some]), zip(ends[::2], ends[1::2], strict=True), strict=True)


def _mappings(rows: Array) -> list[np.void]:
    names = rows.dtype.names or ()
    return [cast("np.void", dict(zip(names, row, strict=True))) for row in rows.tolist()]
