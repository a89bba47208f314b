"""Keepalive probes: told from retransmissions, zero-window probes and doubled frames.

A probe carries no data, or one garbage byte, at the last sequence number that the peer has
already acknowledged (bareos.md §6.1, §6.2; RFC 9293 §3.8.4). A one-byte retransmission looks the
same but for the missing acknowledgement, a zero-window probe but for the peer's window, and
anything that follows a sign of life at once cannot come from a timer of whole seconds.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.idle import begin_quiet, end_quiet, may_probe
from auditor.flows.sequence import position
from auditor.flows.tables import ACKED, CANDIDATE, HEARD, NEVER, NEXT, NONE, SURE, wide
from auditor.kernels import kernel
from auditor.packets.segments import ACK, FIN, RST, SYN, Array

#: No timer of the systems in bareos.md §6.2 is shorter than 1 s.
_SHORTEST_SILENCE = 900_000_000

#: What a segment is to its sender's keepalive timer.
NO_PROBE, A_PROBE, MAYBE_PROBE = 0, 1, 2


@kernel
def _record(side: np.void, row: int, time: int, length: int, state: np.void, probes: Array) -> None:
    """Write one probe and name it in ``side["pending"]``, or count it when the table is full."""
    silence = max(0, time - side["heard"])
    interval = silence
    if side["probed"] != NEVER:
        interval = min(silence, max(0, time - side["probed"]))
    side["probed"] = time
    index = state["probes"]
    if index >= len(probes):
        state["lost_probes"] += 1
        side["pending"] = NONE
        return
    probe = probes[index]
    probe["row"] = row
    probe["time"] = time
    probe["silence"] = silence
    probe["interval"] = interval
    probe["answered"] = NONE
    probe["length"] = length
    probe["exact"] = 1 if side["bits"] & HEARD else 0
    state["probes"] = index + 1
    side["pending"] = index


@kernel
def classify(side: np.void, peer: np.void, segment: np.void, begin: int) -> int:
    """Return A_PROBE, MAYBE_PROBE (only the peer's next segment can tell) or NO_PROBE."""
    flags = wide(segment["flags"])
    length = wide(segment["length"])
    if length > 1 or flags & (SYN | FIN | RST) or not flags & ACK:
        return NO_PROBE
    bits = side["bits"]
    if bits & ACKED:
        behind = begin == side["next"] - 1 and side["acked"] == side["next"]
        if not behind or peer["segments"] == 0 or peer["window"] == 0:
            return NO_PROBE
        if segment["time"] - side["heard"] >= _SHORTEST_SILENCE:
            return A_PROBE
        return MAYBE_PROBE if length == 0 and not bits & HEARD else NO_PROBE
    if length == 0 and not bits & SURE and (not bits & NEXT or begin >= side["next"]):
        return MAYBE_PROBE
    return NO_PROBE


@kernel
def note_probe(
    flow: np.void,
    side: np.void,
    peer: np.void,
    row: int,
    segment: np.void,
    state: np.void,
    probes: Array,
) -> None:
    """Record a segment that was classified as A_PROBE, and let the next stretch begin at it."""
    time = segment["time"]
    end_quiet(side, time)
    _record(side, row, time, wide(segment["length"]), state, probes)
    if may_probe(flow, side, peer):
        begin_quiet(side, time)


@kernel
def note_candidate(side: np.void, segment: np.void, begin: int) -> None:
    """Remember a segment that was classified as MAYBE_PROBE."""
    side["candidate"] = segment["time"]
    side["candidate_at"] = begin
    side["bits"] |= CANDIDATE


@kernel
def note_answer(
    prober: np.void, prober_row: int, segment: np.void, state: np.void, probes: Array
) -> bool:
    """Match a segment of the prober's peer with the probe or candidate that waits for it.

    Tells whether it was an answer. A candidate is settled by the peer's very next segment.
    """
    bits = prober["bits"]
    flags = wide(segment["flags"])
    expected = prober["next"]
    if bits & CANDIDATE:
        prober["bits"] = bits & ~CANDIDATE
        expected = prober["candidate_at"] + 1
        bare = segment["length"] == 0 and flags & (SYN | FIN | ACK) == ACK
        if bare and segment["window"] > 0 and position(expected, segment["ack"]) == expected:
            _record(prober, prober_row, prober["candidate"], 0, state, probes)
    pending = prober["pending"]
    if pending < 0 or not flags & ACK or position(expected, segment["ack"]) != expected:
        return False
    probe = probes[pending]
    probe["answered"] = max(0, segment["time"] - probe["time"])
    prober["pending"] = NONE
    return True
