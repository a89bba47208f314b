"""What IP carries that carries IP in turn: of each protocol where the inner header begins.

The lengths that tunnels state of themselves are not looked at: IP bounds them from without and from
within. Numbers that both directions of a tunnel share (VNI, VSID, a key) tell networks apart; those
that each receiver chooses for itself (TEID, sessions, MPLS labels) do not.
"""

from __future__ import annotations

from auditor.kernels import kernel, rare_kernel
from auditor.packets.decoding import TCP_PORT, Decoding
from auditor.packets.extension_headers import AUTHENTICATION, WITHOUT_IP, upper_layer
from auditor.packets.gre import gre
from auditor.packets.integers import be16, be32, int64, u8
from auditor.packets.layers import ETHER_FRAME, MPLS, OTHER, UNREADABLE, find_network
from auditor.packets.link_types import IPV4, IPV6
from auditor.packets.segments import Array
from auditor.packets.udp_tunnels import l2tp_session, udp_tunnel
from auditor.packets.undecoded import IP_PROTOCOL

UDP = 17
_IP_IN_IP, _IPV6_IN_IP, _GRE, _ETHER_IN_IP, _L2TP, _MPLS = 4, 41, 47, 97, 115, 137
_TUNNELS = (_IP_IN_IP, _IPV6_IN_IP, _GRE, AUTHENTICATION, _ETHER_IN_IP, _L2TP, _MPLS)
#: What a protocol is: nothing of interest, a tunnel, or what may hold TCP and cannot be read.
NOTHING, TUNNEL, HIDDEN = 0, 1, 2


@kernel
def _udp_kind(buffer: Array, at: int, stop: int, ports: Array) -> int:
    """Return how what is behind a UDP header is read (see ``decode_as``); 0: not at all."""
    if stop - at < 8:
        return 0
    tunnel = int64(ports[be16(buffer, at + 2)]) & ~TCP_PORT
    return tunnel if tunnel else int64(ports[be16(buffer, at)]) & ~TCP_PORT


@kernel
def carried(protocol: int, at: int, stop: int, is_first: bool, io: Decoding) -> int:
    """Tell what an IP protocol is whose header is at ``at``, if ``is_first``: else it is in another
    fragment."""
    if protocol == UDP:
        if is_first and not _udp_kind(io.buffer, at, stop, io.ports):
            return NOTHING
        return TUNNEL
    if protocol in _TUNNELS:
        return TUNNEL
    return NOTHING if protocol in WITHOUT_IP else HIDDEN


@kernel
def _behind(
    protocol: int, at: int, stop: int, network: int, io: Decoding
) -> tuple[int, int, int, int]:
    """Return as ``gre`` does of what is behind the header of an IP protocol."""
    buffer = io.buffer
    if protocol == UDP:
        tunnel = _udp_kind(buffer, at, stop, io.ports)
        return udp_tunnel(buffer, at + 8, stop, tunnel, network)
    if protocol == _IP_IN_IP:
        return IPV4, at, network, 0
    if protocol == _IPV6_IN_IP:
        return IPV6, at, network, 0
    if protocol == _GRE:
        return gre(buffer, at, stop, network)
    if protocol == _ETHER_IN_IP:  # RFC 3378
        return ETHER_FRAME, at + 2, network, 0
    if protocol == _MPLS:
        return MPLS, at, network, 0
    if protocol == _L2TP and stop - at >= 8 and be32(buffer, at):  # 0: of control
        kind, at = l2tp_session(buffer, at + 4, stop)
        return kind, at, network, 0
    if protocol < 0:
        return UNREADABLE, at, network, 0
    return (OTHER if protocol == _L2TP else -(IP_PROTOCOL | protocol)), at, network, 0


@rare_kernel
def next_network(
    at: int, stop: int, wire: int, kind: int, network: int, io: Decoding
) -> tuple[int, int, int, int, int]:
    """Return (kind, offset, where the captured bytes end, bytes on the wire, network) of the IP
    header within what the sound IP header of ``kind`` at ``at`` carries, or where reading ends."""
    buffer = io.buffer
    if kind == IPV4:
        total, size, upper = be16(buffer, at + 2), 0, at + (u8(buffer, at) & 15) * 4
        protocol = u8(buffer, at + 9)
        if protocol == AUTHENTICATION:
            protocol, upper = upper_layer(buffer, upper, stop, protocol)
    else:
        total, size = be16(buffer, at + 4), 40
        protocol, upper = upper_layer(buffer, at + 40, stop, u8(buffer, at + 6))
    end = at + (total + size if total else wire)
    stop = min(stop, end)
    kind, inner, network, more = _behind(protocol, upper, stop, network, io)
    kind, inner, network = find_network(buffer, inner, stop, kind, network)
    return kind, inner, stop, end - inner + more, network
