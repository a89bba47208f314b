"""Flow × site → connection number: the decision table of bareos.md §9.1.

Three witnesses are heard: identity, then addresses and ports of the site, then the bare port. A
disagreement is kept as a finding's evidence, never used to break a tie.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from auditor.config.site.model import Expectation, Peer, Permission, Site
from auditor.flows.model import Flow, Outcome
from auditor.judge.match import Confidence, Match
from auditor.judge.mismatch import mismatch_of
from auditor.judge.witnesses import Word, address_word, identity_word, job_name

#: Evidence for the initiator that does not come from its own first packets.
_WEAK_EVIDENCE = frozenset({"port", "config"})


class _Testimony(NamedTuple):
    row: Expectation
    identity: Word
    address: Word
    acceptor: Word


class Classifier:
    """Gives each flow of one audit its connection number, against one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._by_target: dict[tuple[str, int], list[Expectation]] = defaultdict(list)
        self._by_port: dict[int, list[Expectation]] = defaultdict(list)
        self._peers: dict[str, list[Peer]] = defaultdict(list)
        for row in site.expectations:
            if row.connection == "5b":
                continue  # looks like 5a on the wire: ``accompany`` tells them apart
            ports = row.acceptor.ports | {row.port}
            for port in ports:
                self._by_port[port].append(row)
                for address in row.acceptor.addresses | row.addresses:
                    self._by_target[address, port].append(row)
        for peer in site.peers:
            for address in peer.addresses:
                self._peers[address].append(peer)

    def classify(self, flows: Sequence[Flow]) -> list[Match]:
        """Return one match a flow, in order.

        Two passes: consoles and monitors, which may dial from anywhere, are located by the flows
        that name them, so that their flows without a hello are known too.
        """
        first = [self._match(flow, {}) for flow in flows]
        learned: dict[str, set[str]] = defaultdict(set)
        for flow, match in zip(flows, first, strict=True):
            if match.initiator is not None and match.confidence is Confidence.CERTAIN:
                learned[flow.initiator.address].add(match.initiator.name)
        known = {address: frozenset(names) for address, names in learned.items()}
        return [
            match if match.connection else self._match(flow, known)
            for flow, match in zip(flows, first, strict=True)
        ]

    def _match(self, flow: Flow, learned: Mapping[str, frozenset[str]]) -> Match:
        target = list(self._testimonies(flow, learned))
        heard = [t for t in target if t.identity is not Word.CONTRADICTS]
        best = _best([t for t in heard if _believable(t, flow)], flow)
        address = flow.initiator.address
        known = address in self._peers or address in learned
        match = Match(
            initiator=self._peer_at(address),
            acceptor=self._peer_at(flow.acceptor.address, flow.acceptor.port),
            initiator_known=known or any(t.identity is Word.AGREES for t in best),
            acceptor_known=flow.acceptor.address in self._peers,
        )
        rows = tuple(t.row for t in best)
        numbers = sorted({row.connection for row in rows}, key=_by_number)
        if not rows:
            here = [t.row for t in (heard or target) if t.acceptor is not Word.DIFFERS]
            wrong, sources = mismatch_of(flow, here, self._site.jobs)
            reason = _why_none(flow, heard, known)
            return replace(match, reason=reason, mismatch=wrong, mismatch_sources=sources)
        if len(numbers) > 1:
            reason = f"it may be any of {', '.join(numbers)}: nothing was seen that would tell"
            return replace(match, reason=reason, candidates=rows)
        wrong, sources = mismatch_of(flow, rows, self._site.jobs)
        return replace(
            match,
            connection=numbers[0],
            confidence=_confidence(flow, best),
            initiator=_same([row.initiator for row in rows]),
            acceptor=_same([row.acceptor for row in rows]),
            candidates=rows,
            mismatch=wrong,
            mismatch_sources=sources,
        )

    def _testimonies(
        self, flow: Flow, learned: Mapping[str, frozenset[str]]
    ) -> Iterable[_Testimony]:
        target = (flow.acceptor.address, flow.acceptor.port)
        exact = self._by_target.get(target, [])
        seen = {id(row) for row in exact}
        for row in exact:
            yield self._hear(flow, row, learned, Word.AGREES)
        for row in self._by_port.get(flow.acceptor.port, []):
            if id(row) not in seen:
                word = Word.DIFFERS if row.acceptor.located else Word.SILENT
                yield self._hear(flow, row, learned, word)

    def _hear(
        self, flow: Flow, row: Expectation, learned: Mapping[str, frozenset[str]], acceptor: Word
    ) -> _Testimony:
        identity = identity_word(flow.hello, row, self._site.jobs)
        return _Testimony(row, identity, address_word(flow, row, learned), acceptor)

    def _peer_at(self, address: str, port: int | None = None) -> Peer | None:
        """Return the only peer known at an address (and port), or None."""
        found = [p for p in self._peers.get(address, []) if port is None or port in p.ports]
        return found[0] if len(found) == 1 else None


def _believable(testimony: _Testimony, flow: Flow) -> bool:
    """Tell whether the witnesses together allow the row.

    A wrong or missing name is only believed from the right address or with a proven key; a right
    name from a wrong address only with a proven key; an unknown acceptor only when the initiator
    is known by address or by identity.
    """
    proven = flow.hello.proven
    _, identity, address, acceptor = testimony
    if acceptor is Word.DIFFERS:
        at_home = identity is Word.AGREES or (
            identity is Word.DIFFERS and flow.hello.identity is not None
        )
        return address is Word.AGREES and (at_home or identity is Word.SILENT)
    if identity is Word.AGREES:
        return address is not Word.DIFFERS or proven
    if identity is Word.DIFFERS:
        return address is Word.AGREES or (proven and address is Word.SILENT)
    if address is Word.AGREES:
        return True
    # A peer that may dial from anywhere, and a flow that names nobody: only what began before
    # the capture or never got as far as a hello can be it.
    silent = flow.outcome is not Outcome.ESTABLISHED or flow.hello.transport.value != "unknown"
    return address is Word.SILENT and (silent or acceptor is Word.SILENT)


def _best(heard: Sequence[_Testimony], flow: Flow) -> list[_Testimony]:
    """Return the rows with the best testimony.

    After the witnesses come the planned job, the very address that was dialled, and, last, that
    the row is allowed: a forbidden row is only believed when nothing else explains the flow.
    """
    identity = flow.hello.identity
    job = job_name(identity.name) if identity is not None and identity.type == "R_JOB" else None

    def rank(t: _Testimony) -> tuple[int, ...]:
        return (
            t.acceptor,
            t.identity,
            t.address,
            job in t.row.jobs,
            flow.acceptor.address in t.row.addresses,
            t.row.permission is not Permission.FORBIDDEN,
        )

    top = max((rank(t) for t in heard), default=None)
    return [t for t in heard if rank(t) == top]


def _confidence(flow: Flow, best: Sequence[_Testimony]) -> Confidence:
    testimony = best[0]
    if flow.initiator_evidence in _WEAK_EVIDENCE and testimony.identity is not Word.AGREES:
        return Confidence.LIKELY if testimony.address is Word.AGREES else Confidence.GUESS
    if testimony.acceptor is Word.DIFFERS:
        return Confidence.LIKELY if testimony.identity is Word.AGREES else Confidence.GUESS
    if testimony.identity is Word.AGREES:
        return Confidence.LIKELY if testimony.address is Word.DIFFERS else Confidence.CERTAIN
    if testimony.address is Word.AGREES:
        named = flow.hello.identity is not None or flow.hello.transport.value == "postgresql"
        return Confidence.CERTAIN if named else Confidence.LIKELY
    return Confidence.GUESS


def _why_none(flow: Flow, heard: Sequence[_Testimony], initiator_known: bool) -> str:
    if not heard:
        return f"nothing is expected to dial {flow.acceptor.address} port {flow.acceptor.port}"
    if not initiator_known:
        return f"{flow.initiator.address} is no daemon, console or monitor of this site"
    return f"{flow.initiator.address} has no business with port {flow.acceptor.port} there"


def _same(peers: Sequence[Peer]) -> Peer | None:
    """Return the peer that all rows name, or the first where they share its addresses."""
    first = peers[0]
    return first if all(p == first or p.addresses == first.addresses for p in peers) else None


def _by_number(number: str) -> tuple[int, str]:
    digits = number.rstrip("ab")
    return int(digits), number
