"""The times between the files of a recording in which nobody recorded."""

from __future__ import annotations

from auditor.packets.segments import Array

#: A pause is believed to be one of the network's own up to so much (ns) and so many times the
#: longest between two segments within the files.
_SHORT, _TIMES = 1_000_000_000, 1.25


#: After a longer time (ns) in which nobody recorded what follows is another recording, if nothing
#: goes on.
LONG_NS = 600_000_000_000


def is_hole(pause: int, longest: int) -> bool:
    """Tell whether a time (ns) between two files is longer than the network was ever silent within
    them (``longest``), so that nobody recorded meanwhile."""
    return pause > _SHORT + _TIMES * longest


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
