"""The compiled entry: every segment of a batch, kept, held back or passed over."""

from __future__ import annotations

import numpy as np

from auditor.capture.model import SILENCE_NS
from auditor.capture.thinning.ages import expire, renew
from auditor.capture.thinning.flows import admit, begin_again
from auditor.capture.thinning.opening import ANEW, FOREIGN, greet, judge
from auditor.capture.thinning.outlet import (
    duplicate,
    hand_on,
    hold,
    mark_kept,
    release,
    release_all,
    release_ends,
    rescue,
    touch,
)
from auditor.capture.thinning.signs import (
    acknowledge,
    expect_answer,
    is_answer,
    is_due,
    is_first_word,
    is_life,
    is_probe,
    is_stray,
    note_kept,
)
from auditor.capture.thinning.tables import (
    ACKED,
    BASED,
    CLOSED,
    FIRST,
    HELLO_SEGMENTS,
    KEPT,
    LAST,
    MAYBE_HELLO,
    NEXT,
    OUT_ROOM,
    QUIET,
    SEEN,
    SLOTS,
    TOP,
)
from auditor.flows.copies import is_copy, note_copy
from auditor.flows.lookup import find
from auditor.flows.sequence import position
from auditor.flows.tables import wide
from auditor.jit import entry, kernel
from auditor.packets.segments import ACK, FIN, RST, SYN, Array


@kernel
def _owe(
    row: int,
    state: np.void,
    sides: Array,
    buffer: Array,
    slots: Array,
    octets: Array,
    changed: Array,
    out: Array,
    packets: Array,
) -> None:
    """Let ``row``, which heard its peer, begin anew to say why it could not probe (rule K4)."""
    side = sides[row]
    first = SLOTS * row + FIRST
    if not side["bits"] & NEXT or side["acked"] == side["next"] or not side["bits"] & ACKED:
        slots[first]["number"] = 0
        return
    source = SLOTS * row + TOP
    if slots[source]["number"] == 0:
        source = SLOTS * row + LAST
    touch(row, state, sides, changed)
    if slots[source]["number"] == 0:
        slots[first]["number"] = 0
        return
    duplicate(slots, octets, source, first)
    if state["clock"] - slots[first]["time"] >= SILENCE_NS:
        release(first, state, buffer, slots, octets, out, packets)


@kernel
def _live(
    segment: np.void,
    row: int,
    newest: bool,
    state: np.void,
    sides: Array,
    buffer: Array,
    slots: Array,
    octets: Array,
    changed: Array,
    out: Array,
    packets: Array,
) -> bool:
    """Take in a sign of life; tell whether it ends a silence (rule K3).

    ``newest``: no earlier segment of the side reached further, or acknowledged more.
    """
    side = sides[row]
    last = SLOTS * row + LAST
    top = SLOTS * row + TOP
    silent = bool(
        slots[last]["number"] == 0
        or segment["time"] - slots[last]["time"] >= SILENCE_NS
        or side["bits"] & QUIET
    )
    if silent:
        release_ends(row, state, buffer, slots, octets, out, packets)
        release_all(row ^ 1, state, buffer, slots, octets, out, packets)
    _owe(row ^ 1, state, sides, buffer, slots, octets, changed, out, packets)
    touch(row, state, sides, changed)
    if newest:
        slots[top]["number"] = 0
    elif slots[top]["number"] == 0:
        duplicate(slots, octets, last, top)
    elif state["clock"] - slots[top]["time"] >= SILENCE_NS:
        release(top, state, buffer, slots, octets, out, packets)
    hold(slots[last], segment, state["matched"])
    renew(row, state, sides)
    return silent


@kernel
def _speak(
    segment: np.void, row: int, state: np.void, sides: Array, slots: Array, changed: Array
) -> bool:
    """Take in data; tell whether it is the first in a silence of the peer (rule K4)."""
    first = slots[SLOTS * row + FIRST]
    peer = sides[row ^ 1]
    if first["number"] or not peer["bits"] & SEEN:
        return False
    touch(row, state, sides, changed)
    hold(first, segment, state["matched"])
    return bool(peer["bits"] & QUIET)


@kernel
def _hello_offset(segment: np.void, side: np.void, begin: int) -> int:
    """Return where in its stream the payload lies if it may be hello, or -1."""
    if segment["captured"] == 0 or segment["length"] == 0:
        return -1
    begin += wide(segment["flags"]) & SYN != 0
    if not side["bits"] & BASED:
        side["bits"] |= BASED
        side["base"] = begin
    offset = begin - side["base"]
    if 0 <= offset < side["hello"] and side["hellos"] < HELLO_SEGMENTS:
        side["hellos"] += 1
        return wide(offset)
    return -1


@kernel
def _emit(
    segment: np.void,
    keep: bool,
    offset: int,
    row: int,
    flow: np.void,
    sides: Array,
    state: np.void,
    buffer: Array,
    slots: Array,
    out: Array,
    packets: Array,
) -> None:
    kind = KEPT if keep else 0
    payload = 0
    if offset >= 0:
        kind |= MAYBE_HELLO
        captured = min(wide(segment["captured"]), wide(segment["length"]))
        payload = min(captured, wide(sides[row]["hello"]) - offset)
    if kind:
        hand_on(segment, kind, payload, row, flow, offset, state, buffer, out, packets)
    if keep:
        mark_kept(slots, row, state["matched"])


@kernel
def _close(flow: np.void, side: np.void, peer: np.void, flags: int) -> None:
    if flags & FIN:
        side["bits"] |= CLOSED
        flow["ended"] = 1 if peer["bits"] & CLOSED else flow["ended"]


@kernel
def take(
    segment: np.void,
    row: int,
    begin: int,
    state: np.void,
    flow: np.void,
    sides: Array,
    buffer: Array,
    slots: Array,
    octets: Array,
    changed: Array,
    out: Array,
    packets: Array,
) -> None:
    """Take in one segment of a connection, at ``begin`` of its sender's stream."""
    side = sides[row]
    peer = sides[row ^ 1]
    flags = wide(segment["flags"])
    time = wide(segment["time"])
    end = begin + wide(segment["length"]) + (flags & SYN) // SYN + (flags & FIN)
    probe = is_probe(segment, side, begin)
    keep = state["everything"] != 0 or probe or flags & (SYN | FIN) != 0
    acked = acknowledge(peer, wide(segment["ack"])) if flags & ACK else wide(side["ack"])
    keep |= is_answer(side, peer, acked)
    keep |= is_first_word(side, flags)
    if probe:
        expect_answer(peer)
    live = is_life(side, peer, end, flags)
    if live:
        keep |= is_due(side, time, end, acked)
        newest = end >= side["next"] and (not flags & ACK or acked >= peer["acked"])
        keep |= _live(
            segment, row, newest, state, sides, buffer, slots, octets, changed, out, packets
        )
    if not probe:
        side["next"] = max(side["next"], end) if side["bits"] & NEXT else end
        side["bits"] |= NEXT
        if end > begin:
            keep |= _speak(segment, row, state, sides, slots, changed)
    side["bits"] |= SEEN
    if not live and (keep or slots[SLOTS * row + FIRST]["number"] == state["matched"]):
        # Only the peer's acknowledgement tells that this is no sign of life.
        release_ends(row ^ 1, state, buffer, slots, octets, out, packets)
    if keep:
        note_kept(side, time, end, acked)
    offset = -1 if probe else _hello_offset(segment, side, begin)
    _emit(segment, keep, offset, row, flow, sides, state, buffer, slots, out, packets)
    _close(flow, side, peer, flags)


@kernel
def lead(
    segment: np.void,
    row: int,
    state: np.void,
    flows: Array,
    sides: Array,
    buffer: Array,
    slots: Array,
    octets: Array,
    changed: Array,
    out: Array,
    packets: Array,
) -> None:
    """Take in one segment of known endpoints: of this connection, of a new or of an older one."""
    flow = flows[row >> 1]
    side = sides[row]
    if side["bits"] & SEEN and is_copy(side, segment):
        return
    flags = wide(segment["flags"])
    apart = False
    if flags & SYN:
        verdict = judge(segment, side, sides[row ^ 1])
        apart = verdict == FOREIGN
        if verdict == ANEW:
            begin_again(row >> 1, state, flows, sides, buffer, slots, octets, out, packets)
        if not apart:
            greet(flow, side, segment, row)
    note_copy(side, segment)
    begin = wide(segment["seq"])
    if side["bits"] & NEXT:
        begin = position(side["next"], segment["seq"])
        apart = apart or is_stray(side, begin)
    if flags & RST and not apart:
        flow["ended"] = 1
    if apart or flags & RST:
        hand_on(segment, KEPT, 0, row, flow, -1, state, buffer, out, packets)
        return
    take(segment, row, begin, state, flow, sides, buffer, slots, octets, changed, out, packets)


@entry
def thin(
    segments: Array,
    start: int,
    until: int,
    buffer: Array,
    states: Array,
    flows: Array,
    sides: Array,
    heads: Array,
    slots: Array,
    octets: Array,
    changed: Array,
    out: Array,
    packets: Array,
) -> int:
    """Thin ``segments[start:]``, then let the clock reach ``until`` (ns UTC).

    Returns the index reached, or -1 when all is done. Otherwise ``out`` is full: call again with
    that index when its first ``states[0]["out"]`` rows have been taken. ``out`` and ``packets``
    say what is kept: OUT, and the octets, shape (OUT_ROWS, OUT_OCTETS).
    """
    state = states[0]
    for i in range(start, len(segments)):
        segment = segments[i]
        clock = max(state["clock"], segment["time"])
        if not expire(clock, state, sides, buffer, slots, octets, out, packets):
            return i
        if state["out"] > len(out) - OUT_ROOM:
            return i
        state["clock"] = clock
        state["matched"] += 1
        row = find(segment, state, flows, heads)
        if row < 0:
            row = admit(segment, state, flows, sides, slots, heads)
        if row < 0:
            state["lost"] += 1
            continue
        lead(segment, row, state, flows, sides, buffer, slots, octets, changed, out, packets)
    clock = max(state["clock"], until)
    if not expire(clock, state, sides, buffer, slots, octets, out, packets):
        return len(segments)
    state["clock"] = clock
    rescue(state, buffer, slots, octets, changed)
    return -1
