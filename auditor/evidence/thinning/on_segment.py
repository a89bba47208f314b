"""One segment of a connection: kept, held back or passed over."""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning.activity import on_activity, on_data
from auditor.evidence.thinning.flow_table import begin_again
from auditor.evidence.thinning.holdback import emit, mark_kept, release_all, release_latest
from auditor.evidence.thinning.irregular import is_dropped, is_irregular
from auditor.evidence.thinning.segment_class import (
    acknowledge,
    expect_answer,
    is_answer,
    is_due,
    is_first,
    is_opening,
    is_outside,
    is_probe,
    is_repeated,
    note_kept,
)
from auditor.evidence.thinning.syn import (
    doubt_answer,
    is_amid,
    judge_syn,
    learn_from_answer,
    record_syn,
)
from auditor.evidence.thinning.tables import (
    BOUND,
    DOUBTFUL_MOST,
    HELLO_SEGMENTS,
    KEPT,
    MAYBE_HELLO,
    NOT_READ,
    SAID_AGAIN,
    SLOTS,
    UNACKED_DATA,
    Holdback,
    Outbox,
    Tables,
)
from auditor.evidence.thinning.unseen import on_bytes, on_claim
from auditor.flows.duplicate_frames import is_copy, note_copy
from auditor.flows.initial_sequence import NEW, STALE
from auditor.flows.streams import begin_of, end_of, resets_idle_timer, stream_offset
from auditor.flows.tcp_state import (
    CHECKSUM_SEEN,
    HAS_ISN,
    HAS_NEXT,
    HAS_START,
    NONE,
    SEGMENT_SEEN,
    SENT_FIN,
)
from auditor.kernels import kernel
from auditor.packets.checksum import GOOD, checksum_of
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, RST, SYN

#: No stream reaches so far.
_UNKNOWN = 1 << 62


@kernel
def _hello_offset(segment: np.void, side: np.void, begin: int) -> int:
    """Return where in its stream the payload lies if it may be hello (R6), or NONE.

    What has neither SYN nor ACK every receiver drops (P3).
    """
    if segment["captured"] == 0 or segment["length"] == 0 or _has_no_ack(segment):
        return NONE
    offset = stream_offset(side, segment, begin)
    if 0 <= offset < side["hello_limit"] and side["hello_segments"] < HELLO_SEGMENTS:
        side["hello_segments"] += 1
        return offset
    return NONE


@kernel
def _has_no_ack(segment: np.void) -> bool:
    return int64(segment["flags"]) & (SYN | ACK) == 0


@kernel
def _is_unread(segment: np.void, side: np.void, begin: int, again: bool) -> bool:
    """Tell whether payload that is not looked at here lies where readers of the full capture take
    a side's first bytes from (P11)."""
    if segment["length"] == 0 or not side["bits"] & (HAS_ISN | HAS_START):
        return False
    offset = stream_offset(side, segment, begin)
    before = offset < 0 and (
        offset + int64(segment["length"]) > 0
        or (not side["bits"] & HAS_ISN and offset > -HELLO_BYTES)
    )
    return bool(before or (0 <= offset < HELLO_BYTES and (again or _has_no_ack(segment))))


@kernel
def _keep(
    segment: np.void,
    header: bool,
    offset: int,
    again: bool,
    unread: bool,
    row: int,
    tables: Tables,
    held: Holdback,
    out: Outbox,
) -> None:
    """Let the ``header`` go out if it is kept, and payload that may be hello at ``offset``.

    ``again``: it begins before what its side sent; ``unread``: readers may read it, nobody here.
    """
    kind = KEPT if header else 0
    kind |= NOT_READ if unread else 0
    if kind and tables.flows[row >> 1]["doubted"] >= DOUBTFUL_MOST:
        kind |= 0 if tables.state["everything"] else BOUND
    payload = 0
    if offset != NONE:
        kind |= MAYBE_HELLO | (SAID_AGAIN if again else 0)
        captured = min(int64(segment["captured"]), int64(segment["length"]))
        payload = min(captured, int64(tables.sides[row]["hello_limit"]) - offset)
    if kind:
        emit(segment, kind, payload, offset, row, tables, out)
    if header:
        mark_kept(row, tables.state["matched"], held)


@kernel
def _in_stream(
    segment: np.void, row: int, begin: int, tables: Tables, held: Holdback, out: Outbox
) -> None:
    """Take in a segment that lies at ``begin`` of its sender's stream."""
    state, side, peer = tables.state, tables.sides[row], tables.sides[row ^ 1]
    flags = int64(segment["flags"])
    time = int64(segment["time"])
    end = end_of(segment, begin)
    probe = is_probe(segment, side, begin)
    keep = (
        state["everything"] != 0
        or tables.flows[row >> 1]["doubtful"] > 0
        or probe
        or flags & (SYN | FIN) != 0
    )
    known = int64(peer["acked"])
    reached = int64(peer["next"]) if peer["bits"] & HAS_NEXT else _UNKNOWN
    acked = acknowledge(peer, int64(segment["ack"])) if flags & ACK else int64(side["last_ack"])
    on_claim(peer, reached)
    on_bytes(side, begin, end, probe, is_dropped(side, peer, segment))
    keep |= is_answer(side, peer, acked)
    keep |= is_first(side, flags) or is_repeated(side, begin, end)
    keep |= is_opening(side, segment, begin)
    if probe:
        expect_answer(peer)
    active = resets_idle_timer(side, peer, end, flags)
    if active:
        keep |= is_due(side, time, end, acked)
        news = acked - known if flags & ACK else 0
        newest = news >= 0 and end >= side["next"] and (news > 0 or end > side["next"])
        keep |= on_activity(segment, row, newest, tables, held, out)
    again = bool(side["bits"] & HAS_NEXT and begin < side["next"])
    if not probe:
        side["next"] = max(side["next"], end) if side["bits"] & HAS_NEXT else end
        side["bits"] |= HAS_NEXT
        if end > begin:
            keep |= on_data(segment, row, tables, held)
    side["bits"] |= SEGMENT_SEEN
    unacked = held.slots[SLOTS * row + UNACKED_DATA]
    if not active and (keep or unacked["number"] == state["matched"]):
        # Only the peer's acknowledgement tells that this restarts no timer (R5).
        release_latest(row ^ 1, state, held, out)
    if keep:
        note_kept(side, time, end, acked)
    offset = NONE if probe else _hello_offset(segment, side, begin)
    unread = not probe and offset == NONE and _is_unread(segment, side, begin, again)
    _keep(segment, keep, offset, again, unread, row, tables, held, out)


@kernel
def on_segment(segment: np.void, row: int, tables: Tables, held: Holdback, out: Outbox) -> None:
    """Take in one segment of known endpoints; ``row`` is its sender."""
    flow = tables.flows[row >> 1]
    side = tables.sides[row]
    peer = tables.sides[row ^ 1]
    if side["bits"] & SEGMENT_SEEN and is_copy(side, segment):
        return
    flags = int64(segment["flags"])
    apart = False
    if flags & SYN:
        verdict = judge_syn(segment, side, peer)
        apart = verdict == STALE or (verdict == NEW and is_amid(flow, side, peer, segment))
        if verdict == NEW and not apart:
            begin_again(row >> 1, tables, held, out)
        if not apart:
            record_syn(flow, side, segment, row)
            learn_from_answer(segment, peer)
    if not side["bits"] & SEGMENT_SEEN and checksum_of(segment, out.buffer) == GOOD:
        side["bits"] |= CHECKSUM_SEEN
    note_copy(side, segment)
    doubt_answer(side, segment)
    begin = begin_of(side, segment)
    apart = apart or (side["bits"] & HAS_NEXT != 0 and is_outside(side, peer, segment, begin))
    if is_irregular(flow, side, peer, segment, begin, apart):  # R9
        release_all(row, tables.state, held, out)
        release_all(row ^ 1, tables.state, held, out)
    if flags & RST and not apart:
        flow["over"] = 1
    if apart or flags & RST:  # R1, R5
        emit(segment, KEPT, 0, NONE, row, tables, out)
        return
    _in_stream(segment, row, begin, tables, held, out)
    if flags & FIN:
        side["bits"] |= SENT_FIN
        if peer["bits"] & SENT_FIN:
            flow["over"] = 1
