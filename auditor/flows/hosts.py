"""Hosts as all flows of a capture show them: who was heard when, and in which directions."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.flows.flow import Flow, Outcome
from auditor.packets.segments import ClockStep


class Hosts:
    """When each host was heard last, and on which flow; and between which hosts this tap sees both
    directions."""

    def __init__(self, flows: Sequence[Flow], steps: Sequence[ClockStep] = ()) -> None:
        """``steps``: where the clock was set while they were seen."""
        self._steps = steps
        self._heard: dict[str, list[tuple[int, int]]] = {}
        self._both_ways: set[frozenset[str]] = set()
        self.since: int | None = None
        """Time (ns) of the first segment of all flows."""
        self._lossy = False
        """The capture lost some of a flow that no stranger can have made."""
        self._lossy_between: set[frozenset[str]] = set()
        for flow in flows:
            self.since = flow.started if self.since is None else min(self.since, flow.started)
            # Anybody can send in a host's name; that it is answered is seen where it was answered.
            if flow.initiator.missing or flow.acceptor.missing:
                self._lossy |= flow.outcome is Outcome.MIDSTREAM or flow.hello.proven
                self._lossy_between.add(frozenset((flow.initiator.address, flow.acceptor.address)))
            talk = flow.initiator.spoke is not None and flow.acceptor.spoke is not None
            if talk:
                self._both_ways.add(frozenset((flow.initiator.address, flow.acceptor.address)))
            for side in (flow.initiator, flow.acceptor):
                if side.spoke is not None and talk:
                    latest = self._heard.setdefault(side.address, [])
                    latest.append((side.spoke, flow.index))
                    latest.sort(reverse=True)
                    del latest[2:]

    def may_have_lost(self, flow: Flow) -> bool:
        """Tell whether an answer that is not in the capture may have been given to a flow.

        What the capture lost of one connection it may have lost of any. But who dials makes gaps in
        his own connection as he likes, by acknowledging what was never sent: those of one that was
        not let in count between its two hosts only.
        """
        ends = frozenset((flow.initiator.address, flow.acceptor.address))
        return self._lossy or ends in self._lossy_between

    def sees_both(self, flow: Flow) -> bool:
        """Tell whether both hosts of a flow are heard when they speak, if only on another flow."""
        return frozenset((flow.initiator.address, flow.acceptor.address)) in self._both_ways

    def heard_after(self, address: str, time: int, but: int) -> int | None:
        """Return when a host was last heard after ``time`` (ns) on another flow than ``but``; None:
        it was not, or the clock showed that time twice."""
        if any(step.after <= time <= step.before for step in self._steps):
            return None
        for spoke, index in self._heard.get(address, ()):
            if index != but and spoke > time:
                return spoke
        return None
