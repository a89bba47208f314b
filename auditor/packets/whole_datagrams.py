"""Decodes datagrams of which all fragments were seen, as if each had come in one piece."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from auditor.packets.counters import (
    COMPLETE,
    FRAGMENTS,
    PACKETS,
    SHORT,
    UNDECODED,
    new_counters,
)
from auditor.packets.datagrams import Reading, readings_of
from auditor.packets.pcap import scan_pcap
from auditor.packets.segments import SEGMENT, Array, Batch, read_only
from auditor.packets.undecoded import add_undecoded
from auditor.packets.undecoded_runs import add_runs

#: The header of a pcap record: seconds, nanoseconds, captured and real length.
_RECORD = struct.Struct("<4I")
#: Fragments within fragments are put together so deep: a tunnel in a tunnel in fragments.
_MAX_NESTED = 4
_Names = tuple[tuple[bytes, bytes, bytes], ...]


class WholeDatagrams:
    """Decodes from the table of one capture; ``ports`` and ``counters`` are as in ``Decoding``."""

    def __init__(self, ports: Array, counters: Array, fragments: Array) -> None:
        self._ports = ports
        self._counters = counters
        self._fragments = fragments

    def decode(self, slot: np.void, outer: _Names = ()) -> Iterator[Batch]:
        """Yield batches of one segment, for each way to read the datagram in ``slot`` (dtype
        FRAGMENT), which lies in others."""
        names = (*outer, _name(slot))
        for reading in readings_of(slot):
            yield from self._decode(reading, slot, names)

    def _decode(self, reading: Reading, slot: np.void, names: _Names) -> Iterator[Batch]:
        frame, link = reading.frame, int(slot["link"])
        out, counters = np.zeros(1, SEGMENT), new_counters()
        counters[PACKETS] = slot["number"] - 1
        seconds, fraction = divmod(int(slot["last"]), 10**9)
        head = _RECORD.pack(seconds & 0xFFFFFFFF, fraction, len(frame), reading.wire)
        buffer = read_only(np.frombuffer(head + frame, np.uint8))
        order, unit, size, known = 0, 1, len(buffer), self._fragments
        _, n, _ = scan_pcap(
            buffer, 0, size, order, unit, _RECORD.size, link, self._ports, out, 0, counters, known
        )
        for count in (UNDECODED, SHORT, FRAGMENTS):
            self._counters[count] += counters[count]
        add_undecoded(self._counters, counters)
        add_runs(self._counters, counters)
        if n:
            out["time"], out["number"] = slot["last"], int(slot["number"]) & 0xFFFFFFFF
            out["interface"] = slot["interface"]
            out["part"], out["torn"] = reading.part, reading.torn
            yield Batch(out, buffer, datagrams=names)
        if (inner := int(counters[COMPLETE])) and len(names) <= _MAX_NESTED:
            within = self._fragments[inner - 1]
            within["interface"] = slot["interface"]
            yield from self.decode(within, names)


def _name(slot: np.void) -> tuple[bytes, bytes, bytes]:
    """Return source, destination and identification of a datagram, as they are in its header."""
    key, size = int(slot["key"]), 4 if int(slot["key"]) >> 32 & 0xF == 4 else 16

    def address(end: str) -> bytes:
        return (int(slot[f"{end}_hi"]) << 64 | int(slot[f"{end}_lo"])).to_bytes(16)[-size:]

    ident = (key & 0xFFFFFFFF).to_bytes(4)
    return address("src"), address("dst"), ident[2:] if size == 4 else ident
