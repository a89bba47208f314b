"""Decodes a datagram of which all fragments were seen, as if it had come in one piece."""

from __future__ import annotations

import struct

import numpy as np

from auditor.packets.counters import new_counters
from auditor.packets.datagrams import Reading
from auditor.packets.pcap import scan_pcap
from auditor.packets.segments import SEGMENT, Array, Batch, read_only

#: The header of a pcap record whose time does not matter: captured and real length.
_WHOLE = struct.Struct("<8xII")


def decode_whole(
    reading: Reading, slot: np.void, ports: Array, fragments: Array
) -> tuple[Batch | None, Array]:
    """Return the segment in one reading of a datagram, a batch of its own, and what was counted;
    None: it is none on ``ports``.

    ``slot`` of ``fragments`` (dtype FRAGMENT) holds the datagram, ``ports`` is of 65536 bool.
    """
    frame, wire = reading.frame, reading.wire
    out, counters = np.zeros(1, SEGMENT), new_counters()
    buffer = read_only(np.frombuffer(_WHOLE.pack(len(frame), wire) + frame, np.uint8))
    size, link = len(buffer), int(slot["link"])
    unit, header = 1, _WHOLE.size
    _, n, _ = scan_pcap(buffer, 0, size, 0, unit, header, link, ports, out, 0, counters, fragments)
    if not n:
        return None, counters
    out["time"], out["number"] = slot["last"], int(slot["number"]) & 0xFFFFFFFF
    out["interface"] = slot["interface"]
    out["part"], out["torn"] = reading.part, reading.torn
    return Batch(out, buffer), counters
