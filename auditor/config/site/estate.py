"""Who there is: each Director with its clients and storages, consoles and monitors beside them.

Any part may be missing. A File Daemon's configuration alone still names a Director, and a
Director's alone still names its clients; where a role is not named at all, a generic peer stands
for "any".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from auditor.config.model import Configuration, Program, ProgramConfig, Resource, Source
from auditor.config.site import linking
from auditor.config.site.model import Peer, Role
from auditor.config.site.names import Resolver, canonical
from auditor.config.site.sitefile import SiteFile
from auditor.rulebook import default_ports

_WILDCARDS = frozenset({"0.0.0.0", "::", ""})


@dataclass(frozen=True, slots=True)
class Owned:
    """A daemon's own word on itself and on one Director."""

    program: ProgramConfig
    resource: Resource
    """``Fd->Client`` or ``Sd->Storage``."""
    director: Resource | None
    """Its ``Director`` resource for the Director in question."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A File Daemon or Storage Daemon of one Director."""

    peer: Peer
    view: Resource | None
    """``Dir->Client`` or ``Dir->Storage``; None where no Director configuration names it."""
    own: tuple[Owned, ...]
    """One entry where its own configuration is known, several where it is one of these."""


@dataclass(frozen=True, slots=True)
class DirectorEstate:
    """One Director and the daemons it works with."""

    peer: Peer
    program: ProgramConfig | None
    resource: Resource | None
    clients: tuple[Daemon, ...]
    storages: tuple[Daemon, ...]


class Surveyor:
    """Finds the estates in a configuration, resolving names as it goes."""

    def __init__(self, config: Configuration, resolver: Resolver, site_file: SiteFile) -> None:
        self._config = config
        self._resolver = resolver
        self._site_file = site_file

    def programs(self, kind: Program) -> list[ProgramConfig]:
        """Return the configurations of one kind of program."""
        return [program for program in self._config.programs if program.program is kind]

    def estates(self) -> tuple[DirectorEstate, ...]:
        """Return every configured Director, then those that only other programs name."""
        configured = tuple(
            self._configured(program, own)
            for program in self.programs(Program.DIRECTOR)
            if (own := linking.own_resource(program)) is not None
        )
        used = {id(o.program) for e in configured for d in (*e.clients, *e.storages) for o in d.own}
        return configured + self._named_only(used, {e.peer.name for e in configured})

    def peer(
        self,
        role: Role,
        name: str,
        source: Source | None,
        *resources: Resource,
        also: frozenset[str] = frozenset(),
    ) -> Peer:
        """Return the peer that all these resources describe, at every address they name."""
        addresses: set[str] = set(also)
        ports: set[int] = set()
        for resource in resources:
            for key in ("Address", "LanAddress", "DbAddress"):
                addresses |= self._resolver.resolve(resource.text(key))
            ports |= {item.port for item in linking.listening(resource) if item.port is not None}
            for key in ("Address", "Addresses", "SourceAddress"):
                addresses |= self._own_addresses(resource, key)
            ports |= {resource.number("Port"), resource.number("DbPort")} - {0}
        addresses |= self._site_file.daemons.get(f"{role} {name}", frozenset())
        default = default_ports().get(role)
        known = frozenset(ports) or frozenset({default} if default else ())
        return Peer(role, name, frozenset(addresses), known, source)

    def resolve(self, name: str) -> frozenset[str]:
        """Return the addresses of a name or literal."""
        return self._resolver.resolve(name)

    def _own_addresses(self, resource: Resource, key: str) -> set[str]:
        setting = resource.get(key)
        if setting is None or not isinstance(setting.value, tuple):
            return set()
        names = {item.address for item in setting.value if not isinstance(item, str)}
        found: set[str] = set()
        for name in names - _WILDCARDS:
            found |= self._resolver.resolve(name)
        return found

    def _configured(self, program: ProgramConfig, own: Resource) -> DirectorEstate:
        clients = self._daemons(program, own, "Client", Program.FILE_DAEMON)
        storages = self._daemons(program, own, "Storage", Program.STORAGE_DAEMON)
        daemons = (*clients, *storages)
        dialled = [o.director for d in daemons for o in d.own if o.director is not None]
        peer = self.peer(Role.DIRECTOR, own.name, own.source, own, *self._dialled(own), *dialled)
        return DirectorEstate(replace_ports(peer, own), program, own, clients, storages)

    def _dialled(self, own: Resource) -> list[Resource]:
        """Return the Director resources by which consoles and monitors dial this Director."""
        directors = self.programs(Program.DIRECTOR)
        return [
            entry
            for kind in (Program.CONSOLE, Program.TRAY_MONITOR)
            for program in self.programs(kind)
            for entry in program.of("Director")
            if entry.name == own.name or len(directors) == 1
        ]

    def _daemons(
        self, program: ProgramConfig, own: Resource, kind: str, of: Program
    ) -> tuple[Daemon, ...]:
        views = [view for view in program.of(kind) if not is_ndmp(view)]
        storage = of is Program.STORAGE_DAEMON
        witnesses: list[linking.Witness] = [linking.same_address, linking.same_name]
        if storage:
            witnesses.append(linking.same_device)
        witnesses.append(linking.same_password)
        found = linking.link(views, self.programs(of), witnesses, exclusive=not storage)
        role = Role.STORAGE_DAEMON if storage else Role.FILE_DAEMON
        return tuple(
            self._daemon(role, view, own, found[index]) for index, view in enumerate(views)
        )

    def _daemon(
        self, role: Role, view: Resource, director: Resource, programs: tuple[ProgramConfig, ...]
    ) -> Daemon:
        own = tuple(
            Owned(program, resource, director_entry(program, director.name, view))
            for program in programs
            if (resource := linking.own_resource(program)) is not None
        )
        certain = [o.resource for o in own] if len(own) == 1 else []
        name = certain[0].name if certain and role is Role.STORAGE_DAEMON else view.name
        monitored = self._monitored(view, role)
        return Daemon(self.peer(role, name, view.source, view, *certain, *monitored), view, own)

    def _monitored(self, view: Resource, role: Role) -> list[Resource]:
        """Return the tray monitors' resources of the same name: further addresses."""
        kind = "Client" if role is Role.FILE_DAEMON else "Storage"
        address = canonical(view.text("Address"))
        return [
            entry
            for program in self.programs(Program.TRAY_MONITOR)
            for entry in program.of(kind)
            if entry.name == view.name
            or (address is not None and canonical(entry.text("Address")) == address)
        ]

    def _named_only(self, used: set[int], configured: set[str]) -> tuple[DirectorEstate, ...]:
        """Return estates for Directors that only File and Storage Daemons speak of."""
        names: dict[str, list[tuple[Role, Owned]]] = {}
        for kind, role in (
            (Program.FILE_DAEMON, Role.FILE_DAEMON),
            (Program.STORAGE_DAEMON, Role.STORAGE_DAEMON),
        ):
            for program in self.programs(kind):
                own = linking.own_resource(program)
                if id(program) in used or own is None:
                    continue
                for entry in program.of("Director"):
                    if not entry.flag("Monitor", False) and entry.name not in configured:
                        owned = Owned(program, own, entry)
                        names.setdefault(entry.name, []).append((role, owned))
        return tuple(self._estate_of(name, found) for name, found in names.items())

    def _estate_of(self, name: str, found: list[tuple[Role, Owned]]) -> DirectorEstate:
        def daemons(role: Role) -> tuple[Daemon, ...]:
            return tuple(
                Daemon(self.peer(role, o.resource.name, o.resource.source, o.resource), None, (o,))
                for kind, o in found
                if kind is role
            ) or (Daemon(generic(role), None, ()),)

        entries = [o.director for _, o in found if o.director is not None]
        consoles = [
            entry
            for kind in (Program.CONSOLE, Program.TRAY_MONITOR)
            for program in self.programs(kind)
            for entry in program.of("Director")
            if entry.name == name
        ]
        peer = self.peer(Role.DIRECTOR, name, entries[0].source, *entries, *consoles)
        return DirectorEstate(
            peer, None, None, daemons(Role.FILE_DAEMON), daemons(Role.STORAGE_DAEMON)
        )


def director_entry(program: ProgramConfig, name: str, view: Resource | None) -> Resource | None:
    """Return the daemon's Director resource for that Director: by name, else by the password
    that both ends must share, else the only one that is no monitor's."""
    entries = [entry for entry in program.of("Director") if not entry.flag("Monitor", False)]
    named = [entry for entry in entries if entry.name == name]
    if not named and view is not None:
        secret = linking.secret_of(view)
        named = [e for e in entries if secret is not None and linking.secret_of(e) == secret]
    found = named or entries
    return found[0] if len(found) == 1 else None


def generic(role: Role) -> Peer:
    """Return the peer that stands for any daemon of a role."""
    port = default_ports().get(role)
    return Peer(role, "", ports=frozenset({port} if port else ()), generic=True)


def replace_ports(peer: Peer, own: Resource) -> Peer:
    """Return a peer whose ports are those its own resource listens on, where it says."""
    ports = frozenset(item.port for item in linking.listening(own) if item.port is not None)
    return replace(peer, ports=peer.ports | ports) if ports else peer


def is_ndmp(resource: Resource) -> bool:
    """Tell whether a Client or Storage speaks NDMP, outside the numbering (bareos.md §4.9)."""
    return resource.text("Protocol").lower().startswith("ndmp")
