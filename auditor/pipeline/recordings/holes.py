"""The times between the files of a recording in which nobody recorded."""

from __future__ import annotations

import re

from auditor.packets.segments import Array

#: A pause is believed to be one of the network's own up to so much (ns) and so many times the
#: longest between two segments within the files.
_SHORT, _TIMES = 1_000_000_000, 1.25

_NUMBERS = re.compile("([0-9]{1,18})", re.ASCII)

#: After a longer time (ns) in which nobody recorded what follows is another recording, if nothing
#: goes on.
LONG_NS = 600_000_000_000


def is_hole(pause: int, longest: int) -> bool:
    """Tell whether a time (ns) between two files is longer than the network was ever silent within
    them (``longest``), so that nobody recorded meanwhile."""
    return pause > _SHORT + _TIMES * longest


def follows(one: str, other: str) -> bool:
    """Tell whether a file has the next number of a series, as recorders name those of a ring:
    ``tap_00009_20261127.pcap``, ``tap_00010_20261128.pcap``; or ``tap.pcap`` and ``tap.pcap1``."""
    parts = [_NUMBERS.split(path) for path in (one, other)]
    if parts[0][::2] == parts[1][::2]:
        counted = zip(parts[0][1::2], parts[1][1::2], strict=True)
        steps = [int(later) - int(earlier) for earlier, later in counted if earlier != later]
        return bool(steps) and steps[0] == 1
    return other == f"{one}1"


class Pauses:
    """The longest time without a segment that was seen within files."""

    def __init__(self) -> None:
        self.longest = 0
        """In ns."""
        self._previous: int | None = None

    def begin_file(self) -> None:
        """Let another file begin: what lies between is not seen."""
        self._previous = None

    def take(self, times: Array) -> None:
        """Take in the times (ns, shape (n,)) of the next segments."""
        if not len(times):
            return
        if self._previous is not None:
            self.longest = max(self.longest, int(times[0]) - self._previous)
        if len(times) > 1:
            self.longest = max(self.longest, int((times[1:] - times[:-1]).max()))
        self._previous = int(times[-1])
