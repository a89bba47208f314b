"""What of a capture could not be decoded, by the layer at which reading ended.

EtherTypes from the registry of the IEEE, IP protocols and PPP protocols from those of IANA. What is
known to carry no TCP (ARP, spanning tree, routing protocols) is passed over and not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from auditor.packets.counters import LAYERS, NOTED, OTHER_LAYERS, note_undecoded
from auditor.packets.link_types import link_name
from auditor.packets.segments import HEADLESS, HEADS_CUT, Array, Undecoded


class Family(IntEnum):
    """What the number in a key is of."""

    REASON = 1
    ETHERTYPE = 2
    IP_PROTOCOL = 3
    LINK_TYPE = 4
    PPP_PROTOCOL = 5


#: A key is its family and a number of 16 bits.
REASON, ETHERTYPE, IP_PROTOCOL, LINK_TYPE, PPP_PROTOCOL = (int(one) << 16 for one in Family)

CUT = REASON | 1
RUNT = REASON | 2
DAMAGED_IP = REASON | 3
DAMAGED_OTHER = REASON | 4
TOO_DEEP = REASON | 5
DAMAGED_BLOCK = REASON | 6
DAMAGED_TCP = REASON | 7
ENCRYPTED_WIFI = REASON | 8
FRAGMENTED_WIFI = REASON | 9
AGGREGATED_WIFI = REASON | 10
COMPRESSED_SLIP = REASON | 11
HIDDEN_UDP = REASON | 12
WIREGUARD = REASON | 13
OPENVPN = REASON | 14
CAPWAP = REASON | 15
UNKNOWN_L2TP = REASON | 16
UNKNOWN_GTP = REASON | 17
CUT_TCP = REASON | 18
HEADLESS_TCP = REASON | 19
MACSEC = ETHERTYPE | 0x88E5
#: What no receiver takes for TCP.
CANNOT_HOLD = (RUNT, DAMAGED_OTHER, DAMAGED_TCP)


class Layer(NamedTuple):
    """What is known of packets of which reading ended there."""

    name: str
    may_hold: bool = True
    """As ``Undecoded`` has it."""
    cut: bool = False
    """The same."""
    between: bool = False
    """What they hold passes between the hosts that their IP header names, and no others: they are
    no tunnel."""
    some: bool = False
    """Of the packets of one connection, in whatever tunnel, some may be such and others not."""


_REASONS = {
    CUT: Layer("headers that were cut by the recorder", cut=True, between=True),
    RUNT: Layer("frames that end inside their headers", may_hold=False),
    DAMAGED_IP: Layer("damaged IP headers", between=True),
    DAMAGED_OTHER: Layer("damaged IP headers of other protocols than TCP", may_hold=False),
    TOO_DEEP: Layer("too many layers"),
    DAMAGED_BLOCK: Layer("damaged records", cut=True, some=True),
    DAMAGED_TCP: Layer("damaged TCP headers", may_hold=False),
    ENCRYPTED_WIFI: Layer("encrypted 802.11"),
    FRAGMENTED_WIFI: Layer("fragments of 802.11", some=True),
    AGGREGATED_WIFI: Layer("aggregated 802.11 (A-MSDU)", some=True),
    COMPRESSED_SLIP: Layer("compressed SLIP", some=True),
    HIDDEN_UDP: Layer("ESP in UDP"),
    WIREGUARD: Layer("WireGuard"),
    OPENVPN: Layer("OpenVPN"),
    CAPWAP: Layer("CAPWAP"),
    UNKNOWN_L2TP: Layer("L2TPv3 of an unknown kind"),
    UNKNOWN_GTP: Layer("GTP-U of an unknown kind"),
    CUT_TCP: Layer(HEADS_CUT.layer, cut=True, between=True),
    HEADLESS_TCP: Layer(HEADLESS.layer, between=True, some=True),
}

_ETHERTYPES = {0x88E5: "MACsec", 0x22F3: "TRILL", 0x4305: "B.A.T.M.A.N.", 0x8903: "FabricPath"}
_IP_PROTOCOLS = {50: "ESP", 108: "compressed IP (IPComp)", 55: "Mobile IP"}
_PPP_PROTOCOLS = {
    **{0x2D: "compressed TCP of PPP", 0x2F: "uncompressed TCP of PPP", 0x3D: "multilink PPP"},
    **{0x53: "encrypted PPP", 0xFB: "compressed PPP", 0xFD: "compressed PPP"},
}
_NAMED = (
    *(ETHERTYPE | number for number in _ETHERTYPES),
    *(IP_PROTOCOL | number for number in _IP_PROTOCOLS),
    *(PPP_PROTOCOL | number for number in _PPP_PROTOCOLS),
)
_OTHER = Layer("other layers", some=True)
_NUMBER = re.compile(r"0x[0-9a-f]{1,4}|[0-9]{1,5}", re.ASCII)


def undecoded_layers(
    counters: Array, told: Iterable[tuple[int, str]] = ()
) -> tuple[Undecoded, ...]:
    """Return what was counted by ``note_undecoded``, most first; ``told``: what a thinned capture
    says of the full one: so many packets, and the name of their layer."""
    found = []
    for slot in range(LAYERS, OTHER_LAYERS, 2):
        if counters[slot]:
            layer = _described(int(counters[slot]))
            count = int(counters[slot + 1])
            found.append(Undecoded(layer.name, count, layer.may_hold, layer.cut))
    for count, name in told:
        if (known := layer_named(name)) is not None:
            found.append(Undecoded(name, count, known.may_hold, known.cut))
    found.sort(key=lambda one: (-one.packets, one.layer))
    if counters[OTHER_LAYERS]:
        found.append(Undecoded(_OTHER.name, int(counters[OTHER_LAYERS]), may_hold=True))
    return tuple(found)


def layer_named(name: str) -> Layer | None:
    """Return the layer of that name; None: there is no such layer."""
    known = {one.name: one for one in (*_REASONS.values(), _OTHER)}
    if name in known:
        return known[name]
    numbers = [int(one, 16 if "x" in one else 10) for one in _NUMBER.findall(name)]
    families = (ETHERTYPE, IP_PROTOCOL, LINK_TYPE, PPP_PROTOCOL)
    keys = [*_NAMED, *(family | number & 0xFFFF for family in families for number in numbers)]
    return next((one for one in map(_described, keys) if one.name == name), None)


def layer_of(key: int) -> Layer:
    """Return the layer of a key; 0: it is not known which."""
    return _described(key) if key else _OTHER


def add_undecoded(counters: Array, other: Array) -> None:
    """Count in ``counters`` what was counted in ``other``, of one packet."""
    noted = int(counters[NOTED])
    for slot in range(LAYERS, OTHER_LAYERS, 2):
        if other[slot]:
            note_undecoded(counters, int(other[slot]))
    counters[NOTED] = noted


def _described(key: int) -> Layer:
    family, number = Family(key >> 16), key & 0xFFFF
    if family == Family.REASON:
        return _REASONS[key]
    if family == Family.LINK_TYPE:
        return Layer(link_name(number))
    if family == Family.ETHERTYPE:
        return Layer(_ETHERTYPES.get(number, f"EtherType 0x{number:04x}"))
    if family == Family.IP_PROTOCOL:
        return Layer(_IP_PROTOCOLS.get(number, f"IP protocol {number}"))
    name = _PPP_PROTOCOLS.get(number, f"PPP protocol 0x{number:04x}")
    return Layer(name, some=number in _PPP_PROTOCOLS)
