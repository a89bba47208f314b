"""Sides that go on, after a silence, where they had been before.

A keepalive probe has the number before the next one of its sender, and a bare ACK that number
itself (RFC 9293 §3.8.4, §3.10.7.4); each acknowledges all that came. Networks deliver an older one
late by less than a second. So one with lower numbers after seconds shows that what raised them was
not sent by who seemed to.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.sequence import position
from auditor.flows.skips import REPEATS_WITHIN
from auditor.flows.tables import Tables
from auditor.flows.tampering import GOES_BACK
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import ACKED, HAS_ISN
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, SYN


@kernel
def _is_back(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    if not side["bits"] & peer["bits"] & ACKED or segment["length"] > 1:
        return False
    if begin >= side["next"] - 1:
        return bool(position(peer["next"], segment["ack"]) < peer["acked"])
    return bool(begin < side["acked"] - 1)


@kernel
def on_going_back(segment: np.void, row: int, begin: int, quiet: int, tables: Tables) -> None:
    """Note such a segment at ``begin`` of its side's stream, ``quiet`` ns after all before it."""
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    if quiet < REPEATS_WITHIN or int64(segment["flags"]) & (SYN | FIN | ACK) != ACK:
        return
    if side["bits"] & peer["bits"] & HAS_ISN and _is_back(side, peer, segment, begin):
        note_tampering(segment, row, GOES_BACK, 0, tables)
