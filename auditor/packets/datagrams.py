"""The frames that a datagram in fragments would have been: one for each way to read it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from auditor.packets.fragment_readings import OTHER_DATA, OTHER_SIZE, READINGS
from auditor.packets.fragments import DATA
from auditor.packets.segments import AGAIN, TORN, UNSURE


class Reading(NamedTuple):
    """One way to read a datagram."""

    frame: bytes
    """The frame that it would have been."""
    wire: int
    """The length of that on the wire."""
    part: int
    """As ``SEGMENT`` has it."""
    torn: int
    """As ``SEGMENT`` has it."""


def readings_of(slot: np.void) -> Iterator[Reading]:
    """Yield how a datagram may be read that is whole in a slot of dtype FRAGMENT.

    Where it was handed on before and another TCP header came then, it may be another datagram that
    came to have the same number, so that it is not said to be torn.
    """
    frames = list(_frames(slot))
    part = int(slot["part"]) if slot["whole"] == 1 else 0xFFFF
    torn = 0
    if slot["clash"] and not slot["anew"]:
        torn = TORN if len(frames) == 1 else UNSURE
    for frame, wire in frames:
        yield Reading(frame, wire, min(part, 0xFFFF), torn)
        part, torn = 0xFFFF, torn and AGAIN


def _frames(slot: np.void) -> Iterator[tuple[bytes, int]]:
    """Yield frames, and their lengths on the wire: of those readings that a receiver can have
    taken, the likeliest first.

    Where none has a right checksum, or that cannot be told, they are all.
    """
    right = int(slot["right"])
    seen = set()
    for reading in range(READINGS if slot["clash"] else 1):
        size = int(slot["other_size" if reading & OTHER_SIZE else "size"])
        if not 0 < size <= 8 * int(slot["units"]) or (right and not right >> reading & 1):
            continue
        frame = _datagram(slot, "other" if reading & OTHER_DATA else "data", size)
        if frame not in seen:
            seen.add(frame)
            yield frame


def _datagram(slot: np.void, copy: str, size: int) -> tuple[bytes, int]:
    """Return one reading as a frame, and its length.

    Of IPv4 the header says that it is no fragment, of IPv6 that it is the only one (RFC 6946).
    """
    network = int(slot["network"])
    head = bytearray(slot["head"][: int(slot["head_size"])].tobytes())
    length = len(head) - network + size
    if head[network] >> 4 == 4:
        head[network + 2 : network + 4] = min(length, 0xFFFF).to_bytes(2, "big")
        head[network + 6] &= 0x40
        head[network + 7] = 0
        head[network + 10 : network + 12] = b"\0\0"
        head[network + 10 : network + 12] = _header_checksum(bytes(head[network:]))
    else:
        head[network + 4 : network + 6] = min(length - 40, 0xFFFF).to_bytes(2, "big")
        head[-6:-4] = b"\0\0"
    data = slot[copy][: min(size, int(slot["cut"]), DATA)].tobytes()
    return bytes(head) + data, len(head) + size


def _header_checksum(header: bytes) -> bytes:
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    checksum: int = total ^ 0xFFFF
    return checksum.to_bytes(2, "big")
