"""Finds the cause of one failed flow."""

from __future__ import annotations

from auditor.flows.flow import Flow
from auditor.judge.causes.cause import Cause
from auditor.judge.causes.refused_login import Login, login_cause
from auditor.judge.matching.match import Match
from auditor.site.entries import Guests
from auditor.site.model import Peer, Site


def find_cause(flow: Flow, match: Match, site: Site | None) -> Cause | None:
    """Return why a flow failed; None: it did not, or nothing tells why."""
    if flow.refusal is not None:
        acceptor = match.acceptor
        guests = _guests(acceptor, site)
        dialler = match.agreed(lambda row: row.dialler)
        return login_cause(Login(flow.refusal, flow.hello, acceptor, guests, dialler))
    return None


def _guests(peer: Peer | None, site: Site | None) -> Guests | None:
    return site.guests.get((peer.role, peer.name)) if peer is not None and site else None
