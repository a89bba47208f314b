"""The HeartbeatInterval that a configuration gives a connection's initiating socket."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.config.resources import Source
from auditor.site.setting import Setting


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The HeartbeatInterval on the initiating socket of a connection (bareos.md §0)."""

    seconds: int | None = None
    """Effective value; 0: the operating system's timers; None: the configuration that sets it
    is not at hand."""
    source: Source | None = None
    """Where it is written, or the resource in which one would write it."""
    reason: str = ""
    """Why it is 0 or unknown, in words."""
    setting: Setting | None = None
    """What to change; None: not known, or no directive can."""
    speaks: int | None = None
    """The initiator speaks by itself after so many seconds at the latest; None: it need not."""
    others: tuple[Heartbeat, ...] = ()
    """What may be in force instead: where a Director has several resources for one daemon, each
    socket has the interval of the one that ordered it (bareos.md §11)."""
    perhaps: tuple[Heartbeat, ...] = ()
    """What may be in force as well, if a name that has no address here is one of that daemon."""
