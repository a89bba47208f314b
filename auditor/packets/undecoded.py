"""What of a capture could not be decoded, by the layer at which reading ended.

EtherTypes from the registry of the IEEE, IP protocols and PPP protocols from those of IANA. What is
known to carry no TCP (ARP, spanning tree, routing protocols) is passed over and not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from auditor.packets.counters import LAYERS, OTHER_LAYERS, note_undecoded
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
MACSEC = ETHERTYPE | 0x88E5


class _Reason(NamedTuple):
    name: str
    may_hold: bool = True
    cut: bool = False


_REASONS = {
    CUT: _Reason("headers that were cut by the recorder", cut=True),
    RUNT: _Reason("frames that end inside their headers", may_hold=False),
    DAMAGED_IP: _Reason("damaged IP headers"),
    DAMAGED_OTHER: _Reason("damaged IP headers of other protocols than TCP", may_hold=False),
    TOO_DEEP: _Reason("too many layers"),
    DAMAGED_BLOCK: _Reason("damaged records", cut=True),
    DAMAGED_TCP: _Reason("damaged TCP headers", may_hold=False),
    ENCRYPTED_WIFI: _Reason("encrypted 802.11"),
    FRAGMENTED_WIFI: _Reason("fragments of 802.11"),
    AGGREGATED_WIFI: _Reason("aggregated 802.11 (A-MSDU)"),
    COMPRESSED_SLIP: _Reason("compressed SLIP"),
    HIDDEN_UDP: _Reason("ESP in UDP"),
    WIREGUARD: _Reason("WireGuard"),
    OPENVPN: _Reason("OpenVPN"),
    CAPWAP: _Reason("CAPWAP"),
    UNKNOWN_L2TP: _Reason("L2TPv3 of an unknown kind"),
    UNKNOWN_GTP: _Reason("GTP-U of an unknown kind"),
}

_ETHERTYPES = {0x88E5: "MACsec", 0x22F3: "TRILL", 0x4305: "B.A.T.M.A.N.", 0x8903: "FabricPath"}
_IP_PROTOCOLS = {50: "ESP", 108: "compressed IP (IPComp)", 55: "Mobile IP"}
_PPP_PROTOCOLS = {
    **{0x2D: "compressed TCP of PPP", 0x2F: "uncompressed TCP of PPP", 0x3D: "multilink PPP"},
    **{0x53: "encrypted PPP", 0xFB: "compressed PPP", 0xFD: "compressed PPP"},
}
_OTHER = _Reason("other layers")


def undecoded_layers(
    counters: Array, told: Iterable[tuple[int, str]] = ()
) -> tuple[Undecoded, ...]:
    """Return what was counted by ``note_undecoded``, most first; ``told``: what a thinned capture
    says of the full one: so many packets, and the name of their layer."""
    found = []
    for slot in range(LAYERS, OTHER_LAYERS, 2):
        if counters[slot]:
            name, *known = _described(int(counters[slot]))
            found.append(Undecoded(name, int(counters[slot + 1]), *known))
    for count, name in told:
        if (layer := _named(name)) is not None:
            found.append(Undecoded(name, count, *layer[1:]))
    found.sort(key=lambda one: (-one.packets, one.layer))
    if counters[OTHER_LAYERS]:
        found.append(Undecoded(_OTHER.name, int(counters[OTHER_LAYERS]), *_OTHER[1:]))
    return tuple(found)


def _named(name: str) -> _Reason | None:
    """Return the layer of that name; None: there is no such layer."""
    several = (HEADS_CUT, HEADLESS)
    known = {one.layer: _Reason(one.layer, one.may_hold, one.cut) for one in several}
    known |= {one.name: one for one in (*_REASONS.values(), _OTHER)}
    families = (ETHERTYPE, IP_PROTOCOL, LINK_TYPE, PPP_PROTOCOL)
    keys = (family | number for family in families for number in range(0x10000))
    return known.get(name) or next((one for one in map(_described, keys) if one.name == name), None)


def add_undecoded(counters: Array, other: Array) -> None:
    """Count in ``counters`` what was counted in ``other``, of one packet."""
    for slot in range(LAYERS, OTHER_LAYERS, 2):
        if other[slot]:
            note_undecoded(counters, int(other[slot]))


def _described(key: int) -> _Reason:
    family, number = Family(key >> 16), key & 0xFFFF
    if family == Family.REASON:
        return _REASONS[key]
    if family == Family.LINK_TYPE:
        return _Reason(link_name(number))
    if family == Family.ETHERTYPE:
        return _Reason(_ETHERTYPES.get(number, f"EtherType 0x{number:04x}"))
    if family == Family.IP_PROTOCOL:
        return _Reason(_IP_PROTOCOLS.get(number, f"IP protocol {number}"))
    return _Reason(_PPP_PROTOCOLS.get(number, f"PPP protocol 0x{number:04x}"))
