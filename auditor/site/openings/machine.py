"""Who is on a host: every daemon, console and catalog that a name or an address stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches

from auditor.errors import ConfigurationError
from auditor.site.model import Expectation, Peer, Site
from auditor.site.openings.ends import on_one_machine, routed
from auditor.site.resolver import canonical
from auditor.text.listing import first_of

_MOST = 8


def peers_at(site: Site, host: str) -> tuple[Peer, ...]:
    """Return all peers on the machine of a daemon's name (``sd1``, ``storage daemon sd1``), an
    address, or a host name that the configuration or the site file writes.

    What has no address but theirs is on their machine too. Raises ConfigurationError if there is
    nobody.
    """
    named = _named(site, host)
    if not named:
        raise ConfigurationError(_nobody(site, host), host or "the host")
    is_named = membership(named)  # several Directors may know one daemon
    return tuple(
        peer
        for peer in site.peers
        if not peer.generic and (is_named(peer) or any(on_one_machine(peer, one) for one in named))
    )


def membership(peers: Iterable[Peer]) -> Callable[[Peer], bool]:
    """Return what tells whether somebody is one of these peers."""
    names = {(peer.role, peer.name) for peer in peers}
    return lambda peer: not peer.generic and (peer.role, peer.name) in names


def rows_at(site: Site, host: str) -> list[Expectation]:
    """Return the expectations that a host is an end of. Raises ConfigurationError if there is
    nobody of that name or address."""
    is_here = membership(peers_at(site, host))
    return [row for row in site.expectations if is_here(row.initiator) or is_here(row.acceptor)]


def _named(site: Site, host: str) -> list[Peer]:
    """Return the peers that a name or an address stands for; none for an empty one."""
    asked = host.lower().rstrip(".")
    literal = canonical(host)
    known = site.site_file.hosts.get(asked, frozenset[str]())
    addresses = frozenset({literal}) if literal else known
    dialled = [row for row in site.expectations if asked and _spelled(row.address) == asked]
    addresses = addresses.union(*(row.addresses for row in dialled))
    addresses = routed(addresses)
    unresolved = {row.acceptor for row in dialled if not row.addresses}
    return [
        peer
        for peer in site.peers
        if not peer.generic
        and asked
        and (
            host in {peer.name, str(peer)}
            or not addresses.isdisjoint(peer.addresses)
            or peer in unresolved
        )
    ]


def _spelled(name: str) -> str:
    return canonical(name) or name.lower().rstrip(".")


def _nobody(site: Site, host: str) -> str:
    names = sorted({peer.name for peer in site.peers if peer.name})
    near = get_close_matches(host, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"it knows {first_of(names, _MOST)}"
    return f"nobody in the configuration has this name or address; {hint}"
