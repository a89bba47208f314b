"""Feeds a recording to its audit while it grows, and shows what is new, at bounded cost."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from auditor.cli.live_lines import Lines
from auditor.packets.pcapng_comments import SocketFact
from auditor.pipeline.live import LiveAudit

#: Looks come this often (s) while there is something new …
_PACE_S = 0.5
#: … and this often when all that happens is that time passes.
_IDLE_PACE_S = 10.0
#: A look may take this share of the time until the next one: a busy host is not to notice it.
_SHARE = 0.1
#: What was captured is with us this late (s) at most: the silence that ends a burst, and the
#: backend's and the recorder's patience.
LAG_S = 2.0


class Watch:
    """The recorder's watcher; ``look`` may be called at any time, and mostly does nothing.

    ``monotonic`` (s) and ``clock`` (ns UTC) are what time is read from.
    """

    def __init__(
        self,
        live: LiveAudit,
        show: Callable[[str], None] | None,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], int] = time.time_ns,
        *,
        local_time: bool = False,
    ) -> None:
        self._live = live
        self._show = show
        self._monotonic = monotonic
        self._clock = clock
        self._lines = Lines(local_time=local_time)
        self._fresh = False
        self._due = 0.0
        self._idle_due = monotonic() + _IDLE_PACE_S

    def tell(self, line: str) -> None:
        """Show another line, where anything is shown."""
        if self._show is not None:
            self._show(line)

    def written(self, blocks: bytes) -> None:
        """Take in what was recorded."""
        self._fresh |= self._live.feed(blocks)

    def fact(self, fact: SocketFact) -> None:
        """Do nothing: facts are in the blocks too."""

    def tick(self) -> None:
        """Look, if it is time to."""
        now = self._monotonic()
        if self._show is None or now < (self._due if self._fresh else self._idle_due):
            return
        self.look()
        spent = self._monotonic() - now
        pause = spent / _SHARE
        self._due = now + max(_PACE_S, pause)
        self._idle_due = now + max(_IDLE_PACE_S, pause)

    def look(self) -> None:
        """Show what is new."""
        self._fresh = False
        if self._show is None:
            return
        until = self._clock() - round(LAG_S * 1e9)
        for line in self._lines.news(self._live.look(until), until):
            self._show(line)


def show_on_stderr(line: str) -> None:
    """Write a line for whoever watches; nobody need."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except (OSError, ValueError):  # it was closed: the recording goes on
        pass
