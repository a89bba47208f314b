"""Where a proven name is at home, and whether it came from there.

A key that an acceptor took proves that somebody has it, not that the daemon of that name dialled:
whoever has read its configuration has the key as well. So a name is held against the addresses
that the site gives its owner. A daemon may have further ones (bareos.md §9.10); but a host does not
talk to itself over the network, so that one that was seen to talk with the owner is another host.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Outcome
from auditor.judge.matching.hello_number import NAMED_ROLES
from auditor.judge.matching.match import Match
from auditor.site.model import Peer, Role
from auditor.site.resolver import is_loopback

_Owner = tuple[Role, str]


AtHome = Mapping[_Owner, Collection[str]]
"""Addresses by the role and the name of whose they are."""


def at_home(peers: Iterable[Peer]) -> AtHome:
    """Return where a site has its peers."""
    found: dict[_Owner, set[str]] = defaultdict(set)
    for peer in peers:
        if peer.located and not peer.generic:
            found[peer.role, peer.name] |= peer.addresses
    return found


class Homes:
    """The addresses that a site gives its Directors and File Daemons, by role and name."""

    def __init__(self, found: AtHome, flows: Sequence[Flow]) -> None:
        self._found = found
        self._flows = flows
        self._talked: set[tuple[str, str]] | None = None

    def of(self, flow: Flow, match: Match) -> frozenset[str]:
        """Return where the owner of the name that a flow proves is at home; empty: it proves none,
        or the site has no address of its owner."""
        identity, peer = flow.hello.identity, match.initiator
        if identity is None or peer is None or not match.initiator_proven:
            return frozenset()
        if NAMED_ROLES.get(identity.type) is not peer.role or not flow.hello.proven:
            return frozenset()
        return frozenset(self._found.get((peer.role, peer.name), ()))

    def is_apart(self, address: str, home: Iterable[str]) -> bool:
        """Tell whether the host at an address was seen to talk with one that is at home there."""
        if self._talked is None:
            self._talked = {
                (flow.initiator.address, flow.acceptor.address)
                for flow in self._flows
                if flow.outcome is Outcome.ESTABLISHED
            }
        talked = self._talked
        return any((address, one) in talked or (one, address) in talked for one in home)


def with_homes(flows: Sequence[Flow], matches: Sequence[Match], homes: Homes) -> list[Match]:
    """Return the matches with what the site says of who proved a name, in order.

    ``homes``: as the configuration has them, without addresses that were learned of these flows.
    """
    found = []
    for flow, match in zip(flows, matches, strict=True):
        home, address = homes.of(flow, match), flow.initiator.address
        if home and not is_loopback(address):
            apart = address not in home and homes.is_apart(address, home)
            match = replace(match, home=home, apart=apart)  # noqa: PLW2901
        found.append(match)
    return found
