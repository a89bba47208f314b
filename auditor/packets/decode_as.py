"""Which UDP ports are tunnels: those of the standards, and those that users name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from auditor.errors import CaptureError
from auditor.packets.decoding import TCP_PORT
from auditor.packets.segments import Array

Role = TypeVar("Role")

#: How what is behind a UDP header is read, by the name that Wireshark has for it. In the low bit of
#: a port's entry is whether TCP to it is of interest, so that these are even and below 256.
TUNNELS = {
    name: 2 * number
    for number, name in enumerate(
        (
            *("vxlan", "vxlan_gpe", "geneve", "gtp", "l2tp", "teredo", "mpls", "gre", "ip"),
            *("tzsp", "udpencap", "wg", "openvpn", "capwap.data", "eth"),
        ),
        start=1,
    )
}
VXLAN, VXLAN_GPE, GENEVE, GTP, L2TP, TEREDO, MPLS_UDP, GRE_UDP, IP_UDP = (
    TUNNELS[name]
    for name in (*("vxlan", "vxlan_gpe", "geneve", "gtp", "l2tp", "teredo", "mpls", "gre", "ip"),)
)
TZSP, NAT_TRAVERSAL, WIREGUARD_UDP, OPENVPN_UDP, CAPWAP_UDP, ETHER_UDP = (
    TUNNELS[name] for name in ("tzsp", "udpencap", "wg", "openvpn", "capwap.data", "eth")
)

#: By the registry of IANA; 8472 is what Linux takes for VXLAN unless it is told another.
STANDARD_PORTS: Mapping[int, int] = {
    **{1701: L2TP, 2152: GTP, 3544: TEREDO, 4754: GRE_UDP, 4789: VXLAN, 4790: VXLAN_GPE},
    **{6081: GENEVE, 6635: MPLS_UDP, 8472: VXLAN, 37008: TZSP},
    **{4500: NAT_TRAVERSAL, 51820: WIREGUARD_UDP, 1194: OPENVPN_UDP, 5247: CAPWAP_UDP},
}

_RULE = re.compile(r"udp\.port==([0-9]{1,5})(?:-([0-9]{1,5}))?,([a-z0-9_.]{1,16})", re.ASCII)
#: A port that is no tunnel, whatever the standard says: what Wireshark calls plain data.
_NOTHING = "data"


def tunnels_of(rules: Iterable[str]) -> dict[int, int]:
    """Return by UDP port how what is behind it is read: the standard's, and what ``rules`` say in
    Wireshark's words, such as ``udp.port==8473,vxlan``.

    Raises CaptureError for what is no such rule.
    """
    tunnels = dict(STANDARD_PORTS)
    for rule in rules:
        found = _RULE.fullmatch(rule.replace(" ", ""))
        first = int(found[1]) if found else 0
        last = int(found[2] or first) if found else 0
        if not found or not 0 < first <= last < 1 << 16 or found[3] not in {*TUNNELS, _NOTHING}:
            known = ", ".join([*TUNNELS, _NOTHING])
            raise CaptureError(
                f"{rule!r} does not say how to decode a port: write udp.port==8473,vxlan, with one "
                f"of {known}."
            )
        for port in range(first, last + 1):
            tunnels[port] = TUNNELS.get(found[3], 0)
    return tunnels


class Watched(dict[int, Role]):
    """TCP ports to look at, each with what it is, which UDP ports are tunnels, and which networks
    are one."""

    def __init__(
        self,
        ports: Mapping[int, Role],
        decode_as: Iterable[str] = (),
        same_network: Iterable[Sequence[str]] = (),
    ) -> None:
        """Take rules as ``tunnels_of`` has them, and networks in words of ``named_networks``."""
        super().__init__(ports)
        self.decode_as = tuple(decode_as)
        self.same_network = tuple(map(tuple, same_network))


def rules_of(ports: Collection[int]) -> tuple[str, ...]:
    """Return which UDP ports are tunnels beside those of the standards, as ``tunnels_of`` takes it:
    only ``Watched`` ports say so."""
    return ports.decode_as if isinstance(ports, Watched) else ()


def same_network_of(ports: Collection[int]) -> tuple[tuple[str, ...], ...]:
    """Return which networks are one, in words: only ``Watched`` ports say so."""
    return ports.same_network if isinstance(ports, Watched) else ()


def port_table(ports: Collection[int]) -> Array:
    """Return what ``Decoding`` has as ``ports``: shape (65536,), u1. ``ports`` are the TCP ports of
    interest, ``Watched`` or not. Raises as ``tunnels_of`` does."""
    table = np.zeros(65536, np.uint8)
    tunnels = tunnels_of(rules_of(ports))
    table[list(tunnels)] = list(tunnels.values())
    table[list(ports)] |= TCP_PORT
    return table
