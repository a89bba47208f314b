"""One keepalive probe, as this room hands it on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Probe:
    """One keepalive probe."""

    time: int
    """ns UTC."""
    silence: int
    """ns since the prober last received something (or since the capture first saw the flow)."""
    interval: int
    """ns since the prober last received something or last probed, whichever is later: the value
    that the timers of bareos.md §6.1 determine."""
    length: int
    """0, or 1 for systems that send a garbage byte."""
    answered: int | None
    """ns from the probe to the peer's answer; None: no answer was seen."""
    exact: bool
    """The start of the silence was seen; else ``silence`` and ``interval`` are lower bounds."""
    frame: int = field(default=0, compare=False)
    """Number of its frame, from 1 in its capture; a probe is the same in a thinned one."""
