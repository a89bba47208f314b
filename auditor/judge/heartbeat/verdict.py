"""The judgement on a heartbeat, and what it is judged against besides packets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from auditor.judge.not_decoded import NotDecoded
from auditor.judge.verdicts import Verdict
from auditor.site.site_file import Keepalive


class Fault(StrEnum):
    """What is wrong with a heartbeat; each has its rule."""

    NONE = ""
    MISSING = "missing"
    INTERVAL = "interval"
    UNANSWERED = "unanswered"
    UNASKED = "unasked"


@dataclass(frozen=True, slots=True)
class HeartbeatVerdict:
    """The judgement on one flow's heartbeat."""

    verdict: Verdict
    reason: str
    """For a person, always there."""
    fault: Fault = Fault.NONE
    """What fails, or, with ``unknown``, what may be failing."""
    observed: float | None = None
    """Median interval of the initiator's probes, seconds."""
    probes: int = 0
    """Probes of the initiator."""
    answered: int = 0
    expected: int | None = None
    """The effective HeartbeatInterval that was judged against, seconds; 0: the operating system's
    timers; None: not known, or any of several."""
    due: str = ""
    """The same in words, or every value that may be in force: ``9 s or 7200 s (system)``."""


class HeartbeatContext(NamedTuple):
    """What a flow's heartbeat is judged against besides its own packets."""

    timers: Keepalive
    """The operating system's timers."""
    capture_last: int
    """Time of the capture's last packet, ns."""
    complete: bool
    """Nothing is known to be missing of the flow but what ``dropped`` counts."""
    host_quiet: int
    """The longest time (ns) that the initiator's host let pass without a probe on any other flow
    that runs on the operating system's timers: it disproves a shorter system-wide timer."""
    may_lack_keepalive: bool = False
    """The initiator may be a program that switches no keepalive on: a console that is not bconsole
    (bareos.md §1.1)."""
    dropped: int = 0
    """Packets of any flow that the recorder lost by its own count while this one was there."""
    clock_set: bool = False
    """The clock of the capture was set, which cuts silences."""
    clock_lost: bool = False
    """It was set so often that it is not known where: no interval of it is one."""
    undecoded: NotDecoded | None = None
    """What of the capture could not be decoded; None: nothing that may be missed."""
    at_first: int = 0
    """How long (ns) from the flow's beginning on it may lack others, which new flows lost."""

    @property
    def beginning(self) -> str:
        """What a silence of which no beginning was seen began before."""
        return "the capture, or before its clock was set" if self.clock_set else "the capture"
