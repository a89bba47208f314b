"""Keepalive probes, as against retransmissions, zero-window probes and duplicated frames.

A probe carries no data, or one garbage byte, at the last sequence number that the peer has
already acknowledged (bareos.md §6.1, §6.2; RFC 9293 §3.8.4). A one-byte retransmission looks the
same but for the missing acknowledgement, a zero-window probe but for the peer's window, and
what follows at once on something received cannot come from a timer of whole seconds.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.answered_before import stands_before, take_back
from auditor.flows.first_probes import (
    SHORTEST_TIMER,
    may_be_first,
    note_answer,
    settle_first,
)
from auditor.flows.idle import begin_idle, end_idle, may_probe, settle_doubt
from auditor.flows.sequence import position
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import (
    ACKED,
    BYTE_ANSWERED,
    HAS_NEXT,
    NEVER,
    NEXT_CERTAIN,
    NONE,
    PROBE_CANDIDATE,
    RECEIPT_SEEN,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN

#: A probe is answered within this time (ns).
_ANSWERS_WITHIN = 3_000_000_000

#: What a segment is to its sender's keepalive timer.
NO_PROBE, A_PROBE, MAYBE_PROBE = 0, 1, 2


@kernel
def _record(side: np.void, row: int, time: int, length: int, frame: int, tables: Tables) -> None:
    """Write one probe and name it in ``open_probe``, or count it when the table is full."""
    state = tables.state
    silence = max(0, time - side["last_receipt"])
    interval = silence
    if side["last_probe"] != NEVER:
        interval = min(silence, max(0, time - side["last_probe"]))
    side["last_probe"] = time
    index = state["probe_count"]
    if index >= len(tables.probes):
        state["lost_probes"] += 1
        side["open_probe"] = NONE
        return
    probe = tables.probes[index]
    probe["row"] = row
    probe["time"] = time
    probe["silence"] = silence
    probe["interval"] = interval
    probe["answered"] = NONE
    probe["length"] = length
    probe["frame"] = frame
    probe["exact"] = 1 if side["bits"] & RECEIPT_SEEN else 0
    state["probe_count"] = index + 1
    side["open_probe"] = index


@kernel
def _classify(side: np.void, peer: np.void, segment: np.void, begin: int) -> int:
    """Return A_PROBE, MAYBE_PROBE (only the peer's next segment can tell) or NO_PROBE."""
    flags = int64(segment["flags"])
    length = int64(segment["length"])
    if length > 1 or flags & (SYN | FIN | RST) or not flags & ACK:
        return NO_PROBE
    bits = side["bits"]
    if bits & ACKED:
        behind = begin == side["next"] - 1 and side["acked"] == side["next"]
        if not behind or peer["segments"] == 0 or peer["window"] == 0:
            return NO_PROBE
        heard = side["last_receipt"]
        if stands_before(side, peer, segment):
            heard = peer["receipt_before"]
        if segment["time"] - heard >= SHORTEST_TIMER:
            return A_PROBE
        return MAYBE_PROBE if length == 0 and not bits & RECEIPT_SEEN else NO_PROBE
    if not bits & NEXT_CERTAIN and (not bits & HAS_NEXT or begin >= side["next"] - 1):
        return MAYBE_PROBE if may_be_first(segment) else NO_PROBE
    return NO_PROBE


@kernel
def _answers(
    flow: np.void, prober: np.void, prober_row: int, segment: np.void, tables: Tables
) -> bool:
    """Match a segment of the prober's peer with the probe or candidate that waits for it.

    Tells whether it was an answer. A candidate is settled by the peer's very next segment.
    """
    bits = prober["bits"]
    flags = int64(segment["flags"])
    expected = prober["next"]
    if bits & PROBE_CANDIDATE:
        prober["bits"] = bits & ~PROBE_CANDIDATE
        expected = prober["candidate_begin"] + 1
        bare = segment["length"] == 0 and flags & (SYN | FIN | ACK) == ACK
        bare = bare and segment["window"] > 0
        if bare and position(expected, segment["ack"]) == expected:
            if prober["candidate_length"]:
                note_answer(prober, segment["time"])
                return False
            time, frame = prober["candidate_time"], int64(prober["candidate_frame"])
            _record(prober, prober_row, time, 0, frame, tables)
    index = prober["open_probe"]
    if index < 0 or not flags & ACK or position(expected, segment["ack"]) != expected:
        return False
    probe = tables.probes[index]
    probe["answered"] = max(0, segment["time"] - probe["time"])
    prober["open_probe"] = NONE
    if segment["length"] == 0 and probe["answered"] < _ANSWERS_WITHIN:
        flow["alive"] = max(flow["alive"], segment["time"])
    return True


@kernel
def _answer_before(flow: np.void, side: np.void, time: int, tables: Tables) -> None:
    """Let the probe of ``side`` at ``time`` have its answer, which stands before it."""
    if side["open_probe"] >= 0:
        tables.probes[side["open_probe"]]["answered"] = 0
        side["open_probe"] = NONE
    side["last_receipt"] = time
    flow["alive"] = max(flow["alive"], time)


@kernel
def on_keepalive(
    flow: np.void,
    side: np.void,
    peer: np.void,
    row: int,
    segment: np.void,
    begin: int,
    tables: Tables,
) -> int:
    """Settle what a segment is as a probe and as an answer to one; return its kind as a probe."""
    if (side["bits"] | peer["bits"]) & BYTE_ANSWERED:
        settle_first(side, peer, row, segment, begin, tables)
    side["bits"] &= ~PROBE_CANDIDATE
    kind = _classify(side, peer, segment, begin)
    if kind == A_PROBE:
        time = segment["time"]
        end_idle(flow, side, time)
        settle_doubt(side)
        answered = stands_before(side, peer, segment)
        if answered:
            take_back(side, peer)
        _record(side, row, time, int64(segment["length"]), int64(segment["number"]), tables)
        if answered:
            _answer_before(flow, side, time, tables)
        if may_probe(flow, side, peer):  # the next idle period begins at the probe
            begin_idle(side, time)
        return kind
    answers = False
    if peer["open_probe"] >= 0 or peer["bits"] & PROBE_CANDIDATE:
        answers = _answers(flow, peer, row ^ 1, segment, tables)
    if not answers:
        side["open_probe"] = NONE
    if kind == MAYBE_PROBE:
        side["candidate_time"] = segment["time"]
        side["candidate_begin"] = begin
        side["candidate_frame"] = segment["number"]
        side["candidate_length"] = segment["length"]
        side["bits"] |= PROBE_CANDIDATE
        return kind if segment["length"] == 0 else NO_PROBE  # its receiver takes a byte for data
    return kind
