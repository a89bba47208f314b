"""What is held back and what goes out: slots, and the lines that Python takes.

A slot points into the batch as long as that is there; ``copy_out`` copies what still matters
afterwards. So the headers of a stream at full rate are never copied.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import HEADER_BYTES
from auditor.evidence.thinning.tables import (
    HIGHEST_SEQ,
    KEPT,
    LAST_ACTIVITY,
    NOT_READ,
    SLOTS,
    UNACKED_DATA,
    UNSEEN,
    Holdback,
    Outbox,
    Tables,
)
from auditor.flows.gaps import missing_octets
from auditor.flows.tcp_state import CHECKSUM_SEEN, HAS_ISN, NONE
from auditor.kernels import kernel
from auditor.packets.checksum import BAD, GOOD, UNKNOWN, checksum_of
from auditor.packets.integers import int64


@kernel
def mark_changed(row: int, tables: Tables, held: Holdback) -> None:
    """Note that the slots of ``row`` change in this batch."""
    side, state = tables.sides[row], tables.state
    if side["batch"] != state["batch"]:
        side["batch"] = state["batch"]
        held.changed[state["changed_count"]] = row
        state["changed_count"] += 1


@kernel
def hold(slot: np.void, segment: np.void, number: int) -> None:
    """Hold the header of ``segment`` back in ``slot``."""
    size = int64(segment["payload"]) - int64(segment["frame"])
    slot["time"] = segment["time"]
    slot["number"] = number
    slot["frame"] = segment["frame"]
    slot["wire"] = size + int64(segment["length"]) + int64(segment["trailer"])
    slot["size"] = min(size, HEADER_BYTES)
    slot["interface"] = segment["interface"]
    slot["kept"] = 0


@kernel
def copy_slot(held: Holdback, source: int, target: int) -> None:
    """Let slot ``target`` hold what ``source`` holds."""
    one = held.slots[source]
    other = held.slots[target]
    if other["number"] == one["number"]:
        return
    other["time"] = one["time"]
    other["number"] = one["number"]
    other["frame"] = one["frame"]
    other["wire"] = one["wire"]
    other["size"] = one["size"]
    other["interface"] = one["interface"]
    other["kept"] = one["kept"]
    if one["frame"] == NONE:
        for k in range(int64(one["size"])):
            held.headers[target, k] = held.headers[source, k]


@kernel
def copy_out(state: np.void, held: Holdback, out: Outbox) -> None:
    """Copy the headers that are still held back out of a batch that ends."""
    for k in range(state["changed_count"]):
        first = SLOTS * held.changed[k]
        for at in range(first, first + SLOTS):
            slot = held.slots[at]
            frame = int64(slot["frame"])
            if slot["number"] and frame != NONE and not slot["kept"]:
                for j in range(int64(slot["size"])):
                    held.headers[at, j] = out.buffer[frame + j]
            slot["frame"] = NONE
    state["changed_count"] = 0
    state["batch"] += 1


@kernel
def mark_kept(row: int, number: int, held: Holdback) -> None:
    """Let no slot of ``row`` hold segment ``number`` to be kept once more."""
    for at in range(SLOTS * row, SLOTS * row + SLOTS):
        if held.slots[at]["number"] == number:
            held.slots[at]["kept"] = 1


@kernel
def release(at: int, state: np.void, held: Holdback, out: Outbox) -> None:
    """Keep what slot ``at`` holds, unless it is empty or kept already."""
    slot = held.slots[at]
    if slot["number"] == 0 or slot["kept"]:
        return
    line = out.lines[state["out_count"]]
    packet = out.packets[state["out_count"]]
    state["out_count"] += 1
    line["time"] = slot["time"]
    line["number"] = slot["number"]
    line["wire"] = slot["wire"]
    line["header"] = slot["size"]
    line["size"] = slot["size"]
    line["interface"] = slot["interface"]
    line["kind"] = KEPT
    frame = int64(slot["frame"])
    for k in range(int64(slot["size"])):
        packet[k] = held.headers[at, k] if frame == NONE else out.buffer[frame + k]
    mark_kept(at // SLOTS, slot["number"], held)


@kernel
def release_latest(row: int, state: np.void, held: Holdback, out: Outbox) -> None:
    """Keep the latest activity of ``row``, and what reached the end of its stream (R3)."""
    release(SLOTS * row + HIGHEST_SEQ, state, held, out)
    release(SLOTS * row + LAST_ACTIVITY, state, held, out)


@kernel
def tell_unseen(row: int, tables: Tables, held: Holdback, out: Outbox) -> None:
    """Say beside the latest activity of ``row``, which is kept, what was not seen of both sides."""
    side, peer, state = tables.sides[row], tables.sides[row ^ 1], tables.state
    if state["everything"]:  # what others left out is no gap
        return
    if side["missing"] + side["gap_count"] + peer["missing"] + peer["gap_count"] == 0:
        return
    sent, received = missing_octets(side), missing_octets(peer)
    slot = held.slots[SLOTS * row + LAST_ACTIVITY]
    if sent + received <= side["unseen_told"] or slot["number"] == 0:
        return
    side["unseen_told"] = peer["unseen_told"] = sent + received
    line = out.lines[state["out_count"]]
    state["out_count"] += 1
    line["kind"] = UNSEEN
    line["time"] = slot["time"]
    line["number"] = slot["number"]
    line["epoch"] = tables.flows[row >> 1]["epoch"]
    line["row"] = row
    line["header"] = min(sent, 0x7FFFFFFF)
    line["size"] = min(received, 0x7FFFFFFF)


@kernel
def release_all(row: int, state: np.void, held: Holdback, out: Outbox) -> None:
    """Keep all that is held back of ``row``."""
    release(SLOTS * row + UNACKED_DATA, state, held, out)
    release_latest(row, state, held, out)


@kernel
def emit(
    segment: np.void,
    kind: int,
    payload: int,
    offset: int,
    row: int,
    tables: Tables,
    out: Outbox,
) -> None:
    """Let the header of ``segment`` go out at once, with ``payload`` bytes of what it carries.

    ``kind`` is KEPT, MAYBE_HELLO or both; ``offset`` is where in its stream the payload lies.
    """
    state = tables.state
    frame = int64(segment["frame"])
    size = int64(segment["payload"]) - frame
    header = min(size, HEADER_BYTES)
    line = out.lines[state["out_count"]]
    packet = out.packets[state["out_count"]]
    state["out_count"] += 1
    line["time"] = segment["time"]
    line["number"] = state["matched"]
    line["epoch"] = tables.flows[row >> 1]["epoch"]
    line["wire"] = size + int64(segment["length"]) + int64(segment["trailer"])
    line["header"] = header
    line["size"] = header + payload
    line["row"] = row
    line["offset"] = offset
    line["interface"] = segment["interface"]
    line["kind"] = kind
    line["begun"] = tables.sides[row]["bits"] & HAS_ISN
    sum_is = checksum_of(segment, out.buffer) if payload > 0 else UNKNOWN
    line["summed"] = segment["header"] if sum_is in (GOOD, BAD) else 0
    if sum_is == BAD and tables.sides[row]["bits"] & CHECKSUM_SEEN:  # as readers have it
        line["kind"] |= NOT_READ
    for k in range(header + payload):
        packet[k] = out.buffer[frame + k]
