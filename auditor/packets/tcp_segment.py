"""The TCP header (RFC 9293) of a segment, as columns of SEGMENT."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.counters import NOTED, SHORT, UNDECODED, note_undecoded
from auditor.packets.decoding import TCP_PORT, Decoding
from auditor.packets.integers import be16, be32, u8
from auditor.packets.segments import UNSEEN_STAMPS
from auditor.packets.tcp_options import timestamps_place
from auditor.packets.undecoded import CUT_TCP, DAMAGED_TCP, RUNT


@kernel
def tcp_segment(at: int, stop: int, length: int, n: int, io: Decoding) -> int:
    """Write the TCP columns of ``segments[n]``; return ``n + 1`` if it is of interest.

    Its header is at ``at``, the captured bytes end at ``stop``, and on the wire it has ``length``.
    """
    buffer = io.buffer
    if length < 20:
        io.counters[UNDECODED] += 1
        note_undecoded(io.counters, RUNT)
        return n
    if stop - at < 20:
        hidden = stop - at < 4 or io.ports[be16(buffer, at)] or io.ports[be16(buffer, at + 2)]
        io.counters[SHORT] += hidden
        io.counters[NOTED] = CUT_TCP if hidden else 0
        return n
    header = (u8(buffer, at + 12) >> 4) * 4
    if header < 20 or header > length:
        io.counters[UNDECODED] += 1
        note_undecoded(io.counters, DAMAGED_TCP)
        return n
    sport = be16(buffer, at)
    dport = be16(buffer, at + 2)
    if not (io.ports[sport] | io.ports[dport]) & TCP_PORT:
        return n
    payload = min(at + header, stop)
    record = io.segments[n]
    record["length"] = length - header
    record["payload"] = payload
    record["header"] = payload - at
    record["captured"] = min(length - header, stop - payload)
    record["seq"] = be32(buffer, at + 4)
    record["ack"] = be32(buffer, at + 8)
    record["sport"] = sport
    record["dport"] = dport
    record["window"] = be16(buffer, at + 14)
    record["flags"] = u8(buffer, at + 13)
    stamped = timestamps_place(buffer, at, header, stop)
    record["stamped"] = stamped
    if stamped > UNSEEN_STAMPS:
        record["stamp"] = be32(buffer, at + stamped)
    return n + 1
