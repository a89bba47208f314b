"""ICMP errors (RFC 792, RFC 4443): each becomes a row about the TCP segment that it quotes.

The quoted header may be cut after eight bytes of TCP, which hold the ports and the sequence number.
Nothing in an error is trusted but as far as it quotes: the tracker holds it against the flow.
"""

from __future__ import annotations

from auditor.kernels import kernel, rare_kernel
from auditor.packets.counters import ERRORS
from auditor.packets.decoding import TCP_PORT, Decoding
from auditor.packets.integers import be16, be32, be64, u8

ICMP, ICMPV6 = 1, 58
#: Set in a row's ``ident``: it is such an error, not a segment.
ICMP_ERROR = 1 << 31
#: Set beside it for ICMPv6; below are type and code, eight bits each.
VERSION_6 = 1 << 16

_TCP = 6
_UNREACHABLE, _TIME_EXCEEDED = 3, 11
_UNREACHABLE_6, _TOO_BIG_6, _TIME_EXCEEDED_6 = 1, 2, 3
_FRAGMENTATION_NEEDED = 4
_LARGEST = 0xFFFF


@kernel
def _write(quoted: int, time: int, n: int, io: Decoding) -> int:
    """Write the columns that hold for both versions; ``quoted`` is where the TCP header begins.

    Return ``n + 1`` if one of its ports is of interest, else ``n``.
    """
    sport = be16(io.buffer, quoted)
    dport = be16(io.buffer, quoted + 2)
    if not (io.ports[sport] | io.ports[dport]) & TCP_PORT:
        return n
    record = io.segments[n]
    record["time"] = time
    record["sport"] = sport
    record["dport"] = dport
    record["seq"] = be32(io.buffer, quoted + 4)
    record["length"] = 0
    record["flags"] = 0
    record["ttl"] = 0
    io.counters[ERRORS] += 1
    return n + 1


@rare_kernel
def icmp_error(
    network: int, at: int, stop: int, length: int, time: int, n: int, io: Decoding
) -> int:
    """Decode the ICMP message at ``at`` of ``length`` bytes; ``network`` is its IPv4 header.

    Return as ``decode`` does. ``stop`` is where the captured bytes end.
    """
    buffer = io.buffer
    quoted = at + 8
    end = min(stop, at + length)
    if end - quoted < 28:
        return n
    kind = u8(buffer, at)
    header = (u8(buffer, quoted) & 15) * 4
    tcp = quoted + header
    if kind not in (_UNREACHABLE, _TIME_EXCEEDED) or u8(buffer, quoted) >> 4 != 4:
        return n
    if header < 20 or end - tcp < 8 or u8(buffer, quoted + 9) != _TCP:
        return n
    if be16(buffer, quoted + 6) & 0x1FFF:
        return n
    kept = _write(tcp, time, n, io)
    if kept != n:
        code = u8(buffer, at + 1)
        record = io.segments[n]
        record["ident"] = ICMP_ERROR | kind << 8 | code
        record["src_hi"] = 0
        record["src_lo"] = 0xFFFF00000000 | be32(buffer, quoted + 12)
        record["dst_hi"] = 0
        record["dst_lo"] = 0xFFFF00000000 | be32(buffer, quoted + 16)
        record["ack"] = network
        record["captured"] = be16(buffer, quoted + 2)
        needed = kind == _UNREACHABLE and code == _FRAGMENTATION_NEEDED
        record["window"] = be16(buffer, at + 6) if needed else 0
        record["payload"] = min(end, tcp + 20)
    return kept


@rare_kernel
def icmpv6_error(
    network: int, at: int, stop: int, length: int, time: int, n: int, io: Decoding
) -> int:
    """Decode the ICMPv6 message at ``at``, as ``icmp_error`` does; ``network`` is its IPv6 header.

    A quoted segment behind extension headers is not looked for.
    """
    buffer = io.buffer
    quoted = at + 8
    end = min(stop, at + length)
    tcp = quoted + 40
    if end - tcp < 8:
        return n
    kind = u8(buffer, at)
    if kind not in (_UNREACHABLE_6, _TOO_BIG_6, _TIME_EXCEEDED_6):
        return n
    if u8(buffer, quoted) >> 4 != 6 or u8(buffer, quoted + 6) != _TCP:
        return n
    kept = _write(tcp, time, n, io)
    if kept != n:
        record = io.segments[n]
        record["ident"] = ICMP_ERROR | VERSION_6 | kind << 8 | u8(buffer, at + 1)
        record["src_hi"] = be64(buffer, quoted + 8)
        record["src_lo"] = be64(buffer, quoted + 16)
        record["dst_hi"] = be64(buffer, quoted + 24)
        record["dst_lo"] = be64(buffer, quoted + 32)
        record["ack"] = network
        record["captured"] = be16(buffer, quoted + 4) + 40
        record["window"] = min(be32(buffer, at + 4), _LARGEST) if kind == _TOO_BIG_6 else 0
        record["payload"] = min(end, tcp + 20)
    return kept
