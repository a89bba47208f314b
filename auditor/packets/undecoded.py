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
        return _Reason(f"EtherType 0x{number:04x}")
    if family == Family.IP_PROTOCOL:
        return _Reason(f"IP protocol {number}")
    return _Reason(f"PPP protocol 0x{number:04x}")
