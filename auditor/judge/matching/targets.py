"""Who is at the address that a flow dials, and why a flow that no expectation explains has none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Outcome
from auditor.judge.matching.agreement import Agreement, SiteNames, identity_agreement
from auditor.judge.matching.index import Bucket, RowIndex
from auditor.judge.matching.match import Match
from auditor.judge.matching.mismatch import NameCheck
from auditor.site.model import Peer, Site

#: What is to be said of a TCP connection that carried nothing: there is no hello to tell by.
SILENT = "not one byte was sent over this TCP connection"


class Targets:
    """Knows who may be dialled, for one site and the flows of one capture."""

    def __init__(
        self,
        site: Site,
        index: RowIndex,
        peers: Mapping[str, Sequence[Peer]],
        names: SiteNames,
        name_check: NameCheck,
    ) -> None:
        """``peers``: who is known at each address."""
        self._index = index
        self._peers = peers
        self._names = names
        self._name_check = name_check
        self._all_known = site.directors_known
        self._configured = site.configured
        self._incomplete = site.incomplete
        self._ambiguous_ports: frozenset[int] = frozenset()

    def look_at(self, flows: Sequence[Flow]) -> frozenset[int]:
        """Return the ports on which several hosts accept that no configuration locates: a daemon
        whose address is not known may be any of them."""
        hosts: dict[int, set[str]] = defaultdict(set)
        for flow in flows:
            address, port = flow.acceptor.address, flow.acceptor.port
            if self._index.target(address, port) is None:
                hosts[port].add(address)
        several = (port for port, addresses in hosts.items() if len(addresses) > 1)
        self._ambiguous_ports = frozenset(several)
        return self._ambiguous_ports

    def is_configured(self, flow: Flow) -> bool:
        """Tell whether all who may be the acceptor have their own configuration at hand."""
        address, port = flow.acceptor.address, flow.acceptor.port
        found = self._peers.get(address, ())
        listening = [peer for peer in found if port in peer.ports] or found
        if not listening and port not in self._ambiguous_ports:
            unlocated = self._index.unlocated(port)
            listening = [row.acceptor for row in unlocated.rows] if unlocated is not None else ()
        names = {(peer.role, peer.name) for peer in listening}
        return self._all_known and bool(names) and names <= self._configured

    def acceptor(self, flow: Flow) -> Peer | None:
        """Return the peer that listens there, else whoever is known at that address."""
        found = self._peers.get(flow.acceptor.address, ())
        return same_peer([peer for peer in found if flow.acceptor.port in peer.ports] or found)

    def unmatched(self, flow: Flow, match: Match) -> Match:
        """Give the reason why no row fits, and what is wrong with the name, by what the target
        expects."""
        acceptor = flow.acceptor
        if (elsewhere := self._misdirected(flow, match)) is not None:
            return elsewhere
        bucket = self._target(flow)
        expected = bucket is not None and any(
            identity_agreement(flow.hello, row, self._names) is not Agreement.CONFLICT
            for row in bucket.numbers.values()
        )
        where = f"{acceptor.address} port {acceptor.port}"
        if not match.initiator_known:
            site = "of this site" if match.acceptor_configured else "that these files name"
            reason = f"{flow.initiator.address} is no daemon, console or monitor {site}"
        elif not expected:
            reason = f"nothing is expected to dial {where}"
            if bucket is not None:
                reason = f"nothing that may dial {where} says such a hello"
        else:
            reason = f"{flow.initiator.address} has no business with port {acceptor.port} there"
        if is_silent(flow):
            reason = f"{SILENT}, and {reason}"
        if not match.acceptor_configured:
            missing = f"the configuration of the daemon at {acceptor.address} is not at hand"
            return replace(match, reason=f"{reason}; {self._incomplete or missing}")
        mismatch = self._name_check.of_target(flow, bucket)
        return replace(
            match, reason=reason, mismatch=mismatch.reason, mismatch_sources=mismatch.sources
        )

    def _misdirected(self, flow: Flow, match: Match) -> Match | None:
        """Return what a flow is that comes, as its hello and the configuration say, from somebody
        who means another daemon: it has no number."""
        rows = [
            row
            for row in self._index.misdirected(flow.acceptor.address, flow.acceptor.port)
            if identity_agreement(flow.hello, row, self._names) is Agreement.MATCH
        ]
        if not rows:
            return None
        row = rows[0]
        means = f"{row.initiator} dials port {row.port} for {row.acceptor} ({row.target.source})"
        reason = f"{means}, where {match.acceptor or 'another daemon'} listens"
        return replace(
            match,
            candidates=tuple(rows),
            initiator=same_peer([row.initiator for row in rows]),
            initiator_known=True,
            reason=reason,
        )

    def _target(self, flow: Flow) -> Bucket | None:
        port = flow.acceptor.port
        return self._index.target(flow.acceptor.address, port) or self._index.unlocated(port)


def is_silent(flow: Flow) -> bool:
    """Tell whether a connection was made and nothing was said over it."""
    octets = flow.initiator.payload_bytes + flow.acceptor.payload_bytes
    return flow.outcome is Outcome.ESTABLISHED and not octets


def same_peer(peers: Sequence[Peer]) -> Peer | None:
    """Return the peer that all of these are, or None where there are several or none."""
    if not peers:
        return None
    first = peers[0]
    return first if all(peer.is_same(first) for peer in peers) else None
