"""Who dialled over loopback: a daemon of the host that recorded it.

What `localhost` means depends on who dials it, so the address tells nothing. But a recording with
flows over loopback was made on one of their hosts, and all its other flows have that host at one
end (bareos.md §7.9: a Storage address of `localhost` makes each File Daemon dial itself). Where
that leaves Director and File Daemon, time tells: a 6 is dialled while the Director's 3, or the
client's own 4, is open, and a 5a before (§4.1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from auditor.flows.flow import Flow, Outcome
from auditor.judge.matching.correlation import Spans, by_frame
from auditor.judge.matching.match import Match
from auditor.site.model import Peer
from auditor.site.resolver import is_loopback


def resolve_on_loopback(flows: Sequence[Flow], matches: Sequence[Match]) -> list[Match]:
    """Return the matches, with a number for each flow over loopback that only one number of the
    recording host's own daemons explains at that time."""
    undecided = [
        match.connection is None and bool(match.candidates) and _over_loopback(flow)
        for flow, match in zip(flows, matches, strict=True)
    ]
    matches = [
        _only_dialler(flow, match) if open_still else match
        for flow, match, open_still in zip(flows, matches, undecided, strict=True)
    ]
    undecided = [
        was and one.connection is None for was, one in zip(undecided, matches, strict=True)
    ]
    host = _recording_host(flows) if any(undecided) else frozenset()
    if not host:
        return matches
    controlled = _Controlled(flows, matches)
    return [
        _resolved(flow, match, host, controlled) if open_still else match
        for flow, match, open_still in zip(flows, matches, undecided, strict=True)
    ]


def _only_dialler(flow: Flow, match: Match) -> Match:
    """Return the match of a refused attempt with the number of the only one who may have made it:
    whose files tell it to dial there, where those of all others tell them to dial elsewhere."""
    if flow.outcome is not Outcome.REFUSED:
        return match
    rows = [
        row
        for row in match.candidates
        if flow.acceptor.address in row.addresses or not row.addresses
    ]
    if len({(row.connection, row.initiator) for row in rows}) != 1:
        return match
    return match.told(rows, "dialled over loopback, as only this one's configuration says")


def _over_loopback(flow: Flow) -> bool:
    return is_loopback(flow.initiator.address) and is_loopback(flow.acceptor.address)


def _recording_host(flows: Sequence[Flow]) -> frozenset[str]:
    """Return the addresses that take part in every flow between two hosts: two at most. No host
    sends from one to the other over loopback, whatever somebody writes into a packet."""
    common: frozenset[str] | None = None
    for flow in flows:
        ends = frozenset({flow.initiator.address, flow.acceptor.address})
        if not any(map(is_loopback, ends)):
            common = ends if common is None else common & ends
    return common or frozenset()


class _Controlled:
    """When each File Daemon had a control connection open."""

    def __init__(self, flows: Sequence[Flow], matches: Sequence[Match]) -> None:
        open_ones: dict[Peer, list[Flow]] = defaultdict(list)
        for flow, match in zip(flows, matches, strict=True):
            client = {"3": match.acceptor, "4": match.initiator}.get(match.connection or "")
            if client is not None:
                open_ones[client].append(flow)
        self._spans = {client: Spans(some) for client, some in open_ones.items()}
        self._places = {client: Spans(some, by_frame) for client, some in open_ones.items()}

    def beside(self, client: Peer, flow: Flow) -> bool:
        """Tell whether one was open when a flow began."""
        spans = self._spans.get(client)
        return spans is not None and spans.open_at(flow.started)

    def may_be_beside(self, client: Peer, flow: Flow) -> bool:
        """Tell whether one was open where a flow begins in the capture: where its clock was set,
        times say something else."""
        places = self._places.get(client)
        return places is not None and places.open_at(by_frame(flow)[0])


def _resolved(flow: Flow, match: Match, host: frozenset[str], controlled: _Controlled) -> Match:
    rows = [row for row in match.candidates if host & row.initiator.addresses]
    sixes = [row for row in rows if row.connection == "6"]
    served = [row for row in sixes if controlled.beside(row.initiator, flow)]
    if not served and any(controlled.may_be_beside(row.initiator, flow) for row in sixes):
        return match
    rows = served or [row for row in rows if row.connection != "6"]
    if len({(row.connection, row.initiator) for row in rows}) != 1:
        return match
    return match.told(rows, "dialled over loopback, and told by what else its host did then")
