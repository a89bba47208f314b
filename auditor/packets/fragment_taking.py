"""What IP carries that is no whole TCP segment: fragments of one, tunnels, and what is hidden."""

from __future__ import annotations

from auditor.kernels import kernel, rare_kernel
from auditor.packets.counters import COMPLETE, FRAGMENTS, UNDECODED, note_undecoded
from auditor.packets.decoding import Decoding
from auditor.packets.extension_headers import AUTHENTICATION, EXTENSIONS, PIECE, TCP, upper_layer
from auditor.packets.fragment_readings import is_repeated
from auditor.packets.fragments import (
    DATAGRAMS,
    PLAIN,
    WITH_PORTS,
    find_slot,
    is_interesting,
    is_whole_header,
    open_slot,
)
from auditor.packets.integers import be16, be32, be64, int64, u8
from auditor.packets.layers import UNREADABLE
from auditor.packets.reassembly import add_fragment
from auditor.packets.segments import UNSEEN_STAMPS
from auditor.packets.tcp_segment import tcp_segment
from auditor.packets.tunnels import HIDDEN, TUNNEL, UDP, carried
from auditor.packets.undecoded import DAMAGED_IP, IP_PROTOCOL

#: What stands for the number of segments where the packet carries another.
WITHIN = -1


@kernel
def _nature(protocol: int) -> int:
    if protocol == TCP:
        return PLAIN
    return WITH_PORTS if protocol == UDP else 0


@kernel
def _leave_out(index: int, time: int, secret: int, io: Decoding) -> None:
    """Let the other fragments of the datagram in a slot count for nothing, -1: in none yet."""
    if index < 0:
        wanted = io.fragments[DATAGRAMS]
        index = open_slot(wanted, time, secret, io.fragments, io.counters)
    slot = io.fragments[index]
    if slot["head_size"] == 0:  # else another first fragment shows ports that were asked for
        io.counters[FRAGMENTS] -= slot["pieces"]
        slot["pieces"] = slot["told"] = 0
        slot["others"] = 1


@rare_kernel
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
    """Take in a fragment of a TCP segment, or of a tunnel; return ``n + 1`` if it is of interest by
    itself.

    Its addresses and its key are in the scratch row of ``io.fragments``.
    """
    fragments, buffer = io.fragments, io.buffer
    stop = min(stop, upper + max(0, size))
    scratch = fragments[DATAGRAMS]
    plain = scratch["plain"] == PLAIN
    secret = int64(scratch["time"])
    index = find_slot(scratch, time, False, secret, fragments)
    if plain and not is_interesting(buffer, upper, stop, offset, io.ports):
        _leave_out(index, time, secret, io)
        return n
    old = find_slot(scratch, time, True, secret, fragments)
    if index < 0:
        if old >= 0 and is_repeated(fragments[old], buffer, upper, stop, size, offset, more):
            return n
        if offset > 0 and scratch["plain"] == WITH_PORTS:
            return n  # of whatever is sent over UDP, since its beginning did not come before it
        index = open_slot(scratch, time, secret, fragments, io.counters)
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
def _is_carried(protocol: int, upper: int, stop: int, is_first: bool, io: Decoding) -> bool:
    """Tell whether a protocol is TCP or a tunnel; count what is hidden."""
    if protocol == TCP:
        return True
    if protocol < 0:
        io.counters[UNDECODED] += 1
        note_undecoded(io.counters, DAMAGED_IP)
        return False
    what = carried(protocol, upper, stop, is_first, io)
    if what == HIDDEN:
        note_undecoded(io.counters, IP_PROTOCOL | protocol)
    return what == TUNNEL


@rare_kernel
def other_ipv4(
    at: int,
    upper: int,
    stop: int,
    size: int,
    time: int,
    n: int,
    frame: int,
    within: int,
    io: Decoding,
) -> int:
    """Decode the ``size`` bytes at ``upper`` that the IPv4 header at ``at`` says are no whole TCP
    segment; return as ``decode`` does, or ``WITHIN``. ``within``: the network."""
    buffer = io.buffer
    protocol, place = u8(buffer, at + 9), be16(buffer, at + 6)
    offset, more = (place & 0x1FFF) * 8, place & 0x2000 != 0
    if protocol == AUTHENTICATION and not place & 0x3FFF:
        protocol, inner = upper_layer(buffer, upper, stop, protocol)
        if protocol == TCP:
            return tcp_segment(inner, stop, size - (inner - upper), n, io)
        if not _is_carried(protocol, inner, stop, True, io):
            return n
        return WITHIN
    if not _is_carried(protocol, upper, stop, offset == 0, io):
        return n
    if not place & 0x3FFF:
        return WITHIN
    wanted = io.fragments[DATAGRAMS]
    wanted["src_hi"] = wanted["dst_hi"] = 0
    wanted["src_lo"] = 0xFFFF00000000 | be32(buffer, at + 12)
    wanted["dst_lo"] = 0xFFFF00000000 | be32(buffer, at + 16)
    wanted["key"] = within << 36 | 4 << 32 | be16(buffer, at + 4)
    wanted["plain"] = _nature(protocol)
    return _fragment(frame, at, upper, stop, size, offset, more, time, n, io)


@rare_kernel
def other_ipv6(
    at: int,
    upper: int,
    stop: int,
    total: int,
    protocol: int,
    time: int,
    n: int,
    frame: int,
    within: int,
    io: Decoding,
) -> int:
    """Do the same behind the IPv6 header at ``at``, whose packet is ``total`` bytes long;
    ``protocol`` is that of the header at ``upper``."""
    buffer = io.buffer
    if protocol != PIECE:
        return WITHIN if _is_carried(protocol, upper, stop, True, io) else n
    wanted = io.fragments[DATAGRAMS]
    wanted["src_hi"] = be64(buffer, at + 8)
    wanted["src_lo"] = be64(buffer, at + 16)
    wanted["dst_hi"] = be64(buffer, at + 24)
    wanted["dst_lo"] = be64(buffer, at + 32)
    wanted["key"] = within << 36 | 6 << 32 | be32(buffer, upper + 4)
    inner = u8(buffer, upper)
    wanted["plain"] = _nature(inner)
    place = be16(buffer, upper + 2)
    offset, more = place & 0xFFF8, place & 1 != 0
    upper += 8
    first, behind = inner, upper
    if offset == 0:
        first, behind = upper_layer(buffer, upper, stop, inner)
    elif inner in EXTENSIONS:
        first = UNREADABLE  # it is in the first fragment
    if first != UNREADABLE and not _is_carried(first, behind, stop, offset == 0, io):
        return n
    return _fragment(frame, at, upper, stop, total - (upper - at), offset, more, time, n, io)
