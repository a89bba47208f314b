"""Files that begin with what another began with, at another time: a copy whose times were shifted,
or what a second tap saw whose clock is far ahead. They do not go on where others ended."""

from __future__ import annotations

from auditor.packets.segments import Array
from auditor.pipeline.recordings.sketch import keys

#: So many segments of the beginning of each file are remembered.
_FIRST = 16
#: A segment that carries less may be a probe, which a silent host sends again as it was.
_TELLING = 2


class Repeats:
    """What files began with that were read."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def begins_alike(self, segments: Array) -> bool:
        """Tell whether a file that begins with these segments (dtype SEGMENT) has most of them from
        another."""
        some = segments[segments["length"] >= _TELLING][:_FIRST]
        own = set(keys(some).tolist())
        again = len(own & self._known)
        self._known |= own
        return again > 1 and 2 * again > len(own)
