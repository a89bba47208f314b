"""What of a capture could not be decoded, by the layer at which reading ended.

EtherTypes from the registry of the IEEE, IP protocols and PPP protocols from those of IANA. What is
known to carry no TCP (ARP, spanning tree, routing protocols) is passed over and not counted.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from auditor.packets.counters import LAYERS, OTHER_LAYERS, note_undecoded
from auditor.packets.link_types import link_name
from auditor.packets.segments import Array, Undecoded


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


_REASONS = {
    CUT: _Reason("headers that were cut by the recorder"),
    RUNT: _Reason("frames that end inside their headers", may_hold=False),
    DAMAGED_IP: _Reason("damaged IP headers"),
    DAMAGED_OTHER: _Reason("damaged IP headers of other protocols than TCP", may_hold=False),
    TOO_DEEP: _Reason("too many layers"),
    DAMAGED_BLOCK: _Reason("damaged records"),
    DAMAGED_TCP: _Reason("damaged TCP headers"),
}


def undecoded_layers(counters: Array) -> tuple[Undecoded, ...]:
    """Return what was counted by ``note_undecoded``, most first."""
    found = []
    for slot in range(LAYERS, OTHER_LAYERS, 2):
        if counters[slot]:
            name, may_hold = _described(int(counters[slot]))
            found.append(Undecoded(name, int(counters[slot + 1]), may_hold))
    found.sort(key=lambda one: (-one.packets, one.layer))
    if counters[OTHER_LAYERS]:
        found.append(Undecoded("other layers", int(counters[OTHER_LAYERS]), may_hold=True))
    return tuple(found)


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
