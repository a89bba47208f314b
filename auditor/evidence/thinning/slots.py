"""What one segment does to the slots of its sender and of its peer, and to what goes out."""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import SILENCE_NS
from auditor.evidence.thinning.holdback import (
    duplicate,
    hand_on,
    hold,
    mark_kept,
    release,
    release_all,
    release_ends,
    touch,
)
from auditor.evidence.thinning.idle_queue import renew
from auditor.evidence.thinning.tables import (
    ACKED,
    BASED,
    CLOSED,
    FIRST,
    HELLO_SEGMENTS,
    KEPT,
    LAST,
    MAYBE_HELLO,
    NEXT,
    QUIET,
    SEEN,
    SLOTS,
    TOP,
)
from auditor.flows.tables import wide
from auditor.kernels import kernel
from auditor.packets.segments import FIN, SYN, Array


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
def live_sign(
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
def speak(
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
def hello_offset(segment: np.void, side: np.void, begin: int) -> int:
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
def emit(
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
    """Hand the segment on if it is kept, or may be hello at ``offset`` (-1: it may not)."""
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
def close(flow: np.void, side: np.void, peer: np.void, flags: int) -> None:
    """Take in a FIN; the second side's ends the flow."""
    if flags & FIN:
        side["bits"] |= CLOSED
        flow["ended"] = 1 if peer["bits"] & CLOSED else flow["ended"]
