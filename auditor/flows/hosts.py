"""Hosts as all flows of a capture show them: who was heard when, and in which directions."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.flows.flow import Flow


class Hosts:
    """When each host was heard last, and on which flow; and between which hosts this tap sees both
    directions."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        self._heard: dict[str, list[tuple[int, int]]] = {}
        self._both_ways: set[frozenset[str]] = set()
        self.since: int | None = None
        """Time (ns) of the first segment of all flows."""
        self.lossy = any(f.initiator.missing or f.acceptor.missing for f in flows)
        """The capture lost some of what passed: an answer that is not in it may have been given."""
        for flow in flows:
            self.since = flow.started if self.since is None else min(self.since, flow.started)
            # Anybody can send in a host's name; that it is answered is seen where it was answered.
            talk = flow.initiator.spoke is not None and flow.acceptor.spoke is not None
            if talk:
                self._both_ways.add(frozenset((flow.initiator.address, flow.acceptor.address)))
            for side in (flow.initiator, flow.acceptor):
                if side.spoke is not None and talk:
                    latest = self._heard.setdefault(side.address, [])
                    latest.append((side.spoke, flow.index))
                    latest.sort(reverse=True)
                    del latest[2:]

    def sees_both(self, flow: Flow) -> bool:
        """Tell whether both hosts of a flow are heard when they speak, if only on another flow."""
        return frozenset((flow.initiator.address, flow.acceptor.address)) in self._both_ways

    def heard_after(self, address: str, time: int, but: int) -> int | None:
        """Return when a host was last heard after ``time`` (ns) on another flow than ``but``."""
        for spoke, index in self._heard.get(address, ()):
            if index != but and spoke > time:
                return spoke
        return None
