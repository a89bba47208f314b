"""Frames of which a recorder kept only the beginning, whatever the head of its file says.

A program that cuts a capture afterwards leaves that head as it was, and some recorders write none.
Only a recorder makes a record shorter than its frame was: an IP header that claims more than its
frame holds is not believed (``frame``), so nobody on the wire can seem to be cut.
"""

from __future__ import annotations

from auditor.kernels import entry
from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.integers import int64
from auditor.packets.segments import Array

#: More than any record keeps.
NOT_CUT = 1 << 32


def least(snaplen: int, cut: int) -> int:
    """Return how many octets of a packet are kept at most, by what the file says (0: all) and by
    the shortest that was cut."""
    return snaplen if cut == NOT_CUT else min(snaplen or NOT_CUT, cut)


@entry
def shortest_cut(segments: Array) -> int:
    """Return how many octets were kept of the shortest frame that was cut within its payload;
    NOT_CUT: there is none. ``segments``: shape (n,), dtype SEGMENT."""
    shortest = NOT_CUT
    for k in range(len(segments)):
        segment = segments[k]
        captured = int64(segment["captured"])
        if captured < segment["length"] and not int64(segment["ident"]) & ICMP_ERROR:
            kept = int64(segment["payload"]) + captured - int64(segment["frame"])
            shortest = min(shortest, kept)
    return shortest
