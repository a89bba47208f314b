"""Rows of the kernels' tables, made for one test: what is not given is zero."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from auditor.evidence.thinning import tables as thinning
from auditor.flows import tables as tracking
from auditor.flows.tcp_state import NEVER, NONE
from auditor.packets.segments import SEGMENT

#: Two endpoints as a segment has them; the first sorts first.
LOW, HIGH = (0xFFFF0A4D0014, 9103), (0xFFFF0A4D001F, 40001)


def row(dtype: Any, **columns: Any) -> Any:
    """Return one record of a table."""
    return put(np.zeros(1, dtype)[0], **columns)


def put(record: Any, **columns: Any) -> Any:
    """Write columns of a record; return it."""
    for name, value in columns.items():
        record[name] = value
    return record


def segment(**columns: Any) -> Any:
    """Return one decoded segment."""
    return row(SEGMENT, **columns)


def between(source: tuple[int, int], target: tuple[int, int], **columns: Any) -> Any:
    """Return a segment from one (address, port) to another."""
    (src_lo, sport), (dst_lo, dport) = source, target
    return segment(src_lo=src_lo, sport=sport, dst_lo=dst_lo, dport=dport, **columns)


class ThinningTables(NamedTuple):
    """What thinning's kernels work on."""

    tables: thinning.Tables
    held: thinning.Holdback
    out: thinning.Outbox

    def lines(self) -> list[tuple[int, int]]:
        """Return (segment number, kind) of what went out, in order."""
        count = int(self.tables.state["out_count"])
        return [(int(line["number"]), int(line["kind"])) for line in self.out.lines[:count]]

    def numbers(self) -> list[int]:
        """Return the numbers of the segments that went out, in order."""
        return [number for number, _ in self.lines()]


def thinning_tables(flows: int = 4, *, out_rows: int = 64, buffer: bytes = b"") -> ThinningTables:
    """Return empty tables of thinning, as a Thinner makes them."""
    state = row(
        thinning.STATE, recent=NONE, oldest=NONE, newest=NONE, batch=1, seeds=np.arange(1, 11)
    )
    rows = 2 * flows
    tables = thinning.Tables(
        state,
        np.zeros(flows + 1, thinning.FLOW),
        np.zeros(rows, thinning.SIDE),
        np.full(4, NONE, "i4"),
    )
    slots = thinning.SLOTS * rows
    held = thinning.Holdback(
        np.zeros(slots, thinning.SLOT),
        np.zeros((slots, thinning.HEADER_BYTES), "u1"),
        np.zeros(rows, "i4"),
    )
    out = thinning.Outbox(
        np.frombuffer(buffer or bytes(256), "u1"),
        np.zeros(out_rows, thinning.LINE),
        np.zeros((out_rows, thinning.OUT_BYTES), "u1"),
    )
    return ThinningTables(tables, held, out)


def tracking_tables(
    flows: int = 4, probes: int = 8, hellos: int = 4, facts: int = 8
) -> tracking.Tables:
    """Return empty tables of tracking, as its store makes them."""
    state = row(tracking.STATE, recent=NONE, seeds=np.arange(1, 11))
    return tracking.Tables(
        state,
        np.zeros(flows + 1, tracking.FLOW),
        np.zeros(2 * flows, tracking.SIDE),
        np.full(4, NONE, "i4"),
        np.zeros(probes, tracking.PROBE),
        np.zeros((hellos, tracking.HELLO_BYTES), "u1"),
        np.zeros((hellos, tracking.HELLO_BYTES // 8), "u1"),
        np.zeros(hellos, tracking.TRACE),
        np.zeros(facts, tracking.FACT),
    )


def open_side(**columns: Any) -> dict[str, Any]:
    """Return the columns of a tracked side of which nothing has been seen, but for those given."""
    never = (
        *("previous_isn", "last_probe", "longest_idle_began", "fin", "rst", "copy_time"),
        *("heard_last", "rst_ahead", "skip_time", "doubt_since", "doubt_began"),
        *("stamp_time", "wait_end"),
    )
    return dict.fromkeys(never, NEVER) | {"open_probe": NONE, "hello": NONE} | columns
