"""Which end of a flow may be called by the name of a daemon, and be held to its configuration.

A number may be right for many daemons: all that a Director dials on a File Daemon's port is a 3. A
name is only given where an address, a key or the configuration leaves no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from auditor.flows.flow import Flow
from auditor.judge.matching.agreement import Agreement, Candidate, IdentifiedAt
from auditor.site.model import Peer, Role

#: Programs that dial from anywhere: for them the name that they say is all there is.
_ANYWHERE = frozenset({Role.CONSOLE, Role.TRAY_MONITOR})


class Named(NamedTuple):
    """Which ends of a flow the candidates name."""

    initiator: bool
    acceptor: bool


class Naming:
    """Decides which ends may be named, for one site."""

    def __init__(self, all_known: bool) -> None:
        """``all_known``: every daemon of the site is known (``Site.directors_known``)."""
        self._all_known = all_known

    def of(
        self, flow: Flow, found: Sequence[Candidate], identified: IdentifiedAt, uncertain: bool
    ) -> Named:
        """Return which ends all of these candidates name. ``uncertain``: several hosts may be
        the acceptor."""
        return Named(
            all(self._initiator(flow, one, identified) for one in found),
            all(self._acceptor(flow, one, uncertain) for one in found),
        )

    def _initiator(self, flow: Flow, candidate: Candidate, identified: IdentifiedAt) -> bool:
        peer, address = candidate.row.initiator, flow.initiator.address
        if peer.assumed:
            return says_who(flow, candidate) and flow.hello.proven
        if _is_at(peer, address) or peer.name in identified.get(address, ()):
            return True
        if not says_who(flow, candidate):
            return self._all_known and candidate.planned and flow.hello.proven
        return peer.role in _ANYWHERE or flow.hello.proven

    def _acceptor(self, flow: Flow, candidate: Candidate, uncertain: bool) -> bool:
        row = candidate.row
        if row.acceptor.assumed:
            return False
        if candidate.agreements.target is Agreement.MATCH or row.acceptor.generic:
            return True
        own = flow.hello.acceptor
        if own is not None and flow.hello.proven:
            return own.name in {claim.name for claim in row.acceptor_claims}
        return self._all_known and not uncertain


def says_who(flow: Flow, candidate: Candidate) -> bool:
    """Tell whether the hello has the right name of the initiator itself: a job's name is not."""
    identity = flow.hello.identity
    named = identity is not None and identity.type != "R_JOB"
    return named and candidate.agreements.identity is Agreement.MATCH


def _is_at(peer: Peer, address: str) -> bool:
    return peer.generic or address in peer.addresses
