"""Capture formats that Wireshark reads for us, by their magic numbers (those of its own readers).

Only what has one is handed to it: text and noise are not, whatever it would make of them.
"""

from __future__ import annotations

from itertools import pairwise

from auditor.packets.capture_format import CaptureFormat

_MAGICS = {
    b"snoop\0\0\0": CaptureFormat.SNOOP,
    b"RTSS": CaptureFormat.NETMON,
    b"GMBU": CaptureFormat.NETMON,
    b"TRSNIFF data    \x1a": CaptureFormat.NGSNIFFER,
    b"XCP\0": CaptureFormat.NETXRAY,
    b"VL\0\0": CaptureFormat.NETXRAY,
    b"\x05VNF": CaptureFormat.VISUAL,
    b"\xaa\xaa\xaa\xaa": CaptureFormat.FIVE_VIEWS,
    b"iptrace 1.0": CaptureFormat.IPTRACE,
    b"iptrace 2.0": CaptureFormat.IPTRACE,
    b"\x7fver": CaptureFormat.PEEK,
    b"ObserverPktBuffe": CaptureFormat.OBSERVER,
    b"TR\0\x64\0": CaptureFormat.NETTL,
    bytes.fromhex("1c0001ac"): CaptureFormat.IXIA,
    bytes.fromhex("ac01001c"): CaptureFormat.IXIA,
    bytes.fromhex("1c0001ab"): CaptureFormat.IXIA,
    bytes.fromhex("ab01001c"): CaptureFormat.IXIA,
}
#: LANalyzer: a header record, regular or cyclic, and between its length and a record that follows
#: its two versions, the text by which it is known.
_LANALYZER = (b"\x01\x10", b"\x07\x10")
_TRACE = b"Trace Display Tra"
#: ERF: a time (little-endian), type, flags, length, losses, length on the wire. Types of what
#: carries IP, and of metadata; none is a character of a text. Two flags are not in use.
_ERF_HEADER = 16
_ERF_TYPES = frozenset({1, 2, 11, 16, 20, 22, 23, 27})
_ERF_FLAGS = 0x3F
_ERF_RECORDS = 3
_DAY = 86_400


def foreign_format(head: bytes) -> CaptureFormat | None:
    """Return what begins with these bytes, of which 64 KiB are enough; None: nothing of that."""
    for magic, known in _MAGICS.items():
        if head.startswith(magic):
            return known
    if head.startswith(_LANALYZER) and _TRACE in head[:32]:
        return CaptureFormat.LANALYZER
    return CaptureFormat.ERF if _is_erf(head) else None


def _is_erf(head: bytes) -> bool:
    """Tell whether the first records can be such: there is no magic number."""
    times: list[int] = []
    at = 0
    while at + _ERF_HEADER <= len(head) and len(times) < _ERF_RECORDS:
        size = int.from_bytes(head[at + 10 : at + 12], "big")
        known = head[at + 8] & 0x7F in _ERF_TYPES and head[at + 9] <= _ERF_FLAGS
        if not known or size < _ERF_HEADER:
            return False
        times.append(int.from_bytes(head[at + 4 : at + 8], "little"))
        at += size
    near = all(abs(later - earlier) < _DAY for earlier, later in pairwise(times))
    return len(times) == _ERF_RECORDS and near and times[0] > 365 * _DAY
