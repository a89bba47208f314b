"""What the flows of a host show of its kernel's keepalive timers.

Acceptors, and initiators without a HeartbeatInterval, run on the timers of the operating system
(bareos.md §1.0). One that lets a long silence pass without a probe proves that the kernel's timer
is longer, and so that a shorter interval on another socket of that host was set by a program.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from auditor.flows.flow import Flow, Side
from auditor.judge.matching.match import Match
from auditor.judge.matching.ttl import has_initial_ttl
from auditor.site.heartbeat import Heartbeat

#: Consoles need not be bconsole, and others switch no keepalive on (bareos.md §1.1).
_CONSOLES = frozenset({"1", "2"})


class KernelTimers:
    """The longest silences without a probe of sockets on the system's timers, by host."""

    def __init__(
        self, flows: Sequence[Flow], matches: Sequence[Match], heartbeats: Sequence[Heartbeat]
    ) -> None:
        # The two longest are enough: one of them is of another flow than the one in question.
        self._longest: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        for flow, match, heartbeat in zip(flows, matches, heartbeats, strict=True):
            if match.connection is None:
                continue
            if match.connection != "12":  # PostgreSQL has timers of its own
                self._record(flow.acceptor, flow)
            if heartbeat.seconds == 0 and match.connection not in _CONSOLES:
                self._record(flow.initiator, flow)

    def _record(self, side: Side, flow: Flow) -> None:
        if has_initial_ttl(side):
            longest = self._longest[flow.network, side.address]
            longest.append((side.longest_idle, flow.index))
            longest.sort(reverse=True)
            del longest[2:]

    def quiet_elsewhere(self, flow: Flow) -> int:
        """Return the longest such silence (ns) of the initiator's host on other flows; 0: none is
        known, or the host cannot be told from others behind its router."""
        if not has_initial_ttl(flow.initiator):
            return 0
        known = self._longest.get((flow.network, flow.initiator.address), [])
        return next((quiet for quiet, index in known if index != flow.index), 0)
