"""Keepalive probes that somebody else sends in the name of a side, so that a heartbeat seems right.

A way that changes while a connection is silent changes the TTL of all that follows. Who writes
probes from another place has his own TTL, and what the side then sends itself has the old one.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.keepalive import A_PROBE
from auditor.flows.resets import has_foreign_ttl
from auditor.flows.tables import Tables
from auditor.flows.tampering import PROBE_FROM_ELSEWHERE
from auditor.flows.tampering_facts import note_tampering
from auditor.kernels import kernel
from auditor.packets.integers import int64


@kernel
def on_odd_probe(segment: np.void, row: int, kind: int, tables: Tables) -> None:
    """Take in a segment that is such a probe, or the first of its side after one."""
    side = tables.sides[row]
    foreign = has_foreign_ttl(side, segment)
    if kind == A_PROBE and foreign:
        if side["odd_probe"] == 0:
            side["odd_probe"] = segment["number"]
    elif side["odd_probe"] != 0:
        if not foreign:
            note_tampering(segment, row, PROBE_FROM_ELSEWHERE, int64(side["odd_probe"]), tables)
        side["odd_probe"] = 0
