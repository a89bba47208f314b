"""What a segment in its side's stream shows to be false."""

from __future__ import annotations

import numpy as np

from auditor.flows.fins import deny_fin, reopen
from auditor.flows.going_back import on_going_back
from auditor.flows.resets import goes_on
from auditor.flows.skips import REPEATS_WITHIN, deny_skip
from auditor.flows.tables import Tables
from auditor.flows.tail import disown_tail, leave_tail
from auditor.flows.tcp_state import NEVER
from auditor.kernels import kernel
from auditor.packets.integers import int64


@kernel
def deny(
    segment: np.void, row: int, begin: int, end: int, quiet: int, late: bool, tables: Tables
) -> None:
    """Take back what a segment in its side's stream shows to be false: an end, or what was taken
    for sent. ``late``: it is a bare ACK that is newer than what lies behind it."""
    flow, side, peer = tables.flows[row >> 1], tables.sides[row], tables.sides[row ^ 1]
    time = int64(segment["time"])
    if quiet >= REPEATS_WITHIN:
        leave_tail(flow, side, peer, time)
        leave_tail(flow, peer, side, time)
        on_going_back(segment, row, begin, quiet, tables)
    if flow["ended"] != NEVER:
        goes_on(segment, row, end, tables)
    deny_fin(segment, row, begin, late, tables)
    if deny_skip(side, peer, segment, begin):
        reopen(flow, side, peer)
    disown_tail(side, segment, begin)
