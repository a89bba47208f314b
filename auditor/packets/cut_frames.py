"""Frames of which a recorder kept only the beginning, whatever the head of its file says.

A program that cuts a capture afterwards leaves that head as it was, and some recorders write none.
Only a recorder makes a record shorter than its frame was: an IP header that claims more than its
frame holds is not believed (``frame``), so nobody on the wire can seem to be cut.
"""

from __future__ import annotations

import numpy as np

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import Array

#: More than any record keeps.
NOT_CUT = 1 << 32


def shortest_cut(segments: Array) -> int:
    """Return how many octets were kept of the shortest frame that was cut within its payload;
    NOT_CUT: there is none. ``segments``: shape (n,), dtype SEGMENT."""
    cut = np.flatnonzero(segments["captured"] < segments["length"])
    if not len(cut):
        return NOT_CUT
    some = segments[cut]
    some = some[some["ident"] & ICMP_ERROR == 0]
    kept = some["payload"].astype("i8") + some["captured"] - some["frame"]
    return int(kept.min(initial=NOT_CUT))
