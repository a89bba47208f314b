"""Probes of one byte that are the first of their side in a capture.

Windows probes with a byte of garbage (bareos.md §6.2). That its peer had acknowledged the byte
before, as with every later one, such a capture does not show. But an application's last byte
is pushed (RFC 9293 §3.9.1.2), and a byte that is not is followed at once by the rest. So a byte
without PSH that its peer acknowledges by a bare ACK, and after which neither side says anything for
as long as no timer of a probe is shorter, was there before.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.sequence import position
from auditor.flows.store import Store
from auditor.flows.tables import PROBE, Tables
from auditor.flows.tcp_state import BYTE_ANSWERED, HAS_NEXT
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, PSH, Array

#: No timer of the systems in bareos.md §6.2 is shorter than 1 s (ns).
SHORTEST_TIMER = 900_000_000


@kernel
def may_be_first(segment: np.void) -> bool:
    """Tell whether a bare segment of a side of which nothing is known may be a probe."""
    return bool(segment["length"] == 0 or not int64(segment["flags"]) & PSH)


@kernel
def note_answer(side: np.void, time: int) -> None:
    """Note that the byte that may be a probe of ``side`` was answered at ``time``."""
    side["candidate_answer"] = time
    side["candidate_silence"] = max(0, side["candidate_time"] - side["last_receipt"])
    side["bits"] |= BYTE_ANSWERED


@kernel
def _goes_on(side: np.void, peer: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether nothing was said since in either stream; in that of ``side``, which sent
    the segment, nothing but the byte itself."""
    if not int64(segment["flags"]) & ACK or not side["bits"] & peer["bits"] & HAS_NEXT:
        return False
    stands = side["next"] - 1 <= begin <= side["next"]
    return bool(stands and position(peer["next"], segment["ack"]) == peer["next"])


@kernel
def settle_first(
    side: np.void, peer: np.void, row: int, segment: np.void, begin: int, tables: Tables
) -> None:
    """Let the next segment of either side, one of ``side`` at ``begin``, tell what those bytes were
    that wait for it: before it is taken in. ``row`` is that of ``side``."""
    silent = _goes_on(side, peer, segment, begin)
    for k in range(2):
        one = tables.sides[row ^ k]
        if one["bits"] & BYTE_ANSWERED:
            one["bits"] &= ~BYTE_ANSWERED
            if silent and segment["time"] - one["candidate_answer"] >= SHORTEST_TIMER:
                _record(one, row ^ k, tables)


@kernel
def _record(side: np.void, row: int, tables: Tables) -> None:
    state = tables.state
    index = int64(state["probe_count"])
    if index >= len(tables.probes):
        state["lost_probes"] += 1
        return
    probe = tables.probes[index]
    probe["row"] = row
    probe["time"] = side["candidate_time"]
    probe["silence"] = side["candidate_silence"]
    probe["interval"] = side["candidate_silence"]
    probe["answered"] = side["candidate_answer"] - side["candidate_time"]
    probe["length"] = 1
    probe["frame"] = side["candidate_frame"]
    probe["exact"] = 0
    state["probe_count"] = index + 1


def waiting_probes(store: Store, end: int) -> Array:
    """Return those after which nothing came up to the ``end`` (ns) of the capture, dtype PROBE."""
    sides = store.sides[: 2 * int(store.state["flow_count"])]
    waits = sides["bits"] & BYTE_ANSWERED != 0
    waits &= end - sides["candidate_answer"] >= SHORTEST_TIMER
    latest = np.repeat(sides["last"].reshape(-1, 2).max(axis=1), 2)
    rows = np.flatnonzero(waits & (latest <= sides["candidate_answer"]))
    probes = np.zeros(len(rows), PROBE)
    some = sides[rows]
    probes["row"], probes["frame"] = rows, some["candidate_frame"]
    probes["time"], probes["length"] = some["candidate_time"], 1
    probes["silence"] = probes["interval"] = some["candidate_silence"]
    probes["answered"] = some["candidate_answer"] - some["candidate_time"]
    return probes
