"""The network that a segment was seen in, in words: its VLAN, the number of its tunnel.

Decoding keeps a number of 16 bits (``layers.within``), so the headers of one frame are read once
more, in the usual forms. What is found is believed if it makes that very number.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from functools import reduce

from auditor.packets.gre import ERSPAN, ERSPAN_3, LEAST_SUBNET
from auditor.packets.layers import BACKBONE, ETHER_FRAME, within
from auditor.packets.link_types import IPV4, IPV6, VLAN_TAGS
from auditor.packets.named_networks import NO_NUMBER, UNNAMED, Named, named_numbers, words_of

#: Where links that may have VLAN tags say what follows, and where that begins: Ethernet, and Linux
#: cooked of both versions.
_LINKS = ((12, 14), (14, 16), (0, 20))
_UDP, _GRE = 17, 47
_IP_IN_IP = {4: IPV4, 41: IPV6}
_MOST = 16


def network_words(frame: bytes, network: int) -> str:
    """Return words for the number of a frame's network, such as ``VLAN 10`` or, of one within
    another, ``VLAN 7 VNI 5001``."""
    if network == 0:
        return NO_NUMBER
    for kind_at, begin in _LINKS:
        found = list(_numbers(frame, kind_at, begin))
        if _folded(number for _, number in found) == network:
            return words_of(found)
    return f"{UNNAMED}{network:04x}"


def network_number(words: str) -> int | None:
    """Return the number of a network in such words; None: they are none."""
    if words == NO_NUMBER:
        return 0
    if words.startswith(UNNAMED):
        digits = words.removeprefix(UNNAMED)
        return int(digits, 16) if re.fullmatch("[0-9a-f]{4}", digits) else None
    found = named_numbers(words)
    return _folded(number for _, number in found) if found else None


def _folded(numbers: Iterable[int]) -> int:
    return reduce(lambda network, number: int(within(network, number)), numbers, 0)


def _numbers(frame: bytes, kind_at: int, at: int) -> Iterator[Named]:
    """Yield the numbers on the way to the last IP header, outermost first."""
    try:
        kind = _u16(frame, kind_at)
        for _ in range(_MOST):
            if kind in VLAN_TAGS:
                found = [("VLAN", _u16(frame, at) & 0xFFF)]
                kind, at = _u16(frame, at + 2), at + 4
            elif kind == BACKBONE:
                found = [("I-SID", _u32(frame, at) & 0xFFFFFF)]
                kind, at = ETHER_FRAME, at + 4
            elif kind == ETHER_FRAME:
                found = []
                kind, at = _u16(frame, at + 12), at + 14
            else:
                kind, at, found = _behind_ip(frame, kind, at)
            yield from (one for one in found if one[1])
    except (struct.error, IndexError):
        return  # not of this form


def _behind_ip(frame: bytes, kind: int, at: int) -> tuple[int, int, list[Named]]:
    """Return what a tunnel over IP carries, where that begins, and its numbers."""
    if kind == IPV4:
        protocol, at = frame[at + 9], at + (frame[at] & 15) * 4
    elif kind == IPV6:
        protocol, at = frame[at + 6], at + 40
    else:
        raise IndexError
    if protocol in _IP_IN_IP:
        return _IP_IN_IP[protocol], at, []
    if protocol == _GRE:
        return _behind_gre(frame, at)
    if protocol != _UDP:
        raise IndexError
    at += 8
    named = [("VNI", _u32(frame, at + 4) >> 8)]
    if frame[at] & 0x08:  # VXLAN; of GENEVE, whose version is 0, no header is so long
        return ETHER_FRAME, at + 8, named
    return _u16(frame, at + 2), at + 8 + (frame[at] & 0x3F) * 4, named


def _behind_gre(frame: bytes, at: int) -> tuple[int, int, list[Named]]:
    flags, kind = _u16(frame, at), _u16(frame, at + 2)
    at += 8 if flags & 0x8000 else 4
    found = []
    if flags & 0x2000:
        key = _u32(frame, at)
        is_subnet = kind == ETHER_FRAME and key >> 8 >= LEAST_SUBNET
        found.append(("VSID", key >> 8) if is_subnet else ("GRE key", key))
        at += 4
    at += 4 if flags & 0x1000 else 0
    if kind in (ERSPAN, ERSPAN_3):
        found.append(("mirrored VLAN", _u32(frame, at) >> 16 & 0xFFF))
        size = 8 if kind == ERSPAN else 20 if _u16(frame, at + 10) & 1 else 12
        return ETHER_FRAME, at + size, found
    return kind, at, found


def _u16(frame: bytes, at: int) -> int:
    return int(struct.unpack_from("!H", frame, at)[0])


def _u32(frame: bytes, at: int) -> int:
    return int(struct.unpack_from("!I", frame, at)[0])
