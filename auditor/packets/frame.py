"""From one frame to one SEGMENT record: IPv4 (RFC 791), IPv6 (RFC 8200) and TCP (RFC 9293).

Every length is checked against the captured bytes before it is used to read, and against the
frame on the wire before it is believed. Padding never counts: lengths come from the IP header.
"""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.counters import (
    COMPLETE,
    FRAGMENTS,
    PACKETS,
    UNDECODED,
    note_undecoded,
)
from auditor.packets.decoding import Decoding
from auditor.packets.extension_headers import PIECE, TCP, upper_layer
from auditor.packets.fragment_readings import is_repeated
from auditor.packets.fragments import (
    DATAGRAMS,
    find_slot,
    is_interesting,
    is_whole_header,
    open_slot,
)
from auditor.packets.icmp import ICMP, ICMPV6, icmp_error, icmpv6_error
from auditor.packets.integers import be16, be32, be64, int64, u8
from auditor.packets.link import UNREADABLE, is_known, network_layer
from auditor.packets.link_types import IPV4, IPV6
from auditor.packets.reassembly import add_fragment
from auditor.packets.segments import UNSEEN_STAMPS
from auditor.packets.tcp_segment import tcp_segment
from auditor.packets.undecoded import CUT, DAMAGED_IP, DAMAGED_OTHER, LINK_TYPE, RUNT

_MASK = 0xFFFFFFFF


@kernel
def _fragment(
    frame: int,
    network: int,
    upper: int,
    stop: int,
    size: int,
    offset: int,
    more: bool,
    time: int,
    n: int,
    io: Decoding,
) -> int:
    """Take in a fragment of a TCP segment; return ``n + 1`` if it is of interest by itself.

    Its addresses and its key are in the scratch row of ``io.fragments``.
    """
    fragments, buffer = io.fragments, io.buffer
    stop = min(stop, upper + max(0, size))
    scratch = fragments[DATAGRAMS]
    plain = scratch["plain"] == 1
    if plain and not is_interesting(buffer, upper, stop, offset, io.ports):
        return n
    secret = int64(scratch["time"])
    index = find_slot(scratch, time, False, secret, fragments)
    old = find_slot(scratch, time, True, secret, fragments)
    if index < 0:
        if old >= 0 and is_repeated(fragments[old], buffer, upper, stop, size, offset, more):
            return n
        index = open_slot(scratch, time, secret, fragments)
    add_fragment(index, old, frame, network, upper, stop, size, offset, more, time, io)
    if offset > 0 or io.counters[COMPLETE] or not is_whole_header(buffer, upper, stop):
        return n
    if not plain:
        return n
    kept = tcp_segment(upper, stop, size, n, io)
    if kept != n:
        fragments[index]["part"] = io.segments[n]["length"]
        fragments[index]["pieces"] -= 1
        io.counters[FRAGMENTS] -= 1
        io.segments[n]["header"] = 0  # its checksum is of more than it
        io.segments[n]["stamped"] = UNSEEN_STAMPS
    return kept


@kernel
def _ipv4(at: int, stop: int, wire: int, time: int, n: int, frame: int, io: Decoding) -> int:
    buffer = io.buffer
    if stop - at < 20:
        io.counters[UNDECODED] += 1
        note_undecoded(io.counters, CUT if stop - at < wire else RUNT)
        return n
    header = (u8(buffer, at) & 15) * 4
    total = be16(buffer, at + 2)
    if total == 0:  # a large segment that the sender's or receiver's offload never split
        total = wire
    if u8(buffer, at) >> 4 != 4 or header < 20 or total < header or total > wire:
        io.counters[UNDECODED] += 1
        note_undecoded(io.counters, DAMAGED_IP if u8(buffer, at + 9) == TCP else DAMAGED_OTHER)
        return n
    protocol = u8(buffer, at + 9)
    if protocol == ICMP and not be16(buffer, at + 6) & 0x3FFF:
        return icmp_error(at, at + header, stop, total - header, time, n, io)
    if protocol != TCP:
        return n
    place = be16(buffer, at + 6)
    if place & 0x3FFF:
        wanted = io.fragments[DATAGRAMS]
        wanted["src_hi"] = wanted["dst_hi"] = 0
        wanted["src_lo"] = 0xFFFF00000000 | be32(buffer, at + 12)
        wanted["dst_lo"] = 0xFFFF00000000 | be32(buffer, at + 16)
        wanted["key"] = 4 << 32 | be16(buffer, at + 4)
        wanted["plain"] = 1
        offset, more = (place & 0x1FFF) * 8, place & 0x2000 != 0
        size = total - header
        kept = _fragment(frame, at, at + header, stop, size, offset, more, time, n, io)
    else:
        kept = tcp_segment(at + header, stop, total - header, n, io)
    if kept != n:
        record = io.segments[n]
        record["time"] = time
        record["src_hi"] = 0
        record["src_lo"] = 0xFFFF00000000 | be32(buffer, at + 12)
        record["dst_hi"] = 0
        record["dst_lo"] = 0xFFFF00000000 | be32(buffer, at + 16)
        record["ident"] = be16(buffer, at + 4)
        record["ttl"] = u8(buffer, at + 8)
    return kept


@kernel
def _ipv6(at: int, stop: int, wire: int, time: int, n: int, frame: int, io: Decoding) -> int:
    buffer = io.buffer
    if stop - at < 40:
        io.counters[UNDECODED] += 1
        note_undecoded(io.counters, CUT if stop - at < wire else RUNT)
        return n
    total = be16(buffer, at + 4) + 40
    if total == 40:  # a jumbogram (RFC 2675) or, far more often, an offloaded large segment
        total = wire
    protocol, upper = upper_layer(buffer, at + 40, stop, u8(buffer, at + 6))
    if u8(buffer, at) >> 4 != 6 or total > wire or protocol == UNREADABLE:
        io.counters[UNDECODED] += 1
        note_undecoded(io.counters, DAMAGED_IP if protocol in (TCP, UNREADABLE) else DAMAGED_OTHER)
        return n
    if protocol == ICMPV6:
        return icmpv6_error(at, upper, stop, total - (upper - at), time, n, io)
    if protocol == PIECE:
        wanted = io.fragments[DATAGRAMS]
        wanted["src_hi"] = be64(buffer, at + 8)
        wanted["src_lo"] = be64(buffer, at + 16)
        wanted["dst_hi"] = be64(buffer, at + 24)
        wanted["dst_lo"] = be64(buffer, at + 32)
        wanted["key"] = 6 << 32 | be32(buffer, upper + 4)
        inner = u8(buffer, upper)
        wanted["plain"] = inner == TCP
        place = be16(buffer, upper + 2)
        offset, more = place & 0xFFF8, place & 1 != 0
        upper += 8
        if offset == 0 and upper_layer(buffer, upper, stop, inner)[0] not in (TCP, UNREADABLE):
            return n
        size = total - (upper - at)
        kept = _fragment(frame, at, upper, stop, size, offset, more, time, n, io)
    elif protocol == TCP:
        kept = tcp_segment(upper, stop, total - (upper - at), n, io)
    else:
        return n
    if kept != n:
        record = io.segments[n]
        record["time"] = time
        record["src_hi"] = be64(buffer, at + 8)
        record["src_lo"] = be64(buffer, at + 16)
        record["dst_hi"] = be64(buffer, at + 24)
        record["dst_lo"] = be64(buffer, at + 32)
        record["ident"] = 0x10000 | be16(buffer, at + 2)
        record["ttl"] = u8(buffer, at + 7)
    return kept


@kernel
def decode(
    at: int, stop: int, wire: int, link: int, interface: int, time: int, n: int, io: Decoding
) -> int:
    """Decode the frame ``buffer[at:stop]``; return ``n + 1`` if it is of interest, else ``n``.

    Then ``segments[n]`` was written (``n < len(segments)``). ``wire`` is the frame's length on
    the wire (>= stop - at), ``interface`` what the record says of it, ``time`` is ns UTC. What
    cannot be decoded is counted.
    """
    kind, network, inside = network_layer(io.buffer, at, stop, link)
    rest = wire - (network - at)
    if kind == IPV4:
        kept = _ipv4(network, stop, rest, time, n, at, io)
    elif kind == IPV6:
        kept = _ipv6(network, stop, rest, time, n, at, io)
    else:
        if kind == UNREADABLE:
            io.counters[UNDECODED] += 1
            cut = CUT if stop - at < wire else RUNT
            note_undecoded(io.counters, cut if is_known(link) else LINK_TYPE | min(link, 0xFFFF))
        return n
    if io.counters[COMPLETE]:
        slot = io.fragments[io.counters[COMPLETE] - 1]
        slot["interface"] = interface
        slot["link"] = link
    if kept != n:
        record = io.segments[n]
        record["frame"] = at
        record["interface"] = interface
        record["network"] = inside
        record["part"] = 0
        record["torn"] = 0
        record["number"] = io.counters[PACKETS] & _MASK
        headers = int64(record["payload"]) - at
        record["trailer"] = min(max(wire - headers - int64(record["length"]), 0), 0xFFFF)
    return kept
