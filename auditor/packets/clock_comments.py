"""What a thinned capture says of the clock of the full one, each as one line of text.

A comment of interface statistics that stand at the place where the clock was set, from one time
(ns UTC) to another, and at the end what it showed then, if it was set, and how many packets were
older than one before them::

    bareos-audit step 1800000300000000000 1800000000000000000
    bareos-audit ended 1800000100000000000
    bareos-audit late 7
"""

from __future__ import annotations

import re

#: Times of packets are held within this, so that no difference of two can overflow.
_LATEST = 1 << 62
_LINE = re.compile(
    r"bareos-audit (?P<word>step|ended|late) (?P<one>-?[0-9]{1,19})(?: (?P<other>-?[0-9]{1,19}))?",
    re.ASCII,
)


class ToldClock:
    """What the comments of a capture say."""

    def __init__(self) -> None:
        self.ended: int | None = None
        """What the clock showed at the end (ns UTC), if it was set."""
        self.late = 0
        """Packets that were older than one before them."""
        self._step: tuple[int, int] | None = None

    def take_step(self) -> tuple[int, int] | None:
        """Return from when to when (ns UTC) the clock was set at this place, once."""
        step, self._step = self._step, None
        return step

    def comment(self, text: str) -> bool:
        """Take in a comment; tell whether it is a line on the clock."""
        found = _LINE.fullmatch(text)
        if found is None or (found["other"] is None) == (found["word"] == "step"):
            return False
        times = [int(found[name] or 0) for name in ("one", "other")]
        if max(map(abs, times)) > _LATEST:
            return False
        if found["word"] == "step":
            self._step = (times[0], times[1])
        elif found["word"] == "ended":
            self.ended = times[0]
        else:
            self.late = max(self.late, times[0])
        return True


def step_to_comment(before: int, after: int) -> str:
    """Return the line that says that the clock was set from one time (ns UTC) to another."""
    return f"bareos-audit step {before} {after}"


def clock_to_comments(ended: int | None, late: int) -> list[str]:
    """Return the lines on the end (ns UTC; None: the clock was not set), and on late packets."""
    lines = [] if ended is None else [f"bareos-audit ended {ended}"]
    return [*lines, f"bareos-audit late {late}"] if late else lines
