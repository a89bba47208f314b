"""Flow × site → connection number: the decision table of bareos.md §9.1.

Three witnesses are heard: identity, then addresses and ports of the site, then the bare port. A
disagreement is kept as a finding's evidence, never used to break a tie.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow
from auditor.judge.matching.agreement import Agreement, Names, address_agreement, identity_agreement
from auditor.judge.matching.index import Bucket, RowIndex
from auditor.judge.matching.match import Match
from auditor.judge.matching.mismatch import Mismatches
from auditor.judge.matching.scoring import Candidate, best_candidates, confidence
from auditor.judge.verdicts import Confidence
from auditor.site.model import Expectation, Peer, Role, Site
from auditor.site.resolver import is_loopback

_Learned = Mapping[str, frozenset[str]]


class Classifier:
    """Gives each flow of one audit its connection number, against one site."""

    def __init__(self, site: Site) -> None:
        self._names = Names(site)
        self._mismatches = Mismatches(site.jobs)
        self._index = RowIndex(site.expectations)
        self._configured = site.configured
        self._crowded: frozenset[int] = frozenset()
        self._peers: dict[str, list[Peer]] = defaultdict(list)
        for peer in site.peers:
            for address in peer.addresses:
                self._peers[address].append(peer)

    def classify(self, flows: Sequence[Flow]) -> list[Match]:
        """Return one match a flow, in order.

        Two passes: consoles and monitors, which may dial from anywhere, are located by the flows
        that name them and prove it, so that their flows without a hello are known too.
        """
        self._crowded = _crowded(flows, self._index)
        first = [self._match(flow, {}) for flow in flows]
        learned: dict[str, set[str]] = defaultdict(set)
        for flow, match in zip(flows, first, strict=True):
            named = match.initiator is not None and match.confidence is Confidence.CERTAIN
            if match.initiator is not None and named and _answered(flow):
                learned[flow.initiator.address].add(match.initiator.name)
        known = {address: frozenset(names) for address, names in learned.items()}
        return [
            match
            if match.connection or flow.initiator.address not in known
            else self._match(flow, known)
            for flow, match in zip(flows, first, strict=True)
        ]

    def _match(self, flow: Flow, learned: _Learned) -> Match:
        chosen = best_candidates(list(self._candidates(flow, learned)), flow)
        rows = tuple(candidate.row for candidate in chosen)
        address = flow.initiator.address
        known = address in self._peers or address in learned
        match = Match(
            initiator=_same(self._peers.get(address, ())),
            acceptor=self._acceptor(flow),
            candidates=rows,
            initiator_known=known or any(t.identity is Agreement.MATCH for t in chosen),
            acceptor_known=flow.acceptor.address in self._peers,
            acceptor_configured=self._is_configured(flow),
        )
        if not rows:
            return self._unmatched(flow, match, known)
        numbers = sorted({row.connection for row in rows}, key=_by_number)
        if len(numbers) > 1 or _from_anywhere(chosen[0]):
            shown = f"any of {', '.join(numbers)}" if len(numbers) > 1 else numbers[0]
            reason = f"it may be {shown}: nothing was seen that would tell"
            return replace(match, reason=reason)
        somewhere = (
            chosen[0].acceptor is Agreement.NO_EVIDENCE and flow.acceptor.port in self._crowded
        )
        wrong, sources = ("", ()) if somewhere else self._mismatches.of_match(flow, rows)
        return replace(
            match,
            connection=numbers[0],
            confidence=Confidence.GUESS if somewhere else confidence(flow, chosen[0]),
            initiator=_same([row.initiator for row in rows]),
            acceptor=_same([row.acceptor for row in rows]),
            mismatch=wrong,
            mismatch_sources=sources,
        )

    def _unmatched(self, flow: Flow, match: Match, initiator_known: bool) -> Match:
        """Say why no row fits, and what is wrong with the name, by what the target expects."""
        acceptor = flow.acceptor
        bucket = self._target(flow)
        expected = bucket is not None and any(
            identity_agreement(flow.hello, row, self._names) is not Agreement.CONFLICT
            for row in bucket.numbers.values()
        )
        where = f"{acceptor.address} port {acceptor.port}"
        if not initiator_known:
            reason = f"{flow.initiator.address} is no daemon, console or monitor of this site"
        elif not expected:
            reason = f"nothing is expected to dial {where}"
            if bucket is not None:
                reason = f"nothing that may dial {where} says such a hello"
        else:
            reason = f"{flow.initiator.address} has no business with port {acceptor.port} there"
        if not match.acceptor_configured:
            reason += f"; the configuration of the daemon at {acceptor.address} is not at hand"
            return replace(match, reason=reason)
        wrong, sources = self._mismatches.of_target(flow, bucket)
        return replace(match, reason=reason, mismatch=wrong, mismatch_sources=sources)

    def _candidates(self, flow: Flow, learned: _Learned) -> Iterator[Candidate]:
        names = learned.get(flow.initiator.address, frozenset())
        address, port = flow.acceptor.address, flow.acceptor.port
        target = self._index.target(address, port)
        nowhere = self._index.nowhere(port)
        if target is not None:
            yield from self._compare(flow, target.plausible(flow, names), learned, Agreement.MATCH)
        if nowhere is not None:
            yield from self._compare(
                flow, nowhere.plausible(flow, names), learned, Agreement.NO_EVIDENCE
            )
        if target is None and (address not in self._peers or is_loopback(address)):
            # Nobody is known there, so it may be a daemon at another of its addresses.
            on_port = self._index.on_port(port)
            rows = on_port.from_address(flow.initiator.address) if on_port is not None else ()
            yield from self._compare(flow, rows, learned, Agreement.MISMATCH)

    def _compare(
        self, flow: Flow, rows: Iterable[Expectation], learned: _Learned, acceptor: Agreement
    ) -> Iterator[Candidate]:
        for row in rows:
            identity = identity_agreement(flow.hello, row, self._names)
            yield Candidate(row, identity, address_agreement(flow, row, learned), acceptor)

    def _is_configured(self, flow: Flow) -> bool:
        """Tell whether all who may be the acceptor have their own configuration at hand."""
        address, port = flow.acceptor.address, flow.acceptor.port
        found = self._peers.get(address, ())
        listening = [peer for peer in found if port in peer.ports] or found
        if not listening and port not in self._crowded and (rows := self._index.nowhere(port)):
            listening = [row.acceptor for row in rows.rows]
        names = {(peer.role, peer.name) for peer in listening}
        return bool(names) and names <= self._configured

    def _target(self, flow: Flow) -> Bucket | None:
        port = flow.acceptor.port
        return self._index.target(flow.acceptor.address, port) or self._index.nowhere(port)

    def _acceptor(self, flow: Flow) -> Peer | None:
        """Return the peer that listens there, else whoever is known at that address."""
        found = self._peers.get(flow.acceptor.address, ())
        return _same([peer for peer in found if flow.acceptor.port in peer.ports] or found)


def _crowded(flows: Sequence[Flow], index: RowIndex) -> frozenset[int]:
    """Return the ports on which several hosts accept that no configuration locates: a daemon
    whose address is not known may be any of them."""
    hosts: dict[int, set[str]] = defaultdict(set)
    for flow in flows:
        address, port = flow.acceptor.address, flow.acceptor.port
        if index.target(address, port) is None:
            hosts[port].add(address)
    return frozenset(port for port, addresses in hosts.items() if len(addresses) > 1)


def _from_anywhere(candidate: Candidate) -> bool:
    """Tell whether nothing but the port speaks for a console or monitor: then it may as well be
    a stranger."""
    roles = {Role.CONSOLE, Role.TRAY_MONITOR}
    silent = (
        candidate.identity is Agreement.NO_EVIDENCE and candidate.address is Agreement.NO_EVIDENCE
    )
    return silent and candidate.row.initiator.role in roles


def _answered(flow: Flow) -> bool:
    """Tell whether the acceptor took the initiator for what it says it is."""
    return flow.hello.proven or (flow.hello.certificate and not flow.hello.refusal)


def _same(peers: Sequence[Peer]) -> Peer | None:
    """Return the peer that all of these are, or None where there are several or none."""
    if not peers:
        return None
    first = peers[0]
    return first if all(peer.is_same(first) for peer in peers) else None


def _by_number(number: str) -> tuple[int, str]:
    digits = number.rstrip("ab")
    return int(digits), number
