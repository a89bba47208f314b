"""Finds why flows failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from auditor.flows.flow import Flow, Outcome
from auditor.flows.how_ended import Ending
from auditor.judge.causes.cause import Cause
from auditor.judge.causes.data_channel import JobChannel, job_channels
from auditor.judge.causes.known_problems import (
    NOBODY_THERE,
    NOT_LISTENING,
    WRONG_DOOR,
    KnownProblems,
)
from auditor.judge.causes.login import Login
from auditor.judge.causes.refused_login import login_cause
from auditor.judge.matching.match import Match
from auditor.judge.tables.judged import Judged
from auditor.site.entries import Entry, Guests
from auditor.site.model import Peer, Role, Site


class Why(NamedTuple):
    """What is known of why a flow, or the job over it, failed."""

    channel: JobChannel | None = None
    """Of the 3 or 4 of a job: what is seen of its data channel; None: that cannot be told."""
    cause: Cause | None = None
    """None: it did not fail, or nothing tells why."""


def find_causes(judged: Sequence[Judged], site: Site | None) -> Mapping[str, Why]:
    """Return by the id of a flow what is known; nothing is of those that are left out."""
    channels = job_channels(judged, site)
    known = KnownProblems(site) if site is not None else None
    found: dict[str, Why] = {}
    for one in judged:
        channel = channels.get(one.id)
        cause = channel.cause if channel is not None else None
        cause = cause or _cause(one.flow, one.match, site, known)
        if channel is not None or cause is not None:
            found[one.id] = Why(channel, cause)
    return found


def _cause(
    flow: Flow, match: Match, site: Site | None, known: KnownProblems | None
) -> Cause | None:
    if flow.refusal is not None:
        return login_cause(
            Login(
                refusal=flow.refusal,
                hello=flow.hello,
                acceptor=match.acceptor,
                guests=_guests(flow, match.acceptor, site),
                dialler=_dialler(flow, match),
                elsewhere=flow.initiator.address if match.initiator_claimed else "",
                known=known.explaining(flow, match, WRONG_DOOR) if known is not None else None,
            )
        )
    if known is None:
        return None
    if flow.outcome is Outcome.REFUSED:
        return known.explaining(flow, match, NOT_LISTENING)
    if flow.outcome is Outcome.UNANSWERED or flow.how.ending is Ending.REJECTED:
        return known.explaining(flow, match, NOBODY_THERE)
    return None


def _guests(flow: Flow, peer: Peer | None, site: Site | None) -> Guests | None:
    """Who may log in where the flow went: that one of many daemons of unknown address is there is
    a guess, but there is mostly one Director only."""
    if peer is None or site is None:
        return None
    directors = {name for role, name in site.guests if role is Role.DIRECTOR}
    only = not peer.located and directors == {peer.name} and peer.role is Role.DIRECTOR
    if not only and flow.acceptor.address not in peer.addresses:
        return None
    return site.guests.get((peer.role, peer.name))


def _dialler(flow: Flow, match: Match) -> Entry | None:
    """The initiator's resource, where the name in the hello and the address dialled are those that
    it says: what another resource holds tells nothing of this login."""
    identity, address = flow.hello.identity, flow.acceptor.address
    entry = match.agreed(lambda row: row.dialler)
    if entry is None or identity is None:
        return None
    named = all(
        identity.name in {claim.name for claim in row.claims}
        and address in row.addresses | row.acceptor.addresses
        for row in match.candidates
    )
    return entry if named else None
