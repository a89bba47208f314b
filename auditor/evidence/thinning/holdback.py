"""What is held back and what goes out: slots, and the rows that Python takes.

A slot points into the batch as long as that is there; ``rescue`` copies what still matters
afterwards. So the headers of a stream at full rate are never copied.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import HEADER_BYTES
from auditor.evidence.thinning.tables import FIRST, LAST, SLOTS, TOP
from auditor.flows.tables import NONE, wide
from auditor.kernels import kernel
from auditor.packets.segments import Array


@kernel
def touch(row: int, state: np.void, sides: Array, changed: Array) -> None:
    """Note that the slots of ``row`` change in this batch."""
    side = sides[row]
    if side["batch"] != state["batch"]:
        side["batch"] = state["batch"]
        changed[state["touched"]] = row
        state["touched"] += 1


@kernel
def hold(slot: np.void, segment: np.void, number: int) -> None:
    """Hold the header of ``segment`` back in ``slot``."""
    headers = wide(segment["payload"]) - wide(segment["frame"])
    slot["time"] = segment["time"]
    slot["number"] = number
    slot["frame"] = segment["frame"]
    slot["wire"] = headers + wide(segment["length"]) + wide(segment["trailer"])
    slot["size"] = min(headers, HEADER_BYTES)
    slot["interface"] = segment["interface"]
    slot["kept"] = 0


@kernel
def duplicate(slots: Array, octets: Array, source: int, target: int) -> None:
    """Let slot ``target`` hold what ``source`` holds."""
    one = slots[source]
    other = slots[target]
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
        for k in range(wide(one["size"])):
            octets[target, k] = octets[source, k]


@kernel
def rescue(state: np.void, buffer: Array, slots: Array, octets: Array, changed: Array) -> None:
    """Copy the headers that are still held back out of a batch that ends."""
    for k in range(state["touched"]):
        for at in range(SLOTS * changed[k], SLOTS * changed[k] + SLOTS):
            slot = slots[at]
            frame = wide(slot["frame"])
            if slot["number"] and frame != NONE and not slot["kept"]:
                for j in range(wide(slot["size"])):
                    octets[at, j] = buffer[frame + j]
            slot["frame"] = NONE
    state["touched"] = 0
    state["batch"] += 1


@kernel
def mark_kept(slots: Array, row: int, number: int) -> None:
    """Let no slot of ``row`` hold segment ``number`` to be kept once more."""
    for at in range(SLOTS * row, SLOTS * row + SLOTS):
        if slots[at]["number"] == number:
            slots[at]["kept"] = 1


@kernel
def release(
    at: int, state: np.void, buffer: Array, slots: Array, octets: Array, out: Array, packets: Array
) -> None:
    """Keep what slot ``at`` holds, unless it is empty or kept already."""
    slot = slots[at]
    if slot["number"] == 0 or slot["kept"]:
        return
    row = out[state["out"]]
    packet = packets[state["out"]]
    state["out"] += 1
    row["time"] = slot["time"]
    row["number"] = slot["number"]
    row["wire"] = slot["wire"]
    row["header"] = slot["size"]
    row["size"] = slot["size"]
    row["interface"] = slot["interface"]
    row["kind"] = 1
    frame = wide(slot["frame"])
    for k in range(wide(slot["size"])):
        packet[k] = octets[at, k] if frame == NONE else buffer[frame + k]
    mark_kept(slots, at // SLOTS, slot["number"])


@kernel
def release_ends(
    row: int, state: np.void, buffer: Array, slots: Array, octets: Array, out: Array, packets: Array
) -> None:
    """Keep the latest that ``row`` said, and the end of its stream."""
    release(SLOTS * row + TOP, state, buffer, slots, octets, out, packets)
    release(SLOTS * row + LAST, state, buffer, slots, octets, out, packets)


@kernel
def release_all(
    row: int, state: np.void, buffer: Array, slots: Array, octets: Array, out: Array, packets: Array
) -> None:
    """Keep all that is held back of ``row``."""
    release(SLOTS * row + FIRST, state, buffer, slots, octets, out, packets)
    release_ends(row, state, buffer, slots, octets, out, packets)


@kernel
def hand_on(
    segment: np.void,
    kind: int,
    payload: int,
    row: int,
    flow: np.void,
    offset: int,
    state: np.void,
    buffer: Array,
    out: Array,
    packets: Array,
) -> None:
    """Hand on the header of ``segment`` at once, with ``payload`` octets of what it carries."""
    frame = wide(segment["frame"])
    headers = wide(segment["payload"]) - frame
    header = min(headers, HEADER_BYTES)
    line = out[state["out"]]
    packet = packets[state["out"]]
    state["out"] += 1
    line["time"] = segment["time"]
    line["number"] = state["matched"]
    line["epoch"] = flow["epoch"]
    line["wire"] = headers + wide(segment["length"]) + wide(segment["trailer"])
    line["header"] = header
    line["size"] = header + payload
    line["row"] = row
    line["offset"] = offset
    line["interface"] = segment["interface"]
    line["kind"] = kind
    for k in range(header + payload):
        packet[k] = buffer[frame + k]
