"""Frames of 802.11 (IEEE 802.11-2020 §9.2, §9.3.2), and radiotap (https://www.radiotap.org)."""

from __future__ import annotations

from auditor.kernels import kernel
from auditor.packets.integers import le16, le32, u8
from auditor.packets.layers import LLC, OTHER, UNREADABLE
from auditor.packets.segments import Array
from auditor.packets.undecoded import AGGREGATED_WIFI, ENCRYPTED_WIFI, FRAGMENTED_WIFI

#: In the first byte: the type, and of data the bits of its subtype.
_TYPE, _DATA, _WITHOUT_DATA, _QUALITY = 0x0C, 0x08, 0x40, 0x80
#: In the second.
_BOTH_WAYS, _MORE_FRAGMENTS, _PROTECTED, _ORDER = 0x03, 0x04, 0x40, 0x80
_AGGREGATE = 0x80
#: Radiotap: the words that say what is present, and in its flags that the header is padded.
_MOST_WORDS, _CLOCK, _FLAGS, _PADDED = 8, 1, 2, 0x20


@kernel
def radiotap_pads(buffer: Array, at: int, stop: int) -> bool:
    """Tell whether the 802.11 header behind radiotap's is padded to four bytes."""
    place = at + 4
    present = le32(buffer, place)
    for _ in range(_MOST_WORDS):
        if stop - place < 8:
            return False
        more = le32(buffer, place) >> 31
        place += 4
        if not more:
            break
    if not present & _FLAGS:
        return False
    if present & _CLOCK:
        place += -(place - at) % 8 + 8
    return stop > place and u8(buffer, place) & _PADDED != 0


@kernel
def data_frame(buffer: Array, at: int, stop: int, pads: bool) -> tuple[int, int]:
    """Return (kind, offset) of what a frame carries: LLC, if it is of data that lie open."""
    if stop - at < 2:
        return UNREADABLE, at
    control, flags = u8(buffer, at), u8(buffer, at + 1)
    if control & _TYPE != _DATA or control & _WITHOUT_DATA:
        return OTHER, at
    size = 30 if flags & _BOTH_WAYS == _BOTH_WAYS else 24
    if stop - at < size + 2:
        return UNREADABLE, at
    if flags & _PROTECTED:
        return -ENCRYPTED_WIFI, at
    if flags & _MORE_FRAGMENTS or le16(buffer, at + 22) & 15:
        return -FRAGMENTED_WIFI, at
    if control & _QUALITY:
        if u8(buffer, at + size) & _AGGREGATE:
            return -AGGREGATED_WIFI, at
        size += 6 if flags & _ORDER else 2
    return LLC, at + size + (-size % 4 if pads else 0)
