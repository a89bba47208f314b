"""A site, or one host of it → what a firewall has to let through and to close."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import product
from typing import Any

from auditor.site.model import Expectation, Peer, Permission, Role, Site
from auditor.site.openings.ends import ANYWHERE, Ends, Missing, is_local, order, routed
from auditor.site.openings.machine import membership, peers_at
from auditor.site.openings.opening import Chain, Closed, Direction, Gap, Opening, Openings, family

#: The host that the rules are for, at whichever of its addresses.
_HERE = frozenset({""})
_FAMILIES = Missing(
    "the addresses known of both ends have no IP version in common",
    "give those of the other version in a site file (--site)",
)
_PASSIVE = Missing(
    "whether the client is passive, so that only the other end dials, is not known",
    "give the Director's configuration with --config, which says it",
)


def plan_openings(site: Site, host: str = "") -> Openings:
    """Return what the connections that a site requires or allows need, and no more.

    Without ``host`` it is for a firewall between the hosts. With it, it is for that host's own:
    what comes in and what goes out, where the host's own addresses do not matter. Raises
    ConfigurationError if the site has no such host.
    """
    peers = peers_at(site, host) if host else ()
    is_here = membership(peers)
    ends = Ends(site)
    builders = {
        one: _Builder(one, ends)
        for one in Direction
        if (one is Direction.FORWARD) is not bool(host)
    }
    local: list[Expectation] = []
    for row in site.expectations:
        dials, answers = is_here(row.initiator), is_here(row.acceptor)
        if row.permission is Permission.FORBIDDEN:
            continue
        if host and not (dials or answers):
            builders[Direction.OUTBOUND].add_perhaps(row)
        elif (dials and answers) or is_local(row, ends.destinations(row)):
            local.append(row)
        elif not host:
            builders[Direction.FORWARD].add(row)
        else:
            builders[Direction.OUTBOUND if dials else Direction.INBOUND].add(row)
    return Openings(
        host=host,
        peers=peers,
        chains=tuple(one.chain(_closed(one.direction, site, peers)) for one in builders.values()),
        local=tuple(local),
        idle=site.site_file.keepalive.idle,
    )


class _Builder:
    """Collects what holds in one direction."""

    def __init__(self, direction: Direction, ends: Ends) -> None:
        self.direction = direction
        self._ends = ends
        self._openings: dict[tuple[str, str, int], list[Expectation]] = {}
        self._translated: dict[tuple[str, str, int], list[Expectation]] = {}
        self._gaps: dict[tuple[str | None, str | None, int, Missing], list[Expectation]] = {}

    def add(self, row: Expectation) -> None:
        """Add what one connection needs, or what is missing of it."""
        inbound, outbound = (
            self.direction is one for one in (Direction.INBOUND, Direction.OUTBOUND)
        )
        sources = _HERE if outbound else self._ends.sources(row)
        addresses = _HERE if inbound else routed(self._ends.destinations(row))
        ports = _listening(row) if inbound else {row.port}
        if not sources:
            missing = self._ends.missing(row.initiator)
            self._miss(row, [None], addresses or [None], ports, missing)
            return
        name = "" if inbound else self._ends.unresolved(row)
        if name or not addresses:  # a daemon that is known elsewhere may be dialled by a name
            missing = self._ends.missing(row.acceptor, name)
            self._miss(row, sources, [None], ports, missing)
        pairs = [pair for pair in product(sources, addresses) if _may_meet(*pair)]
        if row.connection in {"6", "7"} and row.passive.value is None:
            for source, address in pairs:
                self._miss(row, [source], [address], ports, _PASSIVE)
            return
        if addresses and not pairs:
            self._miss(row, sources, [None], ports, _FAMILIES)
        for (source, address), port in product(pairs, ports):
            self._openings.setdefault((source, address, port), []).append(row)
        if self.direction is Direction.FORWARD:
            behind = product(sources, self._ends.translated(row))
            for (source, address), port in product(behind, _listening(row)):
                if _may_meet(source, address):
                    self._translated.setdefault((source, address, port), []).append(row)

    def add_perhaps(self, row: Expectation) -> None:
        """Add what a daemon dials that may be on this host for all that is known: what it dials is
        closed to the host else, and nobody would know why."""
        initiator = row.initiator
        if self._ends.sources(row) or initiator.generic or initiator.role in ANYWHERE:
            return
        missing = self._ends.missing(initiator)
        missing = missing._replace(what=f"{missing.what}, so it may be on this host")
        self._miss(row, _HERE, routed(self._ends.destinations(row)), {row.port}, missing)

    def _miss(
        self,
        row: Expectation,
        sources: Iterable[str | None],
        addresses: Iterable[str | None],
        ports: Iterable[int],
        missing: Missing,
    ) -> None:
        for source, address, port in product(sources, addresses, ports):
            self._gaps.setdefault((source, address, port, missing), []).append(row)

    def chain(self, closed: Iterable[Closed]) -> Chain:
        """Return all of it, in order."""
        openings = [Opening(*key, tuple(uses)) for key, uses in self._openings.items()]
        openings += [
            Opening(*key, tuple(uses), translated=True)
            for key, uses in self._translated.items()
            if key not in self._openings
        ]
        gaps = [
            Gap(source, address, port, tuple(uses), *missing)
            for (source, address, port, missing), uses in self._gaps.items()
        ]
        return Chain(
            self.direction,
            tuple(sorted(openings, key=_order)),
            tuple(sorted(gaps, key=lambda one: (one.missing, *_order(one)))),
            tuple(sorted(closed, key=lambda one: (order(one.address), one.port))),
        )


def _order(one: Opening | Gap) -> tuple[Any, ...]:
    return order(one.address or ""), one.port, order(one.source or "")


def _may_meet(source: str, address: str) -> bool:
    return not source or not address or (source != address and family(source) == family(address))


def _listening(row: Expectation) -> Collection[int]:
    """Return the port at which the acceptor is reached on its own host: another than the dialled
    one where a router forwards it (bareos.md §0)."""
    ports = row.acceptor.ports
    return ports if ports and row.port not in ports else {row.port}


def _closed(direction: Direction, site: Site, peers: Iterable[Peer]) -> set[Closed]:
    """Return where Bareos' daemons listen. A catalog's database may serve other programs too, and
    other programs may use the ports of Bareos at addresses where it is not."""
    if direction is Direction.INBOUND:
        return {Closed("", port) for peer in peers for port in _own_ports(peer)}
    here = frozenset[str]().union(*(peer.addresses for peer in peers))
    return {
        Closed(address, port)
        for addresses, ports in set(_listeners(site))
        for address, port in product(routed(addresses) - here, ports)
    }


def _listeners(site: Site) -> Iterator[tuple[frozenset[str], frozenset[int]]]:
    for row in site.expectations:
        if row.acceptor.role is not Role.CATALOG:
            yield row.addresses, frozenset({row.port})
            yield row.acceptor.addresses, row.acceptor.ports


def _own_ports(peer: Peer) -> frozenset[int]:
    return frozenset() if peer.role is Role.CATALOG else peer.ports
