"""Which ports of captures are looked at, and as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.site.connections import default_ports
from auditor.site.model import Role, Site


def listening_ports(site: Site | None, given: Mapping[str, int]) -> dict[int, Role]:
    """Return the ports to look at, with their roles: the defaults, those of the site, and those
    ``given`` by role."""
    roles = {port: Role(role) for role, port in default_ports().items()}
    if site is not None:
        roles |= {row.port: row.acceptor.role for row in site.expectations}
        for row in site.expectations:  # who listens there counts more than who is meant
            roles |= dict.fromkeys(row.acceptor.ports, row.acceptor.role)
    return roles | {port: Role(role) for role, port in given.items()}


def watched_ports(
    site: Site | None,
    given: Mapping[str, int],
    decode_as: Sequence[str],
    same_network: Sequence[Sequence[str]] = (),
) -> Mapping[int, Role]:
    """Return the same, with which UDP ports are tunnels and which networks are one, as all that
    reads captures asks them.

    Raises CaptureError for what is no such rule.
    """
    ports = listening_ports(site, given)
    if not decode_as and not same_network:
        return ports
    from auditor.packets.decode_as import Watched, tunnels_of

    tunnels_of(decode_as)
    return Watched(ports, decode_as, same_network)
