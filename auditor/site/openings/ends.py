"""Where a connection comes from and where it goes, as far as addresses are known."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from auditor.site.model import Expectation, Peer, Role, Site
from auditor.site.networks import same_lan
from auditor.site.resolver import canonical, is_loopback

#: Whoever dials 0.0.0.0 or :: dials its own machine, as with a loopback.
_UNSPECIFIED = frozenset({"0.0.0.0", "::"})
#: They dial from wherever somebody starts them, and no Bareos file has their address.
ANYWHERE = frozenset({Role.CONSOLE, Role.TRAY_MONITOR})


class Missing(NamedTuple):
    """What is not known of one end, and how to give it."""

    what: str
    remedy: str


class Ends:
    """The addresses of the two ends of connections, with what the site file adds."""

    def __init__(self, site: Site) -> None:
        listed = site.site_file.daemons.values()
        self._added = frozenset[str]().union(*listed)
        self._verifies = bool(site.verify_jobs)
        self._unresolved: dict[Peer, str] = {
            row.acceptor: row.address
            for row in site.expectations
            if row.address and not row.addresses and canonical(row.address) is None
        }

    def sources(self, row: Expectation) -> frozenset[str]:
        """Return from where the initiator may dial over a network; empty: that is not known.

        With a SourceAddress it is that one (bareos.md §1.0), and what the site file adds, since
        NAT may put another in its place.
        """
        known = routed(row.initiator.addresses)
        bound = canonical(row.source_address) if row.source_address else None
        if bound is None or not routed([bound]):
            return known
        return frozenset({bound}) | (known & self._added)

    def destinations(self, row: Expectation) -> frozenset[str]:
        """Return what is dialled, a loopback too; empty: that is not known. A Verify job takes the
        plain address where others take the LanAddress (bareos.md §4.5)."""
        verified = self._verifies and row.lan.pair and row.connection in {"6", "7"}
        plain = row.lan.plain if verified else frozenset[str]()
        return (row.addresses or routed(row.acceptor.addresses)) | plain

    def translated(self, row: Expectation) -> frozenset[str]:
        """Return where else the acceptor is, behind a router that may translate what is dialled:
        at addresses of its own in another network, as a LanAddress is (bareos.md §4.5)."""
        dialled = routed(row.addresses)
        if not dialled or row.lan.pair:
            return frozenset()
        own = routed(row.acceptor.addresses) - dialled - self._added
        return frozenset(one for one in own if not any(same_lan(one, other) for other in dialled))

    def unresolved(self, row: Expectation) -> str:
        """Return the name that is dialled and has no address; empty: it has one, or none is
        written."""
        name = row.address
        return name if name and not row.addresses and canonical(name) is None else ""

    def missing(self, peer: Peer, name: str = "") -> Missing:
        """Return what is missing of a peer without an address; ``name`` is what is dialled."""
        name = name or self._unresolved.get(peer, "")
        if peer.generic:
            return Missing(
                f"no configuration says which {peer.role}s there are",
                "give that of the Director with --config, which names them",
            )
        entry = f'daemons: {{"{peer.role} {peer.name}": {{addresses: [ADDRESS]}}}}'
        if name:
            return Missing(
                f"{name}, the address of {peer}, does not resolve",
                f'give it with --hosts FILE, or in a site file as hosts: {{"{name}": [ADDRESS]}}',
            )
        if peer.role in ANYWHERE:
            what = f"{peer} may be started on any machine"
        else:
            what = f"the address of {peer} is not known"
        return Missing(what, f"give it in a site file (--site) as {entry}")


def is_local(row: Expectation, destinations: Iterable[str]) -> bool:
    """Tell whether a connection stays on its initiator's machine: it dials a loopback, or both
    ends are on one machine."""
    listed = list(destinations)
    if listed and not routed(listed):
        return True
    return on_one_machine(row.initiator, row.acceptor)


def on_one_machine(one: Peer, other: Peer) -> bool:
    """Tell whether all addresses of one are the other's. A common one is not enough: a router with
    NAT may have one address for many hosts."""
    mine, its = routed(one.addresses), routed(other.addresses)
    return bool(mine and its) and (mine <= its or its <= mine)


def routed(addresses: Iterable[str]) -> frozenset[str]:
    """Return those addresses that mean a host on a network."""
    return frozenset(one for one in addresses if one not in _UNSPECIFIED and not is_loopback(one))


@lru_cache(1 << 16)
def order(address: str) -> tuple[int, bytes]:
    """Return what puts addresses in order: the empty one, IPv4, IPv6, each by its octets."""
    if not address:
        return 0, b""
    parsed = ipaddress.ip_address(address)
    return parsed.version, parsed.packed
