"""Where the daemons of the recording host are: at its own addresses.

A daemon's own configuration seldom says at which address it is: a recording made on its host does,
and so do the host's interfaces.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from auditor.site.model import Expectation, Peer, Role, Site

#: Others dial these: consoles and monitors dial from anywhere, so that no address is theirs.
_DAEMONS = frozenset({Role.DIRECTOR, Role.FILE_DAEMON, Role.STORAGE_DAEMON})


class OwnHost(NamedTuple):
    """The recording host."""

    addresses: frozenset[str]
    """All of its addresses that are known, loopback left out."""
    programs: frozenset[tuple[Role, frozenset[int]]]
    """The kinds of Bareos' programs that run there, with the ports they listen on; no port: not
    known."""
    here: bool = False
    """The configuration was read on this very host, so that it is this host's."""


def at_host(site: Site, host: OwnHost) -> Site:
    """Return the site with the recording host's addresses at the daemons that run there.

    That is a daemon that is known at one of these addresses. It is also the only daemon of its
    kind that may be there, if its own configuration is at hand and such a program runs there. Where
    daemons may be missing from the configuration, and it was read elsewhere, that is only assumed:
    it may be another host's.
    """
    placed = {peer: _placed(peer, host, site) for peer in site.peers}
    moved = {before: after for before, after in placed.items() if after is not before}
    if not moved:
        return site
    return replace(
        site,
        peers=tuple(placed[peer] for peer in site.peers),
        expectations=tuple(_moved(row, moved) for row in site.expectations),
    )


def _placed(peer: Peer, host: OwnHost, site: Site) -> Peer:
    if peer.role not in _DAEMONS or peer.generic or host.addresses <= peer.addresses:
        return peer
    addresses = peer.addresses | host.addresses
    if peer.addresses & host.addresses:
        return replace(peer, addresses=addresses)
    if _only_one_there(peer, host, site):
        surely = host.here or site.directors_known
        return replace(peer, addresses=addresses, assumed=not surely)
    return peer


def _only_one_there(peer: Peer, host: OwnHost, site: Site) -> bool:
    """Tell whether the program of the peer's kind that runs there can be nobody else."""
    listens = [ports for role, ports in host.programs if role is peer.role]
    if not listens or (peer.role, peer.name) not in site.configured:
        return False
    if listens[0] and peer.ports and not listens[0] & peer.ports:
        return False
    others = [one for one in site.peers if one.role is peer.role and one != peer]
    return not peer.located and not any(
        not one.generic and (not one.located or one.addresses & host.addresses) for one in others
    )


def _moved(row: Expectation, moved: dict[Peer, Peer]) -> Expectation:
    initiator = moved.get(row.initiator, row.initiator)
    acceptor = moved.get(row.acceptor, row.acceptor)
    if initiator is row.initiator and acceptor is row.acceptor:
        return row
    return replace(row, initiator=initiator, acceptor=acceptor)
