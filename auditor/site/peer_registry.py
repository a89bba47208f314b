"""Who there is: one peer from all the resources that describe it, at every address they name."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.config.resources import Resource, Source
from auditor.site import linking
from auditor.site.connections import default_ports
from auditor.site.model import Peer, Role
from auditor.site.resolver import Resolver, is_loopback
from auditor.site.site_file import SiteFile

_WILDCARDS = frozenset({"0.0.0.0", "::", ""})


class PeerRegistry:
    """Makes peers, resolving names as it goes and adding what the site file knows."""

    def __init__(self, resolver: Resolver, site_file: SiteFile) -> None:
        self._resolver = resolver
        self._site_file = site_file
        self._unused = set(site_file.daemons)

    def resolve(self, name: str) -> frozenset[str]:
        """Return the addresses of a name or literal; empty: nobody knows it."""
        return self._resolver.resolve(name)

    @property
    def unused(self) -> list[str]:
        """The daemons of the site file that no peer made so far is."""
        return sorted(self._unused)

    def peer(
        self,
        role: Role,
        name: str,
        source: Source | None,
        *resources: Resource,
        own: Resource | None = None,
        aliases: Iterable[str] = (),
    ) -> Peer:
        """Return the peer that all these resources describe, at every address they name.

        ``own`` is the resource in which it describes itself: it listens where that says, on the
        default port where it says nothing (bareos.md §5.7). ``aliases`` are other names by which
        the site file may know it.
        """
        addresses: set[str] = set()
        ports: set[int] = set()
        for resource in resources:
            for key in ("Address", "LanAddress", "DbAddress"):
                # Whoever is told to dial a loopback dials its own machine.
                addresses |= {a for a in self.resolve(resource.text(key)) if not is_loopback(a)}
            ports |= {resource.number("Port"), resource.number("DbPort")} - {0}
        if own is not None:
            for key in ("Address", "Addresses", "SourceAddress"):
                addresses |= self._own_addresses(own, key)
        for known in {name, *aliases}:
            addresses |= self._site_file.daemons.get(f"{role} {known}", frozenset())
            self._unused.discard(f"{role} {known}")
        default = default_ports().get(role)
        if own is not None and default is not None:
            # What others dial may be forwarded to it, or be somebody else's (bareos.md §0).
            ports = _listening(own, default)
        known_ports = frozenset(ports) or frozenset({default} if default is not None else ())
        return Peer(role, name, frozenset(addresses), known_ports, source)

    def _own_addresses(self, own: Resource, key: str) -> set[str]:
        setting = own.get(key)
        if setting is None or not isinstance(setting.value, tuple):
            return set()
        names = {item.address for item in setting.value if not isinstance(item, str)}
        found: set[str] = set()
        for name in names - _WILDCARDS:
            found |= self.resolve(name)
        return found


def generic(role: Role) -> Peer:
    """Return the peer that stands for any daemon of a role."""
    port = default_ports().get(role)
    return Peer(role, "", ports=frozenset({port} if port else ()), generic=True)


def _listening(own: Resource, default: int) -> set[int]:
    listed = [default if item.port is None else item.port for item in linking.listening(own)]
    return set(listed) or {default}
