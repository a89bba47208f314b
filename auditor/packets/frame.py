"""From one frame to one SEGMENT record: IPv4 (RFC 791), IPv6 (RFC 8200) and TCP (RFC 9293).

Every length is checked against the captured bytes before it is used to read, and against the
frame on the wire before it is believed. Padding never counts: lengths come from the IP header.
All that is not a whole TCP segment right behind its IP header is rare, and read elsewhere.
"""

from __future__ import annotations

from auditor.kernels import kernel, rare_kernel
from auditor.packets.counters import (
    COMPLETE,
    MAX_OUTER,
    NOTED,
    OUTER,
    OUTERS,
    PACKETS,
    UNDECODED,
    note_undecoded,
)
from auditor.packets.decoding import Decoding
from auditor.packets.extension_headers import TCP, upper_layer
from auditor.packets.fragment_taking import WITHIN, other_ipv4, other_ipv6
from auditor.packets.icmp import ICMP, ICMPV6, icmp_error, icmpv6_error
from auditor.packets.integers import be16, be32, be64, int64, u8
from auditor.packets.layers import OTHER, UNREADABLE
from auditor.packets.link import is_known, network_layer
from auditor.packets.link_types import IPV4, IPV6
from auditor.packets.segments import Array
from auditor.packets.source_routes import last_ipv4, last_ipv6
from auditor.packets.tcp_segment import tcp_segment
from auditor.packets.tunnels import next_network
from auditor.packets.undecoded import CUT, DAMAGED_IP, DAMAGED_OTHER, LINK_TYPE, RUNT, TOO_DEEP
from auditor.packets.undecoded_table import note_packet

_MASK = 0xFFFFFFFF


@rare_kernel
def _count(key: int, counters: Array) -> None:
    """Count a packet that could not be decoded and might have been of interest, by its layer."""
    counters[UNDECODED] += 1
    note_undecoded(counters, key)


@kernel
def _ipv4(
    at: int, stop: int, wire: int, time: int, n: int, frame: int, within: int, io: Decoding
) -> int:
    buffer = io.buffer
    if stop - at < 20:
        _count(CUT if stop - at < wire else RUNT, io.counters)
        return n
    header = (u8(buffer, at) & 15) * 4
    total = be16(buffer, at + 2)
    if total == 0:  # a large segment that the sender's or receiver's offload never split
        total = wire
    protocol = u8(buffer, at + 9)
    if u8(buffer, at) >> 4 != 4 or header < 20 or total < header or total > wire:
        _count(DAMAGED_IP if protocol == TCP else DAMAGED_OTHER, io.counters)
        return n
    whole = not be16(buffer, at + 6) & 0x3FFF
    upper = at + header
    if protocol == TCP and whole:
        kept = tcp_segment(upper, stop, total - header, n, io)
    elif protocol == ICMP:
        return icmp_error(at, upper, stop, total - header, time, n, io) if whole else n
    else:
        kept = other_ipv4(at, upper, stop, total - header, time, n, frame, within, io)
    if kept > n:
        target = last_ipv4(buffer, at, upper, stop) if header > 20 else at + 16
        record = io.segments[n]
        record["time"] = time
        record["src_hi"] = 0
        record["src_lo"] = 0xFFFF00000000 | be32(buffer, at + 12)
        record["dst_hi"] = 0
        record["dst_lo"] = 0xFFFF00000000 | be32(buffer, target)
        record["ident"] = be16(buffer, at + 4)
        record["ttl"] = u8(buffer, at + 8)
    return kept


@kernel
def _ipv6(
    at: int, stop: int, wire: int, time: int, n: int, frame: int, within: int, io: Decoding
) -> int:
    buffer = io.buffer
    if stop - at < 40:
        _count(CUT if stop - at < wire else RUNT, io.counters)
        return n
    total = be16(buffer, at + 4) + 40
    if total == 40:  # a jumbogram (RFC 2675) or, far more often, an offloaded large segment
        total = wire
    protocol, upper = upper_layer(buffer, at + 40, stop, u8(buffer, at + 6))
    if u8(buffer, at) >> 4 != 6 or total > wire or protocol == UNREADABLE:
        _count(DAMAGED_IP if protocol in (TCP, UNREADABLE) else DAMAGED_OTHER, io.counters)
        return n
    if protocol == TCP:
        kept = tcp_segment(upper, stop, total - (upper - at), n, io)
    elif protocol == ICMPV6:
        return icmpv6_error(at, upper, stop, total - (upper - at), time, n, io)
    else:
        kept = other_ipv6(at, upper, stop, total, protocol, time, n, frame, within, io)
    if kept > n:
        target = last_ipv6(buffer, at, stop) if upper > at + 40 else at + 24
        record = io.segments[n]
        record["time"] = time
        record["src_hi"] = be64(buffer, at + 8)
        record["src_lo"] = be64(buffer, at + 16)
        record["dst_hi"] = be64(buffer, target)
        record["dst_lo"] = be64(buffer, target + 8)
        record["ident"] = 0x10000 | be16(buffer, at + 2)
        record["ttl"] = u8(buffer, at + 7)
    return kept


@kernel
def _unread(kind: int, is_cut: bool, link: int) -> int:
    """Return the key of a frame in which no network header was found, though it may have one."""
    if kind != UNREADABLE:
        return -kind
    if is_known(link):
        return CUT if is_cut else RUNT
    return LINK_TYPE | min(link, 0xFFFF)


@kernel
def decode(
    at: int, stop: int, wire: int, link: int, interface: int, time: int, n: int, io: Decoding
) -> int:
    """Decode the frame ``buffer[at:stop]``; return ``n + 1`` if it is of interest, else ``n``.

    Then ``segments[n]`` was written (``n < len(segments)``). ``wire`` is the frame's length on
    the wire (>= stop - at), ``interface`` what the record says of it, ``time`` is ns UTC. What
    cannot be decoded is counted.
    """
    kind, network, within = network_layer(io.buffer, at, stop, link)
    end, rest, kept, depth = stop, wire - (network - at), WITHIN, 0
    while kept == WITHIN and depth < MAX_OUTER:
        if kind == IPV4:
            kept = _ipv4(network, end, rest, time, n, at, within, io)
        elif kind == IPV6:
            kept = _ipv6(network, end, rest, time, n, at, within, io)
        else:
            if kind in (UNREADABLE, -TOO_DEEP):
                _count(_unread(kind, stop - at < wire, link), io.counters)
            elif kind != OTHER:
                note_undecoded(io.counters, -kind)
            kept = n
        if kept == WITHIN:
            io.counters[OUTER + depth] = network
            depth += 1
            io.counters[OUTERS] = depth
            kind, network, end, rest, within = next_network(network, end, rest, kind, within, io)
    if depth:
        io.counters[OUTERS] = 0
        if kept == WITHIN:
            _count(TOO_DEEP, io.counters)
            kept = n
    if io.counters[COMPLETE]:
        slot = io.fragments[io.counters[COMPLETE] - 1]
        slot["interface"] = interface
        slot["link"] = link
    if kept != n:
        record = io.segments[n]
        record["frame"] = at
        record["interface"] = interface
        record["network"] = within
        record["part"] = 0
        record["torn"] = 0
        record["number"] = io.counters[PACKETS] & _MASK
        headers = int64(record["payload"]) - at
        record["trailer"] = min(max(wire - headers - int64(record["length"]), 0), 0xFFFF)
    elif io.counters[NOTED]:
        note_packet(io.buffer, network, end, kind, time, io.counters)
    return kept
