"""Addresses at which Directors and File Daemons proved who they are.

An ``Address``, a ``SourceAddress`` or a listening address is one of a daemon's addresses, never the
only one, and a part of the configuration may hold none. A key that an acceptor took proves a name;
where no router lay before the tap, the address that it came from is that host's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow
from auditor.judge.matching.hello_number import NAMED_ROLES
from auditor.judge.matching.homes import Homes
from auditor.judge.matching.match import Match
from auditor.judge.matching.ttl import has_initial_ttl
from auditor.site.model import Peer, Site
from auditor.site.resolver import is_loopback

Learned = Mapping[Peer, frozenset[str]]
"""Addresses of a daemon that the configuration does not have."""


def learned_addresses(flows: Sequence[Flow], matches: Sequence[Match], homes: Homes) -> Learned:
    """Return, by daemon, the further addresses at which it proved its name; not those of hosts
    that were seen to talk with it, for they are others who have its key."""
    found: dict[Peer, set[str]] = defaultdict(set)
    for flow, match in zip(flows, matches, strict=True):
        identity, peer, address = flow.hello.identity, match.initiator, flow.initiator.address
        if peer is None or identity is None or NAMED_ROLES.get(identity.type) is not peer.role:
            continue
        own = match.initiator_proven and flow.hello.proven and has_initial_ttl(flow.initiator)
        if not own or address in peer.addresses or is_loopback(address):
            continue
        if not homes.is_apart(address, peer.addresses):
            found[peer].add(address)
    return {peer: frozenset(addresses) for peer, addresses in found.items()}


def with_addresses(site: Site, learned: Learned) -> Site:
    """Return the site with its daemons at these addresses too."""

    def placed(peer: Peer) -> Peer:
        more = learned.get(peer)
        return peer if more is None else replace(peer, addresses=peer.addresses | more)

    return replace(
        site,
        peers=tuple(placed(peer) for peer in site.peers),
        expectations=tuple(
            replace(row, initiator=placed(row.initiator), acceptor=placed(row.acceptor))
            if row.initiator in learned or row.acceptor in learned
            else row
            for row in site.expectations
        ),
    )
