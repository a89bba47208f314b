"""Flow × site → connection number, for all flows of one capture (``classification.STEPS``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace

from auditor.flows.flow import Flow
from auditor.judge.matching.agreement import Agreement, Candidate, IdentifiedAt, SiteNames
from auditor.judge.matching.candidate_evidence import (
    CONSOLES,
    confidence,
    is_named,
    is_own,
    is_placed,
    may_be_another_console,
    may_be_anybody,
    of_its_processes,
    perhaps,
)
from auditor.judge.matching.candidates import CandidateSearch
from auditor.judge.matching.decision import best_candidates, decide
from auditor.judge.matching.hello_number import HelloReader, is_let_in, is_unheeded
from auditor.judge.matching.homes import AtHome, at_home
from auditor.judge.matching.index import RowIndex
from auditor.judge.matching.match import Match
from auditor.judge.matching.mismatch import NO_MISMATCH, NameCheck
from auditor.judge.matching.naming import Naming, says_who
from auditor.judge.matching.question import Question, asked, question
from auditor.judge.matching.targets import SILENT, Targets, is_silent, same_peer
from auditor.judge.verdicts import Confidence
from auditor.site.model import Expectation, Peer, Role, Site
from auditor.site.resolver import is_loopback

#: Why a flow that has a number is not held to any daemon's configuration.
_WHOSE = "the configuration at hand does not tell which daemon this is"


class Classifier:
    """Gives each flow of a capture its connection number, against one site: one for all captures,
    of which a service provider has as many as hosts."""

    def __init__(self, site: Site, ports: Mapping[int, Role]) -> None:
        """``ports``: listening port to acceptor role."""
        names = SiteNames(site)
        self.homes: AtHome = at_home(site.peers)
        self._name_check = NameCheck(site.jobs)
        self._index = RowIndex(site.expectations)
        self._ambiguous_ports: frozenset[int] = frozenset()
        self._peers: dict[str, list[Peer]] = defaultdict(list)
        for peer in site.peers:
            for address in peer.addresses:
                if not is_loopback(address) and not peer.assumed:  # which is whoever dials it
                    self._peers[address].append(peer)
        self._assumed = {a for peer in site.peers if peer.assumed for a in peer.addresses}
        self._search = CandidateSearch(self._index, names, self._peers)
        self._all_known = site.directors_known
        self._consoles = {row.connection for row in site.expectations} & CONSOLES
        self._naming = Naming(site.directors_known)
        self._hello = HelloReader(site, ports)
        self._targets = Targets(site, self._index, self._peers, names, self._name_check)

    def classify(self, flows: Sequence[Flow]) -> list[Match]:
        """Return one match a flow of one capture, in order.

        Two passes: consoles and monitors, which may dial from anywhere, are located by the flows
        that name them and prove it, so that their flows without a hello are known too.
        """
        here = copy(self)  # what is known of one capture is not of another, which may be under way
        here._targets = copy(self._targets)
        return here._classified(flows)

    def _classified(self, flows: Sequence[Flow]) -> list[Match]:
        self._ambiguous_ports = self._targets.look_at(flows)
        places: dict[Question, int] = {}  # hashed once a flow: it takes as long as much of the rest
        places_of = [places.setdefault(question(flow), len(places)) for flow in flows]
        matches = [self._match(asked(one), {}) for one in places]
        identified = _identified(flows, [matches[place] for place in places_of])
        for place, one in enumerate(places):
            if not matches[place].connection and one.initiator in identified:
                matches[place] = self._match(asked(one), identified)
        return [matches[place] for place in places_of]

    def _match(self, flow: Flow, identified: IdentifiedAt) -> Match:
        found = self._search.find(flow, identified)
        best = best_candidates(of_its_processes(flow, found), flow)
        if not best and flow.hello.proven:  # the acceptor checked the key: a process may be renamed
            best = [one for one in best_candidates(found, flow) if is_named(one)]
        rows = tuple(candidate.row for candidate in best)
        address = flow.initiator.address
        known = address in self._peers or address in identified or address in self._assumed
        named = any(map(is_named, best))
        match = Match(
            initiator=same_peer(self._peers.get(address, ())),
            acceptor=self._targets.acceptor(flow),
            candidates=rows,
            initiator_known=known or named,
            initiator_claimed=named and not known and not is_let_in(flow),
            claim_unheeded=named and not known and is_unheeded(flow),
            initiator_proven=bool(best) and all(says_who(flow, one) for one in best),
            acceptor_known=flow.acceptor.address in self._peers,
            acceptor_configured=self._targets.is_configured(flow),
        )
        sure = decide(flow, best[0]) if best else None
        if sure is None:
            return self._by_hello(flow, self._targets.unmatched(flow, match))
        numbers = sorted({row.connection for row in rows}, key=_by_number)
        if may_be_another_console(flow, best[0]):
            numbers = sorted(self._consoles)
        if len(numbers) > 1 or may_be_anybody(best[0]):
            return _undecided(flow, match, numbers)
        said = self._hello.numbers(flow, self._peers.get(flow.initiator.address, ()))
        if not self._all_known and not is_placed(flow, best[0]) and said.only != numbers[0]:
            return self._by_hello(flow, _undecided(flow, match, numbers))
        if others := perhaps(flow, numbers[0], best[0], found):
            match = replace(match, perhaps=others)
        numbered = self._numbered(flow, match, best, sure, identified)
        unsure = not numbered.candidates or numbered.confidence is Confidence.GUESS
        if not self._all_known and unsure and said.only == numbers[0]:
            return replace(numbered, confidence=said.confidence)
        return numbered

    def _numbered(
        self,
        flow: Flow,
        match: Match,
        best: Sequence[Candidate],
        sure: Confidence,
        identified: IdentifiedAt,
    ) -> Match:
        """Give the number of the candidates, and the names and facts that are sure to be its."""
        unlocated = best[0].agreements.target is Agreement.NO_EVIDENCE
        uncertain = unlocated and flow.acceptor.port in self._ambiguous_ports
        if not self._all_known:  # beside a daemon that may be another stands "any" of its role
            sure_ones = [
                one for one in best if all(self._naming.of(flow, [one], identified, uncertain))
            ]
            best = sure_ones or best
        rows = tuple(one.row for one in best)
        names = self._naming.of(flow, best, identified, uncertain)
        bound = self._all_known or all(names)
        uncertain = uncertain and not names.acceptor
        mismatch = self._name_check.of_match(flow, rows) if bound and not uncertain else NO_MISMATCH
        return replace(
            match,
            connection=rows[0].connection,
            confidence=confidence(flow, best[0], sure, uncertain=uncertain),
            candidates=rows if bound else (),
            own=rows if not bound and is_own(flow, best) else (),
            reason=_reason(match, rows) if bound else _WHOSE,
            initiator=same_peer([row.initiator for row in rows]) if names.initiator else None,
            acceptor=same_peer([row.acceptor for row in rows]) if names.acceptor else None,
            mismatch=mismatch.reason,
            mismatch_sources=mismatch.sources,
        )

    def _by_hello(self, flow: Flow, match: Match) -> Match:
        """Give the number that the hello has by itself, or what it leaves open: where daemons
        may be missing from the configuration, or the acceptor's own is."""
        numbers, confidence = self._hello.numbers(flow, self._peers.get(flow.initiator.address, ()))
        whole = self._all_known and (match.acceptor_configured or not match.acceptor_known)
        if whole or not numbers:
            return match
        if len(numbers) > 1:
            return replace(_undecided(flow, match, sorted(numbers)), candidates=())
        (number,) = numbers
        return replace(
            match, connection=number, confidence=confidence, candidates=(), reason=_WHOSE
        )


def _identified(flows: Sequence[Flow], matches: Sequence[Match]) -> IdentifiedAt:
    """Return, by address, the names of the initiators that are certain and were let in."""
    found: dict[str, set[str]] = defaultdict(set)
    for flow, match in zip(flows, matches, strict=True):
        certain = match.initiator is not None and match.confidence is Confidence.CERTAIN
        if match.initiator is not None and certain and flow.hello.proven:
            found[flow.initiator.address].add(match.initiator.name)
    return {address: frozenset(names) for address, names in found.items()}


def _reason(match: Match, rows: Sequence[Expectation]) -> str:
    return f"only its hello says that it is {rows[0].initiator}" if match.initiator_claimed else ""


def _undecided(flow: Flow, match: Match, numbers: Sequence[str]) -> Match:
    """Return the match without a number, and with the reason."""
    shown = f"any of {', '.join(numbers)}" if len(numbers) > 1 else numbers[0]
    why = SILENT if is_silent(flow) else "nothing was seen that would tell"
    reason = f"it may be {shown}: {why}"
    return replace(match, reason=reason, possible=frozenset(numbers))


def _by_number(number: str) -> tuple[int, str]:
    digits = number.rstrip("ab")
    return int(digits), number
